"""The operator's commands of the group `boundaries`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from flask.cli import AppGroup

from database.engine import OPERATOR, transaction
from district_boundaries import areas, bulk
from district_boundaries.errors import BoundaryError, UnreadableFile

boundaries = AppGroup("boundaries", help="Ranh giới: định vị, nạp, kiểm tra. (Boundaries: locate, load, check.)")
GROUPS: list[click.Group] = [boundaries]


class Day(click.ParamType[date]):
    """A day like 2024-06-01."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, or one line that says what was wrong."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise BoundaryError(f"{value!r} không phải là ngày (is no day like 2024-06-01)") from None


@boundaries.command("locate")
@click.argument("source", metavar="IN.csv", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT.csv", type=click.Path(path_type=Path))
@click.option("--on", type=Day(), help="Ngày áp dụng ranh giới (the day whose boundaries count); today by default.")
def locate_points(source: Path, target: Path, on: date | None) -> None:
    """Ghép mỗi điểm với phường, quận và các vùng. (Join each point of IN.csv with its areas.)

    IN.csv has the columns id, lat, lon (WGS 84) and any others; OUT.csv has them all and ward_code, ward_name,
    district_code, district_name and zone_FIELD for each of the ten fields; empty where a point lies outside the city.
    """
    if not source.is_file():
        raise UnreadableFile(f"{source}: không có tệp này (no such file)")
    if target.exists() and source.samefile(target):
        raise BoundaryError("IN.csv và OUT.csv là một tệp (are the same file)")
    with source.open("rb") as lines:
        total = max(sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b"")) - 1, 0)
    with transaction(OPERATOR) as connection:
        index = areas.current(connection)
    with click.progressbar(length=total, label="Định vị (locating)") as bar:
        tally = bulk.locate_file(index, source, target, on or areas.today(), bar.update)
    if tally.unusable:
        click.echo(f"{tally.unusable} dòng không có toạ độ dùng được (rows without usable coordinates)", err=True)
    click.echo(f"{tally.read} read, {tally.inside} inside, {tally.read - tally.inside} outside")
