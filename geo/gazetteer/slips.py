"""Names with one letter wrong: which known name was meant, and how likely such a slip is.

A noisy channel: a letter is mistyped, left out, doubled or changes place with its neighbour (optimal string alignment
distance 1). Slips of the ear and of the keyboard are commoner than others; the number in a name is no slip of another
("đường số 7" is never "đường số 17").
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from rapidfuzz.distance import OSA

SLIP = 0.03  # that a name has a letter wrong, against that it is right
_COMMON = 2.5  # how much more a slip of the ear or of the next key is met than another
_RARE = 0.5  # … and one in the first letter
_END = 3  # with one letter wrong, either the first or the last letters are right
_OTHER_NAME = 0.03  # a name whose every word is one that streets bear is another street's more often than a slip
_HEARD_OFTEN = 3  # names that a word stands in, if it is to be one that streets bear
_LEAST = 5  # letters of a name that is searched for: shorter ones are one letter from too many

# What is heard alike (x/s, tr/ch, d/gi/r/v, n/l, c/k/q, final n/ng, t/c), as single letters.
_HEARD = ("sx", "ct", "dv", "dr", "gr", "nl", "ck", "kq", "ng", "tc", "ei", "ou", "ae", "ao")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> frozenset[tuple[str, str]]:
    pairs = [(pair[0], pair[1]) for pair in _HEARD]
    for row in _ROWS:
        pairs += pairwise(row)
    for upper, lower in pairwise(_ROWS):
        for place, letter in enumerate(lower):
            pairs += [(letter, other) for other in upper[place : place + 2]]
    return frozenset(pairs) | frozenset((b, a) for a, b in pairs)


_NEAR = _neighbours()


class Slips:
    """The keys of all streets, found by what is one letter from them. Read-only after it is made."""

    def __init__(self, keys: Iterable[str], in_full: Mapping[str, str]) -> None:
        """`in_full`: spellings that are no keys themselves, with their keys (cach mang thang tam)."""
        self._key_of = dict(in_full)
        keys = list(keys)
        often = Counter(word for key in keys for word in set(key.split()))
        self._words = frozenset(word for word, count in often.items() if count >= _HEARD_OFTEN)
        self._heads: dict[tuple[int, str], list[str]] = defaultdict(list)
        self._tails: dict[tuple[int, str], list[str]] = defaultdict(list)
        for key in (*keys, *in_full):
            if len(key) >= _LEAST - 1:
                self._heads[(len(key), key[:_END])].append(key)
                self._tails[(len(key), key[-_END:])].append(key)

    def sayable(self, key: str) -> bool:
        """Whether every word of a name is one that streets bear: "siêng" is, "đômg" is not."""
        return all(word in self._words for word in key.split())

    def doubt(self, key: str) -> float:
        """What a name that is nearly another counts as a slip of it."""
        return _OTHER_NAME if self.sayable(key) else 1.0

    def search(self, key: str) -> list[tuple[str, float]]:
        """(known key, likelihood against the right spelling) of all that are one slip from `key`, likeliest first."""
        if len(key) < _LEAST:
            return []
        found: dict[str, float] = {}
        head, tail = key[:_END], key[-_END:]
        for length in (len(key) - 1, len(key), len(key) + 1):
            for bucket in (self._heads.get((length, head), ()), self._tails.get((length, tail), ())):
                for known in bucket:
                    if OSA.distance(key, known, score_cutoff=1) == 1:
                        meant = self._key_of.get(known, known)
                        found[meant] = max(found.get(meant, 0.0), likelihood(key, known))
        doubt = self.doubt(key)
        slips = [(name, weight * doubt) for name, weight in found.items() if weight]
        return sorted(slips, key=lambda one: (-one[1], one[0]))


def likelihood(typed: str, meant: str) -> float:
    """How likely `typed` is where `meant` was meant, one slip from it; 0 where a number was changed."""
    first = next(
        (place for place, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant))
    )
    wrong, right = typed[first : first + 1], meant[first : first + 1]
    if wrong.isdigit() or right.isdigit():
        return 0.0
    if len(typed) == len(meant):
        swapped = typed[first : first + 2] == meant[first : first + 2][::-1]
        common = swapped or (wrong, right) in _NEAR
    else:
        more = typed if len(typed) > len(meant) else meant
        letter = more[first : first + 1]
        if letter.isdigit():
            return 0.0
        common = letter in (" ", more[first - 1 : first])  # words run together or torn apart, a letter doubled
        common = common or letter in "gh"  # n for ng, t for th, c for ch
    return SLIP * (_COMMON if common else 1.0) * (_RARE if first == 0 else 1.0)
