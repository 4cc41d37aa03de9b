"""An address as a list of its parts, each with the span of text it came from: areas, streets, numbers, places."""

from __future__ import annotations

from collections.abc import Container

from geo.address.mentions import Piece, StreetParts
from geo.address.parser import Address
from geo.address.streets import read

_OF_PLACES = frozenset({"place", "direction"})


def pieces(address: Address, known: Container[str], places: Container[str] = ()) -> tuple[Piece, ...]:
    """The parts of `address` in the order of the text; none overlaps another.

    `known` holds the keys of streets, `places` those of places (`geo.gazetteer.keys`). Never raises.
    """
    return of_parts(address, read(address, known, places))


def of_parts(address: Address, parts: StreetParts) -> tuple[Piece, ...]:
    """As `pieces`, of an address whose street parts have been read."""
    marked = [
        Piece(kind=part.levels[0], value=part.key, start=part.start, end=part.end)
        for part in address.parts
        if part.manner not in ("landmark", "leading")
    ]
    others = [
        Piece(kind=part.levels[0], value=part.key, start=part.start, end=part.end)
        for part in address.parts
        if part.manner in ("landmark", "leading")
    ]
    said = [piece for piece in parts.pieces if piece.kind not in _OF_PLACES]
    named = [piece for piece in parts.pieces if piece.kind in _OF_PLACES]
    streets = [
        Piece(kind="street", value=mention.key, start=mention.name_start, end=mention.end) for mention in parts.mentions
    ]
    numbered = {mention.name_start for mention in parts.mentions if mention.number or mention.marked}
    strong = [piece for piece in streets if piece.start in numbered]
    weak = [piece for piece in streets if piece.start not in numbered]
    taken: list[Piece] = []
    for piece in (*said, *marked, *strong, *named, *weak, *others):
        if all(piece.end <= other.start or other.end <= piece.start for other in taken):
            taken.append(piece)
    return tuple(sorted(taken, key=lambda piece: piece.start))
