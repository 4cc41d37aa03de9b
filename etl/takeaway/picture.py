"""The incidents of a selection as a sheet to print, PNG or PDF: title, legend, scale, north arrow, source, filters."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap

import numpy as np
import shapely
from sqlalchemy import Connection

from district_boundaries.areas import AreaIndex
from etl.hotspots.sheet import frame, ground, scale_and_north
from etl.takeaway import incident_map
from etl.takeaway.selection import Found, Selection
from etl.takeaway.words import WORDS
from geo import crs
from incidents.reference import Reference

_INK, _QUIET = "#1b2733", "#5b6770"
_MARKS = {"tree": "^", "subsidence": "v", "construction": "s"}
"""Shapes beside the colours, so that a print without colours still tells them apart."""


def draw(  # noqa: PLR0917
    path: Path,
    connection: Connection,
    known: Reference,
    index: AreaIndex,
    selection: Selection,
    found: Found,
    *,
    lang: str = "vi",
) -> None:
    """Write the sheet, A4, by the ending of `path`."""
    from matplotlib.figure import Figure

    words = WORDS[lang]
    figure = Figure(figsize=(11.69, 8.27), facecolor="white")
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.02, 0.03, 0.66, 0.94))
    lonlat = np.array([(row.lon, row.lat) for row in found.rows], dtype=np.float64).reshape(-1, 2)
    x, y = crs.to_metres(lonlat[:, 0], lonlat[:, 1])
    box = incident_map.frame(selection, found, index)
    west, south = crs.to_metres(box.west, box.south)
    east, north = crs.to_metres(box.east, box.north)
    shapes = np.array([shapely.box(west, south, east, north)])
    if selection.area is None and selection.box is None and len(x):  # what was found, rather than all of the city
        shapes = np.array([shapely.Point(*xy) for xy in zip(x.tolist(), y.tolist(), strict=True)])
    frame(axes, shapes)
    ground(axes, connection)
    kinds = incident_map.kinds_of(found, known, lang, words)
    of = np.array([row.kind for row in found.rows])
    for kind in kinds:
        here = of == kind["code"]
        mark = _MARKS.get(kind["code"], "o")
        axes.scatter(
            x[here], y[here], s=16, c=kind["colour"], marker=mark, edgecolors="white", linewidths=0.4, zorder=5
        )
    scale_and_north(axes, lang)
    top = 0.95

    def say(text: str, size: float, colour: str = _INK, width: int = 54) -> None:
        nonlocal top
        for line in wrap(text, width) or [""]:
            figure.text(0.70, top, line, fontsize=size, color=colour, va="top")
            top -= size * 0.0026
        top -= 0.012

    say(words["title"], 15, width=30)
    say(incident_map.title(selection, words), 11, width=40)
    say(words["count"].format(n=incident_map.number(len(found.rows), lang)), 10)
    for kind in kinds:
        figure.text(
            0.715, top - 0.004, f"{kind['name']} · {incident_map.number(kind['n'], lang)}", fontsize=8, va="top"
        )
        legend = figure.add_axes((0.70, top - 0.022, 0.012, 0.018))
        legend.axis("off")
        legend.scatter([0], [0], s=20, c=kind["colour"], marker=_MARKS.get(kind["code"], "o"))
        top -= 0.024
    top -= 0.012
    if found.left_out:
        left = {"n": len(found.rows), "left": found.left_out}
        say(words["left_out"].format(**{k: incident_map.number(v, lang) for k, v in left.items()}), 8, "#7a4a00")
    if any(row.demo for row in found.rows):
        say(words["demo"], 8, "#7a4a00")
    say(incident_map.filters(selection, known, lang, words), 8, _QUIET)
    say(f"{words['made'].format(at=incident_map.moment(found.at))} · EPSG:9210", 7, _QUIET)
    say(words["source"], 7, _QUIET)
    figure.savefig(path, dpi=200, metadata={"Title": words["title"]})
