"""What the street part of an address is read into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.address.parser import Part

# start, end: at the end of a street or alley where it is entered, or where it stops.
Relation = Literal["at", "opposite", "near", "alley", "start", "end"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StreetMention:
    """One street as an address names it. `start, end` are its span in the text, number included."""

    key: str  # the gazetteer's key, or the words as they stand
    known: bool
    number: str  # as typed, folded: "173-173b", "51/7"; empty where none
    relation: Relation
    marked: bool  # behind "đường" or another street word
    lead: bool  # at the beginning of its part
    whole: bool  # to the end of its part
    start: int
    end: int
    name_start: int = 0  # where the name begins, its "đường" included
    name_end: int = 0
    score: float = 0.0
    likeness: float = 1.0  # of what was typed, if this street was meant: less where a letter is wrong


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One part of an address with the span of text it came from.

    `kind`: number, alley, lot, km, street, place, junction, relation, direction, indoors, brand, pole; and of areas
    ward, district, city, province, elsewhere, country, hamlet. `value` is what it says in one form: a street's key, a
    number without spaces, opposite or near for a relation, a name without accents for the others.
    """

    kind: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StreetParts:
    """The streets of an address, best first, and whether two of them meet."""

    mentions: tuple[StreetMention, ...]
    junction: bool
    words: tuple[tuple[int, int, tuple[str, ...]], ...]  # all parts: start, end, words; for landmarks
    pieces: tuple[Piece, ...] = ()  # what was read beside the streets, in the order of the text
    areas: tuple[Part, ...] = ()  # the areas whose words are no street's
    km: float | None = None  # how far along its road, where a km post is named


NONE = StreetParts(mentions=(), junction=False, words=())
