"""Putting the shipped areas into the database: by content, once; an area that stays the same keeps its id."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import shapely
from sqlalchemy import Connection

from database.reference import load_once
from database.sql import queries
from district_boundaries import outlines, reform, shipped, zones
from district_boundaries.rows import AreaRow, centre
from geo.text import search_key

Q = queries(__file__)

# Raised when the way from the files to the rows changes: the same files are then loaded again.
RECIPE = 1


def load_reference(connection: Connection, zone_folder: Path = zones.ZONES) -> bool:
    """Load city, wards, districts, zones and the links over the reform where they are not loaded yet.

    The caller's transaction is the load's: a failure leaves everything as it was. True when something was loaded.
    """
    boundaries = f"{RECIPE} {shipped.checksum()}"
    composed = _digest(f"{boundaries} {shipped.checksum(zones.files(zone_folder))}")
    rows: list[AreaRow] = []

    def shipped_rows() -> list[AreaRow]:
        if not rows:
            rows.extend(shipped.rows())
        return rows

    def put_boundaries(connection: Connection) -> None:
        put(connection, shipped_rows(), levels=("city", "district", "ward"))

    def put_zones(connection: Connection) -> None:
        put(connection, zones.rows(shipped_rows(), zone_folder), levels=("zone",))

    loaded = load_once(connection, "boundaries", _digest(boundaries), put_boundaries)
    loaded |= load_once(connection, "zones", composed, put_zones)
    loaded |= load_once(connection, "outlines", _digest(boundaries), outlines.refresh)
    loaded |= load_once(connection, "area_link", _digest(boundaries), reform.link)
    return loaded


def put(connection: Connection, rows: Sequence[AreaRow], *, levels: Sequence[str]) -> None:
    """Make `rows` all that is shipped of `levels`."""
    make_incoming(connection, rows)
    connection.execute(Q["retire_shipped"], {"levels": list(levels)})
    connection.execute(Q["update_shipped"])
    connection.execute(Q["insert_shipped"])
    connection.execute(Q["drop_incoming"])


def make_incoming(connection: Connection, rows: Sequence[AreaRow]) -> None:
    """The rows as the temporary table `incoming_area`."""
    centres = [centre(row.geometry) for row in rows]
    connection.execute(Q["drop_incoming"])
    connection.execute(
        Q["make_incoming"],
        {
            "level": [row.level for row in rows],
            "field": [row.field for row in rows],
            "code": [row.code for row in rows],
            "name": [row.name for row in rows],
            "name_en": [row.name_en for row in rows],
            "short_name": [row.short_name for row in rows],
            "kind": [row.kind for row in rows],
            "search_key": [search_key(row.name) for row in rows],
            "valid_from": [row.valid_from for row in rows],
            "valid_until": [_after(row.valid_to) for row in rows],
            "geom": [shapely.to_wkb(row.geometry) for row in rows],
            "official_km2": [row.official_km2 for row in rows],
            "label_lon": [lon for lon, _ in centres],
            "label_lat": [lat for _, lat in centres],
            "approximate": [row.approximate for row in rows],
            "sample": [row.sample for row in rows],
            "source": [row.source for row in rows],
        },
    )


def _after(last: date | None) -> date | None:
    return last + timedelta(days=1) if last else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
