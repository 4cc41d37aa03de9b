"""An answer as a picture: PNG and PDF with title, legend, scale, north arrow, source, parameters; HTML by `webpage`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import Connection

from database.clock import local
from etl.hotspots import legend, sheet
from etl.hotspots.answer import Answer, Cluster
from etl.hotspots.reading import beside, number, read
from etl.hotspots.subject import subject
from geo import crs

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path as MplPath

_LETTERS = 8
METHODS = {
    "gi-star": ("Điểm nóng (Gi*)", "Hot spots (Gi*)"), "local-moran": ("Moran cục bộ", "Local Moran's I"),
    "kde": ("Mật độ", "Kernel density"), "st-dbscan": ("Cụm không gian, thời gian", "Clusters in space and time"),
    "emerging": ("Điểm nóng mới nổi", "Emerging hot spots"),
}  # fmt: skip
COMPARISONS = {
    "spans": ("Sau so với trước", "After against before"),
    "categories": ("Hai loại so với nhau", "Two kinds against each other"),
}


def _draw(path: Path, answer: Answer, connection: Connection, lang: str) -> None:
    figure = sheet.blank()
    axes = figure.add_axes((0.02, 0.03, 0.66, 0.94))
    cells = shapely.transform(answer.outlines(), lambda c: np.column_stack(crs.to_metres(*c.T)))
    shown = worth_showing(answer)
    sheet.frame(axes, cells[shown] if shown.any() else cells)
    sheet.ground(axes, connection)
    _cells(axes, answer, cells, shown)
    for place in answer.clusters[:_LETTERS]:
        x, y = crs.to_metres(place.lon, place.lat)
        axes.annotate(
            place.letter, (float(x), float(y)), fontsize=6.5, color="white", zorder=9,
            bbox={"boxstyle": "round,pad=0.25", "fc": sheet.INK, "ec": "none"}, xytext=(4, 4),
            textcoords="offset points", clip_on=True, annotation_clip=True,
        )  # fmt: skip
    sheet.scale_and_north(axes, lang)
    beyond = {place.letter for place in answer.clusters if not _inside(axes, place)}
    _margin(figure, answer, lang, subject(connection, answer.question, lang, answer.compared), beyond)
    figure.savefig(path, dpi=200, metadata={"Title": title(answer, "vi")})


def worth_showing(answer: Answer) -> np.ndarray:
    """Which cells a map shows, bool[n]: not the thousands in which nothing was found."""
    if answer.question.method == "kde":
        per_km2 = answer.columns["density"].astype(float)
        return np.asarray(per_km2 > 0.02 * per_km2.max(initial=0))
    if answer.question.method == "st-dbscan":
        return np.ones(len(answer), dtype=bool)
    return np.asarray(legend.steps(answer) != "none")


def _cells(axes: Axes, answer: Answer, cells: np.ndarray, shown: np.ndarray) -> None:
    from matplotlib import colormaps
    from matplotlib.collections import PathCollection, PolyCollection

    edges: Any = "white"
    if answer.question.method == "kde":
        per_km2 = answer.columns["density"].astype(float)[shown]
        colours: Any = colormaps["YlOrRd"](np.sqrt(per_km2 / max(per_km2.max(initial=0), 1e-9)))
    else:
        entries = {each.name: each for each in legend.of(answer).entries}
        drawn = [entries[each] for each in legend.steps(answer)[shown].tolist()]
        colours = [each.colour for each in drawn]
        edges = [each.outline or "white" for each in drawn]
    kind: Any = PathCollection if answer.question.cells else PolyCollection
    shapes = [_path(each) if answer.question.cells else shapely.get_coordinates(each) for each in cells[shown]]
    axes.add_collection(kind(shapes, facecolors=colours, edgecolors=edges, linewidths=0.3, alpha=0.75, zorder=4))


def _path(area: shapely.Geometry) -> MplPath:
    """An area with its parts and holes; normal form has rings and holes turn against each other."""
    from matplotlib.path import Path as Outline

    rings = shapely.get_rings(shapely.get_parts(shapely.normalize(area)))
    return Outline.make_compound_path(*(Outline(shapely.get_coordinates(ring)) for ring in rings))


def _inside(axes: Axes, place: Cluster) -> bool:
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    x, y = crs.to_metres(place.lon, place.lat)
    return bool(west <= x <= east and south <= y <= north)


def _margin(figure: Figure, answer: Answer, lang: str, asked_for: str, beyond: set[str]) -> None:
    """Title, reading, legend, parameters, source, down the right side. `beyond`: places outside of the map's frame."""
    k = 0 if lang == "vi" else 1
    told, said = read(answer, lang), sheet.Margin(figure)
    asked = ", ".join(f"{name}={value}" for name, value in {**answer.question.parameters(), **answer.compared}.items())
    parameters = ("Tham số: ", "Parameters: ")[k] + (asked or "—")
    said.foot([parameters, f"EPSG:9210 · {local(answer.at):%d/%m/%Y %H:%M}", sheet.source(answer.warnings, lang)])
    said.say(title(answer, lang), 15, bold=True, width=30)
    said.say(asked_for, 8.5, width=50)
    said.say(told.sentence, 10)
    said.say(told.chance, 8, sheet.QUIET, width=54)
    drawn = legend.of(answer)
    said.legend([(each, number(drawn.count(each), lang)) for each in drawn.entries], lang)
    outside = (" (ngoài hình)", " (outside of the map)")[k]
    for place in answer.clusters[:_LETTERS]:
        away = outside if place.letter in beyond else ""
        said.say(f"{place.letter}  {_called(place, answer, lang)} · {number(place.n, lang)}{away}", 8, width=54)
    for caution in told.cautions:
        said.say(("Lưu ý. ", "Note. ")[k] + caution, 8, sheet.CAUTION, width=54)
    said.say(told.rows, 8, sheet.QUIET, width=54)


def _called(place: Cluster, answer: Answer, lang: str) -> str:
    more = beside(place.cells, answer.question, lang)
    return f"{place.name} {more}" if more else ", ".join(dict.fromkeys(filter(None, (place.name, place.ward))))


def title(answer: Answer, lang: str) -> str:
    """What the answer is, as a heading."""
    k = 0 if lang == "vi" else 1
    if not answer.compared:
        return METHODS[answer.question.method][k]
    return COMPARISONS[answer.compared.get("compare", "spans")][k]


def _page(path: Path, answer: Answer, connection: Connection, lang: str) -> None:
    from etl.hotspots import webpage

    webpage.write(path, answer, connection, lang)


DRAWERS: dict[str, Callable[[Path, Answer, Connection, str], None]] = {"html": _page, "png": _draw, "pdf": _draw}
