"""An address as a list of its parts, each with the span of text it came from: areas, streets, numbers, places."""

from __future__ import annotations

from collections.abc import Container

from geo.address.mentions import Piece, StreetMention, StreetParts
from geo.address.parser import Address, Part
from geo.address.street_words import ACCENTS, NAMED_JUNCTIONS, THINGS, junction_name
from geo.address.streets import read
from geo.address.tokens import tokens
from geo.address.vocabulary import spelling
from geo.address.words import CITY
from geo.text import has_accents

_OF_PLACES = frozenset({"place", "direction"})


def pieces(address: Address, known: Container[str], places: Container[str] = ()) -> tuple[Piece, ...]:
    """The parts of `address` in the order of the text; none overlaps another.

    `known` holds the keys of streets, `places` those of places (`geo.gazetteer.keys`). Never raises.
    """
    return of_parts(address, read(address, known, places))


def of_parts(address: Address, parts: StreetParts) -> tuple[Piece, ...]:
    """As `pieces`, of an address whose street parts have been read."""
    areas = [_area(part) for part in parts.areas]
    others = [_area(part) for part in address.parts if part not in parts.areas]
    said = [piece for piece in parts.pieces if piece.kind not in _OF_PLACES]
    named = [piece for piece in parts.pieces if piece.kind in _OF_PLACES]
    strong = [_street(mention) for mention in parts.mentions if mention.number or mention.marked]
    weak = [_street(mention) for mention in parts.mentions if not (mention.number or mention.marked)]
    weak = [_thing(address.text, piece) for piece in weak]
    taken: list[Piece] = []
    for piece in (*strong, *areas, *said, *named, *weak, *others):
        if all(piece.end <= other.start or other.end <= piece.start for other in taken):
            taken.append(piece)
    return tuple(_joined(address.text, sorted(taken, key=lambda piece: piece.start)))


def _area(part: Part) -> Piece:
    value = CITY[0] if part.levels[0] == "city" else part.key
    return Piece(kind=part.levels[0], value=value, start=part.start, end=part.end)


def _street(mention: StreetMention) -> Piece:
    return Piece(kind="street", value=mention.key, start=mention.name_start, end=mention.name_end)


def _thing(text: str, piece: Piece) -> Piece:
    """Cầu Bình Lợi is a bridge, whatever the ways on it are called."""
    words = tokens(text[piece.start : piece.end])
    keys = tuple(spelling(token.key) for token in words)
    first = text[piece.start + words[0].start : piece.start + words[0].end].lower()
    thing = keys[0] in THINGS and (first == ACCENTS[keys[0]] or (not has_accents(text) and keys[0] != "ham"))
    if (len(keys) > 1 and thing) or (len(keys) > 2 and keys[:2] in NAMED_JUNCTIONS):
        return Piece(
            kind="place", value=junction_name(" ".join(token.key for token in words)), start=piece.start, end=piece.end
        )
    return piece


def _joined(text: str, found: list[Piece]) -> list[Piece]:
    """ngã tư Phú Nhuận, nút giao An Phú: with one name only it is the junction's own."""
    if sum(piece.kind == "street" for piece in found) != 1:
        return found
    for at in range(len(found) - 1):
        one, other = found[at], found[at + 1]
        if one.kind == "junction" and other.kind == "street" and other.start == one.end + 1:
            words = tokens(text[one.start : other.end])
            if tuple(spelling(token.key) for token in words)[:2] in NAMED_JUNCTIONS:
                value = junction_name(" ".join(token.key for token in words))
                found[at : at + 2] = [Piece(kind="place", value=value, start=one.start, end=other.end)]
                break
    return found
