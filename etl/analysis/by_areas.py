"""Both counts of a comparison by the areas of today, or by the last districts; also over a change of boundaries.

What lies at a point is where it is. What is known to a ward or district of its day alone takes no part in cells; here
it does: as that area where it is still one, else carried over by the share of its land in each (`area_link`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from district_boundaries.areas import Area, AreaIndex
from etl.analysis.asked import Asked
from etl.hotspots.events import Events
from etl.hotspots.question import Question
from etl.plain import carried, rows
from geo import crs
from geo.statistics import comparison, discovery_rate
from geo.statistics.comparison import Change

Counts = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ByAreas:
    """m areas of a level: both counts float64[m] (fractions where some are carried over), the change, its class str[m]
    (hot: more); how many incidents of each span were carried over, and how many are known no better than an area."""

    level: str
    areas: list[Area]
    before: Counts
    after: Counts
    change: Change
    kind: NDArray[np.str_]
    carried: tuple[int, int]
    vague: tuple[int, int]

    def table(self, most: int) -> list[dict[str, Any]]:
        """What changed most first, as plain values; areas without any are left out."""
        order = np.argsort(-np.abs(np.nan_to_num(self.change.z)), kind="stable")
        some = order[(self.before + self.after)[order] > 0][:most]
        return [
            {
                "code": self.areas[row].code, "name": self.areas[row].name, "before": _plain(self.before[row]),
                "after": _plain(self.after[row]), "class": str(self.kind[row]),
            }
            for row in some.tolist()
        ]  # fmt: skip


def by_areas(
    connection: Connection, asked: Asked, index: AreaIndex, level: str, events: tuple[Events, Events], *, share: float
) -> ByAreas:
    """`level`: ward or district. `events`: of the earlier span (or the second kind) and of the later one; `share`: of
    the later one where nothing changed but the whole."""
    assert asked.other is not None
    there = index.of_level(level)
    counts, moved, vague = [], [], []
    for question, its in zip((asked.other, asked.question), events, strict=True):
        if question.count == "incidents":
            count, spread, coarse = _carried(connection, question, index, level, there)
        else:  # reports are counted where they lie
            count, spread, coarse = _where_they_lie(index, there, its), 0, 0
        counts.append(count)
        moved.append(spread)
        vague.append(coarse)
    change = comparison.change(*(np.rint(each).astype(np.int64) for each in counts), share=share)
    kind = discovery_rate.classes(np.nan_to_num(change.z), discovery_rate.corrected(change.p))
    return ByAreas(
        level=level, areas=there, before=counts[0], after=counts[1], change=change, kind=kind,
        carried=(moved[0], moved[1]), vague=(vague[0], vague[1]),
    )  # fmt: skip


def _carried(
    connection: Connection, question: Question, index: AreaIndex, level: str, there: list[Area]
) -> tuple[Counts, int, int]:
    found, _ = rows.select(connection, question)
    inside, _ = rows.where(question, index, found)
    found = found[inside & found.placed]
    over = carried.over(connection, found, level, there)
    return over.counts(np.ones(len(found), dtype=np.bool_)), int(over.spread.sum()), int(found.vague.sum())


def _where_they_lie(index: AreaIndex, there: list[Area], events: Events) -> Counts:
    tree = shapely.STRtree([index.geometry(area.id) for area in there])
    lon, lat = crs.from_metres(events.x, events.y)
    points, polygons = tree.query(shapely.points(lon, lat), predicate="within")
    _, first = np.unique(points, return_index=True)
    return np.bincount(polygons[first], minlength=len(there)).astype(np.float64)


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else round(float(value), 1)
