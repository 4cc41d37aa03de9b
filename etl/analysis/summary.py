"""What the workbench's page says of an answer, as plain values that are stored beside the job; and the map's cells."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import orjson
import shapely

from database.clock import local
from etl.analysis import emerging
from etl.hotspots.answer import HOT, Answer
from etl.hotspots.outlines import geojson, simpler
from etl.hotspots.reading import read
from geo import grid

MOST_DRAWN = 20_000
"""cells of a map; of more, those that stand out most are drawn, and the page says so"""
MOST_ROWS = 50
"""of the table that says the same as the map"""


def summary(answer: Answer) -> dict[str, Any]:
    """The reading in both languages, figures, places, months, what took no part, the cells that stand out most."""
    return {
        "rows": len(answer),
        "events": int(answer.left_out.took_part),
        "classes": answer.classes(),
        "left_out": asdict(answer.left_out),
        "warnings": [asdict(each) for each in answer.warnings],
        "places": [asdict(each) for each in answer.clusters],
        "months": [list(each) for each in answer.months],
        "reading": {lang: asdict(read(answer, lang)) for lang in ("vi", "en")},
        "top": _top(answer),
        "drawn": min(MOST_DRAWN, int(_shown(answer).sum())),
        "left_undrawn": max(0, int(_shown(answer).sum()) - MOST_DRAWN),
        "at": local(answer.at).isoformat(timespec="seconds"),
        "seconds": round(answer.seconds, 2),
    }


def cells(answer: Answer, column: str = "") -> bytes:
    """GeoJSON of what the map draws: cells that are other than chance (or, where nothing is tested, that hold most);
    of a comparison also one of its two spans, by the `column` of its classes."""
    steps = answer.columns[column].astype(np.str_) if column else _steps(answer)
    chosen = _ranked(answer, np.flatnonzero(steps != "none"))[:MOST_DRAWN]
    outlines = _outlines(answer, chosen)
    columns = answer.columns
    count = columns["before"] if column == "class_before" else columns["n"]
    history = emerging.steps(answer, chosen) if answer.history and not column else [""] * len(chosen)
    features = [
        {
            "type": "Feature",
            "geometry": geojson(outline, 6),
            "properties": {
                "id": str(columns["cell_id"][row]),
                "n": int(count[row]),
                "class": str(steps[row]),
                **({"name": str(columns["name"][row])} if "name" in columns else {}),
                **({} if column else {"z": _number(columns["z"][row]), "p_fdr": _number(columns["p_fdr"][row], 6)}),
                **({"slices": slices} if slices else {}),
                **({"before": int(columns["before"][row])} if "before" in columns and not column else {}),
            },
        }
        for row, outline, slices in zip(chosen.tolist(), outlines, history, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _outlines(answer: Answer, rows: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Of these rows alone: a city has 100,000 cells, and a map draws some hundred."""
    if answer.question.method == "st-dbscan":
        return np.asarray(answer.outlines()[rows], dtype=object)
    if answer.question.cells:
        return simpler(answer.outlines()[rows])
    return grid.outlines(answer.columns["cell_id"].astype(np.str_)[rows])


def _steps(answer: Answer) -> np.ndarray[Any, np.dtype[np.str_]]:
    """The class that a cell is drawn in: the method's own, or thirds of the density; clusters in time are all one."""
    columns = answer.columns
    if answer.question.method == "st-dbscan":
        return np.full(len(answer), "hot95", dtype="<U6")
    if answer.question.method == "emerging":
        return emerging.patterns(answer)
    if "steady" in columns:
        return np.where(columns["steady"].astype(np.bool_), "same", columns["class"].astype(np.str_))
    if answer.question.method != "kde":
        return columns["class"].astype(np.str_)
    density = columns["density"].astype(np.float64)
    share = density / (density.max(initial=0) or 1)
    return np.select([share > 0.6, share > 0.3, share > 0.1], ["hot99", "hot95", "hot90"], "none")


def _shown(answer: Answer) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(_steps(answer) != "none", dtype=np.bool_)


def _ranked(answer: Answer, rows: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """What stands out most comes first: |z|, else density, else how many."""
    columns = answer.columns
    z = np.abs(np.nan_to_num(columns["z"].astype(np.float64)))
    value = columns["density"].astype(np.float64) if "density" in columns else np.where(z > 0, z, columns["n"])
    return rows[np.argsort(-value[rows], kind="stable")]


def _top(answer: Answer) -> list[dict[str, Any]]:
    """The hot cells that stand out most; without a test those that hold most. `lon, lat`: the middle."""
    hot = np.isin(_steps(answer), (*HOT, *emerging.CLASSES))
    rows = _ranked(answer, np.flatnonzero(hot))[:MOST_ROWS]
    if not len(rows):
        return []
    middles = shapely.centroid(_outlines(answer, rows))
    columns = answer.columns
    more = [name for name in ("name", "density", "rate", "first", "last", "pattern") if name in columns]
    return [
        {
            "id": str(columns["cell_id"][row]),
            "n": int(columns["n"][row]),
            "z": _number(columns["z"][row], 2),
            "p_fdr": _number(columns["p_fdr"][row], 6),
            "class": str(columns["class"][row]),
            "lon": round(float(middle.x), 6),
            "lat": round(float(middle.y), 6),
            **{name: _plain(columns[name][row]) for name in more},
        }
        for row, middle in zip(rows.tolist(), middles.tolist(), strict=True)
    ]


def _number(value: Any, digits: int = 3) -> float | None:
    number = float(value)
    return None if np.isnan(number) else round(number, digits)


def _plain(value: Any) -> Any:
    return _number(value) if isinstance(value, np.floating | float) else str(value)
