"""Styles for QGIS: its own XML (QML), and the table `layer_styles` that it looks into when it opens a GeoPackage.

Elements and attributes are those that QGIS 3.16 and later reads (`QgsFeatureRenderer::load`,
`QgsSymbolLayerUtils::loadSymbol`, `QgsVectorLayerSimpleLabeling::create`); tests/unit/data/qml.rng says which.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

VERSION = "3.22.0"
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_TABLE = """
CREATE TABLE IF NOT EXISTS layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""


def add_styles(path: Path, styles: Mapping[str, str | None]) -> None:
    """Put a style for each layer into a GeoPackage, as its default. `styles`: layer → QML; None: it has none."""
    found = {layer: style for layer, style in styles.items() if style}
    if not found:
        return
    with closing(sqlite3.connect(path)) as package, package:
        package.execute(_TABLE)
        package.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', ?)",
            ("layer_styles",),
        )
        for layer, style in found.items():
            [column] = package.execute(
                "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
            ).fetchone()
            package.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
                "styleName, styleQML, styleSLD, useAsDefault, description, owner) "
                "VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '')",
                (layer, column, layer, style, "1022"),
            )


def fill(colour: str, opacity: float, outline: str = "#ffffff") -> Element:
    """A polygon's symbol: `colour` as #rrggbb, a hairline around it."""
    return _symbol(
        "fill", "SimpleFill", opacity,
        {"color": _rgba(colour), "outline_color": _rgba(outline), "outline_style": "solid", "outline_width": "0.1",
         "outline_width_unit": "MM", "style": "solid", "joinstyle": "bevel"},
    )  # fmt: skip


def marker(colour: str, size_mm: float) -> Element:
    """A point's symbol: a disc with a white edge."""
    return _symbol(
        "marker", "SimpleMarker", 1.0,
        {"name": "circle", "color": _rgba(colour), "outline_color": _rgba("#ffffff"), "outline_style": "solid",
         "outline_width": "0.2", "outline_width_unit": "MM", "size": f"{size_mm:g}", "size_unit": "MM"},
    )  # fmt: skip


def categorized(column: str, categories: Iterable[tuple[str, str, Element]]) -> str:
    """A style by a column's values: (value, label, symbol) in the legend's order."""
    root = _root("Symbology")
    renderer = SubElement(root, "renderer-v2", {"type": "categorizedSymbol", "attr": column, **_RENDERER})
    listed, symbols = SubElement(renderer, "categories"), SubElement(renderer, "symbols")
    for place, (value, label, symbol) in enumerate(categories):
        SubElement(
            listed, "category",
            {"value": value, "symbol": str(place), "label": label, "render": "true", "type": "string"},
        )  # fmt: skip
        symbol.set("name", str(place))
        symbols.append(symbol)
    return _text(root)


def single(symbol: Element, *, label: str = "") -> str:
    """One symbol for all; `label`: the column that is written beside."""
    root = _root("Symbology|Labeling" if label else "Symbology")
    if label:
        root.set("labelsEnabled", "1")
    renderer = SubElement(root, "renderer-v2", {"type": "singleSymbol", **_RENDERER})
    symbol.set("name", "0")
    SubElement(renderer, "symbols").append(symbol)
    if label:
        settings = SubElement(SubElement(root, "labeling", {"type": "simple"}), "settings", {"calloutType": "simple"})
        style = SubElement(
            settings, "text-style",
            {"fieldName": label, "isExpression": "0", "fontSize": "9", "fontSizeUnit": "Point", "fontWeight": "75",
             "textColor": _rgba("#1b2733"), "textOpacity": "1"},
        )  # fmt: skip
        SubElement(
            style, "text-buffer",
            {"bufferDraw": "1", "bufferSize": "0.8", "bufferSizeUnits": "MM", "bufferColor": _rgba("#ffffff"),
             "bufferOpacity": "1"},
        )  # fmt: skip
        SubElement(settings, "placement", {"placement": "6", "dist": "1", "distUnits": "MM"})
    return _text(root)


_RENDERER = {"forceraster": "0", "symbollevels": "0", "enableorderby": "0"}


def _root(categories: str) -> Element:
    return Element("qgis", {"version": VERSION, "styleCategories": categories})


def _symbol(kind: str, layer: str, opacity: float, options: Mapping[str, str]) -> Element:
    symbol = Element(
        "symbol", {"name": "", "type": kind, "alpha": f"{opacity:g}", "clip_to_extent": "1", "force_rhr": "0"}
    )
    drawn = SubElement(symbol, "layer", {"class": layer, "enabled": "1", "locked": "0", "pass": "0"})
    held = SubElement(drawn, "Option", {"type": "Map"})
    for name, value in options.items():
        SubElement(held, "Option", {"type": "QString", "name": name, "value": value})
    return symbol


def _text(root: Element) -> str:
    return _DOCTYPE + ElementTree.tostring(root, encoding="unicode")


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5)) + ",255"
