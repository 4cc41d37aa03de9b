"""What an area's officers watch: its incidents with their numbers, the day by the hour, what lies at its border, one
incident's whole record.

The list and the numbers are the public's columns, put together for an area. What is not public (what people wrote, the
history, objections) is what row-level security lets the caller see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, Row

from database import clock
from database.sql import queries
from district_boundaries.areas import Area, AreaIndex
from district_boundaries.locate import near
from geo.crs import to_metres
from geo.geos import one_at_a_time
from geo.text import search_key

Q = queries(Path(__file__).with_suffix(".sql"))

OPEN_STATES = ("late", "new", "progress")
MOST = 500
"""rows of a list; the numbers are those of all"""
WEEKS = 8
"""weeks before this one that say what is usual"""
ENOUGH_WEEKS = 4
"""with fewer of them nothing is called usual"""
AT_BORDER_M = 25.0
"""a case this near to a border is marked, however well its place is known"""
FARTHEST_BORDER_M = 60.0
SAME_PLACE_M = 30.0


@dataclass(frozen=True, kw_only=True)
class Scope:
    """How the rows of an area are found: by the areas that every public row carries, else by the polygon."""

    ward_id: int | None = None
    district_id: int | None = None
    area_id: int | None = None

    @classmethod
    def of(cls, area: Area, index: AreaIndex) -> Scope:
        """A ward in force today, one of the last districts, any other area, or the city (no limit at all)."""
        if area.level == "city":
            return cls()
        if area.level in ("ward", "district") and area in index.of_level(area.level):
            return cls(ward_id=area.id) if area.level == "ward" else cls(district_id=area.id)
        return cls(area_id=area.id)

    @property
    def parameters(self) -> dict[str, int | None]:
        return {"ward_id": self.ward_id, "district_id": self.district_id, "area_id": self.area_id}


@dataclass(frozen=True, kw_only=True)
class Group:
    """The incidents of one layer in one state."""

    hero: str
    state: str
    n: int
    first_due: datetime | None
    in_time: int
    """of those done: before their deadline"""
    with_deadline: int


@dataclass(frozen=True, kw_only=True)
class Watched:
    """An area's list and its numbers, read at one moment."""

    rows: Sequence[Any]
    groups: Sequence[Group]
    urgent: Sequence[str]
    """codes of new ones that cannot wait, whatever the filters, the newest 200"""

    def count(self, *states: str) -> int:
        """How many are in any of these states, listed or not."""
        return sum(group.n for group in self.groups if group.state in states)


@dataclass(frozen=True, kw_only=True)
class AtBorder:
    """How far a place is from the area's border, and what lies on the other side."""

    metres: float
    area_id: int
    """0 where that is outside of the city or the sea"""


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Reports by hour of the day. Lists are of 24."""

    today: list[int]
    last_week: list[int]
    """the same weekday a week ago, the whole day"""
    usual: list[float] | None
    """the mean of the same weekday in the weeks before; None where there are too few of them"""
    weeks: int
    """so many weeks are behind `usual`"""
    so_far: int
    last_week_so_far: int
    """until the same time of the day"""


def incidents(
    connection: Connection,
    scope: Scope,
    *,
    states: Sequence[str] = OPEN_STATES,
    heroes: Sequence[str] | None = None,
    limit: int = MOST,
) -> Watched:
    """The area's incidents in these states, late ones first, and the numbers of every state and layer."""
    asked = {"now": clock.now(), "states": list(states), "heroes": list(heroes) if heroes else None, "limit": limit}
    found = connection.execute(Q["watched"], {**scope.parameters, **asked}).all()
    groups = [
        Group(**{**each, "first_due": datetime.fromisoformat(each["first_due"]) if each["first_due"] else None})
        for each in found[0].groups
    ]
    return Watched(rows=[row for row in found if row.id is not None], groups=groups, urgent=found[0].urgent)


def exactly(connection: Connection, rows: Sequence[Any]) -> list[Any]:
    """The same rows; construction cases at their exact place, as far as the caller may see it."""
    ids = [row.id for row in rows if row.hero == "construction"]
    if not ids:
        return list(rows)
    places = {row.id: row._asdict() for row in connection.execute(Q["exact"], {"ids": ids})}
    return [SimpleNamespace(**{**row._mapping, **places[row.id]}) if row.id in places else row for row in rows]


def disputed(connection: Connection, rows: Sequence[Any]) -> set[int]:
    """Ids of those that somebody says are not theirs, as far as the caller may know."""
    ids = [row.id for row in rows]
    return set(connection.execute(Q["disputed"], {"ids": ids}).scalars()) if ids else set()


@one_at_a_time
def borders(index: AreaIndex, area: Area, rows: Sequence[Any]) -> dict[int, AtBorder]:
    """Of the rows (id, lon, lat, accuracy_m, precision) in `area`, those whose border is nearer than their place is
    sure, or than AT_BORDER_M; by id. Metres are planar, EPSG:9210."""
    placed = [row for row in rows if row.lon is not None and row.precision not in ("ward", "district")]
    if not placed or area.level not in ("ward", "district"):
        return {}
    lon, lat = np.array([row.lon for row in placed]), np.array([row.lat for row in placed])
    far = shapely.distance(index.metres(area.id).boundary, np.asarray(shapely.points(*to_metres(lon, lat))))
    reach = np.clip([row.accuracy_m or 0.0 for row in placed], AT_BORDER_M, FARTHEST_BORDER_M)
    close = np.flatnonzero(far < reach)
    on = clock.local(clock.now()).date()
    around = near(index, area.level, "", lon[close], lat[close], far[close] + 1.0, on) if len(close) else []
    return {
        placed[row].id: AtBorder(metres=float(far[row]), area_id=next((each for each in ids if each != area.id), 0))
        for row, ids in zip(close.tolist(), around, strict=True)
    }


@one_at_a_time
def beyond(connection: Connection, index: AreaIndex, area: Area) -> list[tuple[Row[Any], float]]:
    """Open cases of the neighbours that lie so near to the area's border that they may be its own: public rows, and
    metres to the border, the nearest first."""
    if area.level not in ("ward", "district"):
        return []
    asked = {"id": area.id, "now": clock.now(), "degrees": FARTHEST_BORDER_M / 100_000}
    rows = connection.execute(Q["beyond"], asked).all()
    if not rows:
        return []
    pins = np.asarray(shapely.points(*to_metres([row.lon for row in rows], [row.lat for row in rows])))
    far = shapely.distance(index.metres(area.id), pins)
    reach = np.clip([row.accuracy_m or 0.0 for row in rows], AT_BORDER_M, FARTHEST_BORDER_M)
    found = [(row, float(m)) for row, m, most in zip(rows, far, reach, strict=True) if m < most]
    return sorted(found, key=lambda each: each[1])


def midnight(at: datetime) -> datetime:
    """The beginning of that day in the city."""
    return datetime.combine(clock.local(at).date(), time(), clock.CITY_TIME)


def by_hour(connection: Connection, scope: Scope) -> Hours:
    """The area's reports of today by the hour, beside last week's and the usual of this weekday."""
    now = clock.now()
    rows = connection.execute(
        Q["by_hour"], {**scope.parameters, "now": now, "midnight": midnight(now), "weeks": WEEKS}
    ).all()
    days = [[0] * 24 for _ in range(WEEKS + 1)]
    so_far = Counter[int]()
    for row in rows:
        days[row.week][row.hour] = row.n
        so_far[row.week] += row.so_far
    weeks = weeks_known(connection, midnight(now))
    usual = None
    if weeks >= ENOUGH_WEEKS:
        usual = [sum(days[week][hour] for week in range(1, weeks + 1)) / weeks for hour in range(24)]
    return Hours(
        today=days[0], last_week=days[1], usual=usual, weeks=weeks, so_far=so_far[0], last_week_so_far=so_far[1]
    )


def weeks_known(connection: Connection, before: datetime) -> int:
    """How many of the last WEEKS weeks before that moment are wholly covered by the record of reports."""
    first = connection.execute(Q["first_report"]).scalar()
    return 0 if first is None else max(0, min(WEEKS, (before - first) // timedelta(weeks=1)))


def diary(connection: Connection, scope: Scope, limit: int = 60) -> Sequence[Row[Any]]:
    """What happened today in the area, the newest first."""
    asked = {**scope.parameters, "midnight": midnight(clock.now()), "limit": limit}
    return connection.execute(Q["diary"], asked).all()


@dataclass(frozen=True, kw_only=True)
class Building:
    """An earlier construction case at the same place or address."""

    row: Row[Any]
    metres: float | None
    same_address: bool


@dataclass(frozen=True, kw_only=True)
class Record:
    """All that is known of one incident, without any person."""

    row: Row[Any]
    told: Sequence[Row[Any]]
    photos: Sequence[Row[Any]]
    objections: Sequence[Row[Any]]
    buildings: Sequence[Building] = field(default_factory=list)


def record(connection: Connection, code: str) -> Record | None:
    """The incident of a report, as far as the caller may see it; None where it is not theirs or not there."""
    row = connection.execute(Q["one"], {"code": code, "now": clock.now()}).first()
    if row is None:
        return None
    about = {"incident_id": row.id}
    told = connection.execute(Q["told"], about).all()
    return Record(
        row=row,
        told=told,
        photos=connection.execute(Q["photos"], about).all(),
        objections=connection.execute(Q["objections"], about).all(),
        buildings=_buildings(connection, row.id, [each.address for each in told]) if row.hero == "construction" else [],
    )


def _buildings(connection: Connection, incident_id: int, addresses: Sequence[str | None]) -> list[Building]:
    """Construction cases within SAME_PLACE_M, or with the same address by its search key."""
    keys = {search_key(address) for address in addresses if address}
    asked = {"incident_id": incident_id, "metres": SAME_PLACE_M, "now": clock.now()}
    found = []
    for row in connection.execute(Q["buildings_near"], asked):
        same = bool(row.address) and search_key(row.address) in keys
        if same or (row.metres is not None and row.metres <= SAME_PLACE_M):
            found.append(Building(row=row, metres=row.metres, same_address=same))
    return sorted(found, key=lambda each: each.row.opened_at, reverse=True)
