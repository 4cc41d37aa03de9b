"""What people corrected: the same address, spelt otherwise, is found where they put it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from database.sql import queries
from geo.address.parser import Address
from geo.address.streets import StreetParts, read
from geo.geocoder.names import AreaNames

Q = queries(Path(__file__).parents[1] / "gazetteer" / "gazetteer.sql")


def key_of(address: Address, parts: StreetParts) -> str:
    """Number, street and areas of an address in one form; empty where it names no street or place."""
    areas = sorted({f"{part.levels[0]}:{part.key}" for part in address.areas() if part.levels[0] != "city"})
    if parts.mentions:
        best = parts.mentions[0]
        number = re.sub(r"[^0-9a-z/]+", "-", best.number).strip("-")
        streets = [best.key] if not parts.junction else sorted(mention.key for mention in parts.mentions[:2])
        return "|".join([number, " & ".join(streets), *areas])
    words = " ".join(word for _, _, found in parts.words for word in found)
    return "|".join(["", words, *areas]) if words else ""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """An address that was learnt to lie at a point (degrees)."""

    id: int
    key: str
    """number | street or place | areas, without accents; never the text as it was typed"""
    lon: float
    lat: float
    made_at: datetime
    made_by: str
    origin: str
    """what it came of: `report:CODE`, empty for the operator's command"""
    confirmed_at: datetime | None
    undone_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether it counts only once a person has confirmed it."""
        return self.confirmed_at is None and self.undone_at is None

    @property
    def words(self) -> str:
        """What is known of the address: "84 ham nghi"."""
        number, street, *_ = [*self.key.split("|"), ""]
        return f"{number} {street}".strip()


def learn(
    connection: Connection,
    text: str,
    lon: float,
    lat: float,
    names: AreaNames,
    *,
    made_by: str = "",
    origin: str = "",
    confirmed: bool = True,
) -> int | None:
    """Remember that the address `text` lies at a point (degrees); the number to undo it by, None where the address says
    nothing that could be met again, or only a whole street, which lies at no one point. What is not `confirmed` counts
    once it is."""
    from geo.geocoder import parse

    if names.gazetteer is None:
        return None
    address = parse(text, names)
    parts = read(address, names.gazetteer.streets)
    key = key_of(address, parts)
    if not key or (parts.mentions and not parts.junction and not parts.mentions[0].number):
        return None
    about = {"key": key, "lon": lon, "lat": lat, "made_by": made_by, "origin": origin, "confirmed": confirmed}
    learnt = connection.execute(Q["learn"], about).scalar()
    return int(learnt) if learnt is not None else None


def confirm(connection: Connection, correction: int, *, by: str) -> bool:
    """Let a correction count; False where it is not there or does not wait."""
    return connection.execute(Q["confirm"], {"id": correction, "by": by}).rowcount == 1


def undo(connection: Connection, correction: int, *, by: str = "") -> bool:
    """Take a correction back, or refuse one that waits; False where it is not there or was taken back already."""
    return connection.execute(Q["undo"], {"id": correction, "by": by}).rowcount == 1


def learnt(connection: Connection, *, origin: str | None = None, limit: int = 100) -> list[Correction]:
    """Corrections, those that wait first, then the newest; of one `origin` where given."""
    rows = connection.execute(Q["learnt"], {"origin": origin, "limit": limit})
    return [Correction(**row._mapping) for row in rows]


def one(connection: Connection, correction: int) -> Correction | None:
    """A correction by its number."""
    row = connection.execute(Q["one"], {"id": correction}).first()
    return Correction(**row._mapping) if row else None
