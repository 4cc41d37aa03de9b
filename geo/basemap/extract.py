"""An OpenStreetMap extract, read into rows of the basemap. Names are folded to NFC, and Ð (U+00D0) to Đ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import osmium
import osmium.filter
import osmium.geom
import shapely
from osmium.osm import Area, Node, Way
from shapely import Geometry

from geo.basemap import classes
from geo.text import nfc

_KEYS = (
    "highway", "railway", "waterway", "natural", "water", "landuse", "leisure", "aeroway", "amenity", "shop",
    "building", "addr:housenumber",
)  # fmt: skip


class Feature(NamedTuple):
    """One thing of the ground, in WGS 84 (lon, lat)."""

    layer: str
    class_: str
    name: str | None
    min_zoom: int
    geometry: Geometry


def read(extract: Path) -> Iterator[Feature]:
    """All that the map draws of an `.osm.pbf` or `.osm` file. Geometry that cannot be built is left out, as OSM's
    own renderers do: an open riverbank has no inside."""
    factory = osmium.geom.WKBFactory()
    objects = osmium.FileProcessor(extract).with_areas().with_filter(osmium.filter.KeyFilter(*_KEYS))
    for each in objects:
        tags = {tag.k: tag.v for tag in each.tags}
        draw: Callable[[], str]
        number = None
        if isinstance(each, Area):
            drawn, draw = classes.area(tags), partial(factory.create_multipolygon, each)
        elif isinstance(each, Way):
            drawn, draw = classes.line(tags), partial(factory.create_linestring, each)
        elif isinstance(each, Node):
            drawn, draw = classes.point(tags), partial(factory.create_point, each)
            number = tags.get("addr:housenumber")
        else:
            continue
        if drawn is None and number is None:
            continue
        try:
            geometry = shapely.from_wkb(bytes.fromhex(draw()))
        except (RuntimeError, ValueError, osmium.InvalidLocationError):
            continue
        if drawn is not None:
            name = tags.get("name")
            yield Feature(drawn.layer, drawn.class_, _name(name) if name else None, drawn.min_zoom, geometry)
        if number is not None and len(number) <= 12:
            yield Feature("housenumbers", "", _name(number), 15, geometry)


def _name(text: str) -> str:
    return nfc(text).replace("Ð", "Đ").strip()
