"""A GeoPackage's style for QGIS: the table `layer_styles` that it looks into when it opens a layer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

COLOURS = {
    "hot99": "#7a0016", "hot95": "#b8324a", "hot90": "#e08a95", "none": "#ffffff",
    "cold90": "#a9c6e8", "cold95": "#5d93d0", "cold99": "#1f5ea8",
}  # fmt: skip
LABELS = {
    "hot99": "Nóng 99%", "hot95": "Nóng 95%", "hot90": "Nóng 90%", "none": "Không có ý nghĩa",
    "cold90": "Lạnh 90%", "cold95": "Lạnh 95%", "cold99": "Lạnh 99%",
}  # fmt: skip
_TABLE = """
CREATE TABLE IF NOT EXISTS layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)
"""


def add_style(path: Path, layer: str, columns: Iterable[str]) -> None:
    """Put the style of classes into a GeoPackage, as the layer's default; without a class there is none to put."""
    if "class" not in columns:
        return
    with closing(sqlite3.connect(path)) as package, package:
        package.execute(_TABLE)
        package.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', ?)",
            ("layer_styles",),
        )
        package.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '')",
            (layer, layer, qml(), "Điểm nóng theo lớp (hot spots by class)"),
        )


def qml() -> str:
    """QGIS's own style: cells by class, three steps of red and of blue, a white hairline between."""
    root = ElementTree.Element("qgis", {"version": "3.22.0", "styleCategories": "Symbology"})
    renderer = ElementTree.SubElement(
        root,
        "renderer-v2",
        {"type": "categorizedSymbol", "attr": "class", "forceraster": "0", "symbollevels": "0", "enableorderby": "0"},
    )
    categories = ElementTree.SubElement(renderer, "categories")
    symbols = ElementTree.SubElement(renderer, "symbols")
    for place, (name, colour) in enumerate(COLOURS.items()):
        ElementTree.SubElement(
            categories, "category", {"value": name, "symbol": str(place), "label": LABELS[name], "render": "true"}
        )
        alpha = "0" if name == "none" else "0.75"
        symbol = ElementTree.SubElement(
            symbols,
            "symbol",
            {"name": str(place), "type": "fill", "alpha": alpha, "clip_to_extent": "1", "force_rhr": "0"},
        )
        fill = ElementTree.SubElement(
            symbol, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"}
        )
        options = ElementTree.SubElement(fill, "Option", {"type": "Map"})
        for key, value in (
            ("color", _rgba(colour)), ("outline_color", "255,255,255,255"), ("outline_style", "solid"),
            ("outline_width", "0.1"), ("outline_width_unit", "MM"), ("style", "solid"),
        ):  # fmt: skip
            ElementTree.SubElement(options, "Option", {"type": "QString", "name": key, "value": value})
    text = ElementTree.tostring(root, encoding="unicode")
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + text


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[k : k + 2], 16)) for k in (1, 3, 5)) + ",255"
