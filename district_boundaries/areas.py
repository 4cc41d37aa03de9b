"""Areas in memory: which exist, on which days, under which code. One copy a process, compared with the database
each time.

Days are days in Asia/Ho_Chi_Minh. Geometry is WGS 84 (lon, lat). An area that a loaded file replaced is out of
force: it answers for its id, because reports keep it, and for nothing else.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from database.clock import local, now
from database.reference import Held, State, state
from database.sql import queries
from district_boundaries.naming import level_name
from geo.crs import to_metres

if TYPE_CHECKING:
    from district_boundaries.area_names import AreaNames

Q = queries(__file__)
CITY_CODE = "79"

# The order of a report's zones where the database does not tell another one (field.position).
FIELDS = (
    "traffic", "water", "drainage", "trees", "lighting", "electricity", "telecoms", "transport", "environment",
    "urban_order",
)  # fmt: skip

Key = tuple[object, ...]


def today() -> date:
    """The day it is in the city."""
    return local(now()).date()


@dataclass(frozen=True, kw_only=True)
class Area:
    """One area over one span of days."""

    id: int
    level: str  # city, district, ward or zone
    field: str = ""  # of a zone, else empty
    code: str
    name: str  # Phường Bến Thành
    name_en: str = ""
    short_name: str = ""  # Bến Thành
    kind: str = ""  # phuong xa thi_tran dac_khu quan huyen thi_xa thanh_pho zone
    valid_from: date | None = None  # first day in force; None where the start is not known
    valid_to: date | None = None  # last day in force; None where no end is known
    in_force: bool = True
    approximate: bool = False
    sample: bool = False
    official_km2: float | None = None
    centre: tuple[float, float] | None = None  # lon, lat of a point well inside
    source: str = ""
    origin: str = "shipped"  # or operator

    @property
    def level_name(self) -> dict[str, str]:
        """What kind of area this is, `{vi, en}`."""
        return level_name(self.kind)

    def valid_on(self, day: date) -> bool:
        """Whether the area is in force on that day."""
        return (
            self.in_force
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_to is None or day <= self.valid_to)
        )


@dataclass(frozen=True)
class Day:
    """The areas of all levels on a day, ready to be searched: `layers[k]` is `(level, field)`.

    The order of areas is layer, then code: the first that holds a point is the answer (the tie-break on borders).
    """

    layers: tuple[tuple[str, str], ...]
    areas: tuple[Area, ...]
    geometries: NDArray[np.object_]
    ids: NDArray[np.int32] = field(init=False)
    layer: NDArray[np.int64] = field(init=False)
    approximate: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        number = {layer: k for k, layer in enumerate(self.layers)}
        set_ = object.__setattr__
        set_(self, "ids", np.array([area.id for area in self.areas], dtype=np.int32))
        set_(self, "layer", np.array([number[area.level, area.field] for area in self.areas], dtype=np.int64))
        set_(self, "approximate", np.array([area.approximate for area in self.areas], dtype=np.bool_))

    @cached_property
    def hash(self) -> str:
        """Equal for equal lines under equal codes: the key of the day's table."""
        from district_boundaries.tables import digest

        return digest(self)

    @property
    def hashed(self) -> bool:
        """Whether the hash is known already."""
        return "hash" in self.__dict__

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Bounding boxes of all areas, by their position in `areas`."""
        shapely.prepare(self.geometries)
        return shapely.STRtree(self.geometries)


class AreaIndex:
    """All areas, by id, by code and by day. Read only; made anew when the database's areas change."""

    def __init__(
        self,
        areas: Iterable[Area],
        geometries: Sequence[BaseGeometry],
        *,
        fields: Sequence[str] = FIELDS,
        key: Key = (),
    ) -> None:
        self.areas: dict[int, Area] = {area.id: area for area in areas}
        self.fields = tuple(fields) or FIELDS
        self.key = key
        self.layers = (("city", ""), ("ward", ""), ("district", ""), *(("zone", f) for f in self.fields))
        self._geometries = dict(zip(self.areas, geometries, strict=True))
        self._metres: dict[int, BaseGeometry] = {}
        self._lock = threading.RLock()
        self._by_code: dict[str, list[Area]] = {}
        for area in self.areas.values():
            self._by_code.setdefault(area.code, []).append(area)
        starts = {area.valid_from for area in self._in_force()} | {
            area.valid_to + timedelta(days=1) for area in self._in_force() if area.valid_to
        }
        self.changes: list[date] = sorted(start for start in starts if start)  # days on which boundaries change
        self._days: dict[int, Day] = {}

    def _in_force(self) -> list[Area]:
        return [area for area in self.areas.values() if area.in_force]

    def area(self, id: int) -> Area:
        """The area with this id, in force or not. KeyError where there is none."""
        return self.areas[int(id)]

    def geometry(self, id: int) -> BaseGeometry:
        """The area's multipolygon in WGS 84."""
        return self._geometries[int(id)]

    def metres(self, id: int) -> BaseGeometry:
        """The area's multipolygon in EPSG:9210, prepared; projected once."""
        made = self._metres.get(id := int(id))
        if made is None:
            made = shapely.transform(self._geometries[id], lambda c: np.column_stack(to_metres(c[:, 0], c[:, 1])))
            shapely.prepare(made)
            self._metres[id] = made
        return made

    def by_code(self, code: str, level: str | None = None, on: date | None = None) -> Area | None:
        """The area that bears `code` (also `level:code`): on the day `on`, else today, else the last one that bore it.

        Where levels collide without a level: city, district, ward, zone, in this order.
        """
        head, _, tail = code.partition(":")
        if tail and head in ("city", "district", "ward", "zone"):
            level, code = head, tail
        found = [area for area in self._by_code.get(code, ()) if level in (None, area.level)]
        rank = {"city": 0, "district": 1, "ward": 2, "zone": 3}
        found.sort(key=lambda area: (rank[area.level], area.field, area.id))
        day = on or today()
        valid = [area for area in found if area.valid_on(day)]
        if valid or on is not None:
            return valid[0] if valid else None
        return max(found, key=lambda area: (area.in_force, area.valid_to or date.max, -rank[area.level]), default=None)

    def of_level(self, level: str, field: str | None = None, on: date | None = None) -> list[Area]:
        """The areas of a level (and field) on a day, today unless given; of districts the last ones there were."""
        day = on or today()
        fields = self.fields if level == "zone" and field is None else (field or "",)
        return [area for one in fields for area in self._layer(level, one, day)]

    def _layer(self, level: str, field: str, day: date) -> list[Area]:
        of_level = [area for area in self._in_force() if area.level == level and area.field == field]
        found = [area for area in of_level if area.valid_on(day)]
        if not found and level == "district":
            # The district level ended: what people go on comparing by is the last one there was.
            last = max((area.valid_to for area in of_level if area.valid_to and area.valid_to < day), default=None)
            found = [area for area in of_level if last is not None and area.valid_on(last)]
        return sorted(found, key=lambda area: (area.code, area.id))

    def epoch(self, day: date) -> int:
        """The number of the span of days without a change of boundaries in which `day` lies."""
        return bisect_right(self.changes, day)

    def day(self, day: date) -> Day:
        """All levels as they are on `day`."""
        number = self.epoch(day)
        made = self._days.get(number)
        if made is None:
            with self._lock:
                made = self._days.get(number) or self._make_day(day)
                self._days[number] = made
        return made

    def _make_day(self, day: date) -> Day:
        areas = [area for level, field in self.layers for area in self._layer(level, field, day)]
        geometries = np.empty(len(areas), dtype=object)
        geometries[:] = [self._geometries[area.id] for area in areas]
        return Day(layers=self.layers, areas=tuple(areas), geometries=geometries)


def read(connection: Connection, seen: State | None = None) -> AreaIndex:
    """Every area of the database, read now. `seen`: the state, where the caller has asked for it."""
    seen = seen or state(connection)
    rows = connection.execute(Q["areas"]).all()
    geometries = shapely.from_wkb([bytes(row.geom) for row in rows])
    return AreaIndex([_area(row) for row in rows], list(geometries), fields=seen.fields, key=_key(seen))


def _key(seen: State) -> Key:
    return (seen.database, seen.of("boundaries", "zones"), seen.fields, seen.newest_area)


_held: Held[AreaIndex] = Held(_key, lambda connection, seen, former: read(connection, seen))


def current(connection: Connection, seen: State | None = None) -> AreaIndex:
    """The areas of the database, from memory while nothing has changed; one cheap query says whether, or `seen`,
    the state that the caller has asked for in this transaction."""
    return _held.current(connection, seen)


def area_names(connection: Connection) -> AreaNames:
    """What areas are called and were called, for the geocoder."""
    from district_boundaries import area_names as names  # it reads areas itself

    return names.area_names(connection)


def _area(row: Any) -> Area:
    return Area(
        id=row.id,
        level=row.level,
        field=row.field,
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        short_name=row.short_name,
        kind=row.kind,
        valid_from=row.valid_from,
        valid_to=row.valid_until - timedelta(days=1) if row.valid_until else None,
        in_force=row.in_force,
        approximate=row.approximate,
        sample=row.sample,
        official_km2=row.official_km2,
        centre=(row.label_lon, row.label_lat) if row.label_lon is not None else None,
        source=row.source,
        origin=row.origin,
    )
