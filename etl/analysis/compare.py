"""Two spans, or two kinds of incident, over the same cells: where one changed by more than the whole did, and chance.

Cells and today's boundaries are the same on every day, so a comparison across the reform of July 2025 counts both spans
by the same ground: wards of today and former districts alike.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sqlalchemy import Connection

from database import clock
from district_boundaries import areas
from district_boundaries.area_names import area_names
from district_boundaries.areas import AreaIndex
from etl.analysis import small_maps
from etl.analysis.asked import Asked
from etl.analysis.by_areas import by_areas
from etl.analysis.compare_reading import read
from etl.hotspots import events as events_of
from etl.hotspots import study
from etl.hotspots.answer import HOT, Answer, LeftOut, Warning_, of_demo
from etl.hotspots.events import Events
from etl.hotspots.groups import name_of, with_neighbours
from etl.hotspots.question import Question
from etl.hotspots.run import Step, months_of
from geo import crs
from geo.geocoder import AreaNames
from geo.grid import Units
from geo.statistics import comparison, discovery_rate, getis_ord
from geo.statistics.comparison import Change

Columns = dict[str, NDArray[Any]]
REFORM = date(2025, 7, 1)
CHANNEL_SHIFT = 0.10
"""A channel whose share grew by so much is said with the answer."""
MOST_PLACES, MOST_AREAS = 12, 12


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """An answer whose classes say more or less, and what the page adds: plain values."""

    answer: Answer
    more: dict[str, Any]


def compare(connection: Connection, asked: Asked, *, step: Step = lambda name: None) -> Comparison:
    """Answer a comparison from the public read model. Raises BadQuestion."""
    assert asked.other is not None
    started = time.perf_counter()
    index = areas.current(connection)
    step("events")
    later, earlier = (events_of.select(connection, each) for each in (asked.question, asked.other))
    step("cells")
    land = study.drawn(asked.question, study.land(index, study.area_of(asked.question, index)))
    cells = study.cells(connection, asked.question, land, index)
    around = study.neighbours(asked.question, cells)
    step("method")
    before, after = (cells.counts(each.x, each.y) for each in (earlier, later))
    change = comparison.windows(before, after, around)
    columns = _columns(cells, before, after, change, around)
    step("names")
    places = _places(cells, columns, around, area_names(connection))
    inside = (int(before.sum()), int(after.sum()))
    of_areas = [
        by_areas(connection, asked, index, level, (earlier, later), share=change.share)
        for level in ("district", "ward")
    ]
    more: dict[str, Any] = {
        "kind": asked.compare,
        "totals": inside,
        "share": change.share,
        "tested": int(np.isfinite(change.p).sum()),
        "same": int(columns["steady"].sum()),
        "table": _table(columns),
        "places": places,
        "areas": {each.level: each.table(MOST_AREAS) for each in of_areas},
        "carried": {each.level: each.carried for each in of_areas},
        "vague": {each.level: each.vague for each in of_areas},
        "small": _small(index, cells, columns),
        "small_areas": {each.level: small_maps.of_areas(index, each) for each in of_areas},
        "left_before": asdict(_left_out(asked.other, earlier, len(earlier) - inside[0])),
    }
    warnings = _warnings(asked, earlier, later)
    if any(sum(each.carried) for each in of_areas):
        warnings.append(Warning_(code="carried", figures={"n": max(sum(each.carried) for each in of_areas)}))
    answer = Answer(
        question=asked.question,
        columns=columns,
        outlines=lambda: cells.polygons,
        left_out=_left_out(asked.question, later, len(later) - inside[1]),
        clusters=(),
        warnings=tuple(warnings),
        months=months_of(later),
        at=clock.now(),
        seconds=time.perf_counter() - started,
        compared={name: word for name, word in asked.parameters().items() if name not in asked.question.parameters()},
    )
    readings = {lang: read(answer, more, warnings, lang) for lang in ("vi", "en")}
    return Comparison(answer=_said(answer, readings), more=more)


def _small(index: AreaIndex, cells: Units, columns: Columns) -> dict[str, Any]:
    difference = np.where(columns["steady"] > 0, "same", columns["class"].astype(np.str_))
    parts = {"before": columns["class_before"].astype(np.str_), "after": columns["class_after"].astype(np.str_)}
    weight = np.abs(np.nan_to_num(columns["z"])) + columns["n"] + columns["before"]
    return small_maps.of_cells(index, cells.polygons, parts | {"": difference}, weight.astype(np.float64))


def _said(answer: Answer, readings: dict[str, Any]) -> Answer:
    from dataclasses import replace

    return replace(answer, readings=readings)


def _columns(
    cells: Units, before: NDArray[np.int64], after: NDArray[np.int64], change: Change, around: sparse.csr_array
) -> Columns:
    """The file's columns: `n` after, `before`, the change and its class (hot: more), and each span's own hot spots."""
    p_fdr = discovery_rate.corrected(change.p)
    kind = discovery_rate.classes(np.nan_to_num(change.z), p_fdr)
    own = []
    for counts in (before, after):
        z, p = getis_ord.g_star(counts, around).z, getis_ord.exact_p(counts, around)
        own.append(discovery_rate.classes(np.nan_to_num(z), discovery_rate.corrected(p)))
    hot = [np.isin(each, HOT) for each in own]
    return {
        "cell_id": cells.ids, "n": after, "z": change.z, "p": change.p, "p_fdr": p_fdr, "class": kind, "before": before,
        "class_before": own[0], "class_after": own[1],
        "steady": (hot[0] & hot[1] & (kind == "none")).astype(np.int64),
    }  # fmt: skip


def _table(columns: Columns) -> list[list[int]]:
    """Cells hot at 95% or more: [before hot: [after hot, not], before not: [after hot, not]]."""
    before, after = (np.isin(columns[name], ("hot99", "hot95")) for name in ("class_before", "class_after"))
    return [[int((b & a).sum()) for a in (after, ~after)] for b in (before, ~before)]


def _places(cells: Units, columns: Columns, around: sparse.csr_array, names: AreaNames) -> list[dict[str, Any]]:
    """Groups of cells that touch and went the same way, those with most events first; each with a word."""
    before, after = columns["before"], columns["n"]
    found = []
    ways = {"more": np.isin(columns["class"], HOT), "same": columns["steady"] > 0}
    ways["less"] = (columns["class"] != "none") & ~ways["more"]
    for way, mask in ways.items():
        chosen = np.flatnonzero(mask)
        if not len(chosen):
            continue
        many, member = connected_components(around[chosen][:, chosen], directed=False)
        for group in range(many):
            of = chosen[member == group]
            near = with_neighbours(of, around)
            found.append((of, int(before[near].sum()), int(after[near].sum()), way))
    found.sort(key=lambda each: -max(each[1], each[2]))
    return [_place(number, cells, columns, each, names) for number, each in enumerate(found[:MOST_PLACES])]


def _place(
    number: int, cells: Units, columns: Columns, group: tuple[NDArray[np.int64], int, int, str], names: AreaNames
) -> dict[str, Any]:
    of, before, after, way = group
    peak = of[np.argmax(np.abs(np.nan_to_num(columns["z"][of])) + columns["n"][of])]
    (lon,), (lat,) = crs.from_metres(cells.x[[peak]], cells.y[[peak]])
    hot = [bool(np.isin(columns[name][of], HOT).any()) for name in ("class_before", "class_after")]
    word = way
    if way == "more" and hot[1] and not hot[0]:
        word = "new"
    elif way == "less" and hot[0] and not hot[1]:
        word = "gone"
    name, ward = name_of(float(lon), float(lat), names)
    return {
        "letter": chr(ord("A") + number), "name": name, "ward": ward, "lon": float(lon), "lat": float(lat),
        "before": before, "after": after, "cells": len(of), "word": word,
    }  # fmt: skip


def _left_out(question: Question, events: Events, outside: int) -> LeftOut:
    again = events.reports - len(events) - events.no_place - events.coarse if question.count == "incidents" else 0
    return LeftOut(
        took_part=len(events) - outside, void=events.void, no_place=events.no_place, coarse=events.coarse,
        outside=outside, same_incident=max(0, again),
    )  # fmt: skip


def _warnings(asked: Asked, earlier: Events, later: Events) -> list[Warning_]:
    """Channels that opened or grew between the two; spans of unequal length; spans on both sides of the reform."""
    found = of_demo(earlier.demo + later.demo)
    shares = [
        {name: n / (sum(m for _, m in each.channels) or 1) for name, n in each.channels} for each in (earlier, later)
    ]
    for name in sorted(set(shares[0]) | set(shares[1])):
        was, now = shares[0].get(name, 0.0), shares[1].get(name, 0.0)
        if now - was >= CHANNEL_SHIFT:
            figures: dict[str, float | str] = {"channel": name, "was": was, "share": now}
            found.append(Warning_(code="channel_opened" if not was else "channel_grew", figures=figures))
    if asked.compare != "spans" or asked.other is None:
        return found
    first, second = asked.other, asked.question
    assert first.since and first.until and second.since and second.until
    days = [(each.until - each.since).days for each in (first, second) if each.until and each.since]
    if abs(days[0] - days[1]) > 3:
        found.append(Warning_(code="unequal", figures={"before": days[0], "after": days[1]}))
    if clock.local(first.since).date() < REFORM <= clock.local(second.until).date():
        found.append(Warning_(code="reform"))
    return found
