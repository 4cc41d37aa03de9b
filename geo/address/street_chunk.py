"""One part of an address, between commas or areas, read from left to right: numbers, alleys, streets, places."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from geo.address import street_words as w
from geo.address.mentions import Piece, Relation, StreetMention
from geo.address.tokens import HARD, Token
from geo.address.words import BRANDS
from geo.gazetteer.keys import key_of

_UNKNOWN_WORDS = 6  # of a name that is not known


class Known(NamedTuple):
    """The keys that the gazetteer has."""

    streets: Container[str]
    places: Container[str]


class Chunk:
    """Reads one part. `mentions` and `pieces` are what it found; `pending` is a number that no name has taken."""

    def __init__(
        self,
        chunk: Sequence[Token],
        keys: Sequence[str],
        folded: str,
        known: Known,
        pending: str,
    ) -> None:
        self.chunk, self.keys, self.folded = chunk, keys, folded
        self.known, self.places = known
        self.mentions: list[StreetMention] = []
        self.pieces: list[Piece] = []
        self.junction = False
        self.km: float | None = None
        self._number, self._number_at = pending, -1
        self._fresh = bool(pending)  # a number that no name has taken yet
        self._relation: Relation = "at"
        self._inner = ""  # the house in an alley: 12 of "12 hẻm 51"
        self._marked_at = -1
        self._indoors = self._landmark = False
        self._begun = True  # nothing but markers and numbers so far
        at = 0
        while at < len(keys):
            at += (
                self._heading(at)
                or self._said(at)
                or self._km(at)
                or self._alley(at)
                or self._numbered(at)
                or self._named(at)
            )

    @property
    def pending(self) -> str:
        """A number behind which no name came."""
        return self._number if self._fresh else ""

    @property
    def _marked(self) -> bool:
        return self._marked_at >= 0

    # ------------------------------------------------------------ each returns how many words it took
    def _heading(self, at: int) -> int:
        """hướng ra Thủ Đức: where somebody is going, to the end of the part."""
        keys = self.keys
        if keys[at] not in w.HEADING or at + 2 > len(keys) - 1:
            return 0
        if keys[at + 1] not in w.TOWARDS:
            return 0
        name = at + 2
        while name < len(keys) - 1 and keys[name] in w.TOWARDS:
            name += 1
        self._piece("direction", at, len(keys), " ".join(token.key for token in self.chunk[name:]))
        return len(keys) - at

    def _said(self, at: int) -> int:
        """đối diện, gần, cuối …; and a post that bears a house's number."""
        keys = self.keys
        if keys[at] in w.POLE_BEGINS:
            step = _starts(keys, at, w.POLES)
            if step and at + step < len(keys):
                step += at + step + 1 < len(keys) and keys[at + step] == "so"
                self._piece("pole", at, at + step, " ".join(keys[at : at + step]))
                self._relation = "near" if self._relation == "at" else self._relation
                self._begun = True
                return step
        if keys[at] not in w.RELATION_BEGINS or (self._name(at) or (0,))[0] > 1:
            return 0
        for phrase, relation in w.RELATIONS:
            step = len(phrase)
            if tuple(keys[at : at + step]) != phrase or at + step >= len(keys):
                continue
            if relation in ("start", "end") and keys[at + step] not in w.HAVE_ENDS:
                continue
            self._piece("relation", at, at + step, relation)
            self._relation = relation
            self._begun = True
            return step
        return 0

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
        number = at + 1 + _starts(keys, at + 1, w.OF_ALLEYS)
        if number >= len(keys) or not w.NUMERIC.match(keys[number]):
            return 0
        end = number_end(self.chunk, keys, number)
        said = self._text(number, end)
        self._piece("alley", at, end, said)
        if self._fresh and self._number_at >= 0:
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
        end = number_end(self.chunk, keys, at)
        named = self._name(at) if not keys[at][0].isdigit() and end == at + 1 else None
        if named is not None and (self._marked or self._fresh):
            return 0
        if not self._indoors:
            self._number, self._number_at = self._text(at, end), at
            first = at - 1 if at and keys[at - 1] in w.LOTS else at
            self._piece("lot" if first < at else "number", at if first == at else first, end, self._number)
            self._fresh = True
        self._indoors = False
        self._marked_at = -1
        self._begun = True
        return end - at

    def _named(self, at: int) -> int:  # noqa: PLR0912  every turn a habit of writing
        """A street, known or not; a place; a word that says what comes, or nothing."""
        keys = self.keys
        key = keys[at]
        length, found, is_known = self._name(at) or (0, "", False)
        if length < 2 and key in w.INDOORS and not self._marked:
            return self._inside(at)
        if not self._marked and not self._fresh and key in w.PLACE_BEGINS:
            step = _starts_in(keys, at, w.PLACES)
            if step and length <= step:
                self._place(at, step)
                self._landmark = True
                self._begun = False
                return step
            step = _starts_in(keys, at, w.MORE_PLACES)
            if step and not length:
                self._place(at, step)
                self._begun = False
                return 1
        if key == "so" and length == 2 and not self._marked and at + 2 < len(keys):
            length = 0  # số 4 Đào Trí
        if length and self._stands(at, length, found, is_known):
            self._known(at, length, found)
            return length
        if key in w.MARKERS or (key == "so" and self._marked):
            if not self._marked:
                self._marked_at = at
            return 1
        if key in w.JUNCTION_BEGINS:
            step = _starts(keys, at, w.JUNCTIONS)
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

    def _inside(self, at: int) -> int:
        """Tầng trệt, lầu 2, phòng 302, block A: within a house, and no number of it."""
        keys = self.keys
        self._indoors = True
        if keys[at] in w.FLOORS and at + 1 < len(keys):
            follows = keys[at + 1]
            if w.NUMERIC.match(follows) or follows in ("tret", "lung", "ham", "thuong") or len(follows) == 1:
                end = number_end(self.chunk, keys, at + 1) if w.NUMERIC.match(follows) else at + 2
                self._piece("indoors", at, end, " ".join(keys[at:end]))
                if not w.NUMERIC.match(follows):
                    return 2
        if keys[at] == "lo" and at + 1 < len(keys) and w.NUMERIC.match(keys[at + 1]):
            self._piece("lot", at, number_end(self.chunk, keys, at + 1), self._text(at + 1, at + 2))
        return 1

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
            if keys[stop] in w.MARKERS or keys[stop] in w.MEETS or keys[stop] in ("goc", "gan"):
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
                score=score,
            )
        )

    def _taken(self) -> None:
        self._marked_at = -1
        self._fresh = self._begun = False
        self._number, self._number_at = "", -1

    def _name(self, at: int) -> tuple[int, str, bool] | None:
        """(words, key, True) of the longest known name that begins at a word."""
        keys = self.keys
        head = ["duong"] if self._marked else []
        for length in range(min(w.LONGEST, len(keys) - at), 0, -1):
            key = key_of(head + list(keys[at : at + length]))
            if key in self.known:
                if length == 1 and not self._marked and keys[at] in w.STREET_WORDS | w.NOISE | w.INDOORS:
                    return None
                return length, key, True
        return None

    # ------------------------------------------------------------ places and junctions
    def _junction(self, at: int, step: int) -> None:
        """ngã tư A - B, góc A và B; or the junction's own name: ngã tư Hàng Xanh."""
        keys = self.keys
        self.junction = True
        end = at + step
        if tuple(keys[at:end]) in w.NAMED_JUNCTIONS and end < len(keys):
            self._landmark = True
            own = next((n for n in range(len(keys), end, -1) if " ".join(keys[at:n]) in self.places), 0)
            if own:
                self._piece("place", at, own, " ".join(token.key for token in self.chunk[at:own]))
                return
            named = end
            while named < len(keys) - 1 and keys[named] in ("duong", "giua", "cua"):
                named += 1
            if self._name(named) is None and w.NUMERIC.match(keys[named]) is None and named == end:
                self._place(at, step)
                return
        self._piece("junction", at, end, " ".join(token.key for token in self.chunk[at:end]))

    def _place(self, at: int, step: int) -> None:
        """A place by its name: from its first word to what cannot belong to it."""
        keys = self.keys
        end = at + step
        while end < len(keys) and keys[end] not in w.PLACE_ENDS:
            if keys[end] in w.HEADING and end + 1 < len(keys) and keys[end + 1] in w.TOWARDS:
                break
            if w.NUMERIC.match(keys[end]) and end + 1 < len(keys) and self._name(end + 1) is not None:
                break
            end += 1
        self._piece("place", at, end, " ".join(token.key for token in self.chunk[at:end]))

    # ------------------------------------------------------------ small things
    def _piece(self, kind: str, at: int, end: int, value: str) -> None:
        self.pieces.append(Piece(kind=kind, value=value, start=self.chunk[at].start, end=self.chunk[end - 1].end))

    def _text(self, at: int, end: int) -> str:
        return self.folded[self.chunk[at].start : self.chunk[end - 1].end].replace(" ", "")


def number_end(chunk: Sequence[Token], keys: Sequence[str], at: int) -> int:
    """The word behind a house number: 173-173b, 51/7/3, 12 a, a5/6/1."""
    end = at + 1
    while end < len(keys):
        gap = chunk[end].gap
        short = len(keys[end]) == 1
        joined = gap.strip() in w.JOINS and bool(short or w.NUMERIC.match(keys[end]))
        letter = gap == " " and short and keys[end] in "abcdefgh" and end + 1 < len(keys)
        if not (joined or letter or keys[end] == "bis"):
            break
        end += 1
    return end


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


def _starts(keys: Sequence[str], at: int, phrases: w.Phrases) -> int:
    """The length of the first of `phrases` (longest first) that begins at a word; 0 where none does."""
    for phrase in phrases:
        if tuple(keys[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return 0


def _starts_in(keys: Sequence[str], at: int, phrases: frozenset[tuple[str, ...]]) -> int:
    longest = min(4, len(keys) - at)
    return next((length for length in range(longest, 0, -1) if tuple(keys[at : at + length]) in phrases), 0)
