"""The ground of the map, made once from the shipped OpenStreetMap files and kept in the table `basemap`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import shapely
from sqlalchemy import Connection

from database.reference import load_once
from database.sql import queries
from geo.basemap import derived
from geo.basemap.extract import Feature, read
from geo.text import nfc

Q = queries(__file__)

DATA = Path(__file__).parent.parent / "data"
EXTRACT = DATA / "hcm_2018_2026.osm.pbf"
CITY_WIDE = DATA / "basemap_2026.gpkg"
"""Rivers, lakes, parks and main roads of the whole merged city, where the extract is thin."""

_VERSION = b"1"
"""Raised when the making of rows changes, so that the same files are loaded again."""
_MAIN_ROADS = {"expressway": "motorway", "highway": "trunk", "ring": "trunk"}


def load_reference(connection: Connection) -> bool:
    """Make the basemap where it is not there yet, or its files changed; True if anything was done."""
    return load_once(connection, "basemap", _checksum(), _load)


def _checksum() -> str:
    digest = hashlib.sha256(_VERSION)
    for path in (EXTRACT, CITY_WIDE):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def features() -> Iterator[Feature]:
    """Every row of the basemap, in WGS 84."""
    city_wide = list(_city_wide())
    named = {each.name for each in city_wide if each.layer == "waterways"}
    # River centre lines of two sources run beside each other: the older one goes where names agree.
    extract = [each for each in read(EXTRACT) if not (each.layer == "waterways" and each.name in named)]
    ground = extract + city_wide
    for each in ground:
        if each.layer == "water":
            yield from (each._replace(geometry=piece) for piece in derived.pieces(each.geometry))
        else:
            yield each
    yield from derived.urban(ground)
    yield from derived.park_names(ground)
    yield from derived.water_names(ground)


def _city_wide() -> Iterator[Feature]:
    for layer, drawn, class_, zoom in (
        ("rivers", "waterways", "river", 8),
        ("lakes", "water", "lake", 9),
        ("parks", "parks", "park", 9),
        ("main_roads", "roads", "trunk", 8),
    ):
        import pyogrio  # with pandas behind it 100 MB, and asked for once in a site's life

        table = pyogrio.read_dataframe(CITY_WIDE, layer=layer)
        for row in table.itertuples():
            kind = getattr(row, "kind", "")
            of_class = "canal" if kind == "Kênh" else _MAIN_ROADS.get(kind, class_)
            for part in shapely.get_parts(shapely.force_2d(row.geometry)):
                yield Feature(drawn, of_class, nfc(row.name) if row.name else None, zoom, part)


def _load(connection: Connection) -> None:
    connection.execute(Q["clear"])
    connection.execute(Q["staging"])
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    with raw.cursor() as cursor, cursor.copy(Q.source("copy")) as copy:
        copy.set_types(["text", "text", "text", "int2", "bytea"])
        for each in features():
            wkb = shapely.to_wkb(shapely.set_srid(each.geometry, 4326), include_srid=True)
            copy.write_row((each.layer, each.class_, each.name, each.min_zoom, wkb))
    connection.execute(Q["take"])
    connection.execute(Q["statistics"])
