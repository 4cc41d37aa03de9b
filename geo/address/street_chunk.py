"""One part of an address, between commas or areas, read from left to right: numbers, alleys, streets, places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo.address import street_words as w
from geo.address.mentions import StreetMention
from geo.address.street_places import Places
from geo.address.street_reading import starts
from geo.address.tokens import HARD, Token
from geo.address.words import BRANDS
from geo.gazetteer.keys import key_of

_UNKNOWN_WORDS = 6  # of a name that is not known
_VOWELS = frozenset("aeiouy")


class Chunk(Places):
    """Reads one part from left to right."""

    def read(self) -> Chunk:
        """The part, read."""
        at = 0
        while at < len(self.keys):
            at += (
                self._heading(at)
                or self._said(at)
                or self._km(at)
                or self._alley(at)
                or self._numbered(at)
                or self._named(at)
            )
        return self

    # ------------------------------------------------------------ each returns how many words it took
    def _km(self, at: int) -> int:
        """km 7+500, km7, Km 1925 + 300: metres along the road behind it, or the one before."""
        keys, chunk = self.keys, self.chunk
        glued = keys[at][:2] == "km" and keys[at][2:].isdigit()
        if not glued and not (keys[at] == "km" and at + 1 < len(keys) and keys[at + 1].isdigit()):
            return 0
        end = at + (1 if glued else 2)
        whole = keys[at][2:] if glued else keys[at + 1]
        metres = "0"
        if end < len(keys) and keys[end].isdigit() and chunk[end].gap.strip() in ("+", ".", ","):
            metres = keys[end]
            end += 1
        self.km = float(whole) + (int(metres) / 1000 if chunk[end - 1].gap.strip() == "+" else float(f"0.{metres}"))
        said = f"{whole}+{metres}" if metres != "0" else whole
        self._piece("km", at, end, said)
        self._begun = True
        return end - at

    def _alley(self, at: int) -> int:
        """hẻm 51, hxh 12/3, hẻm xe hơi số 7; a house number before it lies in the alley."""
        keys = self.keys
        if keys[at] not in w.ALLEYS:
            return 0
        number = at + 1 + starts(keys, at + 1, w.OF_ALLEYS)
        if number >= len(keys) or not w.NUMERIC.match(keys[number]):
            return 0
        end = self._number_end(number)
        said = self._text(number, end)
        self._piece("alley", at, end, said)
        if self._fresh and self._number_at >= 0:
            if self._number.split("/")[0] != said.split("/")[0]:  # 86/22 hẻm 86 says it twice
                self._number = f"{said}/{self._number}"
        else:
            self._number, self._number_at = said, number
            if self._relation == "at" or self._relation in ("start", "end"):
                self._relation = "alley"
        self._fresh = self._begun = True
        self._indoors = False
        self._marked_at = -1
        return end - at

    def _numbered(self, at: int) -> int:
        """A house number."""
        keys = self.keys
        months = at + 1 < len(keys) and keys[at + 1] in w.MONTHS
        if not w.NUMERIC.match(keys[at]) or months or (self._marked and w.PLAIN.match(keys[at])):
            return 0
        end = self._number_end(at)
        named = self._name(at) if not keys[at][0].isdigit() and end == at + 1 else None
        if named is not None and (self._marked or self._fresh or w.ROAD_CODE.match(keys[at])):
            return 0
        if at < self._place_end:
            return 1  # Ehome 3
        if not self._indoors:
            self._number, self._number_at = self._text(at, end), at
            self.coded = not self._begun and self._is_code(at - 1)
            first = at - 1 if at and keys[at - 1] in w.LOTS else at
            self._piece("lot" if first < at else "number", at if first == at else first, end, self._number)
            self._fresh = True
        self._indoors = False
        self._marked_at = -1
        self._begun = True
        return end - at

    def _is_code(self, at: int) -> bool:
        """Whether a word is the first letters of a name that ends in a number: the TCH of TCH 13."""
        typed = self.text[self.chunk[at].start : self.chunk[at].end]
        key = self.keys[at]
        return 1 < len(key) < 5 and key.isalpha() and (typed.isupper() or not _VOWELS.intersection(key))

    def _named(self, at: int) -> int:  # noqa: PLR0912  every turn a habit of writing
        """A street, known or not; a place; a word that says what comes, or nothing."""
        keys = self.keys
        key = keys[at]
        length, found, is_known = self._name(at) or (0, "", False)
        free = not self._marked and not self._fresh
        if length < 2 and key in w.INDOORS and not self._marked:
            return self._inside(at)
        if free and (key in w.PLACE_BEGINS or self._begun):
            step = self._at_place(at, length)
            if step:
                return step
        if key in w.JUNCTION_BEGINS and free:
            step = starts(keys, at, w.NAMED_JUNCTIONS)
            if step and length <= step:
                self._junction(at, step)
                self._begun = True
                return step
        if key == "so" and length == 2 and not self._marked and (at + 2 < len(keys) or self._wants_number(at)):
            length = 0  # số 4 Đào Trí; Lê Lợi số 12
            if at + 2 == len(keys) and self.mentions:
                self._behind(at)
                return 2
        if length < 3 and " ".join(keys[at : at + 2]) in w.ROAD_CLASSES and self._classed(at):
            return 3
        if length and self._stands(at, length, found, is_known):
            self._known(at, length, found)
            return length
        if key in w.MARKERS or (key == "so" and self._marked):
            if not self._marked:
                self._marked_at = at
            return 1
        if key in w.JUNCTION_BEGINS:
            step = starts(keys, at, w.JUNCTIONS)
            if step:
                self._junction(at, step)
                self._begun = True
                return step
        if (key in w.NOISE and self._begun) or key in w.MEETS:
            if key in BRANDS:
                self._piece("brand", at, at + 1, key)
            self._begun = True
            return 1
        if (self._fresh or self._marked) and key not in w.STREET_WORDS | w.NOISE:
            self._unknown(at)
            return 1
        self._marked_at = -1
        self._indoors = self._begun = False
        return 1

    def _classed(self, at: int) -> bool:
        """Liên Ấp 123, Tỉnh lộ 8: a class of road and a number, which no list need have."""
        keys = self.keys
        if at + 2 >= len(keys) or not w.NUMERIC.match(keys[at + 2]) or self.chunk[at + 2].before:
            return False
        self._mention(at, at + 3, key_of(keys[at : at + 3]), 3.0 + (2.0 if self._fresh else 0.0), known=False)
        self._taken()
        return True

    # ------------------------------------------------------------ streets
    def _stands(self, at: int, length: int, found: str, is_known: bool) -> bool:
        """Whether a name that is known is meant where it stands."""
        behind = self._fresh or self._marked
        whole = at + length == len(self.keys)
        return (
            is_known
            and (behind or self._begun or length > 1)
            and (length > 1 or behind or (self._begun and whole) or len(found) > 3)
        )

    def _known(self, at: int, length: int, found: str) -> None:
        keys = self.keys
        whole = at + length == len(keys)
        behind = self._fresh or self._marked
        partial = not whole and length <= 3 and keys[at + length].isalpha() and keys[at + length] not in w.ENDS
        score = 3.0 + (2.0 if self._fresh else 0.0) + (1.0 if self._marked else 0.0) + (0.5 if whole else 0.0)
        score += (0.3 if self._begun else -1.5 if not behind else 0.0) + 0.1 * min(length, 4)
        score -= 1.5 if self._relation == "near" and not self._fresh else 0.0
        score -= 1.5 if length == 1 and not behind else 0.0
        score -= 2.0 if length == 1 and not self._marked and not (self._fresh and whole) else 0.0
        score -= 2.5 if self._landmark and not behind else 0.0
        score -= 2.0 if not whole and keys[at + length] in w.BESIDE_LANDMARK else 0.0
        score -= 1.2 if partial and length < 3 and found not in w.SURE else 0.0
        self._mention(at, at + length, found, score, known=True)
        if partial and behind and length == 2:
            more = min(len(keys), at + 4)
            self._mention(at, more, key_of(keys[at:more]), score + 0.4, known=False)
        self._taken()
        self._indoors = self._landmark = False
        self._relation = "at"

    def _unknown(self, at: int) -> None:
        """A name that is not known: up to the end of its part."""
        keys = self.keys
        end = min(len(keys), at + _UNKNOWN_WORDS)
        for stop in range(at + 1, end):
            alley = keys[stop] in w.ALLEYS and stop + 1 < len(keys) and w.NUMERIC.match(keys[stop + 1])
            if alley or keys[stop] in w.MARKERS or keys[stop] in w.MEETS or keys[stop] in ("goc", "gan"):
                end = stop
                break
        name = key_of((["duong"] if self._marked else []) + list(keys[at:end]))
        if len(name) > 1:
            score = 1.0 + (0.6 if self._fresh else 0.0) + (1.0 if self._marked else 0.0)
            self._mention(at, end, name, score - (0.8 if self._indoors else 0.0), known=False)
        self._taken()

    def _mention(self, at: int, end: int, key: str, score: float, *, known: bool) -> None:
        first = self._marked_at if self._marked else at
        start = self.chunk[self._number_at if self._number_at >= 0 else at].start
        self.mentions.append(
            StreetMention(
                key=key,
                known=known,
                number=self._number if self._fresh else "",
                relation=self._relation,
                marked=self._marked,
                lead=at == 0 or self._number_at == 0,
                whole=end == len(self.keys),
                start=start,
                end=self.chunk[end - 1].end,
                name_start=self.chunk[first].start,
                name_end=self.chunk[end - 1].end,
                score=score,
            )
        )

    def _taken(self) -> None:
        self._marked_at = -1
        self._fresh = self._begun = False
        self._number, self._number_at = "", -1

    def _wants_number(self, at: int) -> bool:
        """Whether a street stands right before word `at` and has no number yet."""
        if not self.mentions:
            return self._wanting and at == 0
        return not self.mentions[-1].number and self.mentions[-1].end <= self.chunk[at].start

    def _behind(self, at: int) -> None:
        """đường Lê Lợi số 12: the number behind its street."""
        number = self._text(at + 1, at + 2)
        self._piece("number", at + 1, at + 2, number)
        before = self.mentions[-1]
        self.mentions[-1] = replace(before, number=number, end=self.chunk[at + 1].end, score=before.score + 2.0)


def parted(found: Sequence[Token], at: int) -> bool:
    """Whether a part ends before word `at`; the dash of a range (60-62, 173 - 173B) parts nothing."""
    one, other = found[at - 1], found[at]
    if other.before != HARD:
        return False
    if other.gap in ("-", "–") and one.numeric and other.numeric:
        return False
    # With spaces round it, it is a range only where a name follows: 173 - 173B Nguyễn Cư Trinh.
    return not (
        other.gap.strip() in ("-", "–")
        and one.key[0].isdigit()
        and other.key[0].isdigit()
        and w.NUMERIC.match(other.key)
        and at + 1 < len(found)
        and found[at + 1].key not in w.MONTHS
    )
