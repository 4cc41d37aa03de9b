"""The operator's commands of the group `backup`."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from database import settings
from database.commands import load_reference
from etl import backup as backups

backup = AppGroup("backup", help="Sao lưu và phục hồi trong một tệp. (Backup and restore in one file.)")

_FILE = click.Path(dir_okay=False, path_type=Path)


@backup.command("create")
@click.argument("file", type=_FILE)
@click.option("--with-keys", is_flag=True, help="The keys too: whoever has such a file reads everything in it.")
def create(file: Path, with_keys: bool) -> None:
    """Write database, attachments and the record's head to FILE; the site may be running.

    Reporters and unreleased texts are in it encrypted, with a key that is NOT in it unless --with-keys: keep
    DATA_DIR/keys and DATA_DIR/secret.key in another place, or nobody can read them again.
    """
    made = backups.create(settings.current(), file.absolute(), with_keys=with_keys, say=_step)
    click.echo(_figures(made.counts, made.photos))
    if made.missing_photos:
        click.echo(f"CHÚ Ý: {made.missing_photos} ảnh không còn trên đĩa (photos are missing on the disk)")
    if with_keys:
        click.echo(
            "CHÚ Ý: tệp này chứa khoá, ai có nó đọc được mọi dữ liệu cá nhân "
            "(the keys are in this file: whoever has it can read all personal data)"
        )
    else:
        click.echo(
            "Không kèm khoá: hãy giữ riêng DATA_DIR/keys và DATA_DIR/secret.key, thiếu chúng thì không đọc lại được "
            "người phản ánh và lời mô tả chưa duyệt (WITHOUT the keys: keep those two elsewhere; without them "
            "reporters and unreleased texts cannot be read again)"
        )
    click.echo(f"{file}: {made.bytes / 1e6:.1f} MB, seq {made.sealed}, {made.seconds:.1f} s")


@backup.command("restore")
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Put the backup in place of everything this site holds.")
def restore(file: Path, replace: bool) -> None:
    """Put the backup FILE in place of this site, which must not be running. Makes the database where there is none.

    Counts every table and verifies the record; exit 1 where something is not as the backup says.
    """
    done = backups.restore(settings.current(), file.absolute(), replace=replace, say=_step)
    load_reference(current_app.config["REFERENCE_SETS"], say=click.echo)
    for finding in done.verdict.findings:
        click.echo(str(finding))
    for table, (said, found) in sorted(done.differing.items()):
        click.echo(f"{table}: {said} → {found}")
    if not (done.texts and done.people_readable):
        click.echo(
            "CHÚ Ý: không có khoá, người phản ánh và lời mô tả chưa duyệt không đọc được; người mới dùng khoá mới "
            "(without the keys reporters and unreleased texts cannot be read; new ones get a new key)"
        )
    click.echo(_figures(done.counts, done.photos))
    click.echo(
        f"Đã phục hồi (restored): {done.verdict.sealed} sự kiện niêm phong (sealed), {done.verdict.unsealed} đang chờ "
        f"(unsealed), {'nguyên vẹn (whole)' if done.verdict.whole else 'bị can thiệp (touched)'}, {done.seconds:.1f} s"
    )
    if done.differing or not done.verdict.whole:
        sys.exit(1)


def _step(name: str) -> None:
    click.echo(f"… {name}", err=True)


def _figures(counts: dict[str, int], photos: int) -> str:
    shown = {"report": "phản ánh (reports)", "incident": "sự cố (incidents)", "event": "sự kiện (events)",
             "person": "người (people)", "account": "tài khoản (accounts)"}  # fmt: skip
    parts = [f"{counts.get(table, 0)} {name}" for table, name in shown.items()]
    return ", ".join([*parts, f"{photos} ảnh (photos)"])
