"""An address as words with their places in the text, cut where people type without spaces (P12, q.bt, TP.HCM)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from geo.address.keyboards import any_vni, letters
from geo.text import fold

# What stands between two words: nothing that matters, a dash without spaces, or something that ends a part.
SOFT, DASH, HARD = 0, 1, 2

# Letters glued to a number are one word of a street or a house (A12, TTH02, K0), but these are two: p12, quan10, kp3.
_GLUED = re.compile(r"(?<![a-z0-9])(p|ph|f|q|x|kp|ap|phuong|quan|ward|district)(?=\d{1,2}(?![0-9a-z]))")
_TWICE = re.compile(r"(?<![a-z0-9])(?:p|f)\d{1,2}(?=q\d{1,2}(?![0-9a-z]))")
_HARD = re.compile(r"[,;()\[\]|:\n\t\"]|\.\.| -|- |^-")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its key without accents, its span in the text, and what stands before it."""

    key: str
    start: int
    end: int
    before: int  # SOFT, DASH or HARD
    gap: str  # the characters before it

    @property
    def numeric(self) -> bool:
        return any(char.isdigit() for char in self.key)


@lru_cache(maxsize=256)  # the parsers of areas and of streets read the same text one after the other
def tokens(text: str) -> tuple[Token, ...]:
    """The words of `text` (NFC), in order."""
    folded = fold(text)
    starts: list[tuple[int, int]] = []
    place = 0
    while place < len(folded):
        char = folded[place]
        if not char.isalnum():
            place += 1
            continue
        end = place
        while end < len(folded) and folded[end].isalnum():
            end += 1
        starts.extend(_cut(folded, place, end))
        place = end
    result: list[Token] = []
    last = 0
    vni = any_vni(folded[start:end] for start, end in starts)
    for start, end in starts:
        gap = folded[last:start]
        before = HARD if not result else _between(gap, folded, last, start)
        result.append(Token(_number(letters(folded[start:end], vni)), start, end, before, gap))
        last = end
    return tuple(result)


def _cut(folded: str, start: int, end: int) -> list[tuple[int, int]]:
    """One run of letters and digits, cut where a marker is glued to its number."""
    word = folded[start:end]
    twice = _TWICE.match(word)
    if twice:
        return _cut(folded, start, start + twice.end()) + _cut(folded, start + twice.end(), end)
    glued = _GLUED.match(word)
    if glued:
        return [(start, start + glued.end()), (start + glued.end(), end)]
    return [(start, end)]


def _number(key: str) -> str:
    """04 is 4; a house number with its zeros (001A) stays as it is."""
    return key.lstrip("0") or "0" if key.isdigit() and len(key) <= 2 else key


def _between(gap: str, folded: str, last: int, start: int) -> int:
    if _HARD.search(gap):
        return HARD
    if "-" in gap or "_" in gap:
        return DASH
    if ". " in gap:
        word = re.search(r"[a-z]+$", folded[max(0, last - 12) : last])
        return HARD if word and len(word.group()) > 3 and word.group() not in ("dist", "ward") else SOFT
    return SOFT
