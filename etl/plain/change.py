"""Counts and time to close in equal spans before and after a date, by area, unit or kind, the whole city's beside.

A rate is per day. Whether a group changed otherwise than the whole city did is asked as a comparison asks it: given the
sum of both counts, the later one is binomial (geo.statistics.comparison).
"""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from database import clock
from database.clock import CITY_TIME
from district_boundaries import areas
from etl.hotspots import legend
from etl.hotspots.answer import Warning_
from etl.hotspots.question import Question
from etl.hotspots.run import Step
from etl.plain import rows
from etl.plain.answer import PlainAnswer
from etl.plain.closing import Watched
from etl.plain.groups import Groups, groups
from etl.plain.question import Plain
from etl.plain.rows import Booleans, Floats, Q
from geo.statistics import comparison, discovery_rate
from incidents import reference

REFORM = date(2025, 7, 1)
WEEKS_UP_TO_DAYS = 190
"""Longer spans are drawn by months."""
DAY_S = 86_400.0


def answer(connection: Connection, question: Question, plain: Plain, *, step: Step) -> PlainAnswer:
    """Answer it from the public read model. Raises BadQuestion."""
    assert plain.date is not None and question.since is not None and question.until is not None
    started = time.perf_counter()
    at = clock.now()
    step("events")
    index, known = areas.current(connection), reference.current(connection)
    found, void = rows.select(connection, question)
    counted = connection.execute(Q["counts"], {**rows.words(question), "parted": plain.date}).one()
    city = (int(counted.before), int(counted.after))
    inside, left = rows.where(question, index, found)
    found = found[inside]
    step("method")
    days = (plain.date - question.since).total_seconds() / DAY_S
    later = found.opened >= plain.date.timestamp()
    grouped = groups(connection, found, plain.by, question, index=index, known=known)
    spread = grouped.spread.spread if grouped.spread is not None else np.zeros(len(found), dtype=np.bool_)
    nowhere = (grouped.of < 0) & ~spread
    left |= {"void": void, "no_category" if plain.by == "category" else "no_area": int(nowhere.sum())}
    watched = Watched(found, at)
    columns = _columns(grouped, watched, later, days, city)
    order = np.lexsort((columns["name"], -(columns["before"] + columns["after"]), -np.abs(np.nan_to_num(columns["z"]))))
    z = columns.pop("z")[order]
    columns = {name: column[order] for name, column in columns.items()}
    here = (int((~later).sum()), int(later.sum()))
    return PlainAnswer(
        question=question,
        plain=plain,
        columns=columns,
        geometry=grouped.outlines[order] if grouped.outlines is not None else None,
        took_part=int((~nowhere).sum()),
        left={name: n for name, n in left.items() if n},
        warnings=tuple(_warnings(question, plain, at, columns, spread=int(spread.sum()), z=z)),
        at=at,
        seconds=time.perf_counter() - started,
        more={
            "days": days,
            "city": _told(city, days),
            "here": {
                **_told(here, days),
                **{f"{name}_{word}": _plain(value) for name, chosen in (("before", ~later), ("after", later))
                   for word, value in _closing(watched, chosen).items()},
            },
            "bars": bars(found.opened, question, plain.date),
        },
    )  # fmt: skip


def _told(counts: tuple[int, int], days: float) -> dict[str, Any]:
    """Both counts, their rates a day, the ratio and its interval."""
    found = comparison.ratio(np.array([counts[0]]), np.array([counts[1]]))
    names = ("ratio", "low", "high")
    return {
        "before": counts[0],
        "after": counts[1],
        "per_day_before": round(counts[0] / days, 4),
        "per_day_after": round(counts[1] / days, 4),
        **{name: _plain(float(value[0])) for name, value in zip(names, found, strict=True)},
    }


def _closing(watched: Watched, chosen: Booleans) -> dict[str, float]:
    told = watched.told(chosen)
    return {name: told[name] for name in ("closed", "open", "median_days", "km_median_days")}


def _columns(
    grouped: Groups, watched: Watched, later: Booleans, days: float, city: tuple[int, int]
) -> dict[str, NDArray[Any]]:
    sides = (~later, later)
    if grouped.spread is not None:
        before, after = (grouped.spread.counts(side) for side in sides)
    else:
        before, after = (_counted(grouped, side) for side in sides)
    whole = [np.rint(each).astype(np.int64) for each in (before, after)]
    share = city[1] / (city[0] + city[1]) if sum(city) else 0.5
    change = comparison.change(whole[0], whole[1], share=share)
    p_fdr = discovery_rate.corrected(change.p)
    kind = discovery_rate.classes(np.nan_to_num(change.z), p_fdr)
    ratio, low, high = comparison.ratio(whole[0], whole[1])
    columns: dict[str, NDArray[Any]] = {"id": grouped.ids, "name": grouped.names}
    if (grouped.names != grouped.names_en).any():
        columns["name_en"] = grouped.names_en
    columns |= {
        "before": np.round(before, 3), "after": np.round(after, 3), "per_day_before": before / days,
        "per_day_after": after / days, "ratio": ratio, "ratio_low": low, "ratio_high": high, "p": change.p,
        "p_fdr": p_fdr, "change": legend.changed(kind), "z": change.z,
    }  # fmt: skip
    for name, side in zip(("before", "after"), sides, strict=True):
        told = [_closing(watched, side & (grouped.of == number)) for number in range(len(grouped.ids))]
        for word in ("closed", "open", "median_days", "km_median_days"):
            kind_ = np.int64 if word in ("closed", "open") else np.float64
            columns[f"{word}_{name}"] = np.array([each[word] for each in told], dtype=kind_)
    return columns


def _counted(grouped: Groups, side: Booleans) -> Floats:
    of = grouped.of[side & (grouped.of >= 0)]
    return np.bincount(of, minlength=len(grouped.ids)).astype(np.float64)


def bars(opened: Floats, question: Question, parted: datetime) -> list[dict[str, Any]]:
    """The chart: how many a day in each week counted from the date, or in each month, cut at the date.
    `[{first, days, n, per_day, after}]`, oldest first; `opened`: seconds since 1970."""
    assert question.since is not None and question.until is not None
    edges = _edges(*(clock.local(each).date() for each in (question.since, parted, question.until)))
    seconds = np.array([datetime(d.year, d.month, d.day, tzinfo=CITY_TIME).timestamp() for d in edges])
    n, _ = np.histogram(opened, bins=seconds)
    return [
        {
            "first": first.isoformat(),
            "days": (end - first).days,
            "n": count,
            "per_day": round(count / (end - first).days, 4),
            "after": first >= clock.local(parted).date(),
        }
        for first, end, count in zip(edges[:-1], edges[1:], n.tolist(), strict=True)
    ]


def _edges(first: date, parted: date, end: date) -> list[date]:
    found = {first, parted, end}
    if (end - parted).days <= WEEKS_UP_TO_DAYS:
        found |= {parted + timedelta(days=7 * k) for k in range(-40, 41)}
    else:
        found |= {date(year, month, 1) for year in range(first.year, end.year + 1) for month in range(1, 13)}
    return sorted(day for day in found if first <= day <= end)


def _warnings(
    question: Question, plain: Plain, at: datetime, columns: dict[str, NDArray[Any]], *, spread: int, z: Floats
) -> list[Warning_]:
    found = []
    assert question.since is not None and question.until is not None
    if question.until > at:
        left = round((question.until - at).total_seconds() / DAY_S, 1)
        found.append(Warning_(code="not_over", figures={"days": left}))
    found.append(Warning_(code="followed_longer"))
    small = int((np.isnan(z) & (columns["before"] + columns["after"] > 0)).sum())
    if small:
        found.append(Warning_(code="not_tested", figures={"groups": small, "least": comparison.LEAST}))
    crossed = clock.local(question.since).date() < REFORM <= clock.local(question.until).date()
    if crossed and plain.by in ("ward", "district"):
        found.append(Warning_(code="reform"))
    if spread:
        found.append(Warning_(code="carried", figures={"n": spread}))
    return found


def _plain(value: float) -> float | None:
    return None if not np.isfinite(value) else round(float(value), 4)
