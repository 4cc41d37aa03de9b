"""What the workbench's page says and draws of a plain answer, as plain values that are stored beside the job."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import orjson
import shapely

from database.clock import local
from etl.plain.answer import PlainAnswer
from etl.plain.groups import simpler
from etl.plain.reading import read

MOST_ROWS = 200
"""of the table; files hold all"""
MOST_DRAWN = 5000
STEPS = 4


def summary(answer: PlainAnswer) -> dict[str, Any]:
    """The reading in both languages, figures, the table, what took no part."""
    return {
        "plain": answer.plain.kind,
        "rows": len(answer),
        "events": answer.took_part,
        "left": dict(answer.left),
        "warnings": [asdict(each) for each in answer.warnings],
        "reading": {lang: asdict(read(answer, lang)) for lang in ("vi", "en")},
        "table": _table(answer),
        "more": answer.more,
        "steps": limits(answer),
        "geometry": answer.geometry is not None,
        "at": local(answer.at).isoformat(timespec="seconds"),
        "seconds": round(answer.seconds, 2),
    }


def _table(answer: PlainAnswer) -> list[dict[str, Any]]:
    chosen = _worth_saying(answer)[:MOST_ROWS]
    middles: list[Any] = [None] * len(chosen)
    if answer.geometry is not None and len(chosen):
        middles = np.atleast_1d(shapely.point_on_surface(answer.geometry[chosen])).tolist()
    found = []
    for row, middle in zip(chosen.tolist(), middles, strict=True):
        said = {name: _plain(column[row]) for name, column in answer.columns.items()}
        if middle is not None:
            said |= {"lon": round(float(middle.x), 6), "lat": round(float(middle.y), 6)}
        found.append(said)
    return found


def _worth_saying(answer: PlainAnswer) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Rows of groups that have any."""
    columns = answer.columns
    if answer.plain.kind == "repeats":
        return np.arange(len(answer))
    n = columns["n"] if answer.plain.kind == "closing" else columns["before"] + columns["after"]
    return np.flatnonzero(n > 0)


def classes(answer: PlainAnswer) -> np.ndarray[Any, np.dtype[np.str_]]:
    """The class that each row is drawn in: `rate1 … rate4` by the quarters of the median time, `few`; of a change the
    steps of hot and cold; of places `spot`."""
    columns = answer.columns
    if answer.plain.kind == "repeats":
        return np.full(len(answer), "spot", dtype="<U6")
    if answer.plain.kind == "change" and len(answer):
        kind = np.char.replace(columns["change"].astype("<U8"), "more", "hot")
        return np.char.replace(kind, "less", "cold")
    if not len(answer):
        return np.empty(0, dtype="<U6")
    value = columns["km_median_days"]
    parts = limits(answer)
    found = np.full(len(answer), "few", dtype="<U6")
    some = columns["few"] == 0
    # Where not even half are done the median is longer than any that is known.
    value = np.where(np.isnan(value), np.inf, value)
    found[some] = [f"rate{1 + int(np.searchsorted(parts, each))}" for each in value[some].tolist()]
    return found


def limits(answer: PlainAnswer) -> list[float]:
    """The quarters of the medians, days: what parts the four steps."""
    if answer.plain.kind != "closing":
        return []
    value = answer.columns["km_median_days"][answer.columns["few"] == 0]
    value = value[np.isfinite(value)]
    return [] if len(value) < STEPS else [round(float(each), 1) for each in np.percentile(value, (25, 50, 75))]


def shapes(answer: PlainAnswer) -> bytes:
    """GeoJSON of what the map draws."""
    features: list[dict[str, Any]] = []
    if answer.geometry is not None:
        chosen = _worth_saying(answer)[:MOST_DRAWN]
        points = answer.plain.kind == "repeats"
        drawn = answer.geometry[chosen] if points else simpler(answer.geometry[chosen])
        for row, shape, kind in zip(chosen.tolist(), drawn, classes(answer)[chosen].tolist(), strict=True):
            rounded = shapely.set_precision(shape, 1e-6) if points else shapely.set_precision(shape, 1e-5)
            features.append(
                {
                    "type": "Feature",
                    "geometry": orjson.loads(shapely.to_geojson(rounded)),
                    "properties": {"class": kind, **_said(answer, row)},
                }
            )
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _said(answer: PlainAnswer, row: int) -> dict[str, Any]:
    columns = answer.columns
    names = {
        "repeats": ("id", "street", "ward", "n", "open"),
        "closing": ("id", "name", "n", "km_median_days", "median_days"),
        "change": ("id", "name", "before", "after"),
    }[answer.plain.kind]
    return {name: _plain(columns[name][row]) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, np.floating | float):
        return round(float(value), 4) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else str(value)
