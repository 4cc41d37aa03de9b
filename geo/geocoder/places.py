"""Places that an address names beside its street: a building, a mall, a school, in words that few places bear.

People write "Sky Garden 2-R1", the files have "Sky Garden 3" and "Pizza Hut Sky Garden": one to three words in common
say where, if few places bear them and these lie where the address says. What names the area or the street itself is
left out. A place named makes the pieces of street near it likelier, and stands for itself where no street is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.address.parser import Address
from geo.address.streets import StreetParts
from geo.address.tokens import HARD, tokens
from geo.address.vocabulary import spelling
from geo.gazetteer.compact import Gazetteer

Floats = NDArray[np.float64]

_MOST = 24  # words that more places bear say nothing
_LONGEST = 3
_NOT_ALONE = 5  # letters that a single word needs at least
NEAR_M = 160.0  # how far from a place the address that names it lies
BOOST = 10.0  # how much likelier a house beside the place is than elsewhere, for words that no other place bears
# Words that many kinds of places have in their names.
_USUAL = frozenset(
    re.findall(
        r"\w+",
        """
    an apartment apartments ba bach ben benh block building buu ca cac cafe can canh cao cap center centre chi
    cho chua chung city coffee com cong cu cua cung cuoi dai dan dau de dich dien dinh doi du dung duoi duong
    food gan gia gian goc gon hai hang hcm hem ho hoa hoc hoi hop hotel house international ket khach kham
    khoi khu ki kios li lien lo luc luong mai mall mam mansion market mart may minh mini moi nam new nga
    ngan nha nhan non o oc old park phe pho phong phuc phuong plaza quan quoc residence residences riverside
    sai saigon san sau school shop sieu so store sua tai tam tang te thcs the thi thpt thuoc thuong ti
    tiem tieu tnhh toa tower towers tram trang tren tret tro trung truoc truong tu va van vien viet vinmart vu
    winmart xa xai xe
""",
    )
)
# Places that are areas, or of which there is one in each.
_NOT_PLACES = ("khu pho", "ap ", "to dan pho", "to ", "khu vuc", "duong ", "hem ")


@dataclass(frozen=True, slots=True)
class Named:
    """The landmarks that some words of an address name, and how much the words say (0…1)."""

    landmarks: NDArray[np.int32]
    says: float
    words: int


class Phrases:
    """The landmarks by the words in their names, one to three together."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        street_words = {word for key in gazetteer.streets for word in key.split()}
        street_words.update(key for key in gazetteer.streets)
        hashes: list[int] = []
        owners: list[int] = []
        for key, several in gazetteer.landmarks.items():
            if key.startswith(_NOT_PLACES):
                continue
            words = key.split()
            found = set()
            for length in range(1, _LONGEST + 1):
                for at in range(len(words) - length + 1):
                    phrase = " ".join(words[at : at + length])
                    if phrase not in street_words and _tells(words[at : at + length], street_words):
                        found.add(hash(phrase))
            for landmark in several:
                hashes += found
                owners += [landmark] * len(found)
        order = np.argsort(np.array(hashes, dtype=np.int64), kind="stable")
        values = np.array(hashes, dtype=np.int64)[order]
        first = np.flatnonzero(np.concatenate([[True], np.diff(values) != 0])) if len(values) else np.zeros(0, int)
        count = np.diff(np.append(first, len(values)))
        few = np.repeat(count <= _MOST, count)
        self._values, self._owners = values[few], np.array(owners, dtype=np.int32)[order][few]

    def of(self, phrase: str) -> NDArray[np.int32]:
        """The landmarks that bear these words."""
        value = hash(phrase)
        low, high = np.searchsorted(self._values, [value, value + 1])
        return self._owners[low:high]


def _tells(words: Sequence[str], street_words: set[str]) -> bool:
    """Whether some words of a place's name tell it from others: two that are not usual, or one that is no street's."""
    own = [word for word in words if word not in _USUAL and word.isalpha()]
    return len(own) > 1 or any(len(word) >= _NOT_ALONE and word not in street_words for word in own)


def named(address: Address, parts: StreetParts, phrases: Phrases) -> list[Named]:
    """What the words of an address name that are no part of its areas and its street."""
    spans = [(part.start, part.end) for part in address.parts if part.manner not in ("landmark", "leading")]
    first = parts.mentions[0] if parts.mentions else None
    spans += [
        (mention.name_start, mention.end)
        for mention in parts.mentions
        if mention.known and (mention is first or mention.number or (first and mention.key == first.key))
    ]
    runs: list[list[str]] = [[]]
    for token in tokens(address.text):
        if token.before == HARD and runs[-1]:
            runs.append([])
        if any(start <= token.start and token.end <= end for start, end in spans):
            runs.append([])
        else:
            runs[-1].append(spelling(token.key))
    result = []
    for words in runs:
        result += _in_run(words, phrases)
    return result


def _in_run(words: Sequence[str], phrases: Phrases) -> list[Named]:
    result: list[Named] = []
    taken = [False] * len(words)
    for length in range(_LONGEST, 0, -1):
        for at in range(len(words) - length + 1):
            if any(taken[at : at + length]) or (length == 1 and len(words[at]) < _NOT_ALONE):
                continue
            found = phrases.of(" ".join(words[at : at + length]))
            if len(found):
                taken[at : at + length] = [True] * length
                says = (0.5, 0.8, 1.0)[length - 1] / (1.0 + len(found) / 8.0)
                result.append(Named(found, says, length))
    return result


def nearness(several: Sequence[Named], gazetteer: Gazetteer, x: Floats, y: Floats) -> Floats:
    """How much likelier each point is (1 and more), by the places named."""
    result = np.ones(len(x))
    for each in several:
        px, py = gazetteer.landmark_x[each.landmarks], gazetteer.landmark_y[each.landmarks]
        away = np.sqrt(((x[:, None] - px) ** 2 + (y[:, None] - py) ** 2).min(axis=1))
        away = np.maximum(away - gazetteer.landmark_radius[each.landmarks].max(), 0.0)
        result *= 1.0 + BOOST * each.says * np.exp(-away / NEAR_M)
    return result
