"""What could be won where an address names no area that tells the streets of its name apart: the same look-ups, told
by the truth which street is meant, or also which of the places where its numbers may stand.

None of these is a way to answer an address. They bound what any choice between the streets of a name can reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import _hidden_stops as hidden
from benchmarks._hidden_stops import Row
from district_boundaries.area_names import AreaNames
from geo.crs import to_metres
from geo.gazetteer.keys import main_number
from geo.geocoder import evidence, geocode
from geo.geocoder.answers import OnStreet
from geo.geocoder.streets import StreetIndex

resolve = import_module("geo.geocoder.resolve")  # the package has a function of this name
Floats = NDArray[np.float64]
Found = list[tuple[int, int, Floats, int]]


def distances(rows: Sequence[Row], texts: Sequence[str], names: AreaNames) -> dict[str, list[float]]:
    """Metres from the truth, for each text: told the street; told the street and the best place of its number; and the
    nearest of the first five answers, told nothing."""
    result: dict[str, list[float]] = {"told the street": [], "told the street and the place of its number": []}
    for row, text in zip(rows, texts, strict=True):
        x, y = (float(part) for part in to_metres(float(row["lon"]), float(row["lat"])))
        with _told(x, y) as told:
            answer = hidden.answers([row], [text], names)
        reached = float(hidden.distances(answer)[0])
        result["told the street"].append(reached)
        result["told the street and the place of its number"].append(min(reached, told.nearest_m))
    result["nearest of five answers"] = []
    for row, places in zip(rows, geocode(texts, names, on=hidden.ON, limit=5), strict=True):
        away = hidden.distances([(row, place) for place in places]) if places else np.array([np.inf])
        result["nearest of five answers"].append(float(away.min()))
    return result


class _Told:
    """The truth, and how near to it any place comes where the number may stand on the true street."""

    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = x, y
        self.nearest_m = float("inf")

    def only(self, index: StreetIndex, found: Found, parts: Any) -> Found:
        """Of the candidates those on the street that comes nearest to the truth."""
        away = [float(self._from(index, first, first + len(weight)).min()) for _, first, weight, _ in found]
        street = found[int(np.argmin(away))][0]
        kept = [one for one in found if one[0] == street]
        for _, first, weight, rank in kept[:1]:
            number = main_number(parts.mentions[rank].number or "")
            if number:
                along = index.gazetteer.pieces.along[first : first + len(weight)]
                known = evidence.systems(index.gazetteer, street)
                places = evidence.predictions(known, number[0])[0]
                pieces = np.abs(np.subtract.outer(np.array(places), along)).argmin(axis=1)
                self.nearest_m = float(self._from(index, first, first + len(weight))[pieces].min())
        return kept

    def _from(self, index: StreetIndex, first: int, end: int) -> Floats:
        pieces = index.gazetteer.pieces
        return np.asarray(np.hypot(pieces.x[first:end] - self.x, pieces.y[first:end] - self.y))


@contextmanager
def _told(x: float, y: float) -> Iterator[_Told]:
    told = _Told(x, y)
    mass, at_door = StreetIndex._mass, resolve.at_door

    def only(self: StreetIndex, found: Found, whole: float, parts: Any, wards: Floats) -> Any:
        kept = told.only(self, found, parts)
        known = sum(float(weight.sum()) for _, _, weight, _ in found)
        own = sum(float(weight.sum()) for _, _, weight, _ in kept)
        return mass(self, kept if own > 0.0 else found, whole * own / known if own > 0.0 else whole, parts, wards)

    def door(*given: Any) -> list[OnStreet]:
        by_street = list(given[-1])
        with_door = at_door(*given)
        if not by_street or not with_door:
            return with_door
        away, away_door = (np.hypot(one[0].x - x, one[0].y - y) for one in (by_street, with_door))
        return with_door if away_door <= away else by_street

    StreetIndex._mass = only  # type: ignore[method-assign]
    resolve.at_door = door  # type: ignore[attr-defined]
    try:
        yield told
    finally:
        StreetIndex._mass = mass  # type: ignore[method-assign]
        resolve.at_door = at_door  # type: ignore[attr-defined]
