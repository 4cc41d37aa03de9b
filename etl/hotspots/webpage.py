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
from etl.hotspots import legend
from etl.hotspots.answer import Answer
from etl.hotspots.legend import COLOURS
from etl.hotspots.outlines import geojson, simpler
from etl.hotspots.picture import title as title_of
from etl.hotspots.picture import worth_showing
from etl.hotspots.reading import beside, number, read
from etl.hotspots.subject import subject
from etl.takeaway import basemap
from etl.takeaway.page import Raw, page
from etl.takeaway.words import WORDS

HERE = Path(__file__).parent
MOST_CELLS = 20_000
"""Cells of one file, about 6 MB; a map of more says so and shows those with the most in them."""


def write(path: Path, answer: Answer, connection: Connection, lang: str) -> None:
    """Write the page to `path`."""
    chosen = np.flatnonzero(worth_showing(answer))
    left = max(0, len(chosen) - MOST_CELLS)
    if left:
        chosen = chosen[np.argsort(-answer.columns["n"][chosen].astype(np.int64), kind="stable")[:MOST_CELLS]]
    outlines = simpler(answer.outlines())
    map_ = basemap.around(shapely.bounds(outlines[chosen] if len(chosen) else outlines), connection, WORDS[lang])
    title, asked_for = title_of(answer, lang), subject(connection, answer.question, lang, answer.compared)
    cells = folium.FeatureGroup(name=title)
    _features(answer, outlines, chosen, lang).add_to(cells)
    cells.add_to(map_)
    for place in answer.clusters:
        more = beside(place.cells, answer.question, lang)
        label = f"<b>{place.letter}</b> {html.escape(f'{place.name} {more}'.strip())}"
        folium.Marker(
            (place.lat, place.lon), icon=folium.DivIcon(html=f'<span class="place">{label}</span>', icon_size=(0, 0))
        ).add_to(cells)
    folium.LayerControl(collapsed=True, position="topright").add_to(map_)
    root: Any = map_.get_root()
    root.html.add_child(Raw(_panel(answer, title, asked_for, left, lang)), name="panel")
    styles = (HERE.parent / "takeaway" / "incidents.css").read_text(encoding="utf-8")
    styles += (HERE / "webpage.css").read_text(encoding="utf-8") + _colours(legend.of(answer))
    path.write_text(page(map_, title=f"{title} – 1022", lang=lang, styles=styles), encoding="utf-8")


def _features(answer: Answer, outlines: np.ndarray, chosen: np.ndarray, lang: str) -> folium.GeoJson:
    names = [name for name in answer.columns if name not in ("cell_id", "steady")]
    drawn = legend.of(answer)
    columns = dict(answer.columns) | ({"class": drawn.steps} if answer.compared else {})
    rows = [
        {
            "type": "Feature",
            "geometry": geojson(outlines[row], 6),
            "properties": {
                "cell_id": str(answer.columns["cell_id"][row]),
                **{name: _word(columns[name][row], lang) for name in names},
                **dict(zip(("colour", "edge"), _colour(answer, drawn, row), strict=True)),
            },
        }
        for row in chosen.tolist()
    ]
    fields = ["cell_id", *names]
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": rows},
        style_function=lambda feature: {
            "fillColor": feature["properties"]["colour"], "color": feature["properties"]["edge"], "weight": 0.8,
            "fillOpacity": 0.7,
        },
        popup=folium.GeoJsonPopup(fields=fields) if rows else None,
    )  # fmt: skip


def _word(value: Any, lang: str) -> str:
    if isinstance(value, np.floating | float):
        return "" if np.isnan(value) else number(float(value), lang, 3)
    return html.escape(str(value))  # a street's name is what somebody wrote


def _colour(answer: Answer, drawn: legend.Legend, row: int) -> tuple[str, str]:
    """What a cell is filled with, and its edge."""
    if answer.question.method == "kde":
        most = float(answer.columns["density"].astype(float).max(initial=0)) or 1.0
        step = float(answer.columns["density"][row]) / most
        return COLOURS["hot99" if step > 0.6 else "hot95" if step > 0.25 else "hot90"], "#ffffff"
    entry = drawn.entry(str(drawn.steps[row]))
    return entry.colour, entry.outline or "#ffffff"


def _panel(answer: Answer, title: str, asked_for: str, left: int, lang: str) -> str:
    told = read(answer, lang)
    vi = lang == "vi"
    drawn = legend.of(answer)
    rows = "".join(
        f'<li><i class="swatch {each.name.replace(" ", "-")}"></i>{html.escape(each.words(lang))} '
        f"<b>{number(drawn.count(each), lang)}</b></li>"
        for each in drawn.entries
    )
    cautions = "".join(f"<p class=caution>{html.escape(each)}</p>" for each in told.cautions)
    more = ("{n} ô khác không nằm trong tệp." if vi else "{n} more cells are not in this file.").format(
        n=number(left, lang)
    )
    words = {**answer.question.parameters(), **answer.compared}
    asked = ", ".join(f"{name}={value}" for name, value in words.items()) or "—"
    return (
        f'<section class="taken reading" aria-label="{html.escape(title)}"><details open><summary>{html.escape(title)}'
        f"</summary><p>{html.escape(asked_for)}</p>"
        f"<p class=sentence>{html.escape(told.sentence)}</p><p>{html.escape(told.chance)}</p><ul>{rows}</ul>"
        f"{cautions}<p>{html.escape(told.rows)}{' ' + html.escape(more) if left else ''}</p>"
        f"<p>{'Tham số' if vi else 'Parameters'}: {html.escape(asked)} · {local(answer.at):%d/%m/%Y %H:%M}</p>"
        f"<p>{html.escape(WORDS[lang]['source'])}</p></details></section>"
    )


def _colours(drawn: legend.Legend) -> str:
    rule = ".swatch.{name} {{ background: {colour}; border-color: {edge}; }}\n"
    return "".join(
        rule.format(name=each.name.replace(" ", "-"), colour=each.colour, edge=each.outline or "#818892")
        for each in drawn.entries
    )
