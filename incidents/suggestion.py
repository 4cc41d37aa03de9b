"""A category for what somebody wrote without one: a word list, and how far it is to be trusted.

`reference/words.csv` says which phrase speaks for which category, and how strongly (a phrase may speak for several).
Accents may be missing in what people type; where they are there and say another word (đèn, đen), the phrase counts for
less, and a phrase as short as "ồn" needs them. A longer phrase stands for the shorter ones inside it. The weights add
up, and a softmax over the categories and "none of them" gives the confidence; its slope and the weight of "none" were
fitted on the demo's phrases, and are measured on others (tests/unit/test_suggestion.py).
"""

from __future__ import annotations

import csv
import functools
import math
import re
from collections.abc import Sequence
from pathlib import Path

from geo.text import accent_key, fold, has_accents, nfc
from incidents.reference.errors import BadLine
from incidents.reference.values import Reference, Suggestion

WORDS = Path(__file__).parent / "reference" / "words.csv"

SLOPE = 2.3
"""how much more likely one point of weight makes a category, as a power of e"""
NONE = 1.0
"""the weight of a text that speaks of none of the categories"""
OTHER_ACCENTS = 0.4
"""what is left of a phrase's weight where the text's accents say another word"""
MOST = 0.97
"""a word list is never surer than this"""
LEAST = 0.35
"""below this confidence nothing is suggested"""

_WORD = re.compile(r"\w+")
_Phrases = dict[tuple[str, ...], list[tuple[tuple[str, ...], str, float]]]


def suggest(texts: Sequence[str], reference: Reference) -> list[Suggestion | None]:
    """The likeliest category of each text with the probability that it is right, or None where it is too unsure."""
    alive = {code for code, category in reference.categories.items() if not category.retired}
    return [_suggest(text, alive) for text in texts]


def scores(text: str) -> dict[str, float]:
    """The weight of every category that the text speaks of."""
    phrases, longest = _words()
    words = _WORD.findall(nfc(text)[:4000])
    plain = [fold(word) for word in words]
    accented = [_accents(word) for word in words] if has_accents(text) else None
    taken = [False] * len(words)
    found: dict[tuple[str, str], float] = {}
    for length in range(min(longest, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            end = start + length
            matches = phrases.get(tuple(plain[start:end]))
            if matches is None or all(taken[start:end]):
                continue
            if length == 1 and accented is None and len(plain[start]) < 3:
                continue
            agreeing = [m for m in matches if accented is None or tuple(accented[start:end]) == m[0]]
            for _, category, weight in agreeing or matches:
                phrase = (category, " ".join(plain[start:end]))
                found[phrase] = max(found.get(phrase, 0.0), weight if agreeing else weight * OTHER_ACCENTS)
            if agreeing:
                taken[start:end] = [True] * length
    total: dict[str, float] = {}
    for (category, _), weight in found.items():
        total[category] = total.get(category, 0.0) + weight
    return total


def _suggest(text: str, alive: set[str]) -> Suggestion | None:
    weights = {category: weight for category, weight in scores(text).items() if category in alive}
    if not weights:
        return None
    best = max(weights, key=lambda category: (weights[category], category))
    highest = max(weights[best], NONE)
    whole = sum(math.exp(SLOPE * (weight - highest)) for weight in (*weights.values(), NONE))
    confidence = math.exp(SLOPE * (weights[best] - highest)) / whole
    return Suggestion(category=best, confidence=round(min(confidence, MOST), 3)) if confidence >= LEAST else None


@functools.lru_cache(maxsize=20_000)
def _accents(word: str) -> str:
    return accent_key(word)


@functools.cache
def _words(file: Path = WORDS) -> tuple[_Phrases, int]:
    """Phrases by their plain words, and how many words the longest has. Raises BadLine."""
    phrases: _Phrases = {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        for row in reader:
            try:
                weight = float(row["weight"])
                words = _WORD.findall(nfc(row["phrase"]))
                category = row["category"]
            except (KeyError, TypeError, ValueError):
                raise BadLine(file.name, reader.line_num, "needs `category,phrase,weight`, a number last") from None
            if not words or weight <= 0:
                raise BadLine(file.name, reader.line_num, "an empty phrase, or a weight that is not above 0")
            key = tuple(fold(word) for word in words)
            phrases.setdefault(key, []).append((tuple(accent_key(word) for word in words), category, weight))
    return phrases, max(map(len, phrases))
