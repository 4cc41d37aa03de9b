"""The list beside the map where the map shows counts (below zoom 13): the same incidents, in the list's order, without
looking at every row. What a box holds is what its marks stand for: a disc inside it with all its members."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from database.sql import queries
from geo import cells
from incidents.public import Box

Q = queries(__file__)

MANY = 5_000
"""From so many incidents on the first ones are found by indexes in the list's order, and not sorted."""
_MOST_TILES = 2_000


@dataclass(frozen=True, kw_only=True)
class View:
    """What is asked for: a box in degrees, a tile zoom below 13, and the switches (None: all of them)."""

    box: Box
    zoom: int
    kinds: Sequence[str] | None
    states: Sequence[str] | None
    categories: Sequence[str] | None
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What stands in a view: discs by their cells, single incidents by their ids, and how many of a kind and state."""

    discs: list[int]
    singles: list[int]
    counts: Counter[tuple[str, str]]


def fits(view: View) -> bool:
    """Whether the counts can answer this."""
    return cells.COARSEST_LEVEL <= cells.level(view.zoom) <= cells.FINEST_LEVEL and len(_tiles(view)) <= _MOST_TILES


def marks(connection: Connection, view: View) -> Marks:
    """The marks inside the view's box."""
    grain = "category" if view.categories is not None else "kind"
    given = _parameters(view) | {"grain": grain, "apart": cells.apart(view.zoom), "firsts": _tiles(view)}
    counts: Counter[tuple[str, str]] = Counter()
    discs: set[int] = set()
    small: set[int] = set()
    for row in connection.execute(Q["marks"], given):
        if row.disc:
            discs.add(row.cell)
            counts[row.kind, row.state] += row.n
        else:
            small.add(row.cell)
    singles = []
    if small:
        for row in connection.execute(Q["found"], _parameters(view) | {"cells": sorted(small)}):
            if row.inside:
                singles.append(row.id)
                counts[row.kind, row.state] += 1
    return Marks(discs=sorted(discs), singles=singles, counts=counts)


def page(connection: Connection, view: View, found: Marks, *, limit: int, offset: int) -> Sequence[Row[Any]]:
    """Rows of public_incident with `lon`, `lat` and `state`, most urgent first."""
    ids = list(found.singles)
    if found.discs and limit:
        given = _parameters(view) | {"cells": found.discs}
        if sum(found.counts.values()) < MANY:
            ids += [row.id for row in connection.execute(Q["found"], given)]
        else:
            given |= {"present": sorted({state for _, state in found.counts}), "limit": limit, "offset": offset}
            ids += connection.execute(Q["first_of_many"], given).scalars()
    return connection.execute(Q["page_of_few"], {"ids": ids, "now": view.now, "limit": limit, "offset": offset}).all()


def _parameters(view: View) -> dict[str, Any]:
    box = view.box
    return {
        "west": box.west,
        "south": box.south,
        "east": box.east,
        "north": box.north,
        "level": cells.level(view.zoom),
        "kinds": None if view.kinds is None else list(view.kinds),
        "states": None if view.states is None else list(view.states),
        "categories": None if view.categories is None else list(view.categories),
        "now": view.now,
    }


def _tiles(view: View) -> list[int]:
    """The first cells of the tiles that the box touches. A disc stands inside its own cell, so no others matter."""
    world = 1 << view.zoom

    def row(lat: float) -> int:
        y = (1 - math.asinh(math.tan(math.radians(max(-85.05, min(85.05, lat))))) / math.pi) / 2
        return max(0, min(world - 1, int(y * world)))

    def column(lon: float) -> int:
        return max(0, min(world - 1, int((lon + 180) / 360 * world)))

    level = cells.level(view.zoom)
    columns = range(column(view.box.west), column(view.box.east) + 1)
    rows = range(row(view.box.north), row(view.box.south) + 1)
    if len(columns) * len(rows) > _MOST_TILES:
        return [0] * (_MOST_TILES + 1)
    return [cells.number(level, 8 * x, 8 * y) for x in columns for y in rows]
