"""Which incidents go into the file: the very question that the map's list asks, so that both count the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from database import clock
from district_boundaries.areas import Area, AreaIndex
from incidents import public

MOST_ROWS = 5000
"""Rows of one file, about 1 MB; beyond that the most urgent ones are in, and the file says how many are not."""
_MOST_ASKED = 50_000


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The filters of /api/v1/incidents; None leaves one out. Times are aware, `since` included, `until` not."""

    box: public.Box | None = None
    zoom: int | None = None
    """the tile zoom of the view: below 13 an incident is where its cluster's disc stands, as on the page"""
    kinds: Sequence[str] | None = None
    states: Sequence[str] | None = None
    categories: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    area: Area | None = None
    """only what lies in it by today's boundaries (a ward, a former district), or in its polygon"""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The rows that go in, most urgent first, and how many there are in all."""

    rows: list[Row[Any]]
    total: int
    at: datetime

    @property
    def left_out(self) -> int:
        return self.total - len(self.rows)


def find(connection: Connection, index: AreaIndex, selection: Selection, most: int = MOST_ROWS) -> Found:
    """Public columns alone, of at most `most` incidents that have a place."""
    now = clock.now()
    area = selection.area if selection.area is not None and selection.area.level != "city" else None
    box = selection.box
    if box is None and area is not None:
        west, south, east, north = index.geometry(area.id).bounds
        box = public.Box(west=west, south=south, east=east, north=north)
    found = connection.execute(
        public.Q["incident_list"],
        {
            **public.box_parameters(box),
            **public.cell_parameters(selection.zoom if area is None else None),
            "now": now,
            "kinds": _list(selection.kinds),
            "states": _list(selection.states),
            "categories": _list(selection.categories),
            "since": selection.since,
            "until": selection.until,
            "limit": _MOST_ASKED if area is not None else most,
            "offset": 0,
        },
    ).all()
    rows = [row for row in found if row.id is not None and row.lon is not None]
    if area is None:
        return Found(rows=rows, total=sum(group["n"] for group in found[0].groups), at=now)
    rows = [row for row in rows if _inside(row, area, index)]
    return Found(rows=rows[:most], total=len(rows), at=now)


def _inside(row: Row[Any], area: Area, index: AreaIndex) -> bool:
    if area.level == "ward" and area in index.of_level("ward"):
        return bool(row.now_ward_id == area.id)
    if area.level == "district" and area in index.of_level("district"):
        return bool(row.now_district_id == area.id)
    import shapely

    return bool(shapely.intersects_xy(index.geometry(area.id), row.lon, row.lat))


def _list(words: Sequence[str] | None) -> list[str] | None:
    return None if words is None else list(words)
