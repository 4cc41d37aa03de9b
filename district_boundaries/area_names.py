"""All names of wards and districts, old and new, for the geocoder (it fulfils `geo.geocoder.AreaNames`).

What the database has a polygon of is taken from it. Of many former wards there is none: their names are known
(`data/wards_until_2025-06-30.csv`, `data/wards_2019.csv`), the box round them, and the wards of today they went into;
a former ward without a polygon is its box as far as it lies in these wards and in its district, and marked approximate.
"""

from __future__ import annotations

import csv
import threading
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from database.reference import state
from district_boundaries import areas
from district_boundaries.areas import Area, AreaIndex
from district_boundaries.locate import locate
from district_boundaries.naming import kind_of
from geo.gazetteer.compact import Gazetteer
from geo.gazetteer.current import current as current_gazetteer
from geo.geocoder.names import NamedArea, Within

DATA = Path(__file__).parent / "data"
LAST_DISTRICT_DAY = date(2025, 6, 30)
LAST_DAY_OF_2024 = date(2024, 12, 31)
CITY = "Thành phố Hồ Chí Minh"
# The districts of 2019 that became Thành phố Thủ Đức, with the codes they had.
_FORMER_DISTRICTS = {"Quận 2": "769", "Quận 9": "763", "Quận Thủ Đức": "762"}


class AreaNames:
    """The names of one state of the areas."""

    def __init__(self, index: AreaIndex, gazetteer: Gazetteer | None = None) -> None:
        self._index = index
        self._gazetteer = gazetteer
        self._made: list[NamedArea] | None = None
        self._lock = threading.Lock()

    @property
    def version(self) -> Hashable:
        """Equal while the areas are the same."""
        return ("area_names", self._index.key, len(self._index.areas))

    @property
    def gazetteer(self) -> Gazetteer | None:
        """The streets and places known beside the areas."""
        return self._gazetteer

    def areas(self) -> Sequence[NamedArea]:
        """Every ward and district with the name it bore, in each span of days."""
        with self._lock:
            if self._made is None:
                self._made = list(_named(self._index))
            return self._made

    def within(self, lon: NDArray[np.float64], lat: NDArray[np.float64], on: date) -> Sequence[Within]:
        """The ward in force on `on` at each point, and the district then or the last former one."""
        located = locate(self._index, lon, lat, on)
        result = []
        for ward_id, district_id in zip(located.ward_id.tolist(), located.district_id.tolist(), strict=True):
            ward = self._index.area(ward_id) if ward_id else None
            district = self._index.area(district_id) if district_id else None
            result.append(
                Within(
                    ward.code if ward else "",
                    ward.name if ward else "",
                    district.code if district else "",
                    district.name if district else "",
                )
            )
        return result


_current: AreaNames | None = None
_making = threading.Lock()


def area_names(connection: Connection) -> AreaNames:
    """The names of the database's areas, from memory while nothing has changed."""
    global _current
    seen = state(connection)
    index, gazetteer = areas.current(connection, seen), current_gazetteer(connection, seen)
    with _making:
        if _current is None or _current._index is not index:
            _current = AreaNames(index, gazetteer)
        elif _current._gazetteer is not gazetteer:
            made = _current._made
            _current = AreaNames(index, gazetteer)
            _current._made = made
        return _current


def _named(index: AreaIndex) -> Iterator[NamedArea]:
    former = list(_rows("wards_until_2025-06-30.csv"))
    crosswalk = list(_rows("ward_crosswalk_2025.csv"))
    provinces = {row["district_code"]: row["province_name"] for row in former}
    went_into = {
        row["new_code"]: provinces.get(row["old_district_code"], "") for row in crosswalk if row["is_main"] == "True"
    }
    stored = [area for area in index.areas.values() if area.in_force]
    today = {area.code: area for area in stored if area.level == "ward" and area.valid_to is None}
    districts = {area.code: area for area in stored if area.level == "district" and area.valid_to == LAST_DISTRICT_DAY}
    code_of = {area.name: area.code for area in districts.values()} | _FORMER_DISTRICTS
    older = list(_rows("ward_crosswalk_2019_2025.csv"))
    for area in today.values():
        yield _of(index, area, went_into.get(area.code, ""), frozenset({area.code}))
    parts: dict[tuple[str, bool], set[str]] = defaultdict(set)  # of a district, before 2021 or after
    for row in crosswalk:
        parts[row["old_district_code"], True].add(row["new_code"])
    for row in older:
        parts[code_of.get(row["district"], ""), False].add(row["new_code"])
    for area in stored:
        if area.level == "district":
            last = area.valid_to == LAST_DISTRICT_DAY
            yield _of(index, area, provinces.get(area.code, CITY), frozenset(parts.get((area.code, last), ())))

    last_lines = {area.code: area for area in stored if area.level == "ward" and area.valid_to == LAST_DISTRICT_DAY}
    new_of: dict[str, list[str]] = defaultdict(list)
    for row in crosswalk:
        new_of[row["old_code"]].append(row["new_code"])
    for row in former:
        line = last_lines.get(row["code"])
        bounds = [today[code] for code in new_of[row["code"]] if code in today]
        district = districts.get(row["district_code"])
        yield NamedArea(
            level="ward",
            kind=kind_of(row["name"]),
            code=row["code"],
            name=row["name"],
            district_code=row["district_code"],
            district_name=row["district_name"],
            province=row["province_name"],
            valid_to=LAST_DISTRICT_DAY,
            shape=index.geometry(line.id) if line else _cut_box(index, row, bounds, district),
            approximate=True if line is None else line.approximate,
            source=line.source if line else "box",
            wards_today=frozenset(new_of[row["code"]]),
        )

    older_lines = {area.code: area for area in stored if area.level == "ward" and area.valid_to == LAST_DAY_OF_2024}
    went_to: dict[str, list[str]] = defaultdict(list)
    for row in older:
        went_to[row["code_2019"]].append(row["new_code"])
    for row in _rows("wards_2019.csv"):
        line = older_lines.get(row["code_2019"])
        bounds = [today[code] for code in went_to[row["code_2019"]] if code in today]
        yield NamedArea(
            level="ward",
            kind=kind_of(row["ward"]),
            code=row["code_2019"],
            name=row["ward"],
            district_code=code_of.get(row["district"], ""),
            district_name=row["district"],
            province=CITY,
            valid_to=LAST_DAY_OF_2024,
            shape=index.geometry(line.id) if line else _cut_box(index, row, bounds, None),
            approximate=True if line is None else line.approximate,
            source=line.source if line else "box",
            wards_today=frozenset(went_to[row["code_2019"]]),
        )


def _of(index: AreaIndex, area: Area, province: str, wards_today: frozenset[str]) -> NamedArea:
    return NamedArea(
        level="district" if area.level == "district" else "ward",
        kind=area.kind,
        code=area.code,
        name=area.name,
        province=province,
        valid_from=area.valid_from,
        valid_to=area.valid_to,
        shape=index.geometry(area.id),
        approximate=area.approximate,
        source=area.source,
        wards_today=wards_today,
    )


def _cut_box(index: AreaIndex, row: dict[str, str], wards: Iterable[Area], district: Area | None) -> BaseGeometry:
    """The box of a former ward as far as it lies in the wards that it went into and in its district."""
    west, south, east, north = (float(row[side]) for side in ("xmin", "ymin", "xmax", "ymax"))
    box = (west, south, east, north)
    shape: BaseGeometry = shapely.box(west, south, east, north)
    pieces = [shapely.clip_by_rect(index.geometry(ward.id), *box) for ward in wards]
    cut = shapely.union_all([piece.buffer(0) for piece in pieces]) if pieces else shape
    if district is not None:
        within = cut.intersection(shapely.clip_by_rect(index.geometry(district.id), *box).buffer(0))
        cut = within if within.area > 0.2 * shape.area else cut
    return cut if cut.area > 0.05 * shape.area else shape


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)
