"""The two sides of a junction's name, whatever they are: "Tô Ngọc Vân - TX25", "góc A và B", "Hẻm 62 A giao A"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from geo.address import street_words as w
from geo.address.mentions import StreetParts
from geo.address.parser import Address
from geo.address.tokens import HARD, Token, tokens
from geo.address.vocabulary import spelling

Words = tuple[str, ...]

_MOST_WORDS = 9  # of a side
# Words between two streets, the surest first; a dash may be part of a name.
_BETWEEN: tuple[tuple[Words, ...], ...] = (
    (("giao", "lo", "voi"), ("giao", "voi"), ("giao", "cat"), ("giao",), ("cat",), ("gap",)),
    (("va",), ("and",), ("x",), ("voi",)),
    (("goc", "duong"), ("goc",)),
)
_FIRST = frozenset(phrase[0] for phrases in _BETWEEN for phrase in phrases)
_MARK = re.compile(r"^\s*[-–—&/+]\s*$")


def sides(address: Address, parts: StreetParts) -> list[tuple[Words, Words]]:
    """Pairs of names that may be those of two streets that meet, as words of keys; empty where it is no such text."""
    every = tokens(address.text)
    if not any(spelling(token.key) in _FIRST or _MARK.match(token.gap) for token in every):
        return []  # the common case
    found = [token for token in every if not any(_within(token, part) for part in parts.areas)]
    if not found:
        return []
    end = next((at for at in range(1, len(found)) if "," in found[at].gap or "(" in found[at].gap), len(found))
    found = found[:end]
    keys = [spelling(token.key) for token in found]
    first = max((len(words) for words in w.JUNCTIONS if tuple(keys[: len(words)]) == words), default=0)
    if first and keys[first - 1] == "duong":
        first -= 1
    said = first > 0
    keys, found = keys[first:], found[first:]
    result = []
    for words in _BETWEEN:
        at, length = _first_of(keys, words)
        if at > 0 and (said or words is not _BETWEEN[1] or keys[at] == "x"):
            result.append((tuple(keys[:at]), tuple(keys[at + length :])))
            break
    if not result:
        result = _at_dashes(found, keys)
    return [pair for pair in result if all(0 < len(side) <= _MOST_WORDS and _is_name(side) for side in pair)]


def _at_dashes(found: Sequence[Token], keys: Sequence[str]) -> list[tuple[Words, Words]]:
    """Names to both sides of a dash; where there are several, one may be part of a name, or there are three streets."""
    cuts = [at for at in range(1, len(keys)) if _MARK.match(found[at].gap) and _dash(found, at)]
    spaced = [at for at in cuts if found[at].gap[:1] == " " and found[at].gap[-1:] == " "]
    cuts = spaced or cuts
    if not 0 < len(cuts) < 4:
        return []
    bounds = [0, *cuts, len(keys)]
    pairs = [(tuple(keys[:at]), tuple(keys[at:])) for at in cuts]
    pairs += [
        (tuple(keys[bounds[k] : bounds[k + 1]]), tuple(keys[bounds[k + 1] : bounds[k + 2]])) for k in range(len(cuts))
    ]
    return list(dict.fromkeys(pairs))


def _within(token: Token, part: object) -> bool:
    return bool(part.start <= token.start and token.end <= part.end)  # type: ignore[attr-defined]


def _dash(found: Sequence[Token], at: int) -> bool:
    """Whether the mark before a word parts two names: with spaces round it, or & and +; 60-62 is a range."""
    gap = found[at].gap
    if any(mark in gap for mark in "&+"):
        return True
    return found[at].before == HARD and (len(gap) > 1 or not (found[at - 1].numeric and found[at].numeric))


def _first_of(keys: Sequence[str], phrases: Sequence[Words]) -> tuple[int, int]:
    for at in range(1, len(keys) - 1):
        for phrase in phrases:
            if tuple(keys[at : at + len(phrase)]) == phrase and at + len(phrase) < len(keys):
                return at, len(phrase)
    return 0, 0


def _is_name(side: Words) -> bool:
    """Whether a side could name a street: no house number alone, nor one before a name."""
    if len(side) == 1 and side[0].isdigit():
        return False
    return not (len(side) > 1 and re.match(r"^\d+[a-z]?$", side[0]) and side[1] != "thang" and side[1].isalpha())
