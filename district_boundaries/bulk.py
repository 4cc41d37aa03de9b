"""The bulk spatial join: a CSV of points in, the same CSV with the codes of their areas out."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TextIO

import numpy as np

from district_boundaries.areas import AreaIndex
from district_boundaries.errors import UnreadableFile
from district_boundaries.locate import locate

BATCH = 50_000
NEEDED = ("lat", "lon")


@dataclass
class Tally:
    """What became of the rows."""

    read: int = 0
    inside: int = 0
    unusable: int = 0  # without numbers for coordinates


def locate_file(
    index: AreaIndex, source: Path, target: Path, on: date, progress: Callable[[int], object] = lambda rows: None
) -> Tally:
    """Write `source` (columns `id, lat, lon` and any others) to `target` with `ward_code, ward_name, district_code,
    district_name, zone_FIELD…` added; they are empty outside the city and where there are no coordinates.

    `progress` is called with the number of rows of each batch. Raises UnreadableFile.
    """
    tally = Tally()
    added = ["ward_code", "ward_name", "district_code", "district_name", *(f"zone_{field}" for field in index.fields)]
    try:
        with source.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines)
            header = next(rows, None) or []
            missing = [name for name in NEEDED if name not in header]
            if missing:
                raise UnreadableFile(f"{source}: không có cột (no column) {', '.join(missing)}")
            lat, lon = header.index("lat"), header.index("lon")
            with target.open("w", encoding="utf-8", newline="") as out:
                _write(index, rows, (lat, lon), out, [*header, *added], on, tally, progress)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(f"{source}: {error}") from None
    return tally


def _write(  # noqa: PLR0917
    index: AreaIndex,
    rows: Iterator[list[str]],
    columns: tuple[int, int],
    out: TextIO,
    header: Sequence[str],
    on: date,
    tally: Tally,
    progress: Callable[[int], object],
) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    width = len(header) - 4 - len(index.fields)
    described: dict[int, tuple[str, str]] = {id: (area.code, area.name) for id, area in index.areas.items()}
    described[0] = ("", "")
    lat, lon = columns
    while batch := list(itertools.islice((row for row in rows if row), BATCH)):
        points = np.array([[_number(row, lon), _number(row, lat)] for row in batch])
        found = locate(index, points[:, 0], points[:, 1], on)
        wards, districts = found.ward_id.tolist(), found.district_id.tolist()
        for row, ward, district, zones in zip(batch, wards, districts, found.zone_ids.tolist(), strict=True):
            row += [""] * (width - len(row))
            writer.writerow([*row, *described[ward], *described[district], *(described[zone][0] for zone in zones)])
        tally.read += len(batch)
        tally.inside += int(found.inside.sum())
        tally.unusable += int(np.isnan(points).any(axis=1).sum())
        progress(len(batch))


def _number(row: Sequence[str], column: int) -> float:
    try:
        value = float(row[column])
    except (ValueError, IndexError):
        return math.nan
    return value if math.isfinite(value) else math.nan
