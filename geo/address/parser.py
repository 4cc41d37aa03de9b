"""The parts of a Vietnamese address, each with the span of text it came from.

So far the parts that name areas: wards and districts old and new, the city, provinces, and what is smaller than a
ward (khu phố, ấp, tổ), which is told apart so that "KP. 3" is no ward. A name like a street's is no area: it needs a
marker (P., Q., xã …), a part of its own between commas, or to stand at the end where areas stand. Pure: no input
raises, and a text is read in well under a millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo.address.surroundings import MARKER_LENGTHS, Manner, Surroundings
from geo.address.tokens import HARD
from geo.address.vocabulary import Entry, Vocabulary
from geo.address.words import (
    AFTER,
    BRANDS,
    CITY,
    HAMLETS,
    LANDMARKS,
    NO_DISTRICT,
    NUMBERS,
    STREET_NAMES,
    STREETS,
    Marker,
)
from geo.text import nfc

MAX_LENGTH = 1000  # characters that are read; the rest of a longer text is left
_STREET_NAME_LENGTHS = tuple(sorted({len(name) for name in STREET_NAMES}, reverse=True))
# The first words of all of them: most words begin none, and are passed over at once.
_HAMLET_BEGINS = frozenset(words[0] for words in HAMLETS)
_STREET_NAME_BEGINS = frozenset(words[0] for words in STREET_NAMES)
_OTHER_BEGINS = frozenset(words[0] for words in STREETS | LANDMARKS)
_AREA_LEVELS = frozenset({"ward", "district", "province", "elsewhere"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of an address."""

    levels: tuple[str, ...]  # what it may be: ward, district, city, province, country, elsewhere, hamlet; best first
    key: str  # the name without marker, accents and leading zeros: "12", "binh thanh"
    accents: str  # the name with its accents (accent_key); empty where it was typed without any
    text: str  # as typed, marker included
    start: int  # span in Address.text
    end: int
    manner: Manner
    kinds: tuple[str, ...] = ()  # what the marker says it is (phuong, xa, quan …); empty: anything
    known: bool = True  # the name is in the vocabulary
    initials: bool = False  # the name may be given by its first letters (P.BN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A text and what was found in it. `text` is NFC; the spans of the parts are spans of it."""

    text: str
    parts: tuple[Part, ...]

    def areas(self) -> tuple[Part, ...]:
        """The parts that name an area within or outside the city, as against its streets, hamlets and the country."""
        return tuple(part for part in self.parts if part.levels[0] in _AREA_LEVELS)


def parse(text: str, vocabulary: Vocabulary) -> Address:
    """The area parts of `text` by the names in `vocabulary`, in the order of the text. Never raises."""
    whole = nfc(text[:MAX_LENGTH])[:MAX_LENGTH]
    return _Reading(whole, vocabulary).address()


class _Reading(Surroundings):
    """One pass over the words, from left to right."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        super().__init__(text, vocabulary)
        self.parts: list[Part] = []

    def address(self) -> Address:
        at = 0
        while at < len(self.tokens):
            at += (
                self._hamlet(at)
                or self._marked(at)
                or self._unmarked(at)
                or self._capitals(at)
                or self._misspelt(at)
                or self._other(at)
            )
        return Address(text=self.text, parts=tuple(self.parts))

    # ---------------------------------------------------- the kinds of parts; each returns how many words it took
    def _marked(self, at: int) -> int:
        found = self._marker(at)
        if found is None:
            return 0
        length, marker = found
        name_at = at + length
        if name_at >= len(self.tokens) or (self.tokens[name_at].before == HARD and length < 1):
            return 0
        if self.tokens[name_at].before == HARD and self.tokens[name_at].gap.strip() not in (".", ""):
            return 0
        if self._is_street_or_place_before(at, marker) or self._heading(at):
            return 0
        if self.tokens[name_at].numeric:
            return self._numbered(at, length, marker)
        for words, entry in self.vocabulary.matches(self.tokens, name_at):
            levels = tuple(level for level in marker.levels if level in entry.levels)
            if levels and not self._continues(name_at + words, marker, entry):
                return self._add(at, name_at, name_at + words, levels, "marked", kinds=marker.kinds)
        if self._marker(name_at) is not None:
            return 0  # nguyen tri phuong, quan 10
        said = self._said(name_at, marker)
        if said:
            words, number = said
            return self._add(
                at, name_at, name_at + words, marker.levels[:1], "marked", kinds=marker.kinds, key=str(number)
            )
        return self._initials(at, name_at, marker) or self._unknown(at, name_at, marker)

    def _numbered(self, at: int, length: int, marker: Marker) -> int:
        """Phường 12, Q.1; but P1.09 is a shop and "quận 1/3" nothing."""
        name_at = at + length
        token = self.tokens[name_at]
        if not token.key.isdigit() or marker.levels[0] not in ("ward", "district"):
            return 0
        after = self.text[token.end : token.end + 2]
        if len(after) == 2 and after[0] in "./-" and after[1].isdigit():
            return 0
        entry = next((e for n, e in self.vocabulary.matches(self.tokens, name_at) if n == 1), None)
        if entry is None or marker.levels[0] not in entry.levels:
            return 0
        if (
            not marker.sure
            and self.tokens[at].key == "f"
            and not token.gap
            and not self._between_areas(at, name_at + 1)
        ):
            return 0
        return self._add(at, name_at, name_at + 1, marker.levels[:1], "marked", kinds=marker.kinds)

    def _unmarked(self, at: int) -> int:
        found = self.vocabulary.match(self.tokens, at)
        return self._unmarked_name(at, *found) if found else 0

    def _unmarked_name(self, at: int, length: int, entry: Entry) -> int:
        token = self.tokens[at]
        if token.numeric:
            return 0
        end = at + length
        after = AFTER.get(self.tokens[end].key) if end < len(self.tokens) and self.tokens[end].before < HARD else None
        if after and any(level in entry.levels for level in after.levels) and not self._behind_number(at):
            levels = tuple(level for level in after.levels if level in entry.levels)
            return self._add(at, at, end + 1, levels, "marked", name_end=end)
        if "city" in entry.levels or "country" in entry.levels:
            if self._street_before(at):
                return 0
            levels = tuple(level for level in ("city", "country") if level in entry.levels)
            return self._add(at, at, end, levels, "alone")
        levels = tuple(
            level for level in ("district", "ward", "province", "elsewhere") if self._fits(entry, level, at, end)
        )
        if not levels:
            return 0
        manner = self._manner(at, end)
        if manner is None or (manner != "alone" and levels[0] in ("province", "elsewhere")):
            if manner is None:
                # The whole name is a street's or a place's: no part of it is looked at again.
                for place in range(at, end):
                    self.taken[place] = self.taken[place] or "word"
                return length
            return 0
        return self._add(at, at, end, levels, manner)

    def _capitals(self, at: int) -> int:
        """P12 GV: the district by its two first letters, behind a ward."""
        token = self.tokens[at]
        if not at or self.taken[at - 1] != "area" or len(token.key) != 2 or token.key in NO_DISTRICT:
            return 0
        typed = self.text[token.start : token.end]
        if self.parts[-1].levels[0] != "ward" or not typed.isupper() or not typed.isalpha() or not self._closed(at + 1):
            return 0
        return self._add(at, at, at + 1, ("district",), "trailing", known=False, initials=True)

    def _misspelt(self, at: int) -> int:
        """A part of its own, not the first, that nearly is the name of a district or the city: …, Bình Thnh."""
        if not at or self.tokens[at].before != HARD or not 2 <= self.ends[at] - at <= 3:
            return 0
        words = self.tokens[at : self.ends[at]]
        key = " ".join(token.key for token in words)
        if len(key) < 6 or any(token.numeric for token in words):
            return 0
        level = self.vocabulary.near(key)
        if not level or (level != "city" and any(heads in STREETS | LANDMARKS for heads in self._heads(at))):
            return 0
        city = level == "city"
        return self._add(at, at, self.ends[at], (level,), "alone", known=city, key=CITY[0] if city else "")

    def _heads(self, at: int) -> list[tuple[str, ...]]:
        return [self._keys(at, length) for length in (1, 2)]

    def _hamlet(self, at: int) -> int:
        if self.tokens[at].key not in _HAMLET_BEGINS:
            return 0
        for length in MARKER_LENGTHS:
            found = HAMLETS.get(self._keys(at, length))
            if found is None or not self._accents_fit(at, length, found[0]):
                continue
            name_at = at + length
            if name_at >= len(self.tokens) or (
                self.tokens[name_at].before == HARD and "." not in self.tokens[name_at].gap
            ):
                return 0
            if found[1] and not self.tokens[name_at].numeric:
                return 0
            if length == 1 and at and self.tokens[at - 1].key == "lien":
                return 0
            end = name_at + 1
            numbered = self.tokens[name_at].numeric
            while end < len(self.tokens) and self.tokens[end].before < HARD and not numbered and end - name_at < 4:
                if self._marker(end) and not self.vocabulary.match(self.tokens, end):
                    break
                numbered = self.tokens[end].numeric
                end += 1
            return self._add(at, name_at, end, ("hamlet",), "marked")
        return 0

    def _other(self, at: int) -> int:
        """A word that is none of these; streets and landmarks are remembered for the name behind them."""
        key = self.tokens[at].key
        for length in _STREET_NAME_LENGTHS if key in _STREET_NAME_BEGINS else ():
            if self._keys(at, length) in STREET_NAMES:
                self.taken[at : at + length] = ["word"] * length
                return length
        for length in MARKER_LENGTHS if key in _OTHER_BEGINS else ():
            keys = self._keys(at, length)
            if keys in STREETS or keys in LANDMARKS:
                for place in range(at, at + length):
                    self.taken[place] = "street" if keys in STREETS else "place"
                return length
        self.taken[at] = "number" if self.tokens[at].numeric else "brand" if key in BRANDS else "word"
        return 1

    # ------------------------------------------------------------ names that are not written out
    def _said(self, at: int, marker: Marker) -> tuple[int, int] | None:
        """Quận ba, phường mười hai, Q. III."""
        if marker.levels[0] not in ("ward", "district"):
            return None
        for length in MARKER_LENGTHS:
            number = NUMBERS.get(self._keys(at, length))
            if number is not None and self._closed(at + length):
                return length, number
        return None

    def _initials(self, at: int, name_at: int, marker: Marker) -> int:
        """P.BN, Q.BT: two to four capitals, or letters behind a single letter and a point."""
        token = self.tokens[name_at]
        typed = self.text[token.start : token.end]
        if not 2 <= len(typed) <= 4 or not typed.isalpha() or not self._closed(name_at + 1):
            return 0
        if not (typed.isupper() or (not marker.sure and "." in token.gap)) or self._is_initial(at):
            return 0
        levels = tuple(level for level in marker.levels if level in ("ward", "district"))
        if not levels:
            return 0
        return self._add(at, name_at, name_at + 1, levels, "marked", kinds=marker.kinds, known=False, initials=True)

    def _unknown(self, at: int, name_at: int, marker: Marker) -> int:
        """A marked name that no list has: misspelt, or of another city."""
        if not marker.sure and (self.tokens[name_at].gap.strip() != "." or self._is_initial(at)):
            return 0
        end = name_at + 1
        while end < len(self.tokens) and self.tokens[end].before < HARD and end - name_at < 4:
            if self._marker(end) or self.tokens[end].numeric or self.vocabulary.match(self.tokens, end):
                break
            end += 1
        if (
            "city" in marker.levels
            and self.vocabulary.near(" ".join(t.key for t in self.tokens[name_at:end])) == "city"
        ):
            return self._add(at, name_at, end, ("city",), "marked", key=CITY[0])
        levels = tuple(level for level in marker.levels if level in ("ward", "district", "province"))
        first = self.text[self.tokens[name_at].start]
        if not levels or not first.isalpha() or (self.accented and first.islower() and not marker.sure):
            return 0
        if (
            self._keys(name_at, 1) in STREETS
            or self._keys(name_at, 1) in LANDMARKS
            or self._keys(name_at, 1)[0] in ("moi", "cu", "va", "hoi")
        ):
            return 0
        return self._add(at, name_at, end, levels, "marked", kinds=marker.kinds, known=False)

    # ------------------------------------------------------------ small things
    def _add(
        self,
        at: int,
        name_at: int,
        end: int,
        levels: tuple[str, ...],
        manner: Manner,
        *,
        kinds: tuple[str, ...] = (),
        known: bool = True,
        initials: bool = False,
        key: str = "",
        name_end: int = 0,
    ) -> int:
        stop = name_end or end
        start, finish = self.tokens[at].start, self.tokens[end - 1].end
        self.parts.append(
            Part(
                levels=levels,
                key=key or " ".join(token.key for token in self.tokens[name_at:stop]),
                accents="" if key else self._accents(name_at, stop),
                text=self.text[start:finish],
                start=start,
                end=finish,
                manner=manner,
                kinds=kinds,
                known=known,
                initials=initials,
            )
        )
        for place in range(at, end):
            self.taken[place] = "area" if levels[0] != "hamlet" else "hamlet"
        return end - at
