"""A plain answer with places as one HTML file: dots or areas over our own ground, figures on a click, reading."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import folium
import numpy as np
import orjson
import shapely
from sqlalchemy import Connection

from database.clock import local
from etl import hotspots
from etl.hotspots.reading import number
from etl.hotspots.subject import subject
from etl.plain import legend
from etl.plain.answer import PlainAnswer
from etl.plain.groups import simpler
from etl.plain.page import classes
from etl.plain.reading import read, title
from etl.takeaway import basemap
from etl.takeaway.page import Raw, page
from etl.takeaway.words import WORDS

_STYLES = Path(hotspots.__file__).with_name("webpage.css")
_INCIDENTS = Path(hotspots.__file__).parents[1] / "takeaway" / "incidents.css"
MOST = 5000


def write(path: Path, answer: PlainAnswer, connection: Connection, lang: str) -> None:
    """Write the page to `path`."""
    assert answer.geometry is not None
    map_ = basemap.around(shapely.bounds(answer.geometry), connection, WORDS[lang])
    name = title(answer, lang)
    group = folium.FeatureGroup(name=name)
    _features(answer, lang).add_to(group)
    group.add_to(map_)
    folium.LayerControl(collapsed=True, position="topright").add_to(map_)
    root: Any = map_.get_root()
    root.html.add_child(Raw(_panel(answer, name, subject(connection, answer.question, lang), lang)), name="panel")
    styles = _INCIDENTS.read_text(encoding="utf-8") + _STYLES.read_text(encoding="utf-8") + _colours(answer, lang)
    path.write_text(page(map_, title=f"{name} – 1022", lang=lang, styles=styles), encoding="utf-8")


def _features(answer: PlainAnswer, lang: str) -> folium.GeoJson:
    assert answer.geometry is not None
    points = answer.plain.kind == "repeats"
    drawn = answer.geometry[:MOST] if points else simpler(answer.geometry[:MOST])
    colours = {each.name: each.colour for each in legend.entries(answer, lang)}
    kinds = classes(answer)
    rows = [
        {
            "type": "Feature",
            "geometry": orjson.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-6))),
            "properties": {
                **{name: _word(column[row], lang) for name, column in answer.columns.items()},
                "colour": colours.get(str(kinds[row]), "#ffffff"),
                "radius": float(4 + 2 * np.sqrt(answer.columns["n"][row])) if points else 0.0,
            },
        }
        for row, shape in enumerate(drawn)
    ]
    return folium.GeoJson(
        {"type": "FeatureCollection", "features": rows},
        marker=folium.CircleMarker() if points else None,
        style_function=lambda feature: {
            "fillColor": feature["properties"]["colour"], "color": "#ffffff" if points else "#6b7684", "weight": 0.8,
            "fillOpacity": 0.7, "radius": feature["properties"]["radius"],
        },
        popup=folium.GeoJsonPopup(fields=list(answer.columns)) if rows else None,
    )  # fmt: skip


def _word(value: Any, lang: str) -> str:
    if isinstance(value, np.floating | float):
        return "" if not np.isfinite(value) else number(float(value), lang, 2)
    return html.escape(str(value))


def _panel(answer: PlainAnswer, name: str, asked_for: str, lang: str) -> str:
    told, many = read(answer, lang), legend.counts(answer)
    rows = "".join(
        f'<li><i class="swatch {each.name}"></i>{html.escape(each.words(lang))} '
        f"<b>{number(many.get(each.name, 0), lang)}</b></li>"
        for each in legend.entries(answer, lang)
    )
    cautions = "".join(f"<p class=caution>{html.escape(each)}</p>" for each in told.cautions)
    asked = ", ".join(f"{word}={value}" for word, value in answer.parameters().items())
    said = f"{'Tham số' if lang == 'vi' else 'Parameters'}: {asked} · {local(answer.at):%d/%m/%Y %H:%M}"
    return (
        f'<section class="taken reading" aria-label="{html.escape(name)}"><details open><summary>{html.escape(name)}'
        f"</summary><p>{html.escape(asked_for)}</p>"
        f"<p class=sentence>{html.escape(told.sentence)}</p><p>{html.escape(told.chance)}</p><ul>{rows}</ul>"
        f"{cautions}<p>{html.escape(told.rows)}</p>"
        f"<p>{html.escape(said)}</p><p>{html.escape(WORDS[lang]['source'])}</p></details></section>"
    )


def _colours(answer: PlainAnswer, lang: str) -> str:
    return "".join(f".swatch.{each.name} {{ background: {each.colour}; }}\n" for each in legend.entries(answer, lang))
