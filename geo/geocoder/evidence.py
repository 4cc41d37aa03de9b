"""How likely each piece of street is, by the areas that an address names and by its house number."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.address.parser import Address
from geo.gazetteer.compact import Gazetteer
from geo.gazetteer.keys import letter_code
from geo.gazetteer.numbering import METRES_PER_NUMBER, Chain, predict
from geo.geocoder.candidates import Mention, era
from geo.geocoder.index import AreaIndex
from geo.geocoder.membership import FACTOR, Membership

Floats = NDArray[np.float64]

_BACKGROUND = 0.0001  # of a number that fits no system of its street, per piece
WIDTH = 0.7  # of the place that a system of numbers says
STRENGTH = 1.5  # how much a heavy system counts against a light one
PRIOR = 0.7  # of what is said without anchors
BESIDE = 0.1  # that a place lies in a ward which the area named did not go into, against one which it did
_CLOSE, _MOST_CLOSE = 12, 24  # anchors whose numbers are so near say where a number stands, at most so many
_START_AT_CENTRE = 0.62  # numbers begin at the end that lies nearer to the city's middle
_MIDDLE = (603_480.0, 1_191_450.0)  # Bến Thành, EPSG:9210


class AreaEvidence:
    """The areas named, as a weight for every group; asked piece by piece."""

    def __init__(self, mentions: Sequence[Mention], index: AreaIndex, table: Membership, on: date) -> None:
        self._table = table
        self._index = index
        self._parts = []
        named_district = any(mention.level(index) != "ward" for mention in mentions)
        for mention in mentions:
            weight = np.zeros(len(index.groups), dtype=np.float32)
            for number, fit in mention.fits.items():
                weight[number] = fit * min(1.0, 2.0 * era(index.groups[number], on, named_district) ** 0.5)
            if mention.province:
                for number, group in enumerate(index.groups):
                    if group.province == mention.province:
                        weight[number] = 1.0
            self._parts.append((weight, mention.share, mention.mistake))

    def wards(self) -> Floats:
        """The likelihood of what was named, for each of today's wards, by which wards the areas went into; at the end
        for a place outside of all. Lines of former wards are approximate: this tells the sides of a street apart."""
        result = np.ones(len(self._index.wards) + 1)
        for weight, _, _ in self._parts:
            named = np.flatnonzero(weight)
            if not len(named) or not all(len(self._index.went_into[group]) for group in named.tolist()):
                continue
            within = np.zeros(len(result))
            for group in named.tolist():
                wards = self._index.went_into[group]
                within[wards] = np.maximum(within[wards], weight[group])
            result *= within + BESIDE
        return result

    def of(self, first: int, end: int) -> Floats:
        """The likelihood of what was named, for the pieces first … end."""
        result = np.ones(end - first)
        if not self._parts:
            return result
        start = self._table.start
        low, high = int(start[first]), int(start[end])
        group = self._table.group[low:high]
        factor = FACTOR[self._table.reach[low:high]]
        begins = start[first:end] - low
        empty = np.flatnonzero(start[first + 1 : end + 1] == start[first:end])
        begins = np.minimum(begins, max(0, high - low - 1))
        for weight, share, mistake in self._parts:
            if high > low:
                values = weight[group] * factor
                best = np.maximum.reduceat(values, begins)
                best[empty] = 0.0
            else:
                best = np.zeros(end - first)
            result *= best * share + mistake
        return result


class Systems(NamedTuple):
    """What a street's own numbers say, as plain lists: quicker to ask for one number than arrays are."""

    length: float  # metres
    low: float  # that numbers begin where `along` does
    chains: list[tuple[Chain, list[float], float]]  # chain, its numbers, its weight
    numbers: list[int]  # of all anchors, rising
    along: list[float]


def systems(gazetteer: Gazetteer, street: int) -> Systems:
    """The systems of a street, made when they are first asked for."""
    found: Systems | None = gazetteer.systems.get(street)
    if found is None:
        span = gazetteer.span(street)
        anchors = gazetteer.anchors.get(street)
        order = np.argsort(anchors[0], kind="stable") if anchors is not None else np.zeros(0, dtype=np.int64)
        found = gazetteer.systems[street] = Systems(
            length=float(gazetteer.pieces.along[span.stop - 1]) + 12.0 if span.stop > span.start else 0.0,
            low=_START_AT_CENTRE if _begins_low(gazetteer, street) else 1.0 - _START_AT_CENTRE,
            chains=[
                (chain, chain.number.tolist(), min(chain.weight, 12.0) ** STRENGTH)
                for chain in gazetteer.chains.get(street, ())
            ],
            numbers=anchors[0][order].tolist() if anchors is not None else [],
            along=anchors[1][order].tolist() if anchors is not None else [],
        )
    return found


def predictions(known: Systems, number: int) -> tuple[list[float], list[float], list[float]]:
    """(metres along, scale in metres, weight) of each place where a number may stand."""
    places: list[float] = []
    scales: list[float] = []
    weights: list[float] = []
    parity = number % 2
    for chain, numbers, weight in known.chains:
        own = 1.0 if chain.parity == parity else 0.35 if chain.parity == 2 else 0.0
        if not own:
            continue
        place, scale = predict(chain, numbers, number)
        scale *= WIDTH
        if chain.parity == 2:
            scale = scale * 1.2 + 6.0
        outside = max(0.0, numbers[0] - number, number - numbers[-1])
        places.append(place)
        scales.append(scale)
        weights.append(own * weight / (1.0 + outside / 40.0))
    first, end = bisect_left(known.numbers, number - _CLOSE), bisect_right(known.numbers, number + _CLOSE)
    near = range(first, end)
    if len(near) > _MOST_CLOSE:
        near = sorted(near, key=lambda at: abs(known.numbers[at] - number))[:_MOST_CLOSE]  # type: ignore[assignment]
    for at in near:
        gap = abs(known.numbers[at] - number)
        places.append(known.along[at])
        scales.append(12.0 + 3.0 * gap)
        weights.append((1.6 if gap == 0 else 0.5) / (1.0 + 0.25 * gap))
    # Without anchors, and beside few: numbers begin at one end, usually the one towards the middle of the city.
    way = number * METRES_PER_NUMBER
    places += [way, known.length - way]
    scales += [30.0 + 0.3 * way] * 2
    weights += [PRIOR * known.low, PRIOR * (1.0 - known.low)]
    return places, scales, weights


def number_density(gazetteer: Gazetteer, street: int, along: Floats, number: int) -> Floats:
    """P(number | piece) for the pieces of a street at these distances along it."""
    places, scales, weights = (np.array(part) for part in predictions(systems(gazetteer, street), number))
    # Single precision is a centimetre at the end of the longest street, and the exponentials are most of the work.
    share = (weights / (2.0 * float(weights.sum()) * scales)).astype(np.float32)
    away = np.subtract.outer(along.astype(np.float32), places.astype(np.float32))
    np.abs(away, out=away)
    away *= (-1.0 / scales).astype(np.float32)
    np.exp(away, out=away)
    return np.asarray(0.94 * METRES_PER_NUMBER * (away @ share).astype(np.float64) + _BACKGROUND)


def code_density(gazetteer: Gazetteer, street: int, along: Floats, number: str) -> Floats:
    """How much likelier each piece is than the street's mean, for a number that begins with its hamlet: A2/22.

    The letter is the hamlet, the figure a group of houses in it; such numbers do not run along a street, but houses of
    one hamlet lie together."""
    wanted = letter_code(number)
    anchors = gazetteer.anchors.get(street)
    result = np.ones(len(along))
    if not wanted or anchors is None:
        return result
    for text, at in zip(anchors[2], anchors[1].tolist(), strict=True):
        code = letter_code(text)
        if code == wanted:
            result += 6.0 * np.exp(-np.abs(along - at) / 150.0)
        elif code and code[0] == wanted[0]:
            result += 1.5 * np.exp(-np.abs(along - at) / 400.0)
    return result / float(result.mean())


def _begins_low(gazetteer: Gazetteer, street: int) -> bool:
    span = gazetteer.span(street)
    x, y = gazetteer.pieces.x, gazetteer.pieces.y
    first, last = span.start, span.stop - 1
    low = np.hypot(x[first] - _MIDDLE[0], y[first] - _MIDDLE[1])
    high = np.hypot(x[last] - _MIDDLE[0], y[last] - _MIDDLE[1])
    return bool(low < high)


def unknown_number(number: int) -> float:
    """P(number) of a street that is not in the files."""
    return float(np.exp(-number / 500.0) / (number + 60.0)) + 0.0002


def has_area(address: Address) -> bool:
    """Whether anything is named that lies in the city."""
    return bool(address.areas())
