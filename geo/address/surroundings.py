"""What stands round a word of an address: markers, commas, streets and places before it, the end of its part."""

from __future__ import annotations

from typing import Literal

from rapidfuzz.distance import Levenshtein

from geo.address.tokens import HARD, tokens
from geo.address.vocabulary import Entry, Vocabulary, spelling
from geo.address.words import (
    AT,
    BESIDE,
    CALLED,
    HAMLETS,
    HEADING,
    MARKERS,
    MEETS,
    MISSPELT,
    NOT_MISSPELT,
    STREETS,
    STREETS_AFTER,
    TOWARDS,
    Marker,
)
from geo.text import accent_key, has_accents

# How an area is named: with a marker; as a part of its own; as the first part, where a street may stand; at the end of
# a part, behind a street; by something that is called after it (chợ Bến Thành).
Manner = Literal["marked", "alone", "leading", "trailing", "landmark"]

MARKER_LENGTHS = (3, 2, 1)
_MARKER_BEGINS = frozenset(words[0] for words in MARKERS)


class Surroundings:
    """The words of one text, and what has been found out about each so far (`taken`)."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.vocabulary = vocabulary
        self.taken = [""] * len(self.tokens)  # per word: area, hamlet, street, landmark or nothing
        self.accented = has_accents(text)
        self.ends = self._ends()
        self._markers: dict[int, tuple[int, Marker] | None] = {}
        self._closes: dict[int, bool] = {}

    def _ends(self) -> list[int]:
        """For each word the first one behind it that a comma parts from it."""
        ends = [len(self.tokens)] * len(self.tokens)
        for place in range(len(self.tokens) - 2, -1, -1):
            ends[place] = place + 1 if self.tokens[place + 1].before == HARD else ends[place + 1]
        return ends

    # ------------------------------------------------------------ what the surroundings say
    def _manner(self, at: int, end: int) -> Manner | None:
        """How an unmarked name stands at words at … end, or None where it is not meant as an area."""
        closed = self._closed(end)
        before = self._before(at)
        if before == "word" and (self.tokens[at - 1].key in TOWARDS or self.tokens[at - 1].key in MEETS):
            return None
        if self.tokens[at].key in CALLED and at and self.tokens[at].before < HARD and self.tokens[at - 1].key in BESIDE:
            return None  # dưới chân cầu Kiệu
        if (
            before == "word"
            and self.tokens[at - 1].key in AT
            and (self.accented or self.tokens[at - 1].key in ("o", "tai", "thuoc", "in", "at"))
        ):
            return "alone"
        if end < len(self.tokens) and self.tokens[end].before < HARD and self.tokens[end].key in STREETS_AFTER:
            return None
        if before == "place":
            return "landmark" if closed else None
        if (
            before == "number"
            and at > 1
            and self.taken[at - 2] == "street"
            and self.vocabulary.is_district(self._keys(at, end - at))
        ):
            return "trailing" if closed else None  # đường D5 Bình Thạnh
        if before in ("number", "street"):
            return None
        if before == "area":
            return "alone" if closed else "trailing"
        if not closed:
            return None
        if before == "start":
            return "leading" if at == 0 and end < len(self.tokens) else "alone"
        return "trailing"

    def _before(self, at: int) -> str:
        """What stands before word `at` in its part; brackets are looked through: 7B (bến xe) Hòa Bình."""
        if not at:
            return "start"
        if self.tokens[at].before < HARD:
            return self.taken[at - 1]
        if self.tokens[at].gap.strip() != ")":
            return "start"
        place = at - 1
        while place > 0 and "(" not in self.tokens[place].gap:
            place -= 1
        if place > 0 and self.taken[place - 1] == "number" and self.tokens[place].gap.strip() == "(":
            return "number"
        return "start"

    def _closed(self, end: int) -> bool:
        """Whether a part of the address ends at word `end`: by a comma, the end, or another area."""
        passed = []
        while end not in self._closes:
            passed.append(end)
            if (
                end >= len(self.tokens)
                or self.tokens[end].before == HARD
                or self._marker(end) is not None
                or self._keys(end, 1) in HAMLETS
                or self._keys(end, 2) in HAMLETS
            ):
                self._closes[end] = True
            else:
                following = self.vocabulary.match(self.tokens, end)
                if following is None or self.tokens[end].numeric:
                    self._closes[end] = self.tokens[end].key == "cu"  # (Q. 9 cũ)
                else:
                    end += following[0]
        for place in passed:
            self._closes[place] = self._closes[end]
        return self._closes[end]

    def _is_street_or_place_before(self, at: int, marker: Marker) -> bool:
        """A single letter behind "đường" is the street's own (đường P)."""
        return (
            not marker.sure
            and self._street_before(at)
            and self.taken[at - 1] == "street"
            and self.tokens[at].gap == " "
        )

    def _is_initial(self, at: int) -> bool:
        """Whether a letter goes on with the initials of a name: the H of 160/72 P.H.Ích is no Huyện."""
        before = self.tokens[at - 1].key if at else ""
        joined = self.tokens[at].gap.strip() == "."
        return len(before) == 1 and before.isalpha() and joined and self.taken[at - 1] != "area"

    def _heading(self, at: int) -> bool:
        """Whether word `at` is where somebody is going: hướng về Quận 1."""
        if at < 2 or self.tokens[at].before == HARD or self.tokens[at - 1].key not in TOWARDS:
            return False
        return self.tokens[at - 2].key in HEADING or (at > 2 and self.tokens[at - 3].key in HEADING)

    def _street_before(self, at: int) -> bool:
        return at > 0 and self.tokens[at].before < HARD and self.taken[at - 1] == "street"

    def _behind_number(self, at: int) -> bool:
        return at > 0 and self.tokens[at].before < HARD and self.taken[at - 1] in ("number", "street")

    def _between_areas(self, at: int, end: int) -> bool:
        return (at > 0 and self.taken[at - 1] == "area") or (end < len(self.tokens) and self._marker(end) is not None)

    def _marker(self, at: int) -> tuple[int, Marker] | None:
        if self.tokens[at].key not in _MARKER_BEGINS:
            return self._misspelt_marker(at) if len(self.tokens[at].key) > 3 else None
        if at not in self._markers:
            self._markers[at] = self._find_marker(at)
        return self._markers[at]

    def _find_marker(self, at: int) -> tuple[int, Marker] | None:
        for length in MARKER_LENGTHS:
            marker = MARKERS.get(self._keys(at, length))
            if marker is None or not self._accents_fit(at, length, marker.accents):
                continue
            if length == 2 and self._keys(at, 2) == ("t", "p") and self.tokens[at + 1].gap != ".":
                continue
            if self._keys(at, 2) in STREETS or at + length >= len(self.tokens):
                return None
            return length, marker
        return None

    def _misspelt_marker(self, at: int) -> tuple[int, Marker] | None:
        """Phường or quận with one letter wrong, only before a number and where an area may stand."""
        token = self.tokens[at]
        if at + 1 >= len(self.tokens) or not self.tokens[at + 1].key.isdigit() or self.tokens[at + 1].before == HARD:
            return None
        if token.key in NOT_MISSPELT or (token.before < HARD and (not at or self.taken[at - 1] != "area")):
            return None
        for word, marker in MISSPELT.items():
            if token.key[0] == word[0] and Levenshtein.distance(token.key, word, score_cutoff=1) <= 1:
                return 1, marker
        return None

    def _accents_fit(self, at: int, length: int, allowed: tuple[str, ...]) -> bool:
        if not allowed:
            return True
        typed = self.text[self.tokens[at].start : self.tokens[at + length - 1].end]
        return not has_accents(typed) or accent_key(typed) in allowed

    def _fits(self, entry: Entry, level: str, at: int, end: int) -> bool:
        """An unmarked name with accents must bear the name's own."""
        if level not in entry.levels:
            return False
        typed = self._accents(at, end)
        return not typed or level not in entry.accents or spelling(typed) in entry.accents[level]

    def _continues(self, end: int, marker: Marker, entry: Entry) -> bool:
        """Whether a short name behind a single letter runs on into other words (P. An toàn …)."""
        return not marker.sure and end < len(self.tokens) and self.tokens[end].before < HARD and len(entry.levels) == 0

    def _keys(self, at: int, length: int) -> tuple[str, ...]:
        """The keys of `length` words that no comma parts; empty where there are fewer."""
        if at >= len(self.tokens) or at + length > self.ends[at]:
            return ()
        return tuple(self.tokens[place].key for place in range(at, at + length))

    def _accents(self, at: int, end: int) -> str:
        typed = self.text[self.tokens[at].start : self.tokens[end - 1].end]
        return accent_key(typed) if has_accents(typed) else ""
