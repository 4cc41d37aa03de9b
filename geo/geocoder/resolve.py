"""One address to places on streets, at junctions and landmarks; nothing where only its area is known."""

from __future__ import annotations

from datetime import date

from geo.address.parser import Address
from geo.address.street_words import is_junction
from geo.address.streets import read
from geo.gazetteer.compact import Gazetteer
from geo.geocoder import spots
from geo.geocoder.answers import OnStreet, answers
from geo.geocoder.corrections import key_of
from geo.geocoder.doors import at_door, has_door
from geo.geocoder.junctions import junctions
from geo.geocoder.misspelt import repaired
from geo.geocoder.streets import StreetIndex

CORRECTION = "correction"
_GOOD = 2.4  # a street is named so clearly that a landmark beside it does not stand for it
_NAMED = 1.5  # … or stands behind a number


def resolve(  # noqa: PLR0912  one way after the other, the closest first
    address: Address, index: StreetIndex, gazetteer: Gazetteer | None, on: date, limit: int
) -> list[OnStreet]:
    """The places that an address may mean more closely than by its area, best first."""
    known = index.gazetteer
    parts = repaired(address, read(address, known.streets, known.landmarks), known.streets, index.slips)
    said = index.said(address, on)
    if said.elsewhere:
        return []
    if gazetteer is not None and gazetteer.corrections:
        learnt = gazetteer.corrections.get(key_of(address, parts))
        if learnt is not None:
            return spots.answers_at([spots.spot_at(*learnt, address.text.strip(), CORRECTION)], 0.03, None, limit)
    if not parts.mentions and not parts.words:
        return []
    spread = said.spread
    meetings, unknown = junctions(address, parts, index, on)
    if meetings:
        found = spots.answers_at(meetings, unknown, spread, limit)
        if found:
            return found
    clear = any(
        mention.score >= (_NAMED if mention.number or mention.marked else _GOOD) for mention in parts.mentions[:1]
    )
    # Ways bear the names of the junctions they are part of: ngã tư Hàng Xanh is the junction.
    own = any(piece.kind == "place" and is_junction(piece.value) for piece in parts.pieces)
    if (not clear or own) and not has_door(address, parts, index):
        places, unknown = spots.landmarks(address, parts, index, on)
        if places:
            found = spots.answers_at(places, unknown, spread, limit)
            if found and found[0].confidence >= 0.25:
                return found
    mass = index.mass(address, parts, on)
    found = answers(index, mass, spread, limit) if mass is not None else []
    found = at_door(address, parts, index, on, spread, found)[:limit]
    if found:
        return found
    if clear:
        places, unknown = spots.landmarks(address, parts, index, on)
        if places:
            found = spots.answers_at(places, min(1.0, unknown + 0.15), spread, limit)
            if found and found[0].confidence >= 0.4:
                return found
    return []
