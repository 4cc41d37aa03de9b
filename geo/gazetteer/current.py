"""The gazetteer of this process: read once, compared with the database before every use, never stale."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from database.sql import queries
from geo.gazetteer import store
from geo.gazetteer.compact import Gazetteer

Q = queries(Path(__file__).with_name("gazetteer.sql"))

COMPACT = "compact"
AREAS = "areas"

_making = threading.Lock()
_held: tuple[tuple[Any, ...], Gazetteer | None] | None = None


def current(connection: Connection) -> Gazetteer | None:
    """The gazetteer of the database, from memory while nothing has changed; None where none is loaded."""
    global _held
    row = connection.execute(Q["state"]).one()
    loaded = (row.database, tuple(row.versions))
    state = (*loaded, row.corrections)
    with _making:
        if _held is None or _held[0] != state:
            known = _held[1] if _held is not None and _held[0][:2] == loaded else None
            _held = (state, _read(connection, state, known))
        return _held[1]


def _read(connection: Connection, state: tuple[Any, ...], known: Gazetteer | None) -> Gazetteer | None:
    if known is None:
        found = connection.execute(Q["copy_of"], {"name": COMPACT}).one_or_none()
        if found is None:
            return None
        areas = connection.execute(Q["copy_of"], {"name": AREAS}).one_or_none()
        known = store.unpack(bytes(found.body))
        known.areas_copy = (areas.made_of, bytes(areas.body)) if areas is not None else None
        known.version = (state[0], found.made_of, areas.made_of if areas is not None else "")
    corrections = {row.key: (row.lon, row.lat) for row in connection.execute(Q["corrections"])}
    return replace(known, corrections=corrections)
