"""The names that an address may hold, for the parser: it matches words, it knows nothing of places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from geo.address import words
from geo.address.tokens import DASH, HARD, Token, tokens
from geo.text import accent_key, nfc

# How near, of 100 (rapidfuzz ratio): one letter of eight to ten may be wrong.
_NEAR_CITY = 85.0
_NEAR_DISTRICT = 87.0


def spelling(key: str) -> str:
    """i and y are written for one another (Tân Quý, Tân Quí): one key for both."""
    return key.replace("y", "i")


@dataclass(slots=True)
class Entry:
    """One name: the levels it may stand for, and how it is written with accents (at each level)."""

    levels: set[str] = field(default_factory=set)
    accents: dict[str, set[str]] = field(default_factory=dict)


class Vocabulary:
    """Names by their words. `match` finds the longest one that begins at a word."""

    def __init__(self, names: Iterable[tuple[str, str]] = ()) -> None:
        """`names`: pairs of level (ward, district, …) and short name (Bình Thạnh, 12)."""
        self._entries: dict[tuple[str, ...], Entry] = {}
        self._lengths: dict[str, list[int]] = {}
        for level, name in names:
            self._add(level, name)
        for level, fixed in (
            ("city", words.CITY),
            ("country", words.COUNTRY),
            ("province", words.PROVINCES),
            ("elsewhere", words.ELSEWHERE),
        ):
            for name in fixed:
                self._add(level, name, accents=False)
        for lengths in self._lengths.values():
            lengths.sort(reverse=True)
        self._districts = [
            " ".join(key) for key, entry in self._entries.items() if "district" in entry.levels and len(key) > 1
        ]

    def _add(self, level: str, name: str, accents: bool = True) -> None:
        name = nfc(name)
        key = tuple(spelling(token.key) for token in tokens(name))
        if not key:
            return
        entry = self._entries.setdefault(key, Entry())
        entry.levels.add(level)
        if accents:
            entry.accents.setdefault(level, set()).add(spelling(accent_key(name)))
        lengths = self._lengths.setdefault(key[0], [])
        if len(key) not in lengths:
            lengths.append(len(key))

    def is_district(self, words: Sequence[str]) -> bool:
        """Whether these words are a district's name, and no number."""
        entry = self._entries.get(tuple(spelling(word) for word in words))
        return entry is not None and "district" in entry.levels and not words[0].isdigit()

    def near(self, key: str) -> str:
        """city or district where `key` is nearly the name of one, else nothing."""
        key = spelling(key)
        if fuzz.ratio(key, words.CITY[0]) >= _NEAR_CITY:
            return "city"
        found = process.extractOne(key, self._districts, scorer=fuzz.ratio, score_cutoff=_NEAR_DISTRICT)
        return "district" if found else ""

    def match(self, found: Sequence[Token], at: int) -> tuple[int, Entry] | None:
        """The longest name that begins at word `at`, as (number of words, entry); names do not cross a comma."""
        matches = self.matches(found, at)
        return matches[0] if matches else None

    def matches(self, found: Sequence[Token], at: int) -> list[tuple[int, Entry]]:
        """All names that begin at word `at`, longest first."""
        if at >= len(found):
            return []
        first = spelling(found[at].key)
        result = []
        for length in self._lengths.get(first, ()):
            if at + length > len(found):
                continue
            key = [first]
            for token in found[at + 1 : at + length]:
                if (token.before == HARD and "-" not in token.gap) or (token.before >= DASH and length < 3):
                    break
                key.append(spelling(token.key))
            else:
                entry = self._entries.get(tuple(key))
                if entry is not None:
                    result.append((length, entry))
        return result
