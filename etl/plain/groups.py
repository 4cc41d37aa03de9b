"""What a row of time to close, or of before and after, is of: an area, a unit, a kind; and its outline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from database import clock
from district_boundaries.areas import Area, AreaIndex
from etl.hotspots.question import Question
from etl.plain import carried
from etl.plain.carried import Carried
from etl.plain.question import AREAS
from etl.plain.rows import Incidents, Integers
from incidents.reference import Reference

SIMPLER_M = 0.0001
"""of a map's outlines, degrees: about 11 m"""


@dataclass(frozen=True, kw_only=True)
class Groups:
    """m groups: `ids` and `names` str[m] (a unit's and a kind's name in `names_en` too); `of` int64[n]: the group of
    each incident, -1 where it has none or is spread over several; `outlines` polygons[m] or none; `spread`: counts that
    are carried over a change of boundaries."""

    ids: NDArray[np.str_]
    names: NDArray[np.str_]
    names_en: NDArray[np.str_]
    of: Integers
    outlines: NDArray[np.object_] | None
    spread: Carried | None = None


def groups(
    connection: Connection, found: Incidents, by: str, question: Question, *, index: AreaIndex, known: Reference
) -> Groups:
    """The groups of the incidents `by` one of etl.plain.question.BY, in the order of their codes. Areas without any
    incident are groups too, where the whole city is asked for."""
    if by == "unit":
        return _coded(found.unit, {unit.id: (unit.code, unit.name) for unit in known.units.values()})
    if by == "category":
        number = {code: place for place, code in enumerate(sorted(known.categories), start=1)}
        kinds = {number[code]: (code, known.categories[code].name) for code in number}
        return _coded(np.array([number.get(str(code), 0) for code in found.category.tolist()], dtype=np.int64), kinds)
    assert by in AREAS
    if by == "ward_then":
        ids, of = np.unique(found.ward, return_inverse=True)
        there = [index.area(int(each)) for each in ids.tolist() if each]
        shift = int(len(ids) > 0 and ids[0] == 0)
        return _areas(there, of.astype(np.int64) - shift, index)
    there = index.of_level(by)
    over = carried.over(connection, found, by, there)
    made = _areas(there, over.area, index, over)
    if not question.area and not question.within:
        return made
    some = over.counts(np.ones(len(found), dtype=np.bool_)) > 0
    return made if not some.any() else _only(made, some)


def _coded(key: Integers, known: Mapping[int, tuple[str, Mapping[str, str]]]) -> Groups:
    ids, of = np.unique(key, return_inverse=True)
    shift = int(len(ids) > 0 and ids[0] == 0)
    chosen = [known[int(each)] for each in ids.tolist() if each]
    names = [name for _, name in chosen]
    return Groups(
        ids=np.array([code for code, _ in chosen], dtype=np.str_),
        names=np.array([name["vi"] for name in names], dtype=np.str_),
        names_en=np.array([name.get("en") or name["vi"] for name in names], dtype=np.str_),
        of=of.astype(np.int64) - shift,
        outlines=None,
    )


def _areas(there: list[Area], of: Integers, index: AreaIndex, over: Carried | None = None) -> Groups:
    outlines = np.empty(len(there), dtype=object)
    outlines[:] = [index.geometry(area.id) for area in there]
    names = np.array([_named(area) for area in there], dtype=np.str_)
    ids = np.array([f"{area.level}:{area.code}{_day(area)}" for area in there], dtype=np.str_)
    return Groups(ids=ids, names=names, names_en=names, of=of, outlines=outlines, spread=over)


def _named(area: Area) -> str:
    """A ward that is no more says until when it was one: its name may be another's today."""
    return area.name if area.valid_to is None or area.level != "ward" else f"{area.name} (tới {area.valid_to:%d/%m/%Y})"


def _day(area: Area) -> str:
    """A code that two areas bore is told apart by the last day of the former one."""
    ended = area.valid_to is not None and area.valid_to < clock.local(clock.now()).date()
    return f"@{area.valid_to}" if ended and area.level == "ward" else ""


def _only(made: Groups, some: NDArray[np.bool_]) -> Groups:
    """The groups that have any; what is spread keeps its own areas, so it is only narrowed in the end."""
    place = np.where(some, np.cumsum(some) - 1, -1)
    over = made.spread
    assert over is not None and made.outlines is not None
    of = np.where(made.of >= 0, place[made.of], -1)
    kept = place[over.to] >= 0
    narrowed = Carried(
        areas=[area for area, one in zip(over.areas, some.tolist(), strict=True) if one],
        area=of, spread=over.spread, row=over.row[kept], to=place[over.to[kept]], share=over.share[kept],
    )  # fmt: skip
    return Groups(
        ids=made.ids[some], names=made.names[some], names_en=made.names_en[some], of=of,
        outlines=made.outlines[some], spread=narrowed,
    )  # fmt: skip


def simpler(outlines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Outlines for a page's map, valid."""
    return np.asarray(shapely.make_valid(shapely.simplify(outlines, SIMPLER_M, preserve_topology=True)), dtype=object)
