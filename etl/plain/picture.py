"""A plain answer as a sheet, PNG or PDF: a map of its places or areas, or bars where it has none; reading, rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import Connection

from database.clock import local
from etl.hotspots import sheet
from etl.hotspots.reading import number
from etl.hotspots.subject import subject
from etl.plain import legend
from etl.plain.answer import PlainAnswer
from etl.plain.page import classes
from etl.plain.reading import percent, read, title
from geo import crs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROWS, _BARS = 6, 24
_AFTER, _BEFORE = "#30455a", "#a9b4bf"


def draw(path: Path, answer: PlainAnswer, connection: Connection, lang: str) -> None:
    """Write the sheet, A4, by the ending of `path`."""
    figure = sheet.blank()
    if answer.geometry is not None:
        axes = figure.add_axes((0.02, 0.03, 0.66, 0.94))
        _map(axes, answer, connection)
        sheet.scale_and_north(axes, lang)
    else:
        _ranked(figure.add_axes((0.26, 0.07, 0.40, 0.86)), answer, lang)
    _margin(figure, answer, lang, subject(connection, answer.question, lang))
    figure.savefig(path, dpi=200, metadata={"Title": title(answer, "vi")})


def _map(axes: Axes, answer: PlainAnswer, connection: Connection) -> None:
    assert answer.geometry is not None
    shapes = shapely.transform(answer.geometry, lambda c: np.column_stack(crs.to_metres(*c.T)))
    some = _some(answer)
    sheet.frame(axes, shapes[some] if some.any() else shapes)
    sheet.ground(axes, connection)
    colours = {each.name: each.colour for each in legend.entries(answer, "vi")}
    kinds = classes(answer)
    if answer.plain.kind == "repeats":
        n = answer.columns["n"].astype(float)
        axes.scatter(
            shapely.get_x(shapes), shapely.get_y(shapes), s=22 * n, c=legend.SPOT.colour, alpha=0.75,
            edgecolors="white", linewidths=0.5, zorder=5,
        )  # fmt: skip
        return
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgba

    rings, fills = [], []
    for shape, kind in zip(shapes[some], kinds[some].tolist(), strict=True):
        for part in shapely.get_parts(shape):
            rings.append(shapely.get_coordinates(shapely.get_exterior_ring(part)))
            fills.append(to_rgba(colours.get(kind, "#ffffff"), 0.25 if kind in ("none", "few") else 0.72))
    axes.add_collection(PolyCollection(rings, facecolors=fills, edgecolors="#6b7684", linewidths=0.4, zorder=4))


def _some(answer: PlainAnswer) -> np.ndarray:
    """Rows of groups that have any, bool[n]."""
    if answer.plain.kind == "repeats":
        return np.ones(len(answer), dtype=bool)
    n = answer.columns["n"] if answer.plain.kind == "closing" else answer.columns["before"] + answer.columns["after"]
    return np.asarray(n > 0)


def _ranked(axes: Axes, answer: PlainAnswer, lang: str) -> None:
    """Bars, where there is no map to draw: medians of those that can be judged, or both counts."""
    columns = answer.columns
    names = columns["name_en"] if lang == "en" and "name_en" in columns else columns["name"]
    chosen = np.flatnonzero(_some(answer) & ((columns["few"] == 0) if answer.plain.kind == "closing" else True))[:_BARS]
    place = np.arange(len(chosen))
    vi = lang == "vi"
    if answer.plain.kind == "closing":
        plain, whole = columns["median_days"][chosen], columns["km_median_days"][chosen]
        words = ("trung vị số đã xong", "Kaplan–Meier, tính cả đang mở")
        if not vi:
            words = ("median of the closed", "Kaplan–Meier, open ones too")
        axes.barh(place - 0.2, plain, 0.38, color=_BEFORE, label=words[0])
        axes.barh(place + 0.2, whole, 0.38, color=_AFTER, label=words[1])
        axes.set_xlabel("ngày" if vi else "days", fontsize=8)
    else:
        axes.barh(place - 0.2, columns["before"][chosen], 0.38, color=_BEFORE, label="trước" if vi else "before")
        axes.barh(place + 0.2, columns["after"][chosen], 0.38, color=_AFTER, label="sau" if vi else "after")
        axes.set_xlabel("sự cố" if vi else "incidents", fontsize=8)
    axes.set_yticks(place, [_short(str(each)) for each in names[chosen]], fontsize=7)
    axes.invert_yaxis()
    axes.tick_params(axis="x", labelsize=7)
    axes.legend(fontsize=7, loc="lower right", frameon=False)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _short(name: str) -> str:
    return name if len(name) <= 44 else f"{name[:42]}…"


def _margin(figure: Figure, answer: PlainAnswer, lang: str, asked_for: str) -> None:
    k = 0 if lang == "vi" else 1
    told, said = read(answer, lang), sheet.Margin(figure)
    asked = ", ".join(f"{name}={value}" for name, value in answer.parameters().items())
    system = "EPSG:9210 · " if answer.geometry is not None else ""
    moment = f"{system}{local(answer.at):%d/%m/%Y %H:%M}"
    said.foot([("Tham số: ", "Parameters: ")[k] + asked, moment, sheet.source(answer.warnings, lang)])
    said.say(title(answer, lang), 15, bold=True, width=30)
    said.say(asked_for, 8.5, width=50)
    said.say(told.sentence, 10)
    if answer.plain.kind == "change":
        _chart(figure, answer, lang, said.y)
        said.y -= 0.17
    if answer.geometry is not None:
        many = legend.counts(answer)
        said.legend([(each, number(many.get(each.name, 0), lang)) for each in legend.entries(answer, lang)], lang)
    for row in _lines(answer, lang):
        said.say(row, 8, width=54)
    said.say(told.rows, 8, sheet.QUIET, width=54)
    for caution in told.cautions:
        said.say(("Lưu ý. ", "Note. ")[k] + caution, 7, sheet.CAUTION, width=62)
    said.say(told.chance, 7, sheet.QUIET, width=62)


def _lines(answer: PlainAnswer, lang: str) -> list[str]:
    """The first rows, a line each."""
    columns = answer.columns
    vi = lang == "vi"
    rows = np.flatnonzero(_some(answer))[:_ROWS].tolist()
    if answer.plain.kind == "repeats":
        return [
            f"{columns['n'][row]} × {columns['street'][row] or columns['ward'][row]}, {columns['ward'][row]}"
            f" · {number(columns['mean_gap_days'][row], lang, 0)} {'ngày một lần' if vi else 'days apart'}"
            for row in rows
        ]
    names: Any = columns["name_en"] if not vi and "name_en" in columns else columns["name"]
    if answer.plain.kind == "closing":
        judged = [row for row in rows if not columns["few"][row]]
        return [
            f"{names[row]}: {_number(columns['km_median_days'][row], lang)} {'ngày' if vi else 'days'}"
            f" ({columns['closed'][row]} + {columns['open'][row]} {'đang mở' if vi else 'open'})"
            for row in judged
        ]
    return [
        f"{names[row]}: {number(columns['before'][row], lang)} → {number(columns['after'][row], lang)}"
        f" ({percent(float(columns['ratio'][row]), lang)})"
        for row in rows
    ]


def _number(value: float, lang: str) -> str:
    return number(float(value), lang, 1) if np.isfinite(value) else {"vi": "chưa tới nửa", "en": "not half done"}[lang]


def _chart(figure: Figure, answer: PlainAnswer, lang: str, top: float) -> None:
    """How many a day, in time, and the date marked."""
    bars = answer.more["bars"]
    axes = figure.add_axes((0.74, top - 0.145, 0.22, 0.12))
    start = np.cumsum([0, *(bar["days"] for bar in bars[:-1])])
    colours = [_AFTER if bar["after"] else _BEFORE for bar in bars]
    axes.bar(start, [bar["per_day"] for bar in bars], [bar["days"] * 0.92 for bar in bars], align="edge", color=colours)
    axes.axvline(answer.more["days"], color=sheet.INK, linewidth=1, linestyle=(0, (3, 2)))
    assert answer.plain.date is not None
    axes.set_title(f"{local(answer.plain.date):%d/%m/%Y}", fontsize=7, color=sheet.INK, pad=3)
    axes.set_ylabel("vụ/ngày" if lang == "vi" else "a day", fontsize=7)
    axes.tick_params(labelsize=6)
    axes.set_xticks([])
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
