"""The operator's commands of the group `gazetteer`: files of addresses into files of places.

The group lives here and not in `geo`, since it needs the names of the areas, which lie above it.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import TextIO

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from database import clock
from database.engine import OPERATOR, read, transaction
from database.errors import OperatorError
from district_boundaries.area_names import area_names
from geo.gazetteer.load import Q, load_file
from geo.geocoder import AreaNames, Place, geocode, keep_street_areas
from geo.geocoder.corrections import learn, learnt, undo

gazetteer = AppGroup(
    "gazetteer", help="Địa danh và địa chỉ: tìm vị trí cho tệp địa chỉ. (Names of places, and addresses.)"
)

ADDED = ("lat", "lon", "precision", "accuracy_m", "confidence", "ward_code", "matched")
BATCH = 2000
_FIELD_LIMIT = 1 << 20
_NAMED = 20  # odd rows that are said one by one
_SAID_EVERY = 100_000  # rows, where there is no screen to draw a bar on


class UnreadableAddresses(OperatorError):
    """A file of addresses that cannot be read, or answered into."""


@gazetteer.command("geocode")
@click.argument("source", metavar="IN.csv", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT.csv", type=click.Path(path_type=Path))
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Ngày ghi địa chỉ (the day on which the addresses were given); today by default.",
)
def geocode_file(source: Path, target: Path, on: datetime | None) -> None:
    """Tìm vị trí cho từng địa chỉ. (A place for each address.)

    IN.csv has the columns id, address and any others; OUT.csv has them all and lat, lon, precision, accuracy_m,
    confidence, ward_code, matched; empty where nothing was found. It is read and written a few thousand rows at a time.
    Rows with too few or too many cells, or that are not UTF-8, are named, and written like the others.
    """
    day = on.date() if on is not None else clock.local(clock.now()).date()
    with read() as connection:
        names = area_names(connection)
    _refuse_same(source, target)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        # A row that is not UTF-8 goes through byte for byte, and is named.
        with source.open("rb") as raw:
            lines = TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
            reader = csv.DictReader(lines)
            columns = _columns(reader, source)
            with part.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out:
                rows, found, odd = _geocode(
                    reader, out, columns=columns, reached=raw.tell, source=source, names=names, day=day
                )
        part.replace(target)
    except csv.Error as error:
        raise UnreadableAddresses(f"{source}: dòng (line) {reader.line_num + 1}: {error}") from None
    except OSError as error:
        raise UnreadableAddresses(f"{error.filename}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"{rows} read, {found} found" + (f", {odd} odd rows" if odd else ""))


@gazetteer.command("load")
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
def load(source: Path) -> None:
    """Nạp tệp OpenStreetMap hoặc CSV. (Streets and places of an OpenStreetMap extract, or a list of your own.)

    FILE.osm or FILE.osm.pbf takes the place of the extract loaded before. FILE.csv has the columns name, lat, lon and
    optionally kind (number, former_name, or what sort of place it is) and street; it takes the place of what a file of
    the same name gave before. The same file again changes nothing.
    """
    with Console(stderr=True).status("Đang nạp (loading)"), transaction(OPERATOR) as connection:
        count, changed = load_file(connection, source)
        if changed:
            keep_street_areas(connection, area_names(connection))
    click.echo(f"{count} entries, {'loaded' if changed else 'unchanged'}")


@gazetteer.command("sources")
def sources() -> None:
    """Nguồn dữ liệu địa danh. (Where streets, numbers and places come from, and how many.)"""
    with read() as connection:
        for row in connection.execute(Q["listing"]):
            as_of = row.as_of.isoformat() if row.as_of else "–"
            click.echo(f"{row.name}\t{as_of}\t{row.entries}\t{row.licence or '–'}")


@gazetteer.command("correct")
@click.argument("address")
@click.option("--lat", type=float, required=True)
@click.option("--lon", type=float, required=True)
def correct(address: str, lat: float, lon: float) -> None:
    """Ghi nhớ vị trí đúng của một địa chỉ. (Remember where an address lies; spelt otherwise it is found there too.)"""
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise OperatorError("lat, lon: ngoài phạm vi (out of range)")
    with transaction(OPERATOR) as connection:
        number = learn(connection, address, lon, lat, area_names(connection), made_by="operator")
    if number is None:
        raise OperatorError(
            "Địa chỉ không nêu số nhà, giao lộ hay địa điểm (the address names no house number, junction or place)"
        )
    click.echo(f"correction {number}")


@gazetteer.command("corrections")
def corrections() -> None:
    """Các vị trí đã ghi nhớ. (What was learnt.)

    A line each: number, holds|waits|undone, address in its one form, lat, lon, by whom, of which report.
    """
    with read() as connection:
        for each in learnt(connection, limit=1000):
            state = "waits" if each.waits else "undone" if each.undone_at else "holds"
            where = f"{each.lat:.6f}\t{each.lon:.6f}"
            click.echo("\t".join((str(each.id), state, each.key, where, each.made_by or "–", each.origin or "–")))


@gazetteer.command("undo")
@click.argument("number", type=int)
def undo_correction(number: int) -> None:
    """Bỏ một vị trí đã ghi nhớ. (Take a correction back.)"""
    with transaction(OPERATOR) as connection:
        if not undo(connection, number, by="operator"):
            raise OperatorError(f"Không có (no such) correction {number}")
    click.echo(f"correction {number} undone")


def _geocode(
    reader: csv.DictReader[str],
    out: TextIO,
    *,
    columns: list[str],
    reached: Callable[[], int],
    source: Path,
    names: AreaNames,
    day: date,
) -> tuple[int, int, int]:
    """(rows, found, odd rows), a batch at a time: what is held does not grow with the file."""
    writer = csv.DictWriter(out, [*columns, *ADDED], lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    rows = found = odd = 0
    console = Console(stderr=True)
    bars = (TextColumn("Tìm vị trí (geocoding)"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*bars, console=console, transient=True) as progress:
        task = progress.add_task("", total=source.stat().st_size)
        for batch in _batches(reader):
            if not rows and _of_another_encoding([row for _, row in batch]):
                raise UnreadableAddresses(f"{source}: không phải UTF-8 (not UTF-8 text)")
            for line, row in batch:
                if said := _odd(row, len(reader.fieldnames or ())):
                    odd += 1
                    if odd <= _NAMED:
                        console.print(f"{source.name}: dòng (line) {line}: {said}", markup=False, highlight=False)
            rows_found = [row for _, row in batch]
            texts = list(dict.fromkeys(_address(row) for row in rows_found))
            answers = dict(zip(texts, geocode(texts, names, on=day, limit=1), strict=True))
            for row in rows_found:
                places = answers[_address(row)]
                writer.writerow({**row, **(_cells(places[0]) if places else {})})
                found += bool(places)
            if rows // _SAID_EVERY < (rows + len(batch)) // _SAID_EVERY and not console.is_terminal:
                console.print(f"{rows + len(batch)} …", highlight=False)
            rows += len(batch)
            progress.update(task, completed=reached())
    if odd > _NAMED:
        console.print(f"… {odd - _NAMED} dòng nữa (more)", highlight=False)
    return rows, found, odd


def _address(row: dict[str, str]) -> str:
    return (row.get("address") or "").encode("utf-8", "replace").decode()


def _odd(row: dict[str, str], width: int) -> str:
    """What is wrong with a row; empty where nothing is. It is answered and written all the same."""
    more: object = row.get(None)  # type: ignore[call-overload]  # csv keeps what is beyond the header there
    if isinstance(more, list):
        return f"{width + len(more)} ô, tiêu đề có (cells, the header has) {width}; thừa (left out): {more!r}"
    cells = [value for value in row.values() if value is not None]
    if len(cells) < width:
        return f"{len(cells)} ô, tiêu đề có (cells, the header has) {width}"
    if not _decoded("".join(cells)):
        return "không phải UTF-8 (not UTF-8 text)"
    return ""


def _cells(place: Place) -> dict[str, object]:
    return {
        "lat": f"{place.lat:.6f}",
        "lon": f"{place.lon:.6f}",
        "precision": place.precision,
        "accuracy_m": f"{place.accuracy_m:.0f}",
        "confidence": f"{place.confidence:.3f}",
        "ward_code": place.ward_code,
        "matched": place.label,
    }


def _columns(reader: csv.DictReader[str], source: Path) -> list[str]:
    """The file's own columns, without those that are written anew."""
    csv.field_size_limit(_FIELD_LIMIT)
    header = list(reader.fieldnames or [])
    missing = [name for name in ("id", "address") if name not in header]
    if missing:
        raise UnreadableAddresses(f"{source}: thiếu cột (no column) {', '.join(missing)}")
    return [name for name in header if name not in ADDED]


def _decoded(text: str) -> bool:
    """Whether all of a text was UTF-8; what was not is kept as lone surrogates."""
    return text.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in text)


def _of_another_encoding(rows: list[dict[str, str]]) -> bool:
    """Whether most of the rows that are more than ASCII are not UTF-8: then the file is not, and none is answered."""
    texts = ["".join(value for value in row.values() if isinstance(value, str)) for row in rows]
    more = [text for text in texts if not text.isascii()]
    return sum(not _decoded(text) for text in more) * 2 > len(more)


def _batches(reader: csv.DictReader[str]) -> Iterator[list[tuple[int, dict[str, str]]]]:
    """Rows with the line that each ends in."""
    lines = ((reader.line_num, row) for row in reader)
    while batch := list(islice(lines, BATCH)):
        yield batch


def _refuse_same(source: Path, target: Path) -> None:
    if not source.is_file():
        raise UnreadableAddresses(f"{source}: không có tệp này (no such file)")
    if target.exists() and target.samefile(source):
        raise UnreadableAddresses(f"{target}: là chính tệp vào (would overwrite the input)")
    if not target.parent.is_dir():
        raise UnreadableAddresses(f"{target.parent}: không có thư mục này (no such folder)")
