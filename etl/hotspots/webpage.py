"""An answer as one HTML file: the cells over our own ground, their figures on a click, legend, reading, caution."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import folium
import numpy as np
import shapely
from sqlalchemy import Connection

from database.clock import local
from etl.hotspots import qgis
from etl.hotspots.answer import Answer
from etl.hotspots.picture import COLOURED, ENGLISH, METHODS, worth_showing
from etl.hotspots.reading import number, read
from etl.takeaway import basemap
from etl.takeaway.page import Raw, page
from etl.takeaway.words import WORDS
from incidents.public import Box

HERE = Path(__file__).parent
MOST_CELLS = 20_000
"""Cells of one file, about 6 MB; a map of more says so and shows those with the most in them."""


def write(path: Path, answer: Answer, connection: Connection, lang: str) -> None:
    """Write the page to `path`."""
    chosen = np.flatnonzero(worth_showing(answer))
    left = max(0, len(chosen) - MOST_CELLS)
    if left:
        chosen = chosen[np.argsort(-answer.columns["n"][chosen].astype(np.int64), kind="stable")[:MOST_CELLS]]
    outlines = answer.outlines()
    bounds = shapely.bounds(outlines[chosen] if len(chosen) else outlines)
    west, south = np.percentile(bounds[:, :2], 3, axis=0) if len(bounds) else (106.36, 10.37)
    east, north = np.percentile(bounds[:, 2:], 97, axis=0) if len(bounds) else (107.03, 11.16)
    box = Box(west=float(west), south=float(south), east=float(east), north=float(north))
    map_ = folium.Map(tiles=None, prefer_canvas=True, zoom_snap=0.25, max_zoom=19, min_zoom=8)
    map_.fit_bounds([[box.south, box.west], [box.north, box.east]])
    basemap.lay(map_, connection, box, WORDS[lang])
    title = METHODS[answer.question.method][0 if lang == "vi" else 1]
    cells = folium.FeatureGroup(name=title)
    _features(answer, outlines, chosen, lang).add_to(cells)
    cells.add_to(map_)
    for place in answer.clusters:
        label = f"<b>{place.letter}</b> {html.escape(place.name)}"
        folium.Marker(
            (place.lat, place.lon), icon=folium.DivIcon(html=f'<span class="place">{label}</span>', icon_size=(0, 0))
        ).add_to(cells)
    folium.LayerControl(collapsed=True, position="topright").add_to(map_)
    root: Any = map_.get_root()
    root.html.add_child(Raw(_panel(answer, title, left, lang)), name="panel")
    styles = (HERE.parent / "takeaway" / "incidents.css").read_text(encoding="utf-8")
    styles += (HERE / "webpage.css").read_text(encoding="utf-8") + _colours()
    path.write_text(page(map_, title=f"{title} – 1022", lang=lang, styles=styles), encoding="utf-8")


def _features(answer: Answer, outlines: np.ndarray, chosen: np.ndarray, lang: str) -> folium.GeoJson:
    names = [name for name in answer.columns if name != "cell_id"]
    rows = [
        {
            "type": "Feature",
            "geometry": {
                "type": "Polygon",
                "coordinates": [np.round(shapely.get_coordinates(outlines[row]), 6).tolist()],
            },
            "properties": {
                "cell_id": str(answer.columns["cell_id"][row]),
                **{name: _word(answer.columns[name][row], lang) for name in names},
                "colour": _colour(answer, row),
            },
        }
        for row in chosen.tolist()
    ]
    fields = ["cell_id", *names]
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": rows},
        style_function=lambda feature: {
            "fillColor": feature["properties"]["colour"], "color": "#ffffff", "weight": 0.5, "fillOpacity": 0.7,
        },
        popup=folium.GeoJsonPopup(fields=fields) if rows else None,
    )  # fmt: skip


def _word(value: Any, lang: str) -> str:
    if isinstance(value, np.floating | float):
        return "" if np.isnan(value) else number(float(value), lang, 3)
    return str(value)


def _colour(answer: Answer, row: int) -> str:
    if answer.question.method in COLOURED:
        return qgis.COLOURS[str(answer.columns["class"][row])]
    if answer.question.method == "kde":
        most = float(answer.columns["density"].astype(float).max(initial=0)) or 1.0
        step = float(answer.columns["density"][row]) / most
        return qgis.COLOURS["hot99" if step > 0.6 else "hot95" if step > 0.25 else "hot90"]
    return qgis.COLOURS["hot95"]


def _panel(answer: Answer, title: str, left: int, lang: str) -> str:
    told = read(answer, lang)
    vi = lang == "vi"
    rows = ""
    if answer.question.method in COLOURED:
        rows = "".join(
            f'<li><i class="swatch {name}"></i>{html.escape(qgis.LABELS[name] if vi else ENGLISH[name])} '
            f"<b>{number(count, lang)}</b></li>"
            for name, count in answer.classes().items()
        )
    cautions = "".join(f"<p class=caution>{html.escape(each)}</p>" for each in told.cautions)
    more = ("{n} ô khác không nằm trong tệp." if vi else "{n} more cells are not in this file.").format(
        n=number(left, lang)
    )
    asked = ", ".join(f"{name}={value}" for name, value in answer.question.parameters().items()) or "—"
    return (
        f'<section class="taken reading" aria-label="{html.escape(title)}"><details open><summary>{html.escape(title)}'
        f"</summary><p class=sentence>{html.escape(told.sentence)}</p><p>{html.escape(told.chance)}</p><ul>{rows}</ul>"
        f"{cautions}<p>{html.escape(told.rows)}{' ' + html.escape(more) if left else ''}</p>"
        f"<p>{'Tham số' if vi else 'Parameters'}: {html.escape(asked)} · {local(answer.at):%d/%m/%Y %H:%M}</p>"
        f"<p>{html.escape(WORDS[lang]['source'])}</p></details></section>"
    )


def _colours() -> str:
    return "".join(f".swatch.{name} {{ background: {colour}; }}\n" for name, colour in qgis.COLOURS.items())
