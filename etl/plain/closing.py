"""How long it took until incidents were closed, by area, unit or kind; what is still open is said and reckoned with."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from database import clock
from district_boundaries import areas
from etl.hotspots.answer import Warning_
from etl.hotspots.question import Question
from etl.hotspots.run import Step
from etl.plain import rows
from etl.plain.answer import PlainAnswer
from etl.plain.groups import Groups, groups
from etl.plain.question import Plain
from etl.plain.rows import Booleans, Floats, Incidents
from geo.statistics import survival
from incidents import reference

FEW = 5
"""With fewer that were closed nothing is said of how long it takes, and nothing is ranked."""
DAY_S = 86_400.0
QUANTILES = (("p25_days", 25), ("median_days", 50), ("p75_days", 75), ("p90_days", 90))


def answer(connection: Connection, question: Question, plain: Plain, *, step: Step) -> PlainAnswer:
    """Answer it from the public read model. Raises BadQuestion."""
    started = time.perf_counter()
    at = clock.now()
    step("events")
    index, known = areas.current(connection), reference.current(connection)
    found, void = rows.select(connection, question)
    inside, left = rows.where(question, index, found)
    found = found[inside]
    step("method")
    grouped = groups(connection, found, plain.by, question, index=index, known=known)
    kept = grouped.of >= 0
    if grouped.spread is not None:  # of what is spread over areas it cannot be said in which one it was closed
        left["coarse"] = left.get("coarse", 0) + int(grouped.spread.spread.sum())
    missing = int((~kept).sum()) - (int(grouped.spread.spread.sum()) if grouped.spread is not None else 0)
    reason = {"category": "no_category", "unit": "no_area"}.get(plain.by, "no_area")
    left |= {"void": void, reason: missing}
    watched = Watched(found, at)
    columns = _columns(grouped, watched, kept)
    order = _order(columns)
    outlines = grouped.outlines[order] if grouped.outlines is not None else None
    columns = {name: column[order] for name, column in columns.items()}
    columns["rank"] = np.where(columns["few"] == 0, np.arange(1, len(order) + 1, dtype=np.float64), np.nan)
    whole = watched.told(kept)
    return PlainAnswer(
        question=question,
        plain=plain,
        columns=columns,
        geometry=outlines,
        took_part=int(kept.sum()),
        left={name: n for name, n in left.items() if n},
        warnings=tuple(_warnings(whole, watched, kept, columns)),
        at=at,
        seconds=time.perf_counter() - started,
        more={"whole": {name: _plain(value) for name, value in whole.items()}},
    )


class Watched:
    """n incidents until `at`: `days` float64[n] until they were closed, or how old they are; `closed` bool[n];
    `judged`: whose deadline says something (closed, or open and past it), `in_time` those closed by then."""

    def __init__(self, found: Incidents, at: datetime) -> None:
        now = at.timestamp()
        self.closed: Booleans = found.done & np.isfinite(found.resolved)
        self.days: Floats = np.maximum(np.where(self.closed, found.resolved, now) - found.opened, 0.0) / DAY_S
        dated = np.isfinite(found.due)
        self.judged: Booleans = dated & (self.closed | (found.due < now))
        self.in_time: Booleans = dated & self.closed & (found.resolved <= found.due)

    def told(self, chosen: Booleans) -> dict[str, float]:
        """Of the chosen ones: counts, plain quantiles of those closed, the Kaplan–Meier median of all, how old the open
        ones are, the share within the deadline. NaN where there are too few."""
        closed, days = self.closed[chosen], self.days[chosen]
        opened = days[~closed]
        said: dict[str, float] = {"n": len(days), "closed": int(closed.sum()), "open": int((~closed).sum())}
        enough = said["closed"] >= FEW
        for name, quantile in QUANTILES:
            said[name] = float(np.percentile(days[closed], quantile)) if enough else np.nan
        curve = survival.kaplan_meier(days, closed)
        said["km_median_days"] = survival.time_to(curve, 0.5) if enough else np.nan
        said["open_median_days"] = float(np.median(opened)) if len(opened) else np.nan
        said["open_oldest_days"] = float(opened.max()) if len(opened) else np.nan
        said["judged"], said["in_time"] = int(self.judged[chosen].sum()), int(self.in_time[chosen].sum())
        said["in_time_share"] = said["in_time"] / said["judged"] if said["judged"] >= FEW else np.nan
        said["few"] = int(not enough)
        return said


_WHOLE = ("n", "closed", "open", "judged", "in_time", "few")


def _columns(grouped: Groups, watched: Watched, kept: Booleans) -> dict[str, NDArray[Any]]:
    told = [watched.told(kept & (grouped.of == number)) for number in range(len(grouped.ids))]
    names = told[0] if told else watched.told(kept)
    columns: dict[str, NDArray[Any]] = {"id": grouped.ids, "name": grouped.names}
    if (grouped.names != grouped.names_en).any():
        columns["name_en"] = grouped.names_en
    for name in names:
        columns[name] = np.array([each[name] for each in told], dtype=np.int64 if name in _WHOLE else np.float64)
    return columns


def _order(columns: dict[str, NDArray[Any]]) -> NDArray[np.int64]:
    """Those that can be judged first, the longest median first (of all, open ones too; where that is not reached it is
    longer than any); the others by their name."""
    median = np.where(np.isnan(columns["km_median_days"]), np.inf, columns["km_median_days"])
    few = columns["few"]
    plain = np.nan_to_num(columns["median_days"])
    return np.lexsort((columns["name"], -np.where(few == 1, 0, plain), -np.where(few == 1, 0.0, median), few)).astype(
        np.int64
    )


def _warnings(
    whole: dict[str, float], watched: Watched, kept: Booleans, columns: dict[str, NDArray[Any]]
) -> list[Warning_]:
    found = []
    if whole["open"]:
        figures: dict[str, float | str] = {"open": whole["open"], "days": round(whole["open_median_days"], 1)}
        found.append(Warning_(code="censored", figures=figures))
    few = int(((columns["few"] == 1) & (columns["n"] > 0)).sum())
    if few:
        found.append(Warning_(code="few_closed", figures={"groups": few, "least": FEW}))
    undated = int((kept & ~watched.judged).sum())
    if undated:
        found.append(Warning_(code="not_judged", figures={"n": undated}))
    return found


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
