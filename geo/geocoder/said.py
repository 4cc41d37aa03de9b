"""What the areas named in an address say, kept by their wording: a file of reports names the same few over and over.

Kept are the posterior over areas, where an address lies that names them alone, and how well the pieces of each street
that was asked for fit. About 5 MB at most; let go of all at once when it is more.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from geo.address.parser import Address
from geo.geocoder.candidates import REFORM, candidates, elsewhere, mentions_of, raw_weights
from geo.geocoder.evidence import AreaEvidence
from geo.geocoder.index import AreaIndex
from geo.geocoder.membership import Membership
from geo.geocoder.spread import Spread, mixture

Floats = NDArray[np.float64]

_SPREADS = 8  # areas that take part in where an address lies whose street is not known
_LEAST = 0.002  # … and have a share that can be seen
_MOST_WORDINGS = 4000
_MOST_NUMBERS = 700_000  # eight bytes each


class SaidAreas:
    """The areas of one wording."""

    def __init__(self, address: Address, index: AreaIndex, table: Membership, on: date, note: Callable[[int], None]):
        mentions = mentions_of(address, index)
        self.elsewhere = elsewhere(address, index)
        self.weight = raw_weights(mentions, address, index, on)  # how likely anywhere is said with these areas
        self.evidence = AreaEvidence(mentions, index, table, on)
        self.wards = self.evidence.wards()  # the same for each of today's wards, at the end for outside of all
        likely = candidates(address, index, on)
        found = [one for one in likely[:_SPREADS] if one.probability > _LEAST * likely[0].probability]
        self.spread: Spread | None = (
            mixture([(one.probability, index.groups[one.group].spread()) for one in found]) if found else None
        )
        self._fits: dict[int, tuple[Floats, float]] = {}
        self._note = note
        note(len(mentions) * len(index.groups) + (5 * len(self.spread.x) if len(found) > 1 and self.spread else 0))

    def fit(self, first: int, end: int) -> tuple[Floats, float]:
        """(likelihood of what was named for the pieces first … end of one street, the highest of them)."""
        return self._fits.get(first) or self.fits([slice(first, end)])[0]

    def fits(self, spans: Sequence[slice]) -> list[tuple[Floats, float]]:
        """The same for several streets; those whose pieces follow on each other are asked for at once."""
        missing = [span for span in spans if span.start not in self._fits]
        at = 0
        while at < len(missing):
            last = at
            while last + 1 < len(missing) and missing[last + 1].start == missing[last].stop:
                last += 1
            begin = missing[at].start
            whole = self.evidence.of(begin, missing[last].stop)
            for span in missing[at : last + 1]:
                area = whole[span.start - begin : span.stop - begin]
                self._fits[span.start] = (area, float(area.max(initial=0.0)))
            self._note(len(whole))
            at = last + 1
        return [self._fits[span.start] for span in spans]


class Wordings:
    """All wordings of areas that were met, for one version of areas and streets. Used by one thread at a time."""

    def __init__(self, index: AreaIndex, table: Membership) -> None:
        self._index, self._table = index, table
        self._kept: dict[Hashable, SaidAreas] = {}
        self._numbers = 0

    def of(self, address: Address, on: date) -> SaidAreas:
        """What the areas in `address` say on a day."""
        parts = [part for part in address.parts if part.levels[0] != "hamlet"]
        key = (
            on >= REFORM,
            tuple((p.levels, p.key, p.accents, p.manner, p.kinds, p.known, p.initials) for p in parts),
        )
        said = self._kept.get(key)
        if said is None:
            if self._numbers > _MOST_NUMBERS or len(self._kept) >= _MOST_WORDINGS:
                self._kept.clear()
                self._numbers = 0
            said = self._kept[key] = SaidAreas(address, self._index, self._table, on, self._count)
        return said

    def _count(self, numbers: int) -> None:
        self._numbers += numbers
