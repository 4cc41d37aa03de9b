"""The operator's commands of the group `boundaries`."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import click
from flask.cli import AppGroup
from rich.console import Console

from database.engine import OPERATOR, dispose, transaction
from district_boundaries import areas, bulk, check, files, street_areas, tables
from district_boundaries import replace as replacing
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


@boundaries.command("raster")
def make_tables() -> None:
    """Làm sẵn bảng tra vị trí của mỗi ngày ranh giới. (Make the tables that find places, one a day of boundaries.)

    What a big import, `boundaries locate` and the analysis look up. The site's worker runs this by itself, two minutes
    after its start and whenever boundaries have changed; tables that are there are kept.
    """
    with transaction(OPERATOR) as connection:
        index = areas.current(connection)
    dispose()  # the database is not needed while tables are made, and may be stopped
    days = tables.missing(index)
    with click.progressbar(days, label="Bảng tra (tables)") as bar:
        for day in bar:
            tables.make(day)
    click.echo(f"{len(days)} made")


class LevelName(click.ParamType[tuple[str, str]]):
    """ward, district or zone:FIELD."""

    name = "ward|district|zone:FIELD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """(level, field)."""
        level, _, field = str(value).partition(":")
        if level in ("ward", "district") and not field:
            return level, ""
        if level == "zone" and field:
            return level, field
        raise BoundaryError(f"{value!r}: cần ward, district hoặc zone:FIELD (is needed)")


@boundaries.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--level", "layer", type=LevelName(), required=True, help="Cấp (the level of the areas).")
@click.option("--valid-from", type=Day(), required=True, help="Ngày bắt đầu (the first day in force).")
@click.option("--valid-to", type=Day(), help="Ngày cuối (the last day in force); open without it.")
@click.option("--layer", "table", help="Lớp trong tệp (the layer of the file, where it has several).")
@click.option("--dry-run", is_flag=True, help="Chỉ xem (say what would change, change nothing).")
@click.option("--replace", is_flag=True, help="Thay mọi vùng cùng cấp trong thời gian này (put it in their place).")
def load(  # noqa: PLR0917
    file: Path,
    layer: tuple[str, str],
    valid_from: date,
    valid_to: date | None,
    table: str | None,
    dry_run: bool,
    replace: bool,
) -> None:
    """Nạp ranh giới từ một tệp. (Load areas from a vector file with the columns code and name.)

    Invalid polygons are refused by name. Overlaps within the file are reported and fall to the lowest code. A file that
    overlaps areas in force is refused without --replace; loading the same file again changes nothing.
    """
    level, field = layer
    if valid_to is not None and valid_to < valid_from:
        raise BoundaryError("--valid-to ở trước --valid-from (lies before --valid-from)")
    rows = files.read(file, level=level, field=field, valid_from=valid_from, valid_to=valid_to, layer=table)
    for overlap in files.overlaps(rows):
        kind = "mảnh (sliver)" if overlap.sliver else "chồng lấn (overlap)"
        click.echo(f"{kind}: {overlap.one} – {overlap.other}, {overlap.square_metres:,.1f} m²")
    with transaction(OPERATOR) as connection:
        before = areas.current(connection)
        if field and field not in before.fields:
            raise BoundaryError(f"{field}: không có lĩnh vực này (no such field); {', '.join(before.fields)}")
        asked = [ask(connection) for ask in replacing.WHAT_IF] if dry_run else []
        change = replacing.put_in_force(connection, rows, replace=replace)
        if dry_run:
            total, moved = (0, 0) if change.unchanged else replacing.reports_elsewhere(connection, before, rows)
            consequences = [answer() for answer in asked]
            connection.rollback()
        elif not change.unchanged and level != "zone":
            # An address is answered by the new lines at once, and no request waits until that is worked out.
            with Console(stderr=True).status("Đường thuộc địa bàn nào (which areas the streets lie in)"):
                street_areas.load_reference(connection)
    if change.unchanged:
        click.echo("0 added, 0 replaced: các vùng này đã có hiệu lực (these areas are in force already)")
        return
    if dry_run:
        click.echo(f"{moved} trong {total} phản ánh sẽ ở vùng khác ({moved} of {total} reports would lie elsewhere)")
        for line in consequences:
            click.echo(line)
    would = "would be " if dry_run else ""
    click.echo(f"{change.added} {would}added, {change.replaced} {would}replaced")


@boundaries.command("check")
def check_all() -> None:
    """Kiểm tra ranh giới mọi cấp, mọi thời kỳ. (Check the areas of every level and day.)

    Overlays the areas themselves: invalid rings, overlaps, gaps, area against the official figure. Exits 1 when a
    tolerance is broken.
    """
    with transaction(OPERATOR) as connection:
        index = areas.current(connection)
        broken = notes = 0
        found = itertools.chain(
            (finding for layer in check.layers(index) for finding in _said(index, layer)),
            (finding for further in check.FURTHER for finding in further(connection, index)),
        )
        for finding in found:
            broken += finding.broken
            notes += not finding.broken
            mark = "✗" if finding.broken else "·"
            click.echo(f"  {mark} {finding.layer} {_span(finding.since, finding.until)} {finding.kind}: {finding.text}")
    click.echo(f"{broken} broken, {notes} noted")
    if broken:
        raise BoundaryError(f"{broken} chỗ vượt dung sai (findings break a tolerance)")


def _said(index: areas.AreaIndex, layer: check.Layer) -> list[check.Finding]:
    click.echo(f"{layer.name} {_span(layer.since, layer.until)}: {len(layer.areas)} areas")
    return list(check.check(index, layer))


def _span(since: date | None, until: date | None) -> str:
    return f"{since or '…'} – {until or '…'}"
