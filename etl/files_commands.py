"""The commands of the group `reports` that move files: `import` and `export`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click
import pyproj
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from sqlalchemy import exc

from database import clock
from database.engine import OPERATOR, transaction
from database.errors import OperatorError
from etl import mapping as mappings
from etl import reports_in, reports_out, told, writers
from etl.columns import CHANNELS
from etl.import_map import Drawn
from etl.landing import Outcome
from etl.opened import opened
from etl.readers import Batch
from etl.rejects import Rejects
from etl.report_rows import Filters
from etl.reports_in import Tally, Way
from etl.twins import Twins
from incidents import reference

DEFAULT_CHANNEL = "phone"


class Moment(click.ParamType[datetime]):
    """A day (its beginning in the city's time) or an instant with its offset."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        word = str(value)
        try:
            return clock.moment(word)
        except clock.NoOffset:
            self.fail(f"{word}: thiếu múi giờ, ví dụ +07:00 (the offset is missing)", param, ctx)
        except ValueError:
            self.fail(f"{word}: cần dạng 2026-11-24 hoặc 2026-11-24T10:00+07:00 (a day or an instant)", param, ctx)


class _Crs(click.ParamType[pyproj.CRS]):
    """A coordinate system that PROJ knows."""

    name = "crs"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> pyproj.CRS:
        if isinstance(value, pyproj.CRS):
            return value
        try:
            return pyproj.CRS.from_user_input(str(value))
        except pyproj.exceptions.CRSError:
            self.fail(f"{value}: hệ toạ độ không rõ (unknown coordinate system)", param, ctx)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--mapping", "mapping_file", type=click.Path(path_type=Path), help="Tệp tên cột: JSON, hoặc dòng ours = theirs."
)
@click.option(
    "--channel",
    type=click.Choice(CHANNELS),
    default=DEFAULT_CHANNEL,
    show_default=True,
    help="Kênh của dòng không ghi kênh (of rows that name none).",
)
@click.option("--dry-run", is_flag=True, help="Chỉ thử, không ghi (everything but the writing).")
@click.option(
    "--map", "map_file", type=click.Path(path_type=Path), help="Với --dry-run: bản đồ HTML (what would happen, drawn)."
)
@click.option("--guess", is_flag=True, help="Đoán tệp ánh xạ và xem trước (a mapping file, guessed, with a preview).")
@click.option(
    "--duplicates",
    type=click.Choice(("ignore", "tell", "reject")),
    help="Dòng giống nội dung, khác mã (same content, another id); tell with --mapping or --dry-run, else ignore.",
)
@click.option("--update", is_flag=True, help="Nhận dòng đã đổi (take rows over that changed since).")
@click.option(
    "--rejects", "rejects_file", type=click.Path(path_type=Path), help="CSV các dòng bị từ chối (rows not taken)."
)
def import_(  # noqa: PLR0917
    file: Path,
    mapping_file: Path | None,
    channel: str,
    dry_run: bool,
    map_file: Path | None,
    guess: bool,
    duplicates: str | None,
    update: bool,
    rejects_file: Path | None,
) -> None:
    """Nạp phản ánh từ tệp. (Reports from a file: CSV, XLSX, GeoJSON, GeoPackage, Parquet.)

    Columns: external_id, channel, reported_at, category, description, address, lat, lon, reporter_name,
    reporter_phone, reporter_email, status, closed_at, unit. Required: reported_at; category or description; address or
    lat and lon. Times are ISO 8601 with an offset, or dd/mm/yyyy hh:mm in the city's time.

    A row that is there already is unchanged; with another content it is rejected as changed, or with --update taken
    over. An import that was interrupted is simply started again.

    --guess prints a mapping file for a file of another make, and on the error output how its first rows would land.
    """
    if guess:
        from etl.guess import guessed, preview

        document = guessed(file)
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        for line in preview(file, document, channel):
            click.echo(line, err=True)
        return
    if map_file is not None and not dry_run:
        raise click.BadParameter("chỉ cùng với --dry-run (only together with --dry-run)", param_hint="--map")
    mapped = mappings.read(mapping_file) if mapping_file else mappings.Dictionary()
    if rejects_file is not None and rejects_file.exists() and file.exists() and rejects_file.samefile(file):
        raise OperatorError(f"{rejects_file}: là chính tệp vào (would overwrite the input)")
    judgement = duplicates or mapped.duplicates or ("tell" if mapping_file or dry_run else "ignore")
    twins = None if judgement == "ignore" else Twins(judgement="reject" if judgement == "reject" else "tell")
    try:
        with opened(file, mapped) as it:
            way = Way(
                layout=it.layout, channel=channel, values=it.values, update=update, dry_run=dry_run, twins=twins
            )  # fmt: skip
            watch = told.Watch()
            drawn = Drawn(it.layout, twins) if map_file is not None else None
            with Rejects(rejects_file, it.source.header) as rejects, _bar() as bar:
                task = bar.add_task("Nạp (importing)", total=it.source.size or None)

                def advance(done: int, tally: Tally) -> None:
                    bar.update(task, completed=done, description=f"Nạp (importing) {tally.read:,}")

                def seen(batch: Batch, outcomes: list[Outcome]) -> None:
                    watch(batch, outcomes)
                    if drawn is not None:
                        drawn(batch, outcomes)

                tally = reports_in.bring_in(it.source, way, rejects, advance=advance, watch=seen)
        if map_file is not None and drawn is not None:
            with transaction(OPERATOR) as connection:
                drawn.write(map_file, connection, file.name, tally.line(update=update))
    except exc.OperationalError as error:
        raise OperatorError(f"Mất cơ sở dữ liệu, hãy chạy lại (the database went away): {error.orig}") from error
    told.tell(lambda line: click.echo(line, err=True), watch, it.noticed, twins)
    if tally.rejected and rejects_file is None:
        click.echo("Các dòng bị từ chối: --rejects OUT.csv (says which rows were rejected, and why)", err=True)
    click.echo(tally.line(update=update))


@click.command("export")
@click.argument("file", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--since", type=Moment(), help="Từ ngày hoặc lúc (from; a day of the city, or an instant).")
@click.option("--until", type=Moment(), help="Đến trước ngày hoặc lúc (up to, not included).")
@click.option("--field", "fields", multiple=True, help="Lĩnh vực (field); may be repeated, or a list with commas.")
@click.option("--category", "categories", multiple=True, help="Loại (category); may be repeated, or a list.")
@click.option("--area", help="Mã khu vực, hoặc level:code (inside this area's polygon).")
@click.option("--crs", type=_Crs(), default="EPSG:4326", show_default=True, help="Hệ toạ độ (of the geometry).")
@click.option("--private", is_flag=True, help="Cả người báo và mô tả chưa duyệt; được ghi vào nhật ký (recorded).")
def export(  # noqa: PLR0917
    file: Path,
    since: datetime | None,
    until: datetime | None,
    fields: tuple[str, ...],
    categories: tuple[str, ...],
    area: str | None,
    crs: pyproj.CRS,
    private: bool,
) -> None:
    """Xuất phản ánh ra tệp. (Reports into a file: csv, xlsx, geojson, gpkg or parquet.)

    The import's columns and the codes of the place. Without --private there are no reporters, and of a report that
    nobody has released neither its description nor its address. With --private the file can be imported again.
    """
    writers.format_of(file)
    try:
        filters = _filters(since, until, fields, categories, area)
        with _bar() as bar:
            task = bar.add_task("Xuất (exporting)", total=None)
            count = reports_out.take_out(
                file, filters, crs=crs, private=private, advance=lambda done: bar.advance(task, done)
            )
    except exc.OperationalError as error:
        raise OperatorError(f"Mất cơ sở dữ liệu (the database went away): {error.orig}") from error
    click.echo(f"{count} exported")


def _filters(
    since: datetime | None,
    until: datetime | None,
    fields: tuple[str, ...],
    categories: tuple[str, ...],
    area: str | None,
) -> Filters:
    with transaction(OPERATOR) as connection:
        known, index = reference.current_with_areas(connection)
    inside = index.by_code(area) if area else None
    if area and inside is None:
        raise click.BadParameter(f"{area!r}: không có khu vực này (no such area)", param_hint="--area")
    return Filters(
        since=since,
        until=until,
        fields=_listed(fields, set(known.field_by_code), "--field"),
        categories=_listed(categories, set(known.categories), "--category"),
        area_id=inside.id if inside else None,
    )


def _listed(given: tuple[str, ...], known: set[str], option: str) -> tuple[str, ...] | None:
    words = tuple(word.strip() for each in given for word in each.split(",") if word.strip())
    for word in words:
        if word not in known:
            raise click.BadParameter(f"{word!r} is none of {', '.join(sorted(known))}", param_hint=option)
    return words or None


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
