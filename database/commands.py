"""The operator's commands of the group `db`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Connection, exc

from database import engine as engines
from database import migrate, reference, reset_site, settings, urls

db = AppGroup("db", help="Cơ sở dữ liệu: tạo, nâng cấp, địa chỉ. (The database.)")
GROUPS: list[click.Group] = [db]


@dataclass(frozen=True, kw_only=True)
class ReferenceSet:
    """Reference data of a package above this one; the application names them in the order they are loaded."""

    title: str  # what `db upgrade` calls it
    load: Callable[[Connection], object]  # checksummed: does nothing when it is loaded already


def load_reference(sets: Sequence[ReferenceSet], say: migrate.Say = lambda line: None) -> None:
    """Load every set that changed, each in a transaction of its own, as the app with an operator's context."""
    for reference_set in sets:
        with engines.transaction(engines.OPERATOR) as connection:
            before = reference.versions(connection)
            reference_set.load(connection)
            if reference.versions(connection) != before:
                say(f"Đã nạp (loaded): {reference_set.title}")


@db.command("upgrade")
def upgrade() -> None:
    """Make the embedded database where there is none, migrate it, load the reference data (never demo data)."""
    migrate.upgrade(say=click.echo)
    load_reference(current_app.config["REFERENCE_SETS"], say=click.echo)
    click.echo(f"Cơ sở dữ liệu sẵn sàng (the database is ready), lược đồ {migrate.head()}")


@db.command("url")
@click.option("--role", type=click.Choice(urls.ROLES), default="app", show_default=True, help="Whose login.")
def url(role: urls.Role) -> None:
    """Print a connection string that plain psql opens."""
    click.echo(urls.url(settings.current(), role))


@db.command("psql")
@click.option("--role", type=click.Choice(urls.ROLES), default="app", show_default=True, help="Whose login.")
@click.argument("arguments", nargs=-1)
def psql(role: urls.Role, arguments: tuple[str, ...]) -> None:
    """Open psql on the site's database; ARGUMENTS after -- go to psql."""
    engines.engine(role)  # the embedded database runs for as long as psql does
    done = subprocess.run(["psql", urls.url(settings.current(), role), *arguments])
    sys.exit(done.returncode)


@db.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Take away everything the site has stored: database, photos, keys. There is no way back."""
    current = settings.current()
    if current.database_url is not None:
        raise click.ClickException("DATABASE_URL: hãy tự xoá cơ sở dữ liệu đó (drop that database yourself)")
    if not yes:
        click.confirm(f"Xoá tất cả dữ liệu ở {current.data_dir}? (Delete everything there?)", abort=True)
    reset_site.reset(current)
    click.echo("Đã xoá, script/server sẽ làm mới (deleted; script/server starts afresh)")


@db.command("status")
def status() -> None:
    """Say what is there: schema, reference data with their versions; exit 1 where something is missing."""
    try:
        with engines.transaction(engines.OPERATOR) as connection:
            at = migrate.revision(connection)
            loaded = reference.versions(connection) if at else {}
    except exc.OperationalError as error:
        raise click.ClickException(f"Không nối được cơ sở dữ liệu (cannot connect): {error.orig}") from error
    click.echo(f"lược đồ (schema): {at or '–'}, chương trình (code): {migrate.head()}")
    for name, version in sorted(loaded.items()):
        click.echo(f"{name}: {version}")
    if at != migrate.head() or not loaded:
        raise click.ClickException("Cần chạy (run): flask --app app db upgrade")
