"""The street part of an address: house number, alley, street, what stands before it, and where streets meet.

It reads what the area parts leave over. A name is known by the gazetteer's keys, the longest first; what follows a
number or a marker ("đường") and is not known is kept as it is, for a search by near spelling. Pure: never raises.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Literal

from geo.address.parser import Address
from geo.address.tokens import HARD, Token, tokens
from geo.address.vocabulary import spelling
from geo.address.words import BRANDS, LANDMARKS
from geo.gazetteer.keys import key_of
from geo.text import fold

Relation = Literal["at", "opposite", "near", "alley"]

_LONGEST = 8
_MARKERS = frozenset({"duong", "pho", "dg"})
_STREET_WORDS = frozenset({"duong", "pho", "dg", "ql", "tl", "hl", "quoc", "tinh", "huong", "xa", "dai", "ben"})
_ALLEY = frozenset({"hem", "hxh", "hxt", "kiet", "ngo", "ngach", "alley"})
_NOISE = BRANDS | frozenset(
    {"so", "nha", "sn", "no", "number", "num", "dia", "chi", "dc", "shop", "shophouse", "ch", "bta"}
)
_RELATIONS: tuple[tuple[tuple[str, ...], Relation], ...] = (
    (("doi", "dien"), "opposite"),
    (("dd",), "opposite"),
    (("opposite",), "opposite"),
    (("sat", "ben"), "near"),
    (("ke", "ben"), "near"),
    (("canh", "ben"), "near"),
    (("phia", "truoc"), "near"),
    (("gan",), "near"),
    (("ke",), "near"),
    (("canh",), "near"),
    (("truoc",), "near"),
    (("sau",), "near"),
    (("near",), "near"),
    (("next", "to"), "near"),
)
_JUNCTION = (
    ("nga", "ba"),
    ("nga", "tu"),
    ("nga", "nam"),
    ("nga", "sau"),
    ("nga", "3"),
    ("nga", "4"),
    ("nga", "5"),
    ("nga", "6"),
    ("vong", "xoai"),
    ("bung", "binh"),
    ("nut", "giao"),
    ("giao", "lo"),
    ("goc",),
    ("giao",),
    ("corner",),
    ("junction",),
    ("intersection",),
)
_MEETS = frozenset({"giao", "va", "voi", "cat", "and", "x", "nga", "goc", "gap"})
# "3 thang 2": a number that begins a name.
_MONTHS = frozenset({"thang"})
# What ends a name though its part goes on.
_ENDS = frozenset(
    {
        "goc",
        "gan",
        "giao",
        "va",
        "voi",
        "cat",
        "doi",
        "ke",
        "canh",
        "hem",
        "khu",
        "kp",
        "ap",
        "to",
        "huong",
        "street",
        "st",
        "duong",
        "noi",
        "phuong",
        "quan",
        "p",
        "q",
        "f",
        "o",
        "tai",
        "cho",
        "cau",
        "and",
        "corner",
        "cu",
        "moi",
        "tp",
        "chung",
        "cc",
        "so",
        "hien",
        "truoc",
        "sau",
        "ra",
        "ve",
        "tx",
        "xa",
        "x",
        "d",
        "cua",
        "nhanh",
        "keo",
        "dai",
    }
)
_SURE = frozenset({"le loi", "tran phu", "ham nghi", "quang trung", "cong hoa", "truong chinh", "au co"})
_NUMERIC = re.compile(r"^(?:\d+[a-z]{0,3}|[a-z]{1,2}\d+[a-z]{0,2}|\d+bis)$")
_PLAIN = re.compile(r"^\d+[a-z]{0,3}$")
# Floors, rooms, blocks: what is numbered and is no house.
_INDOORS = frozenset(
    {"tang", "lau", "phong", "block", "lo", "khoi", "thap", "can", "gian", "kios", "ki", "toa", "floor", "lot", "gate"}
    | {"tret", "thua", "cc", "kdc", "khu", "shop", "shophouse", "sh"}
)
_CALLED_AFTER = frozenset({"cau", "ga", "cang", "ham", "song", "kenh"})
_JOINS = frozenset({"/", "-", "–", ".", "\\", "+"})
_CODE_NAME = re.compile(r"^[a-z]{1,4}\d+[a-z]?$")
_BESIDE_LANDMARK = frozenset(
    {"plaza", "tower", "towers", "building", "residence", "apartment", "center", "mall", "park", "garden"}
)
_PLACES = frozenset(
    words
    for words in LANDMARKS
    if words
    not in {
        ("cau",),
        ("ho",),
        ("rach",),
        ("kenh",),
        ("cong",),
        ("ham",),
        ("den",),
        ("dinh",),
        ("kho",),
        ("ga",),
        ("cang",),
        ("pha",),
        ("mieu",),
    }
)


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
    score: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class StreetParts:
    """The streets of an address, best first, and whether two of them meet."""

    mentions: tuple[StreetMention, ...]
    junction: bool
    words: tuple[tuple[int, int, tuple[str, ...]], ...]  # all parts: start, end, words; for landmarks


NONE = StreetParts(mentions=(), junction=False, words=())


def read(address: Address, known: Container[str]) -> StreetParts:
    """The street parts of `address` by the keys in `known`."""
    parts = _read(address, known, bare=False)
    named = {mention.key for mention in parts.mentions}
    if len(named) == 1 and not parts.mentions[0].number and (parts.junction or " - " in address.text):
        # "Linh Trung - Kha Vạn Cân": beside a street, what is an area's name too is a street's.
        again = _read(address, known, bare=True)
        if again.junction and len({mention.key for mention in again.mentions if mention.known}) > 1:
            return again
    return parts


def _read(address: Address, known: Container[str], bare: bool) -> StreetParts:
    found = tokens(address.text)
    masked = _mask(address, found, bare)
    mentions: list[StreetMention] = []
    words = []
    pending = ""
    junction = False
    folded = fold(address.text)
    for first, end in _chunks(found, [False] * len(found)):
        words.append((found[first].start, found[end - 1].end, tuple(spelling(t.key) for t in found[first:end])))
    chunks = _chunks(found, masked)
    for first, end in chunks:
        chunk = found[first:end]
        keys = [spelling(token.key) for token in chunk]
        several, number = _chunk(chunk, keys, folded, known, pending)
        several = [each for each in several if bare or each.number or each.marked or not _is_area(address, each)]
        junction = junction or any(_starts(keys, at, _JUNCTION) for at in range(len(keys)))
        junction = junction or (len([each for each in several if each.known]) > 1 and bool(_MEETS.intersection(keys)))
        mentions += several
        pending = number
        if pending and len(chunks) == 2 and len(keys) == 1 and _CODE_NAME.match(keys[0]) and len(mentions) == 1:
            # "Tô Ngọc Vân - TX25": the short form of a numbered street
            lone = chunk[0]
            mentions.append(
                StreetMention(
                    key=keys[0],
                    known=keys[0] in known,
                    number="",
                    relation="at",
                    marked=False,
                    lead=True,
                    whole=True,
                    start=lone.start,
                    end=lone.end,
                    score=1.0,
                )
            )
    if not junction and len(mentions) == 2 and not any(mention.number for mention in mentions):
        # "Trần Quang Khải - Trần Khắc Chân" and nothing else
        one, other = mentions
        between = address.text[one.end : other.start]
        junction = len(between) <= 3 and any(mark in between for mark in "-–&/x") and one.lead and other.whole
    if not junction:
        junction = "&" in address.text and sum(mention.known for mention in mentions) > 1
    order = sorted(range(len(mentions)), key=lambda place: (-mentions[place].score, place))
    return StreetParts(mentions=tuple(mentions[place] for place in order), junction=junction, words=tuple(words))


def _mask(address: Address, found: Sequence[Token], bare: bool) -> list[bool]:
    """Which words belong to an area. A name at the very beginning may be a street's as well; with `bare` any name may
    that bears no marker."""
    masked = [False] * len(found)
    for part in address.parts:
        if bare and part.manner != "marked" and part.levels[0] in ("ward", "district"):
            continue
        if part.manner == "landmark" or (part.manner == "leading" and part.levels[0] != "hamlet"):
            continue
        if part.levels[0] == "province" and not part.known and part.key.startswith("lo "):
            continue  # Tỉnh Lộ 7
        if part.levels[0] == "city" and any(
            token.end <= part.start <= token.end + 1 and token.key in _CALLED_AFTER for token in found
        ):
            continue  # Cầu Sài Gòn
        for place, token in enumerate(found):
            if token.start >= part.start and token.end <= part.end:
                masked[place] = True
    return masked


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
        while end < len(found) and not masked[end] and not _parted(found, end):
            end += 1
        result.append((at, end))
        at = end
    return result


def _parted(found: Sequence[Token], at: int) -> bool:
    """Whether a part ends before word `at`; the dash of a range (60-62) parts nothing."""
    one, other = found[at - 1], found[at]
    return other.before == HARD and not (other.gap in ("-", "–") and one.numeric and other.numeric)


def _starts(keys: Sequence[str], at: int, phrases: Sequence[tuple[str, ...]]) -> int:
    for phrase in phrases:
        if tuple(keys[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return 0


def _chunk(  # noqa: PLR0912, PLR0915  one pass over the words, every turn a habit of writing
    chunk: Sequence[Token], keys: list[str], folded: str, known: Container[str], pending: str
) -> tuple[list[StreetMention], str]:
    """The streets named in one part; a number that stands alone is handed on to the next part."""
    mentions: list[StreetMention] = []
    number, number_at = pending, -1
    relation: Relation = "at"
    marked = indoors = landmark = False
    fresh = bool(pending)  # a number that no name has taken yet
    at = 0
    begun = True  # nothing but markers and numbers so far
    while at < len(keys):
        key = keys[at]
        step = next((len(phrase) for phrase, _ in _RELATIONS if tuple(keys[at : at + len(phrase)]) == phrase), 0)
        if step and at + step < len(keys):
            relation = next(kind for phrase, kind in _RELATIONS if tuple(keys[at : at + len(phrase)]) == phrase)
            at += step
            begun = True
            continue
        if key in _ALLEY and at + 1 < len(keys) and _NUMERIC.match(keys[at + 1]):
            relation = "alley"
            at += 1
            continue
        months = at + 1 < len(keys) and keys[at + 1] in _MONTHS
        is_number = bool(_NUMERIC.match(key)) and not months
        if is_number and not (marked and _PLAIN.match(key)):
            end = _number_end(chunk, keys, at)
            named = _name(keys, at, known, marked) if not key[0].isdigit() and end == at + 1 else None
            if named is None or not (marked or fresh):
                if not indoors:
                    number = folded[chunk[at].start : chunk[end - 1].end].replace(" ", "")
                    number_at = at
                    fresh = True
                indoors = False
                at = end
                marked = False
                begun = True
                continue
        length, found, is_known = _name(keys, at, known, marked) or (0, "", False)
        if length < 2 and key in _INDOORS and not marked:
            indoors = True
            at += 1
            continue
        place = 0 if marked or fresh else _starts(keys, at, tuple(_PLACES))
        if place and length <= place:
            landmark = True
            at += place
            begun = False
            continue
        if key == "so" and length == 2 and not marked and at + 2 < len(keys):
            length = 0  # số 4 Đào Trí
        whole = at + length == len(keys)
        partial = (
            length and not whole and length <= 3 and keys[at + length].isalpha() and keys[at + length] not in _ENDS
        )
        behind = fresh or marked
        if (
            length
            and (behind or begun or length > 1)
            and (is_known and (length > 1 or behind or (begun and whole) or len(found) > 3))
        ):
            start = chunk[number_at if number_at >= 0 else at].start
            score = 3.0 + (2.0 if fresh else 0.0) + (1.0 if marked else 0.0) + (0.5 if whole else 0.0)
            score += (0.3 if begun else -1.5 if not behind else 0.0) + 0.1 * min(length, 4)
            score -= 1.5 if relation == "near" and not fresh else 0.0
            score -= 1.5 if length == 1 and not behind else 0.0
            score -= 2.0 if length == 1 and not marked and not (fresh and whole) else 0.0
            score -= 2.5 if landmark and not behind else 0.0
            score -= 2.0 if not whole and keys[at + length] in _BESIDE_LANDMARK else 0.0
            score -= 1.2 if partial and length < 3 and found not in _SURE else 0.0
            mentions.append(
                StreetMention(
                    key=found,
                    known=True,
                    number=number if fresh else "",
                    relation=relation,
                    marked=marked,
                    lead=at == 0 or number_at == 0,
                    whole=whole,
                    start=start,
                    end=chunk[at + length - 1].end,
                    score=score,
                )
            )
            if partial and behind and length == 2:
                more = min(len(keys), at + 4)
                mentions.append(
                    StreetMention(
                        key=key_of(keys[at:more]),
                        known=False,
                        number=number if fresh else "",
                        relation=relation,
                        marked=marked,
                        lead=at == 0 or number_at == 0,
                        whole=more == len(keys),
                        start=start,
                        end=chunk[more - 1].end,
                        score=score + 0.4,
                    )
                )
            at += length
            marked = fresh = indoors = landmark = False
            number, number_at = "", -1
            relation = "at"
            begun = False
            continue
        if key in _MARKERS or (key == "so" and marked):
            marked = True
            at += 1
            continue
        if (key in _NOISE and begun) or _starts(keys, at, _JUNCTION) or key in _MEETS:
            at += max(1, _starts(keys, at, _JUNCTION))
            begun = True
            continue
        if behind and key not in _STREET_WORDS | _NOISE:
            # A name that is not known: up to the end of its part.
            end = min(len(keys), at + 6)
            for stop in range(at + 1, end):
                if keys[stop] in _MARKERS or keys[stop] in _MEETS or keys[stop] in ("goc", "gan"):
                    end = stop
                    break
            start = chunk[number_at if number_at >= 0 else at].start
            name = key_of((["duong"] if marked else []) + keys[at:end])
            if len(name) > 1:
                mentions.append(
                    StreetMention(
                        key=name,
                        known=False,
                        number=number if fresh else "",
                        relation=relation,
                        marked=marked,
                        lead=at == 0 or number_at == 0,
                        whole=end == len(keys),
                        start=start,
                        end=chunk[end - 1].end,
                        score=1.0 + (0.6 if fresh else 0.0) + (1.0 if marked else 0.0) - (0.8 if indoors else 0.0),
                    )
                )
            at += 1
            marked = fresh = False
            number, number_at = "", -1
            begun = False
            continue
        marked = False
        indoors = False
        begun = False
        at += 1
    return mentions, number if fresh else ""


def _number_end(chunk: Sequence[Token], keys: Sequence[str], at: int) -> int:
    """The word behind a house number: 173-173b, 51/7/3, 12 a, a5/6/1."""
    end = at + 1
    while end < len(keys):
        gap = chunk[end].gap
        short = len(keys[end]) == 1
        joined = gap.strip() in _JOINS and bool(short or _NUMERIC.match(keys[end]))
        letter = gap == " " and short and keys[end] in "abcdefgh" and end + 1 < len(keys)
        if not (joined or letter or keys[end] == "bis"):
            break
        end += 1
    return end


def _name(keys: Sequence[str], at: int, known: Container[str], marked: bool) -> tuple[int, str, bool] | None:
    """(words, key, True) of the longest known name that begins at a word."""
    head = ["duong"] if marked else []
    for length in range(min(_LONGEST, len(keys) - at), 0, -1):
        words = keys[at : at + length]
        key = key_of(head + list(words))
        if key in known:
            if length == 1 and not marked and words[0] in _STREET_WORDS | _NOISE | _INDOORS:
                return None
            return length, key, True
    return None
