"""The street part of an address: house number, alley, street, what stands before it, and where streets meet.

It reads what the area parts leave over. A name is known by the gazetteer's keys, the longest first; what follows a
number or a marker ("đường") and is not known is kept as it is, for a search by near spelling. Pure: never raises.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace

from geo.address.mentions import NONE, Piece, Relation, StreetMention, StreetParts
from geo.address.parser import Address, Part
from geo.address.street_chunk import Chunk, parted
from geo.address.street_reading import Known
from geo.address.street_words import CALLED_AFTER, CODE_NAME, MEETS
from geo.address.tokens import Token, tokens
from geo.address.vocabulary import spelling

__all__ = ["NONE", "Relation", "StreetMention", "StreetParts", "read"]


# What stands in brackets between a number and its street.
_ASIDE = re.compile(r"(?:(?<=\d)|(?<=\d[A-Za-z]))\s*\([^()]*\)(?=\s+[^\W\d_])")


def read(address: Address, known: Container[str], places: Container[str] = ()) -> StreetParts:
    """The street parts of `address` by the keys in `known`, with `places` the keys of named places."""
    keys = Known(known, places)
    parts = _read(address, keys, bare=False)
    named = {mention.key for mention in parts.mentions}
    if len(named) == 1 and not parts.mentions[0].number and (parts.junction or " - " in address.text):
        # "Linh Trung - Kha Vạn Cân": beside a street, what is an area's name too is a street's.
        again = _read(address, keys, bare=True)
        if again.junction and len({mention.key for mention in again.mentions if mention.known}) > 1:
            return again
    return parts


def _read(address: Address, known: Known, bare: bool) -> StreetParts:
    found = tokens(address.text)
    areas = masking(address, found, bare)
    masked = _mask(areas, found)
    for aside in _ASIDE.finditer(address.text):  # 206 (số cũ 64/1) Quốc lộ 13
        masked = [m or aside.start() < token.start < aside.end() for m, token in zip(masked, found, strict=True)]
    mentions: list[StreetMention] = []
    pieces: list[Piece] = []
    words = []
    pending = ""
    wanting = coded = False
    junction = False
    km = None
    for first, end in _chunks(found, [False] * len(found)):
        words.append((found[first].start, found[end - 1].end, tuple(spelling(t.key) for t in found[first:end])))
    chunks = _chunks(found, masked)
    for first, end in chunks:
        keys = [spelling(token.key) for token in found[first:end]]
        chunk = Chunk(found[first:end], keys, address.text, known, pending, wanting=wanting).read()
        several = [each for each in chunk.mentions if bare or each.number or each.marked or not _is_area(address, each)]
        junction = junction or chunk.junction
        junction = junction or (len([each for each in several if each.known]) > 1 and bool(MEETS.intersection(keys)))
        mentions += several
        pieces += chunk.pieces
        km = chunk.km if chunk.km is not None else km
        pending, coded = chunk.pending, chunk.coded
        wanting = bool(chunk.mentions) and not any(mention.number for mention in mentions)
        short = CODE_NAME.match(keys[0]) if len(keys) == 1 else coded and len(keys) == 2
        if pending and short and len(chunks) == 2 and len(mentions) == 1:
            mentions.append(_code(found[first:end], " ".join(keys), known.streets))  # "Tô Ngọc Vân - TX25", "- TCH 13"
            pieces.pop()
    junction = junction or _meet(address.text, mentions)
    if pending and not junction and not coded:
        mentions = _numbered(mentions, pending, pieces)
    order = sorted(range(len(mentions)), key=lambda place: (-mentions[place].score, place))
    return StreetParts(
        mentions=tuple(mentions[place] for place in order),
        junction=junction,
        words=tuple(words),
        pieces=tuple(pieces),
        km=km,
        areas=tuple(areas),
    )


def _numbered(mentions: list[StreetMention], number: str, pieces: Sequence[Piece]) -> list[StreetMention]:
    """A number that came behind its street: đường Lê Lợi, số 12; Đường số 7, hẻm 51."""
    last = pieces[-1] if pieces else None
    if len({mention.key for mention in mentions}) != 1 or any(mention.number for mention in mentions) or last is None:
        return mentions
    if last.kind not in ("number", "alley") or last.start < mentions[-1].end:
        return mentions
    relation: Relation = "alley" if last.kind == "alley" else mentions[-1].relation
    return [
        replace(mention, number=number, relation=relation, end=max(mention.end, last.end), score=mention.score + 2.0)
        for mention in mentions
    ]


def _code(lone: Sequence[Token], key: str, known: Container[str]) -> StreetMention:
    """The short form of a numbered street, alone beside another street."""
    return StreetMention(
        key=key, known=key in known, number="", relation="at", marked=False, lead=True, whole=True,
        start=lone[0].start, end=lone[-1].end, name_start=lone[0].start, name_end=lone[-1].end, score=1.0,
    )  # fmt: skip


def _meet(text: str, mentions: Sequence[StreetMention]) -> bool:
    """Whether an address names two streets and nothing else: "Trần Quang Khải - Trần Khắc Chân"."""
    if len(mentions) == 2 and not any(mention.number for mention in mentions):
        one, other = mentions
        between = text[one.end : other.start]
        if len(between) <= 3 and any(mark in between for mark in "-–&/x") and one.lead and other.whole:
            return True
    return "&" in text and sum(mention.known for mention in mentions) > 1


def masking(address: Address, found: Sequence[Token], bare: bool) -> list[Part]:
    """The areas whose words are no street's. A name at the very beginning may be a street's as well; with `bare` any
    name may that bears no marker."""
    result = []
    for part in address.parts:
        if bare and part.manner != "marked" and part.levels[0] in ("ward", "district"):
            continue
        if part.manner == "landmark" or (part.manner == "leading" and part.levels[0] != "hamlet"):
            continue
        if part.levels[0] == "province" and not part.known and part.key.startswith("lo "):
            continue  # Tỉnh Lộ 7
        if part.levels[0] == "city" and any(
            token.end <= part.start <= token.end + 1 and token.key in CALLED_AFTER for token in found
        ):
            continue  # Cầu Sài Gòn
        result.append(part)
    return result


def _mask(areas: Sequence[Part], found: Sequence[Token]) -> list[bool]:
    """Which words belong to an area."""
    return [any(part.start <= token.start and token.end <= part.end for part in areas) for token in found]


def _is_area(address: Address, mention: StreetMention) -> bool:
    """Whether all that a mention says is the name of an area: Thảo Điền, Quận 2."""
    return any(
        part.start <= mention.start and mention.end <= part.end for part in address.parts if part.manner == "leading"
    )


def _chunks(found: Sequence[Token], masked: Sequence[bool]) -> list[tuple[int, int]]:
    result = []
    at = 0
    while at < len(found):
        if masked[at]:
            at += 1
            continue
        end = at + 1
        while end < len(found) and not masked[end] and not parted(found, end):
            end += 1
        result.append((at, end))
        at = end
    return result
