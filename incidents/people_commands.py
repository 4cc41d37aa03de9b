"""The operator's commands of the groups `users` (who works here) and `people` (who reports)."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from sqlalchemy import Connection

from database.engine import OPERATOR, transaction
from district_boundaries import areas
from incidents import accounts, passwords, privacy, reference
from incidents import people as secrets_of_people
from incidents.codes import normalise
from incidents.errors import IncidentsError

users = AppGroup("users", help="Tài khoản của cán bộ. (Accounts of those who work here.)")
people = AppGroup("people", help="Người phản ánh: quên, đổi khoá mã hoá. (Reporters: forget, rotate the keys.)")

_PASSWORD = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; otherwise one is made and printed."
)


@users.command("create")
@click.argument("username")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(accounts.ROLES), help="May be repeated."
)
@click.option("--unit", help="The unit's code, with the role unit.")
@click.option(
    "--area", help="The area's code (79 is the whole city; level:code where codes collide), with the role area."
)
@click.option("--label", default="", help="What it is for: a role or a desk, not a person's name.")
@_PASSWORD
def create(
    *, username: str, roles: tuple[str, ...], unit: str | None, area: str | None, label: str, password_stdin: bool
) -> None:
    """Make an account. Its password is printed once, unless it was given."""
    password = _password(password_stdin)
    try:
        with transaction(OPERATOR) as connection:
            accounts.create(
                connection, username, password, roles,
                unit_id=unit_id(connection, unit), area_id=area_id(connection, area), label=label,
            )  # fmt: skip
    except IncidentsError as error:
        raise click.ClickException(str(error)) from error
    _say(f"Đã tạo (created): {username}", password, password_stdin)


@users.command("list")
def list_users() -> None:
    """List the accounts: name, roles, unit, area, state, what it is for."""
    with transaction(OPERATOR) as connection:
        everyone = accounts.everyone(connection)
    for each in everyone:
        area = f"{each.area_level}:{each.area_code}" if each.area_code else "-"
        state = "đã khoá (disabled)" if each.disabled else "đang dùng (active)"
        click.echo(
            "\t".join((each.username, ",".join(sorted(each.roles)), each.unit_code or "-", area, state, each.label))
        )
    click.echo(f"{len(everyone)} tài khoản (accounts)")


@users.command("reset")
@click.argument("username")
@_PASSWORD
def reset(username: str, password_stdin: bool) -> None:
    """Give an account another password; ends its sessions and its lock."""
    password = _password(password_stdin)
    try:
        with transaction(OPERATOR) as connection:
            accounts.reset(connection, username, password)
    except IncidentsError as error:
        raise click.ClickException(str(error)) from error
    _say(f"Đã đặt lại (reset): {username}", password, password_stdin)


@users.command("disable")
@click.argument("username")
@click.option("--undo", is_flag=True, help="Open it again.")
def disable(username: str, undo: bool) -> None:
    """Shut an account and end its sessions."""
    try:
        with transaction(OPERATOR) as connection:
            accounts.disable(connection, username, disabled=not undo)
    except IncidentsError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{'Đã mở lại (enabled)' if undo else 'Đã khoá (disabled)'}: {username}")


@people.command("show")
@click.argument("code")
@click.option("--reason", required=True, help="Why, in a word; it goes into the record.")
def show(code: str, reason: str) -> None:
    """Show who sent a report. The look is recorded."""
    try:
        with transaction(OPERATOR) as connection:
            reporter = privacy.look(connection, normalise(code), actor=OPERATOR.actor, reason=reason[:40])
    except IncidentsError as error:
        raise click.ClickException(str(error)) from error
    if reporter is None:
        click.echo("Không để lại thông tin (they left none)")
        return
    for value in (reporter.name, reporter.phone, reporter.email):
        click.echo(value or "-")


@people.command("forget")
@click.argument("code")
@click.option("--all-reports", is_flag=True, help="All reports of the same telephone number, not this one alone.")
@click.option("--keep-texts", is_flag=True, help="Leave the description and the address.")
@click.option("--keep-photos", is_flag=True, help="Leave the photos.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(code: str, all_reports: bool, keep_texts: bool, keep_photos: bool, yes: bool) -> None:
    """Forget who sent a report, what they wrote and what they photographed. The report stays, the record verifies."""
    try:
        known = normalise(code)
        with transaction(OPERATOR) as connection:
            codes = privacy.same_person(connection, known) if all_reports else [known]
        if not yes:
            click.confirm(f"Quên người gửi của {', '.join(codes)}? (Forget them? There is no way back.)", abort=True)
        for each in codes:
            with transaction(OPERATOR) as connection:
                done = privacy.forget(
                    connection, each, actor=OPERATOR.actor, texts=not keep_texts, with_photos=not keep_photos
                )
            privacy.remove_files(done)
            click.echo(
                f"{each}: người gửi (sender) {'✓' if done.person else '–'}, "
                f"lời kể (texts) {'✓' if done.texts else '–'}, ảnh (photos) {done.photos}"
            )
    except IncidentsError as error:
        raise click.ClickException(str(error)) from error


@people.command("rotate-keys")
@click.option(
    "--drop-unused",
    is_flag=True,
    help="Delete keys that nobody is encrypted with any more: older backups lose their people.",
)
def rotate_keys(drop_unused: bool) -> None:
    """Make a new key and encrypt every person with it. Works with the site running."""
    done = 0
    for done in privacy.rotate_keys():
        click.echo(f"{done} người (people)", err=True)
    with transaction(OPERATOR) as connection:
        unused = privacy.unused_keys(connection)
    for key_id in unused if drop_unused else ():
        secrets_of_people.drop_key(key_id)
    left = "đã xoá (deleted)" if drop_unused else "còn giữ cho bản sao lưu cũ (kept for older backups)"
    click.echo(f"{done} người theo khoá mới (under the new key); {len(unused)} khoá cũ (old keys) {left}")


def unit_id(connection: Connection, code: str | None) -> int | None:
    """A unit by its code. Raises BadParameter."""
    if code is None:
        return None
    unit = reference.current(connection).unit_by_code.get(code)
    if unit is None:
        raise click.BadParameter(f"{code}: không có đơn vị này (no such unit)", param_hint="--unit")
    return unit.id


def area_id(connection: Connection, code: str | None) -> int | None:
    """An area by `code` or `level:code`, the one in force today. Raises BadParameter."""
    if code is None:
        return None
    level, _, bare = code.rpartition(":")
    area = areas.current(connection).by_code(bare, level or None)
    if area is None:
        raise click.BadParameter(f"{code}: không có địa bàn này (no such area)", param_hint="--area")
    return area.id


def _password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else passwords.make()


def _say(line: str, password: str, given: bool) -> None:
    click.echo(line)
    if not given:
        click.echo(f"Mật khẩu (password): {password}")
