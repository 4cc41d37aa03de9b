"""An answer as a picture: PNG and PDF with title, legend, scale, north arrow, source, parameters; HTML by `webpage`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely
from sqlalchemy import Connection

from database.clock import local
from database.sql import queries
from etl.hotspots import qgis
from etl.hotspots.answer import COLD, HOT, Answer
from etl.hotspots.reading import number, read
from geo import crs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Q = queries(Path(__file__).with_name("picture.sql"))

_INK, _QUIET, _WATER, _ROAD = "#1b2733", "#5b6770", "#c3d7e3", "#c9c6bd"
_LETTERS = 8
COLOURED = ("gi-star", "local-moran")
"""The methods whose cells are coloured by class."""
METHODS = {
    "gi-star": ("Điểm nóng (Gi*)", "Hot spots (Gi*)"), "local-moran": ("Moran cục bộ", "Local Moran's I"),
    "kde": ("Mật độ", "Kernel density"), "st-dbscan": ("Cụm không gian, thời gian", "Clusters in space and time"),
    "emerging": ("Điểm nóng mới nổi", "Emerging hot spots"),
}  # fmt: skip
ENGLISH = {
    "hot99": "99% hot", "hot95": "95% hot", "hot90": "90% hot", "none": "not significant",
    "cold90": "90% cold", "cold95": "95% cold", "cold99": "99% cold",
}  # fmt: skip


def _draw(path: Path, answer: Answer, connection: Connection, lang: str) -> None:
    # Not pyplot: its figures belong to the process, and this may run in several threads.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.69, 8.27), facecolor="white")  # A4, landscape
    figure.set_layout_engine("none")
    axes = figure.add_axes((0.02, 0.03, 0.66, 0.94))
    cells = shapely.transform(answer.outlines(), lambda c: np.column_stack(crs.to_metres(*c.T)))
    shown = worth_showing(answer)
    frame(axes, cells[shown] if shown.any() else cells)
    ground(axes, connection)
    _cells(axes, answer, cells, shown)
    for place in answer.clusters[:_LETTERS]:
        x, y = crs.to_metres(place.lon, place.lat)
        axes.annotate(
            place.letter, (float(x), float(y)), fontsize=6.5, color="white", zorder=9,
            bbox={"boxstyle": "round,pad=0.25", "fc": _INK, "ec": "none"}, xytext=(4, 4), textcoords="offset points",
        )  # fmt: skip
    scale_and_north(axes, lang)
    _margin(figure, answer, lang)
    figure.savefig(path, dpi=200, metadata={"Title": METHODS[answer.question.method][0]})


def worth_showing(answer: Answer) -> np.ndarray:
    """Which cells a map shows, bool[n]: not the thousands in which nothing was found."""
    if answer.question.method == "kde":
        per_km2 = answer.columns["density"].astype(float)
        return np.asarray(per_km2 > 0.02 * per_km2.max(initial=0))
    if answer.question.method == "st-dbscan":
        return np.ones(len(answer), dtype=bool)
    if answer.question.method == "emerging":
        return np.asarray(answer.columns["pattern"] != "none")
    return np.asarray(answer.columns["class"] != "none")


def frame(axes: Axes, cells: np.ndarray) -> None:
    """Open the map on what is shown (shapes in metres, EPSG:9210)."""
    west, south, east, north = 560_000.0, 1_150_000.0, 640_000.0, 1_230_000.0
    if len(cells):
        # Where nearly all of it is: a lone cell on an island must not shrink the town to a stamp.
        bounds = shapely.bounds(cells)
        west, south = np.percentile(bounds[:, :2], 3, axis=0)
        east, north = np.percentile(bounds[:, 2:], 97, axis=0)
    middle, half = ((west + east) / 2, (south + north) / 2), max(east - west, north - south, 4_000) * 0.56
    axes.set_xlim(middle[0] - half, middle[0] + half)
    axes.set_ylim(middle[1] - half, middle[1] + half)
    axes.set_aspect("equal", adjustable="box")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("#f3f1ec")
    for side in axes.spines.values():
        side.set_color("#8a949c")


def ground(axes: Axes, connection: Connection) -> None:
    """Water, larger roads and the borders of wards, so that a reader knows where he is."""
    from matplotlib.collections import LineCollection, PolyCollection

    axes.figure.canvas.draw()  # the aspect settles what is seen
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    (lon0, lon1), (lat0, lat1) = crs.from_metres([west, east], [south, north])
    wide = east - west > 25_000
    rows = connection.execute(
        Q["ground"],
        {"west": lon0, "south": lat0, "east": lon1, "north": lat1, "wide": wide, "tolerance": (east - west) / 2500},
    ).all()
    mercator = pyproj.Transformer.from_crs(3857, crs.METRES, always_xy=True)
    for layer, colour, width in (("water", _WATER, 0), ("roads", _ROAD, 0.5), ("ward_lines", "#9a8fb5", 0.5)):
        found = shapely.from_wkb([row.geometry for row in rows if row.layer == layer])
        parts = shapely.get_parts(shapely.transform(found, lambda c: np.column_stack(mercator.transform(*c.T))))
        if layer == "water":
            rings = [shapely.get_coordinates(each) for each in shapely.get_exterior_ring(parts) if each is not None]
            axes.add_collection(PolyCollection(rings, facecolors=colour, edgecolors="none", zorder=1))
        else:
            lines = [shapely.get_coordinates(each) for each in parts]
            axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=2))


def _cells(axes: Axes, answer: Answer, cells: np.ndarray, shown: np.ndarray) -> None:
    from matplotlib import colormaps
    from matplotlib.collections import PolyCollection

    rings = [shapely.get_coordinates(each) for each in cells[shown]]
    if answer.question.method == "kde":
        per_km2 = answer.columns["density"].astype(float)[shown]
        colours: Any = colormaps["YlOrRd"](np.sqrt(per_km2 / max(per_km2.max(initial=0), 1e-9)))
    elif answer.question.method in ("st-dbscan", "emerging"):
        colours = qgis.COLOURS["hot95"]
    else:
        colours = [qgis.COLOURS[name] for name in answer.columns["class"][shown]]
    axes.add_collection(
        PolyCollection(rings, facecolors=colours, edgecolors="white", linewidths=0.2, alpha=0.75, zorder=4)
    )


def scale_and_north(axes: Axes, lang: str) -> None:
    """A bar of a round length, and an arrow."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    length = 10 ** np.floor(np.log10((east - west) / 3))
    length *= max(step for step in (1, 2, 5) if step * length <= (east - west) / 3)
    x, y = west + (east - west) * 0.04, south + (north - south) * 0.04
    axes.plot([x, x + length], [y, y], color=_INK, linewidth=2.5, solid_capstyle="butt", zorder=8)
    text = f"{number(length / 1000, lang, 0 if length >= 1000 else 1)} km"
    axes.text(x, y + (north - south) * 0.012, text, fontsize=8, color=_INK, zorder=8)
    top = (x + (east - west) * 0.02, north - (north - south) * 0.04)
    axes.annotate(
        "B" if lang == "vi" else "N", xy=top, xytext=(top[0], top[1] - (north - south) * 0.07), ha="center",
        fontsize=10, color=_INK, arrowprops={"arrowstyle": "-|>", "color": _INK, "lw": 1.5}, zorder=8,
    )  # fmt: skip


def _margin(figure: Figure, answer: Answer, lang: str) -> None:
    """Title, reading, legend, parameters, source, down the right side."""
    from textwrap import wrap

    k = 0 if lang == "vi" else 1
    told = read(answer, lang)
    y = 0.95

    def say(text: str, size: float, colour: str = _INK, *, bold: bool = False, width: int = 44) -> None:
        nonlocal y
        for line in wrap(text, width) or [""]:
            figure.text(0.70, y, line, fontsize=size, color=colour, va="top", fontweight="bold" if bold else "normal")
            y -= size * 0.0026
        y -= 0.012

    say(METHODS[answer.question.method][k], 15, bold=True, width=30)
    say(told.sentence, 10)
    say(told.chance, 8, _QUIET, width=54)
    y -= 0.01
    if answer.question.method in COLOURED:
        from matplotlib.patches import Rectangle

        for name, count in answer.classes().items():
            if count or name in (*HOT, "none") or name in COLD:
                figure.add_artist(
                    Rectangle((0.70, y - 0.018), 0.018, 0.016, fc=qgis.COLOURS[name], ec="#8a949c", lw=0.4)
                )
                label = qgis.LABELS[name] if k == 0 else ENGLISH[name]
                figure.text(0.725, y - 0.004, label, fontsize=8, va="top", color=_INK)
                figure.text(0.95, y - 0.004, number(count, lang), fontsize=8, va="top", ha="right", color=_INK)
                y -= 0.026
        y -= 0.012
    for place in answer.clusters[:_LETTERS]:
        say(f"{place.letter}  {place.name}, {place.ward} · {number(place.n, lang)}", 8, width=54)
    for caution in told.cautions:
        say(("Lưu ý. ", "Note. ")[k] + caution, 8, "#7a4a00", width=54)
    say(told.rows, 8, _QUIET, width=54)
    asked = ", ".join(f"{name}={value}" for name, value in answer.question.parameters().items()) or "—"
    say(("Tham số: ", "Parameters: ")[k] + asked, 7, _QUIET, width=60)
    at = local(answer.at)
    say(f"EPSG:9210 · {at:%d/%m/%Y %H:%M}", 7, _QUIET, width=60)
    say(
        ("Nguồn: 1022; đường và sông © Những người đóng góp OpenStreetMap (ODbL)",
         "Source: 1022; roads and rivers © OpenStreetMap contributors (ODbL)")[k], 7, _QUIET, width=60,
    )  # fmt: skip


def _page(path: Path, answer: Answer, connection: Connection, lang: str) -> None:
    from etl.hotspots import webpage

    webpage.write(path, answer, connection, lang)


DRAWERS: dict[str, Callable[[Path, Answer, Connection, str], None]] = {"html": _page, "png": _draw, "pdf": _draw}
