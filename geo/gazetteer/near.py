"""Names by near spelling: three-letter pieces find a few, the whole strings are then compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process

_VOWELS = frozenset("aeiouy")


class NearNames:
    """The keys of all streets, searched by what nearly is one of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = list(keys)
        postings: dict[str, list[int]] = defaultdict(list)
        for number, key in enumerate(self.keys):
            for piece in _pieces(key):
                postings[piece].append(number)
        self._postings = {piece: np.array(numbers, dtype=np.int32) for piece, numbers in postings.items()}
        self._size = np.array([max(1, len(_pieces(key))) for key in self.keys], dtype=np.float32)
        self._initials: dict[str, list[str]] = defaultdict(list)
        self._but_last: dict[str, list[str]] = defaultdict(list)
        for key in self.keys:
            words = key.split()
            if len(words) > 1:
                short = "".join(word if word[0].isdigit() else word[0] for word in words)
                self._initials[short].append(key)
                if words[-1].isalpha():
                    self._but_last[f"{short[:-1]} {words[-1]}"].append(key)

    def search(self, key: str, limit: int = 5, least: float = 80.0) -> list[tuple[str, float]]:
        """(key, likeness 0…100) of the nearest names, best first."""
        wanted = _pieces(key)
        parts = [self._postings[piece] for piece in wanted if piece in self._postings]
        if not parts:
            return []
        common = np.bincount(np.concatenate(parts), minlength=len(self.keys)).astype(np.float32)
        likeness = common / (self._size + len(wanted) - common)
        count = min(30, len(self.keys))
        best = np.argpartition(-likeness, count - 1)[:count]
        choices = {int(number): self.keys[int(number)] for number in best}
        found = process.extract(key, choices, scorer=fuzz.ratio, score_cutoff=least, limit=limit)
        return [(name, float(score)) for name, score, _ in found]

    def initials(self, key: str) -> list[str]:
        """The names of which `key` is the first letters: tx25 is thanh xuan 25, ntmk is nguyen thi minh khai."""
        short = key.replace(" ", "")
        if not 2 < len(short) <= 7 or not short[0].isalpha():
            return []
        found = self._initials.get(short, [])
        if not found:  # tx025 is thanh xuan 25
            letters = short.rstrip("0123456789ab")
            digits = short[len(letters) :].lstrip("0")
            found = self._initials.get(letters + digits, []) if digits and len(letters) > 1 else []
        return found[:12]

    def abbreviated(self, words: Sequence[str]) -> list[str]:
        """The names that some first words stand for by letters and a last word: P.H.Ích is phan huy ich, N.V. Linh and
        NV Linh are nguyen van linh."""
        letters = next((at for at, word in enumerate(words) if len(word) > 1 or not word.isalpha()), len(words))
        if not letters and words and words[0].isalpha() and len(words[0]) < 5 and not _VOWELS.intersection(words[0]):
            letters = 1  # in one word
        if not 0 < letters < min(len(words), 6) or len(words[letters]) < 2:
            return []
        return self._but_last.get(f"{''.join(words[:letters])} {words[letters]}", [])[:12]


def _pieces(key: str) -> set[str]:
    text = f"  {key} "
    return {text[place : place + 3] for place in range(len(text) - 2)}
