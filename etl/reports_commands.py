"""The operator's commands of the group `reports`."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from sqlalchemy import exc

from database.engine import OPERATOR, transaction
from database.settings import current
from incidents.record import head
from incidents.record import verify as verification

reports = AppGroup("reports", help="Phản ánh: tệp vào, tệp ra, kiểm tra nhật ký. (Reports: files, the record.)")


@reports.command("verify")
def verify() -> None:
    """Recompute the record: a line for every place where it was touched, and exit 1 where there is one.

    Findings: `altered`, `deleted`, `reordered`, `truncated`, each with `seq=N`. Events that wait for their seal are no
    fault; the last line says how many there are.
    """
    try:
        with transaction(OPERATOR) as connection:
            verdict = verification.verify(connection, current().data_dir / head.FILE_NAME)
    except exc.OperationalError as error:
        raise click.ClickException(f"Không nối được cơ sở dữ liệu (cannot connect): {error.orig}") from error
    except ValueError as error:
        raise click.ClickException(f"{head.FILE_NAME} bị hỏng (damaged): {error}") from error
    for finding in verdict.findings:
        click.echo(str(finding))
    click.echo(
        f"{verdict.sealed} sự kiện đã niêm phong, {verdict.unsealed} đang chờ"
        f" ({verdict.sealed} sealed, {verdict.unsealed} unsealed):"
        f" {'nguyên vẹn (whole)' if verdict.whole else f'{len(verdict.findings)} chỗ bị can thiệp (touched)'}"
    )
    if not verdict.whole:
        sys.exit(1)
