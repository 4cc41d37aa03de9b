"""What is known while one part of an address is read, and how names and numbers are told from one another."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from geo.address import street_words as w
from geo.address.mentions import Piece, Relation, StreetMention
from geo.address.tokens import Token
from geo.gazetteer.keys import key_of
from geo.text import fold, has_accents


class Known(NamedTuple):
    """The keys that the gazetteer has."""

    streets: Container[str]
    places: Container[str]


class Reading:
    """The words of one part: `mentions` and `pieces` are what was found, `pending` a number that no name has taken."""

    def __init__(
        self,
        chunk: Sequence[Token],
        keys: Sequence[str],
        text: str,
        known: Known,
        pending: str,
        *,
        wanting: bool = False,
    ) -> None:
        self.chunk, self.keys, self.text = chunk, keys, text
        self._accented = has_accents(text)
        self.known, self.places = known
        self.mentions: list[StreetMention] = []
        self.pieces: list[Piece] = []
        self.junction = False
        self.km: float | None = None
        self._number, self._number_at = pending, -1
        self._fresh = bool(pending)  # a number that no name has taken yet
        self._relation: Relation = "at"
        self._marked_at = -1
        self._indoors = self._landmark = False
        self._begun = True  # nothing but markers and numbers so far
        self._wanting = wanting  # the part before names a street and no number
        self._place_end = 0  # a place's name reaches so far
        self.coded = False  # the pending number belongs to letters before it: TCH 13

    @property
    def pending(self) -> str:
        """A number behind which no name came."""
        return self._number if self._fresh else ""

    @property
    def _marked(self) -> bool:
        return self._marked_at >= 0

    def _name(self, at: int) -> tuple[int, str, bool] | None:
        """(words, key, True) of the longest known name that begins at a word."""
        keys = self.keys
        head = ["duong"] if self._marked else []
        longest = min(w.LONGEST, len(keys) - at)
        if "km" in keys[at + 1 : at + longest]:
            longest = keys.index("km", at + 1) - at
        for length in range(longest, 0, -1):
            key = key_of(head + list(keys[at : at + length]))
            if key in self.known:
                if length == 1 and not self._marked and keys[at] in w.STREET_WORDS | w.NOISE | w.INDOORS:
                    return None
                if length == 1 and self._is_initial(at):
                    return None
                return length, key, True
        return None

    def _is_initial(self, at: int) -> bool:
        """Whether a letter is one of several that stand for a name: the N of N.V.Linh is no Đường N."""
        if at + 1 >= len(self.keys) or len(self.keys[at]) > 1:
            return False
        following = self.chunk[at + 1]
        apart = following.gap.strip() == "." and len(following.key) == 1
        return (following.gap == "." or apart) and following.key.isalpha()

    def _number_end(self, at: int) -> int:
        """The word behind a house number: 173-173b, 51/7/3, 12 a, a5/6/1; but not the Đ of 12 Đ. Lê Lợi."""
        keys, chunk = self.keys, self.chunk
        end = at + 1
        while end < len(keys):
            gap = chunk[end].gap
            short = len(keys[end]) == 1
            joined = gap.strip() in w.JOINS and bool(short or w.NUMERIC.match(keys[end]))
            letter = gap == " " and short and keys[end] in "abcdefgh" and end + 1 < len(keys)
            letter = letter and self.text[chunk[end].start] not in "đĐ" and chunk[end + 1].gap[:1] != "."
            if not (joined or letter or keys[end] == "bis"):
                break
            end += 1
        return end

    def _piece(self, kind: str, at: int, end: int, value: str) -> None:
        self.pieces.append(Piece(kind=kind, value=value, start=self.chunk[at].start, end=self.chunk[end - 1].end))

    def _plain(self, at: int, end: int) -> str:
        """Words without accents, a junction's in one form."""
        return w.junction_name(" ".join(token.key for token in self.chunk[at:end]))

    def _text(self, at: int, end: int) -> str:
        return fold(self.text[self.chunk[at].start : self.chunk[end - 1].end]).replace(" ", "")


def starts(keys: Sequence[str], at: int, phrases: w.Phrases) -> int:
    """The length of the first of `phrases` (longest first) that begins at a word; 0 where none does."""
    for phrase in phrases:
        if tuple(keys[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return 0


def starts_in(keys: Sequence[str], at: int, phrases: frozenset[tuple[str, ...]]) -> int:
    longest = min(4, len(keys) - at)
    return next((length for length in range(longest, 0, -1) if tuple(keys[at : at + length]) in phrases), 0)
