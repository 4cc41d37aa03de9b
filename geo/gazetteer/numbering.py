"""How house numbers run along a street: the heaviest monotone chains of anchors, by parity and by system.

Anchors come from several files, old and new, and some are wrong; a street may have several systems of numbers, one
behind the other or in each district. So the best chain of numbers that rise (or fall) with the distance along the
street is taken, then the best of what is left over, as long as it has weight enough.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

METRES_PER_NUMBER = 4.3  # the median of 0.23 numbers a metre, both sides together
_SLACK_M = 25.0  # how far a number may stand on the wrong side of its neighbour
_LEAST_WEIGHT = 1.6  # of a chain beside the first
_MOST_CHAINS = 4
_MOST_ANCHORS = 600


class Chain(NamedTuple):
    """One system of numbers: distances along the street at rising numbers."""

    parity: int  # 0 even, 1 odd, 2 both
    weight: float
    rising: bool  # numbers rise with the distance along
    number: Floats
    along: Floats


def chains(number: Floats, along: Floats, weight: Floats) -> list[Chain]:
    """The systems of one street's anchors (arrays of one length), heaviest first within each parity."""
    result: list[Chain] = []
    odd = number.astype(np.int64) % 2
    for parity in (0, 1, 2):
        chosen = np.flatnonzero(odd == parity) if parity < 2 else np.arange(len(number))
        if parity == 2 and (odd == odd[0]).all():
            break
        if len(chosen) > _MOST_ANCHORS:
            chosen = chosen[np.argsort(-weight[chosen], kind="stable")[:_MOST_ANCHORS]]
        for rank in range(_MOST_CHAINS):
            if not len(chosen):
                break
            kept, total, rising = _heaviest(number[chosen], along[chosen], weight[chosen])
            if rank and total < _LEAST_WEIGHT:
                break
            best = chosen[kept]
            result.append(Chain(parity, total, rising, *_even(number[best], along[best], weight[best])))
            chosen = np.delete(chosen, kept)
    return result


def _heaviest(number: Floats, along: Floats, weight: Floats) -> tuple[NDArray[np.int64], float, bool]:
    best: tuple[NDArray[np.int64], float, bool] = (np.zeros(0, dtype=np.int64), -1.0, True)
    for rising in (True, False):
        place = along if rising else -along
        order = np.lexsort((place, number))
        n, s, w = number[order], place[order], weight[order]
        total = w.copy()
        before = np.full(len(n), -1)
        for i in range(1, len(n)):
            step, way = n[i] - n[:i], s[i] - s[:i]
            fits = (
                (way >= -_SLACK_M)
                & (way <= 24.0 * step + 160.0)  # not over a gap that so few numbers cannot fill
                & (step <= 1.6 * np.maximum(way, 0.0) + 40.0)  # nor so many numbers in so short a way
            )
            if not fits.any():
                continue
            cost = 0.003 * np.abs(way - step * METRES_PER_NUMBER) / (20.0 + np.maximum(way, 0.0)) * 20.0
            reach = np.where(fits, total[:i] - 0.1 * np.minimum(cost, 1.0), -1.0)
            last = int(np.argmax(reach))
            if reach[last] > 0.0:
                total[i] += reach[last]
                before[i] = last
        end = int(np.argmax(total))
        if total[end] > best[1] + (0.0 if rising else 0.05):
            kept = []
            at = end
            while at >= 0:
                kept.append(order[at])
                at = before[at]
            best = (np.array(kept[::-1]), float(total[end]), rising)
    return best


def _even(number: Floats, along: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """One place for each number, in rising order."""
    values, inverse = np.unique(number, return_inverse=True)
    total = np.bincount(inverse, weight)
    return values.astype(np.float64), np.bincount(inverse, weight * along) / total


def predict(chain: Chain, numbers: Sequence[float], number: float) -> tuple[float, float]:
    """(metres along, scale in metres) of a number in one chain, whose own numbers are `numbers` (a plain list)."""
    n, s = numbers, chain.along
    right = bisect_left(n, number)
    if right < len(n) and n[right] == number:
        return float(s[right]), 12.0
    sign = 1.0 if chain.rising else -1.0
    if 0 < right < len(n):
        n0, n1, s0, s1 = n[right - 1], n[right], float(s[right - 1]), float(s[right])
        share = (number - n0) / (n1 - n0)
        nearest = min(number - n0, n1 - number) * METRES_PER_NUMBER
        return s0 + share * (s1 - s0), float(12.0 + min(0.12 * abs(s1 - s0), 0.35 * nearest + 10.0))
    edge = 0 if right == 0 else -1
    slope = _slope(chain, edge)
    away = number - n[edge]
    return float(s[edge] + sign * away * slope), float(18.0 + 0.4 * abs(away) * slope)


def _slope(chain: Chain, edge: int) -> float:
    """Metres a number beyond the chain's end, drawn to the usual."""
    n, s = chain.number, chain.along
    few = slice(0, 8) if edge == 0 else slice(-8, None)
    n, s = n[few], s[few]
    span = float(n[-1] - n[0])
    own = abs(float(s[-1] - s[0]))
    return min(max((own + 60.0 * METRES_PER_NUMBER) / (span + 60.0), 1.0), 15.0)
