"""Places that were reported again and again, as precisely as the public may know them.

The public read model holds no house number, but the point of every incident that is none of construction: the same
house is the same spot. Construction violations are shown within a cell of about 100 m, never at their house
(docs/decisions/0015): of them the cell is the place, and the answer says so.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree
from sqlalchemy import Connection

from database import clock
from district_boundaries import areas
from district_boundaries.areas import AreaIndex
from etl.hotspots.answer import Warning_
from etl.hotspots.question import Question
from etl.hotspots.run import Step
from etl.plain import rows
from etl.plain.answer import PlainAnswer
from etl.plain.question import Plain
from etl.plain.rows import Booleans, Floats, Incidents, Integers
from geo import crs
from incidents import reference
from incidents.reference import Reference
from incidents.watch import SAME_PLACE_M

WORST_M = 100.0
"""A place that is known less well is no spot: it cannot be said to be the same as another."""
SIDE_DEGREES = 0.0009
"""of the cells in which construction violations are shown (0007_coarse_places.sql)"""
AGAIN_DAYS = 1.0
"""Two incidents at one spot within so short a time may be one that nobody joined."""
DAY_S = 86_400.0
OF_A_SPOT = ("pin", "rooftop", "interpolated", "intersection", "place")


def answer(connection: Connection, question: Question, plain: Plain, *, step: Step) -> PlainAnswer:
    """Answer it from the public read model. Raises BadQuestion."""
    started = time.perf_counter()
    at = clock.now()
    step("events")
    index, known = areas.current(connection), reference.current(connection)
    found, void = rows.select(connection, question, named=True)
    inside, left = rows.where(question, index, found)
    placed = found.placed
    spot = placed & np.isin(found.precision, OF_A_SPOT) & (found.accuracy <= WORST_M) & ~found.coarsened
    cell = placed & found.coarsened & ~found.vague
    left |= {
        "void": void,
        "no_place": int((~placed).sum()),
        "coarse": int((placed & inside & ~spot & ~cell).sum())
        + (int((placed & ~inside & found.vague).sum()) if question.within else 0),
    }
    found = found[inside & (spot | cell)]
    step("method")
    place = places(found)
    columns, points = _columns(found, place, plain.least, index, known)
    return PlainAnswer(
        question=question,
        plain=plain,
        columns=columns,
        geometry=points,
        took_part=len(found),
        left={name: n for name, n in left.items() if n},
        warnings=tuple(_warnings(found, place, plain.least, columns)),
        at=at,
        seconds=time.perf_counter() - started,
        more={"places": int(place.max(initial=-1)) + 1, "incidents": int(columns["n"].sum())},
    )


def places(found: Incidents) -> Integers:
    """The number of the place of each incident, int64[n], in the order of their first one; `found`: oldest first.

    A spot is what lies within SAME_PLACE_M of the first incident there: not of any of them, or a street of houses
    would become one place, a step at a time. Where two are near, the nearer one. Construction: the cell it is shown in.
    """
    label = np.empty(len(found), dtype=np.int64)
    coarse = found.coarsened
    x, y = crs.to_metres(found.lon, found.lat)
    own = np.flatnonzero(~coarse)
    label[own] = _spots(x[own], y[own])
    many = int(label[own].max(initial=-1)) + 1
    cells = np.column_stack([np.floor(found.lon[coarse] / SIDE_DEGREES), np.floor(found.lat[coarse] / SIDE_DEGREES)])
    _, of = np.unique(cells.astype(np.int64), axis=0, return_inverse=True)
    label[coarse] = of.reshape(-1) + many
    _, first, of_all = np.unique(label, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[of_all.reshape(-1)].astype(np.int64)


def _spots(x: Floats, y: Floats) -> Integers:
    """As `places`, of points in metres, oldest first: each joins the nearest first one within reach, or is one."""
    xy = np.round(np.column_stack([x, y]), 1)  # a point that many share (an address's) is looked at once
    unique, first, of = np.unique(xy, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    points = unique[order]
    pairs = cKDTree(points).query_pairs(SAME_PLACE_M, output_type="ndarray") if len(points) else np.empty((0, 2), int)
    near = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T) if len(pairs) else np.empty(0)
    shape = (len(points), len(points))
    # One way only: a later point looks at those before it. 1e-9: the distance of none is nought in a sparse matrix.
    leader = np.arange(len(points))
    if len(pairs):
        earlier = sparse.csr_array((near + 1e-9, (pairs.max(axis=1), pairs.min(axis=1))), shape=shape)
        starts, others, far = earlier.indptr, earlier.indices, earlier.data
        for point in np.flatnonzero(np.diff(starts)).tolist():
            those = slice(starts[point], starts[point + 1])
            leads = leader[others[those]] == others[those]
            if leads.any():
                nearest = np.lexsort((others[those][leads], far[those][leads]))[0]
                leader[point] = others[those][leads][nearest]
    _, compact = np.unique(leader, return_inverse=True)
    return compact.reshape(-1)[rank[of.reshape(-1)]].astype(np.int64)


def _columns(
    found: Incidents, place: Integers, least: int, index: AreaIndex, known: Reference
) -> tuple[dict[str, NDArray[Any]], NDArray[np.object_]]:
    """A row a place with at least so many, those with most first."""
    n = np.bincount(place) if len(place) else np.empty(0, np.int64)
    chosen = np.flatnonzero(n >= least)
    order = np.argsort(place, kind="stable")  # and oldest first within each
    starts = np.concatenate([[0], np.cumsum(n)]).astype(np.int64)
    told = [_row(found, order[starts[one] : starts[one + 1]], index, known) for one in chosen.tolist()]
    told.sort(key=lambda row: (-row["n"], -row["last_s"], row["id"]))
    points = shapely.points(
        np.array([row.pop("lon") for row in told], dtype=np.float64),
        np.array([row.pop("lat") for row in told], dtype=np.float64),
    )
    for row in told:
        row.pop("last_s")
    columns = {name: np.array([row[name] for row in told], dtype=kind) for name, kind in _ROW.items()}
    return columns, np.atleast_1d(np.asarray(points, dtype=object))


_ROW: dict[str, Any] = {
    "id": np.str_, "street": np.str_, "ward": np.str_, "ward_code": np.str_, "basis": np.str_, "n": np.int64,
    "reports": np.int64, "first": np.str_, "last": np.str_, "span_days": np.float64, "mean_gap_days": np.float64,
    "shortest_gap_days": np.float64, "open": np.int64, "unit": np.str_, "unit_code": np.str_, "categories": np.str_,
    "accuracy_m": np.float64,
}  # fmt: skip


def _row(found: Incidents, of: Integers, index: AreaIndex, known: Reference) -> dict[str, Any]:
    opened = found.opened[of]
    gaps = np.diff(opened) / DAY_S
    latest = of[-1]
    ward = index.area(int(found.now_ward[latest])) if found.now_ward[latest] else None
    unit = known.units.get(int(found.unit[latest]))
    streets, times = np.unique(found.place[of][found.place[of] != ""], return_counts=True)
    kinds, many = np.unique(found.category[of], return_counts=True)
    listed = sorted(zip(many.tolist(), kinds.tolist(), strict=True), key=lambda each: (-each[0], each[1]))
    coarse = bool(found.coarsened[of].any())
    # The middle of all: of a cell's points too, which says no more than the cell.
    return {
        "id": str(found.code[of[0]]), "street": str(streets[np.argmax(times)]) if len(streets) else "",
        "ward": ward.name if ward else "", "ward_code": ward.code if ward else "",
        "basis": "cell" if coarse else "spot",
        "n": len(of), "reports": int(found.reports[of].sum()), "first": _stamp(opened[0]), "last": _stamp(opened[-1]),
        "span_days": round(float(opened[-1] - opened[0]) / DAY_S, 2), "mean_gap_days": round(float(gaps.mean()), 2),
        "shortest_gap_days": round(float(gaps.min()), 2), "open": int((~found.done[of]).sum()),
        "unit": unit.name["vi"] if unit else "", "unit_code": unit.code if unit else "",
        "categories": ",".join(kind for _, kind in listed if kind), "accuracy_m": float(found.accuracy[of].max()),
        "lon": float(found.lon[of].mean()), "lat": float(found.lat[of].mean()), "last_s": float(opened[-1]),
    }  # fmt: skip


def _stamp(at: float) -> str:
    return clock.local(datetime.fromtimestamp(at, UTC)).isoformat(timespec="seconds")


def _warnings(found: Incidents, place: Integers, least: int, columns: dict[str, NDArray[Any]]) -> list[Warning_]:
    said = []
    soon = int((columns["shortest_gap_days"] < AGAIN_DAYS).sum())
    if soon:
        said.append(Warning_(code="soon_again", figures={"places": soon}))
    if (columns["basis"] == "cell").any():
        said.append(Warning_(code="cells", figures={"places": int((columns["basis"] == "cell").sum())}))
    rough = int((columns["accuracy_m"] > SAME_PLACE_M)[columns["basis"] == "spot"].sum())
    if rough:
        said.append(Warning_(code="rough", figures={"places": rough, "metres": SAME_PLACE_M}))
    return said


__all__ = ["SAME_PLACE_M", "Booleans", "answer", "places"]
