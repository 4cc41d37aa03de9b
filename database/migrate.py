"""Bringing a database to the schema of this code: roles, extensions, migrations, grants, policies. Runs again
without harm."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Connection, exc, text

from database import engine as engines
from database.cluster import DATABASE, SUPERUSER, locate
from database.errors import MigrationError
from database.settings import Settings, current
from database.urls import password

_HERE = Path(__file__).resolve().parent
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm", "unaccent")
OLDEST_POSTGIS = (3, 3)
_LOCK = 1022_0001  # advisory: two upgrades go one after the other

Say = Callable[[str], None]


def upgrade(say: Say = lambda line: None) -> None:
    """Make the embedded cluster where there is none, the roles, the extensions, the newest schema, the grants and the
    row-level security.

    Raises ClusterError, MigrationError.
    """
    settings = current()
    if settings.database_url is None:
        _prepare_embedded(settings, say)
    try:
        with psycopg.connect(_superuser_url(settings), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            _prepare(connection, settings)
            _migrate(say)
    except psycopg.OperationalError as error:
        raise MigrationError(f"Không nối được cơ sở dữ liệu (cannot connect): {_one_line(error)}") from error


def head() -> str:
    """The newest revision of this code: revisions are the numbers that their files begin with."""
    return max(file.name.partition("_")[0] for file in (_HERE / "migrations" / "versions").glob("[0-9]*.py"))


def revision(connection: Connection) -> str | None:
    """The revision the database is at, or None where nothing was migrated. Any role may ask."""
    try:
        with connection.begin_nested():
            found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except exc.ProgrammingError:  # no such table yet
        return None
    return found


def _prepare_embedded(settings: Settings, say: Say) -> None:
    cluster = locate(settings)
    if not cluster.made:
        say(f"Tạo cơ sở dữ liệu riêng (making the database): {cluster.folder}")
    engines.engine("owner")  # holds the cluster for this process
    with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        _roles(connection)
        found = connection.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if found is None:
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER hotline_owner").format(sql.Identifier(DATABASE)))


def _superuser_url(settings: Settings) -> str:
    return settings.database_url or locate(settings).url(SUPERUSER)


def _prepare(connection: psycopg.Connection[tuple[object, ...]], settings: Settings) -> None:
    """What only a superuser (or the operator's login) may do: roles with their passwords, extensions."""
    _roles(connection)
    if settings.database_url is not None:
        for role in ("app", "public"):
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    sql.Identifier(f"hotline_{role}"), sql.Literal(password(settings, role))
                )
            )
        connection.execute(
            sql.SQL("GRANT ALL ON DATABASE {} TO hotline_owner").format(sql.Identifier(connection.info.dbname))
        )
        connection.execute("GRANT ALL ON SCHEMA public TO hotline_owner")
    there = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
    for name in EXTENSIONS:
        if name in there:
            continue
        try:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
        except psycopg.Error as error:
            raise MigrationError(
                f"Không cài được phần mở rộng {name} (cannot create the extension): {_one_line(error)}"
            ) from error
    try:
        connection.execute((_HERE / "spatial_reference.sql").read_bytes())
    except psycopg.Error as error:
        raise MigrationError(
            f"Không ghi được hệ toạ độ EPSG:9210 (cannot add it to spatial_ref_sys): {_one_line(error)}"
        ) from error
    found = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'postgis'").fetchone()
    version = str(found[0]) if found else "?"
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < OLDEST_POSTGIS:
        raise MigrationError(f"PostGIS {version} quá cũ, cần từ 3.3 (too old, 3.3 or newer is needed)")


def _roles(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    connection.execute((_HERE / "roles.sql").read_bytes())


def _migrate(say: Say) -> None:
    """Schema, grants and policies in one transaction: either all of it or the database stays as it was."""
    with engines.engine("owner").begin() as connection:
        before, newest = revision(connection), head()
        if before is not None and before > newest:
            raise MigrationError(f"Cơ sở dữ liệu mới hơn chương trình (the database is newer than this code): {before}")
        if before != newest:
            say(f"Nâng lược đồ (migrating): {before or '–'} → {newest}")
            _alembic(connection)
        run_script(connection, _HERE / "grants.sql")
        _secure_rows(connection)


def _secure_rows(connection: Connection) -> None:
    """Lay policies.sql down where it is not the one in force: that locks every table for a moment, which a running
    site should not feel at each start."""
    file = _HERE / "policies.sql"
    digest = hashlib.sha256(file.read_bytes() + head().encode()).hexdigest()
    found = "SELECT obj_description(to_regprocedure('handles_all()'), 'pg_proc')"
    if connection.execute(text(found)).scalar() != digest:
        run_script(connection, file)
        connection.exec_driver_sql(f"COMMENT ON FUNCTION handles_all IS '{digest}'")


def _alembic(connection: Connection) -> None:
    from alembic import command  # here, since a process that only serves needs none of it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def run_script(connection: Connection, file: Path) -> None:
    """Run a file of many statements, as it stands, in the connection's transaction."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    raw.execute(file.read_bytes())


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
