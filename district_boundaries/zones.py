"""Zones of a field, composed from wards or former districts: one file a field, `zones/FIELD.csv`, a row a member.

Columns: `code, name, name_en, level, member, valid_from, valid_to, sample, source`. `level` is `ward` (a ward of
2025) or `district` (a former one), `member` its code; `valid_to` is the last day, empty dates are open ends. A zone's
polygon is the union of its members. Rows of one code and one span are one zone and say the same beside the member.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from shapely.geometry.base import BaseGeometry

from district_boundaries.errors import UnknownMember, UnreadableFile
from district_boundaries.rows import AreaRow, named, union
from district_boundaries.shipped import LAST_DAY_OF_2020, REFORM

ZONES = Path(__file__).parent / "zones"
COLUMNS = ("code", "name", "name_en", "level", "member", "valid_from", "valid_to", "sample", "source")
_TRUE = {"1", "true", "yes", "y", "x"}


class _Zone(NamedTuple):
    field: str
    code: str
    name: str
    name_en: str
    valid_from: date | None
    valid_to: date | None
    sample: bool
    source: str


def files(folder: Path = ZONES) -> list[Path]:
    """The zone files there are, by name of the field."""
    return sorted(folder.glob("*.csv"))


def rows(areas: Sequence[AreaRow], folder: Path = ZONES) -> list[AreaRow]:
    """Every zone of every file, with its polygon. `areas`: the wards and districts that members may name.

    Raises UnreadableFile and UnknownMember, with the file and the line.
    """
    bearers = _bearers(areas)
    unions: dict[tuple[int, ...], BaseGeometry] = {}  # several fields share a layout in parts: one union each
    made = []
    for file in files(folder):
        for zone, members in read(file).items():
            shapes = []
            for line, level, code in members:
                shape = _shape(bearers, level, code, zone.valid_to)
                if shape is None:
                    raise UnknownMember(f"{file.name} line {line}: no {level} with the code {code}")
                shapes.append(shape)
            key = tuple(sorted({id(shape) for shape in shapes}))
            if key not in unions:
                unions[key] = union(shapes)
            made.append(
                named(
                    level="zone",
                    field=zone.field,
                    code=zone.code,
                    name=zone.name,
                    name_en=zone.name_en,
                    valid_from=zone.valid_from,
                    valid_to=zone.valid_to,
                    geometry=unions[key],
                    sample=zone.sample,
                    source=zone.source,
                )
            )
    return made


def read(file: Path) -> dict[_Zone, list[tuple[int, str, str]]]:
    """The zones of one file, each with its members as (line, level, code); the header is line 1."""
    zones: dict[_Zone, list[tuple[int, str, str]]] = {}
    seen: dict[tuple[str, date | None], _Zone] = {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = set(COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise UnreadableFile(f"{file.name}: no column {', '.join(sorted(missing))}")
        for record in reader:
            line = reader.line_num
            try:
                valid_from, valid_to = (_day(record[column]) for column in ("valid_from", "valid_to"))
            except ValueError as error:
                raise UnreadableFile(f"{file.name} line {line}: {error}") from None
            zone = _Zone(
                field=file.stem,
                code=record["code"].strip(),
                name=record["name"].strip(),
                name_en=record["name_en"].strip(),
                valid_from=valid_from,
                valid_to=valid_to,
                sample=record["sample"].strip().lower() in _TRUE,
                source=record["source"].strip(),
            )
            first = seen.setdefault((zone.code, zone.valid_from), zone)
            if (first.name, first.valid_to) != (zone.name, zone.valid_to):
                raise UnreadableFile(f"{file.name} line {line}: {zone.code} has another name or span in a line before")
            zones.setdefault(first, []).append((line, record["level"].strip(), record["member"].strip()))
    return zones


def _day(text: str) -> date | None:
    return date.fromisoformat(text.strip()) if text.strip() else None


def _bearers(areas: Sequence[AreaRow]) -> dict[tuple[str, str], list[AreaRow]]:
    """The wards of 2025 and the former districts by level and code, the earliest to end first."""
    found: dict[tuple[str, str], list[AreaRow]] = {}
    for area in sorted(areas, key=lambda area: area.valid_to or date.max):
        if area.level == "district" or (area.level == "ward" and area.valid_from == REFORM):
            found.setdefault((area.level, area.code), []).append(area)
    return found


def _shape(
    bearers: Mapping[tuple[str, str], Sequence[AreaRow]], level: str, code: str, valid_to: date | None
) -> BaseGeometry | None:
    """The polygon that a code names for a zone. 769 was Quận 2 until the end of 2020, then Thành phố Thủ Đức."""
    found = bearers.get((level, code))
    if not found:
        return None
    ended_early = valid_to is not None and valid_to <= LAST_DAY_OF_2020
    return found[0 if ended_early else -1].geometry
