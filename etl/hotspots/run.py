"""From a question to its answer: events, cells, method, what it means. The steps in their order."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from database import clock
from district_boundaries import areas
from district_boundaries.area_names import area_names
from etl.hotspots import events as events_of
from etl.hotspots import methods, study
from etl.hotspots.answer import HOT, Answer, Cluster, LeftOut, Warning_, of_demo
from etl.hotspots.area_cells import AreaCells
from etl.hotspots.events import Events
from etl.hotspots.groups import hot_places
from etl.hotspots.question import Question
from etl.hotspots.road_cells import RoadCells
from geo.grid import Units
from geo.statistics import discovery_rate, getis_ord

Step = Callable[[str], object]

FEW = 30
"""Fewer events than this: said with the answer."""
FEW_AREAS = 30
"""Fewer areas than this: z has a normal distribution only by and by."""
ONE_CHANNEL = 0.9
STEPS = ("events", "cells", "method", "names")


def run(connection: Connection, question: Question, *, step: Step = lambda name: None) -> Answer:
    """Answer a question from the public read model in one snapshot. `step` hears each of `STEPS` as it begins and may
    raise to cancel. Raises BadQuestion."""
    started = time.perf_counter()
    index = areas.current(connection)
    step("events")
    events = events_of.select(connection, question)
    step("cells")
    land = study.drawn(question, study.land(index, study.area_of(question, index)))
    warnings = _warnings(question, events)
    history: list[NDArray[np.float64]] = []
    if question.method == "st-dbscan":
        step("method")
        columns, hulls, outside = methods.in_time(question, events, study.in_metres(land))
        places: tuple[Cluster, ...] = ()

        def outlines() -> NDArray[np.object_]:
            return hulls
    else:
        cells = study.cells(connection, question, land, index)
        around = study.neighbours(question, cells)
        exposure = study.exposure(connection, question, cells, land)
        step("method")
        columns = methods.over_cells(question, cells, events, around, exposure, history=history)
        outside = len(events) - int(columns["n"].sum())
        warnings += _thin(question, columns, around)
        warnings += _of_areas(question, cells, events, land)
        if (
            question.method == "gi-star"
            and question.per == ("area" if question.cells else "")
            and question.cells != "road"
        ):
            road = study.exposure(
                connection, replace(question, per="road", engine="own", permutations=0, tail="normal"), cells, land
            )
            warnings += _follows_roads(columns, road, around)
        step("names")
        places = hot_places(cells, columns, around, area_names(connection))

        def outlines() -> NDArray[np.object_]:
            return cells.polygons

    return Answer(
        question=question,
        columns=columns,
        outlines=outlines,
        left_out=_left_out(question, events, outside),
        clusters=places,
        warnings=tuple(warnings),
        months=months_of(events),
        at=clock.now(),
        seconds=time.perf_counter() - started,
        history=tuple(history),
    )


def _left_out(question: Question, events: Events, outside: int) -> LeftOut:
    # Of an incident each report after the first says the same again.
    again = events.reports - len(events) - events.no_place - events.coarse if question.count == "incidents" else 0
    return LeftOut(
        took_part=len(events) - outside,
        void=events.void,
        no_place=events.no_place,
        coarse=events.coarse,
        outside=outside,
        same_incident=max(0, again),
    )


def months_of(events: Events) -> tuple[tuple[str, int], ...]:
    months, n = np.unique(methods.month_of(events.at), return_counts=True)
    return tuple(
        (str(np.datetime64(month, "M")), count) for month, count in zip(months.tolist(), n.tolist(), strict=True)
    )


def _warnings(question: Question, events: Events) -> list[Warning_]:
    """Where the numbers are too small, or follow who reports rather than what happens."""
    found = of_demo(events.demo)
    if len(events) < FEW:
        found.append(Warning_(code="few", figures={"n": len(events)}))
    every = sum(n for _, n in events.channels)
    if every >= FEW and events.channels[0][1] / every >= ONE_CHANNEL:
        channel, n = events.channels[0]
        found.append(Warning_(code="one_channel", figures={"channel": channel, "share": n / every}))
    if question.count == "reports" and len(events) >= FEW:
        found.append(Warning_(code="counts_reports"))
    return found


def _thin(question: Question, columns: methods.Columns, around: sparse.csr_array) -> list[Warning_]:
    """z comes from a normal distribution: with fewer than five events expected in a window it is only about right."""
    exact = question.tail == "exact" or (question.cells and question.per)
    if question.method not in ("gi-star", "emerging") or question.permutations or exact:
        return []
    if not len(columns["n"]):
        return []
    expected = float(columns["n"].astype(np.float64).mean()) * float(np.diff(around.indptr).mean() + 1)
    return [Warning_(code="thin", figures={"expected": expected})] if expected < 5 else []


def _of_areas(question: Question, found: Units, events: Events, land: BaseGeometry) -> list[Warning_]:
    """Areas are not equally large, there are few of them, some are not the real ones; and not all happens on a road."""
    warnings = []
    if question.cells and not question.per:
        warnings.append(Warning_(code="uneven"))
    if isinstance(found, RoadCells):
        apart = found.find(events.x, events.y) < 0
        off = study.holds(land, events.x[apart], events.y[apart])
        return [*warnings, *([Warning_(code="off_road", figures={"n": off})] if off else [])]
    if not isinstance(found, AreaCells):
        return warnings
    if len(found) < FEW_AREAS:
        warnings.append(Warning_(code="few_areas", figures={"n": len(found)}))
    if any(area.sample for area in found.areas):
        warnings.append(Warning_(code="sample_areas"))
    return warnings


def _follows_roads(
    columns: methods.Columns, road: NDArray[np.float64] | None, around: sparse.csr_array
) -> list[Warning_]:
    """Counts follow the roads when most hot cells are no longer hot as rates per kilometre."""
    hot = np.isin(columns["class"], HOT)
    if road is None or not hot.any() or not road.any():
        return []
    rate = getis_ord.g_star_rate(columns["n"], road, around)
    still = hot & np.isin(discovery_rate.classes(rate.z, discovery_rate.corrected(rate.p)), HOT)
    figures: dict[str, float | str] = {"hot": int(hot.sum()), "still": int(still.sum())}
    return [Warning_(code="follows_roads" if still.sum() < hot.sum() / 2 else "not_per_road", figures=figures)]
