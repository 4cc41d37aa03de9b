"""The gazetteer of this process: read once, compared with the database before every use, never stale."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from database.reference import Held, State
from database.sql import queries
from geo.gazetteer import store
from geo.gazetteer.compact import Gazetteer

Q = queries(Path(__file__).with_name("gazetteer.sql"))

COMPACT = "compact"
AREAS = "areas"

_correcting = threading.Lock()
_corrected: tuple[Gazetteer, str, Gazetteer] | None = None
"""what was loaded, how far the corrections were, and the one with the other"""


def current(connection: Connection, seen: State | None = None) -> Gazetteer | None:
    """The gazetteer of the database, from memory while nothing has changed; None where none is loaded. `seen`: the
    state of the reference data, where the caller has asked for it in this transaction."""
    global _corrected
    loaded = _loaded.current(connection, seen)
    if loaded is None:
        return None
    so_far = connection.execute(Q["so_far"]).scalar_one()
    with _correcting:
        held = _corrected
        if held is None or held[0] is not loaded or held[1] != so_far:
            corrections = {row.key: (row.lon, row.lat) for row in connection.execute(Q["corrections"])}
            held = _corrected = (loaded, so_far, replace(loaded, corrections=corrections))
        return held[2]


def _read(connection: Connection, seen: State, former: Gazetteer | None) -> Gazetteer | None:
    found = connection.execute(Q["copy_of"], {"name": COMPACT}).one_or_none()
    if found is None:
        return None
    areas = connection.execute(Q["copy_of"], {"name": AREAS}).one_or_none()
    read = store.unpack(bytes(found.body))
    read.areas_copy = (areas.made_of, bytes(areas.body)) if areas is not None else None
    read.version = (seen.database, found.made_of, areas.made_of if areas is not None else "")
    return read


_loaded: Held[Gazetteer | None] = Held(lambda seen: (seen.database, seen.of("gazetteer")), _read)
