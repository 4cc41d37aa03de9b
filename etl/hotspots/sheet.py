"""What a printed sheet is made of: the ground under it, a scale, a north arrow, and the words down its right side."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from sqlalchemy import Connection

from database.sql import queries
from etl.hotspots.answer import Warning_
from etl.hotspots.legend import Entry
from etl.hotspots.reading import number
from geo import crs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Q = queries(Path(__file__).with_name("picture.sql"))

INK, QUIET, CAUTION = "#1b2733", "#5b6770", "#7a4a00"
_WATER, _ROAD = "#c3d7e3", "#c9c6bd"
SOURCE = (
    "Nguồn: 1022; đường và sông © Những người đóng góp OpenStreetMap (ODbL)",
    "Source: 1022; roads and rivers © OpenStreetMap contributors (ODbL)",
)
DEMO = ("Dữ liệu minh hoạ. ", "Demo data. ")
_LEFT, _RIGHT, _LOWEST = 0.70, 0.97, 0.02


def blank() -> Figure:
    """An A4 sheet, landscape. Not pyplot's: its figures belong to the process, and this may run in several threads."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.69, 8.27), facecolor="white")
    figure.set_layout_engine("none")
    return figure


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


def source(warnings: Iterable[Warning_], lang: str) -> str:
    """Whose data these are; whether they are real is never left out for want of room."""
    k = 0 if lang == "vi" else 1
    return (DEMO[k] if any(each.code == "demo" for each in warnings) else "") + SOURCE[k]


def scale_and_north(axes: Axes, lang: str) -> None:
    """A bar of a round length, and an arrow."""
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    length = 10 ** np.floor(np.log10((east - west) / 3))
    length *= max(step for step in (1, 2, 5) if step * length <= (east - west) / 3)
    x, y = west + (east - west) * 0.04, south + (north - south) * 0.04
    axes.plot([x, x + length], [y, y], color=INK, linewidth=2.5, solid_capstyle="butt", zorder=8)
    text = f"{number(length / 1000, lang, 0 if length >= 1000 else 1)} km"
    axes.text(x, y + (north - south) * 0.012, text, fontsize=8, color=INK, zorder=8)
    top = (x + (east - west) * 0.02, north - (north - south) * 0.04)
    axes.annotate(
        "B" if lang == "vi" else "N", xy=top, xytext=(top[0], top[1] - (north - south) * 0.07), ha="center",
        fontsize=10, color=INK, arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.5}, zorder=8,
    )  # fmt: skip


class Margin:
    """The right side of a sheet, from the top down. What finds no room is left out, and never drawn over the edge."""

    def __init__(self, figure: Figure, y: float = 0.95) -> None:
        self.figure, self.y, self.lowest = figure, y, _LOWEST

    def foot(self, paragraphs: Iterable[str], size: float = 7, *, width: int = 60) -> None:
        """What stands at the very bottom, whatever else finds room: parameters, moment, source."""
        lines = [line for text in paragraphs for line in wrap(text, width)]
        for line in reversed(lines):
            self.figure.text(_LEFT, self.lowest, line, fontsize=size, color=QUIET, va="bottom")
            self.lowest += size * 0.0026
        self.lowest += 0.008

    def say(self, text: str, size: float, colour: str = INK, *, bold: bool = False, width: int = 44) -> None:
        """A paragraph: all of it, or nothing where it does not fit."""
        lines = wrap(text, width) or [""]
        if self.y - size * 0.0026 * len(lines) < self.lowest:
            return
        for line in lines:
            weight = "bold" if bold else "normal"
            self.figure.text(_LEFT, self.y, line, fontsize=size, color=colour, va="top", fontweight=weight)
            self.y -= size * 0.0026
        self.y -= 0.012

    def legend(self, entries: Iterable[tuple[Entry, str]], lang: str) -> None:
        """A swatch, its words and a figure on each line."""
        from matplotlib.patches import Rectangle

        for entry, figure in entries:
            self.figure.add_artist(
                Rectangle(
                    (_LEFT, self.y - 0.018), 0.018, 0.016, fc=entry.colour, ec=entry.outline or "#8a949c",
                    lw=1.2 if entry.outline else 0.4,
                )
            )  # fmt: skip
            self.figure.text(_LEFT + 0.025, self.y - 0.004, entry.words(lang), fontsize=8, va="top", color=INK)
            self.figure.text(0.95, self.y - 0.004, figure, fontsize=8, va="top", ha="right", color=INK)
            self.y -= 0.026
        self.y -= 0.012
