"""A street's name with a letter wrong, told from a street that is not in the files.

What the parser leaves uncovered of the words between a house number and the next area or comma is looked up with one
slip allowed, the longest stretch of words first. "243 Tân Hòa Đômg" is Tân Hòa Đông, not Tân Hòa with a word behind it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace

from rapidfuzz.distance import OSA

from geo.address.mentions import StreetMention, StreetParts
from geo.address.parser import Address
from geo.address.tokens import HARD, Token, tokens
from geo.address.vocabulary import spelling
from geo.gazetteer.keys import key_of
from geo.gazetteer.slips import SLIP, Slips

_LONGEST = 7  # words of a name
_MOST = 6  # names that one stretch of words may have meant
_MARKERS = ("duong",)
_CLASSES = ("quoc", "tinh", "huong", "duong")  # the words before a name that are long enough for a slip
_NUMBERED = re.compile(r"^[a-z]{0,2}\d+[a-z]{0,3}\d*$")
_SKIPPED = frozenset({"so", "nha", "doi", "gan", "ke", "canh", "truoc", "sau", "hem", "lo", "duong", "bis"})
_TORN = 3.5  # how much less, in points of score, a reading is worth that leaves over the words of a name
_LEFT_OVER = 0.6  # … and one that leaves over words behind it


def repaired(address: Address, parts: StreetParts, known: Container[str], slips: Slips) -> StreetParts:
    """`parts` and, before them, the streets that its words name with one letter wrong."""
    if parts.junction or _covered(parts.mentions[:1]):
        return parts
    added: list[StreetMention] = []
    torn: set[int] = set()
    for run in _runs(address):
        words, first = _name_words(run)
        if not words:
            continue
        inside = [n for n, m in enumerate(parts.mentions) if m.start < run[-1].end and m.end > run[0].start]
        reached = _reached(parts.mentions, inside, run, first)
        if reached == len(words):
            continue
        found, length = _search(words, reached, known, slips)
        if not found:
            continue
        numbered = next((m for m in parts.mentions if m.number and _within(m, run)), None)
        number = numbered.number if numbered else ""
        whole = length == len(words)
        score = 3.0 + (2.0 if number else 0.0) + (0.5 if whole else -_LEFT_OVER) + 0.1 * min(length, 4)
        start = run[0].start if number else run[first].start
        torn.update(inside)
        added += [
            StreetMention(
                key=key,
                known=True,
                number=number,
                relation=numbered.relation if numbered else "at",
                marked=False,
                lead=True,
                whole=whole,
                start=start,
                name_start=run[first].start,
                end=run[first + length - 1].end,
                score=score,
                likeness=likeness,
            )
            for key, likeness in found
        ]
    if not added:
        return parts
    kept = [replace(m, score=m.score - _TORN) if n in torn else m for n, m in enumerate(parts.mentions)]
    mentions = sorted([*added, *kept], key=lambda mention: (-mention.score, -mention.likeness))
    return replace(parts, mentions=tuple(mentions))


def _covered(best: Sequence[StreetMention]) -> bool:
    """Whether the best reading leaves no word of a name over: the common case, and then nothing is misspelt."""
    return bool(best) and best[0].known and best[0].whole and (best[0].lead or bool(best[0].number))


def _within(mention: StreetMention, run: Sequence[Token]) -> bool:
    return run[0].start <= mention.start < run[-1].end


def _runs(address: Address) -> list[list[Token]]:
    """The words between commas that no area bears."""
    areas = [(part.start, part.end) for part in address.parts if part.manner != "landmark"]
    result: list[list[Token]] = []
    open_run = False
    for token in tokens(address.text):
        if any(start <= token.start and token.end <= end for start, end in areas):
            open_run = False
            continue
        dash = token.gap in ("-", "–") and token.numeric
        if not open_run or (token.before == HARD and not dash):
            result.append([])
        result[-1].append(token)
        open_run = True
    return result


def _name_words(run: Sequence[Token]) -> tuple[list[str], int]:
    """(keys of the words of a name, place of the first): what stands behind house number and "đối diện"."""
    at = 0
    keys = [spelling(token.key) for token in run]
    while at < len(keys) and (
        _NUMBERED.match(keys[at])
        or keys[at] in _SKIPPED
        or (at and (len(keys[at]) == 1 or tuple(keys[at - 1 : at + 1]) == ("doi", "dien")))
    ):
        if keys[at] in _MARKERS and at + 1 < len(keys):
            break
        at += 1
    if at and at < len(keys) and keys[at] == "thang":  # "3 tháng 2"
        at -= 1
    return keys[at:], at


def _reached(mentions: Sequence[StreetMention], inside: Sequence[int], run: Sequence[Token], first: int) -> int:
    """How many words from the first on a known street covers; 0 where none begins there."""
    reached = 0
    for number in inside:
        mention = mentions[number]
        if mention.known and mention.start <= run[first].start:
            reached = max(reached, sum(1 for token in run[first:] if token.end <= mention.end))
    return reached


def _search(
    words: Sequence[str], reached: int, known: Container[str], slips: Slips
) -> tuple[list[tuple[str, float]], int]:
    """(names with how likely each is, number of words) of the longest stretch that is one slip from a name."""
    for length in range(min(_LONGEST, len(words)), max(reached, 0), -1):
        stretch = list(words[:length])
        found: dict[str, float] = {}
        if len(stretch[0]) >= 4 and length > 1:
            for right in _CLASSES:
                if OSA.distance(stretch[0], right, score_cutoff=1) == 1:
                    key = key_of([right, *stretch[1:]])
                    if key in known:
                        found[key] = SLIP
        if length > 1 or len(stretch[0]) >= 7:
            found.update(slips.search(key_of(stretch)))
        if found:
            return sorted(found.items(), key=lambda item: -item[1])[:_MOST], length
    return [], 0
