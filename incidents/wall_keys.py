"""Keys of screens on walls: long-lived, read-only, for one area's public figures; made and revoked by administrators.

The database keeps a key's SHA-256 alone. A key opens no row that the public would not see; what it opens is the page
that puts them together for an area.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from database.engine import Context
from database.sql import queries
from geo.text import nfc
from incidents.record.events import NewEvent, write

SCREEN = Context(actor="wall", roles=frozenset({"wall"}))
"""Who looks a key up: sees keys, and nothing else."""
LABEL_LENGTH = 80
LABEL_USUAL = "–"

Q = queries(Path(__file__).with_suffix(".sql"))


@dataclass(frozen=True, kw_only=True)
class WallKey:
    """One screen's key, without its secret."""

    id: int
    area_id: int
    label: str
    made_at: datetime
    seen_at: datetime | None
    revoked_at: datetime | None


def make(connection: Connection, area_id: int, label: str, *, actor: str) -> str:
    """A new key's secret, which is told once."""
    secret = secrets.token_urlsafe(32)
    made_by = int(actor.removeprefix("account:")) if actor.startswith("account:") else None
    named = nfc(" ".join(label.split()))[:LABEL_LENGTH] or LABEL_USUAL
    asked = {"hash": _hash(secret), "area_id": area_id, "label": named, "made_by": made_by}
    key = connection.execute(Q["add"], asked).scalar_one()
    write(connection, [NewEvent(kind="wall_key.made", actor=actor, data={"key": key, "area_id": area_id})])
    return secret


def everyone(connection: Connection) -> list[WallKey]:
    """All keys, those in use first."""
    return [WallKey(**row._mapping) for row in connection.execute(Q["everyone"])]


def revoke(connection: Connection, key: int, *, actor: str) -> bool:
    """Take a key away; whether there was one to take."""
    if connection.execute(Q["revoke"], {"id": key}).first() is None:
        return False
    write(connection, [NewEvent(kind="wall_key.revoked", actor=actor, data={"key": key})])
    return True


def area_of(connection: Connection, secret: str) -> int | None:
    """The area that a secret opens, noting that its screen was here; None where it opens nothing (any more)."""
    row = connection.execute(Q["by_hash"], {"hash": _hash(secret)}).first()
    if row is None:
        return None
    if row.stale:
        connection.execute(Q["seen"], {"id": row.id})
    return int(row.area_id)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
