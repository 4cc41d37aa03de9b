"""What people corrected: the same address, spelt otherwise, is found where they put it."""

from __future__ import annotations

import re
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


def learn(
    connection: Connection, text: str, lon: float, lat: float, names: AreaNames, *, made_by: str = ""
) -> int | None:
    """Remember that the address `text` lies at a point (degrees); the number to undo it by, None where the address says
    nothing that could be met again."""
    from geo.geocoder import parse

    if names.gazetteer is None:
        return None
    address = parse(text, names)
    key = key_of(address, read(address, names.gazetteer.streets))
    if not key:
        return None
    learnt = connection.execute(Q["learn"], {"key": key, "lon": lon, "lat": lat, "made_by": made_by}).scalar()
    return int(learnt) if learnt is not None else None


def undo(connection: Connection, correction: int) -> bool:
    """Take a correction back; False where it is not there or was taken back already."""
    return connection.execute(Q["undo"], {"id": correction}).rowcount == 1
