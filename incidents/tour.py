"""In which order to visit places: nearest neighbour, then 2-opt, on metres as the crow flies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ROUNDS = 60


def tour(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[int]:
    """An order of n places (metres, EPSG:9210) for a short open way: positions 0…n-1, each once. It begins at
    either end of the way found; the same input gives the same order. For tens of places, not thousands."""
    n = len(x)
    if n < 3:
        return list(range(n))
    far = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    best = min((_improved(far, _nearest(far, start)) for start in _starts(far)), key=lambda way: _length(far, way))
    return best


def length(x: NDArray[np.float64], y: NDArray[np.float64], order: list[int]) -> list[float]:
    """Metres from each place to the one before it in the order; 0 for the first."""
    dx, dy = np.diff(x[order]), np.diff(y[order])
    return [0.0, *np.hypot(dx, dy).tolist()] if order else []


def _starts(far: NDArray[np.float64]) -> list[int]:
    """Places at the edge make good beginnings of an open way: those farthest from all others."""
    return [int(each) for each in np.argsort(-far.sum(axis=1), kind="stable")[:5]]


def _nearest(far: NDArray[np.float64], start: int) -> list[int]:
    left = far.copy()
    left[:, start] = np.inf
    way = [start]
    while len(way) < len(far):
        following = int(np.argmin(left[way[-1]]))
        left[:, following] = np.inf
        way.append(following)
    return way


def _improved(far: NDArray[np.float64], way: list[int]) -> list[int]:
    """2-opt on an open way: turn a stretch round wherever that makes it shorter, until nothing does."""
    order = np.array(way)
    n = len(order)
    for _ in range(_ROUNDS):
        gain, i, j = 1e-9, -1, -1
        for first in range(n - 1):
            last = np.arange(first + 1, n)
            before = order[first - 1] if first else -1
            after = np.append(order[1:], -1)[last]
            old = (far[before, order[first]] if first else 0.0) + np.where(after >= 0, far[order[last], after], 0.0)
            new = (far[before, order[last]] if first else 0.0) + np.where(after >= 0, far[order[first], after], 0.0)
            saved = old - new
            k = int(np.argmax(saved))
            if saved[k] > gain:
                gain, i, j = float(saved[k]), first, int(last[k])
        if i < 0:
            break
        order[i : j + 1] = order[i : j + 1][::-1]
    return [int(each) for each in order]


def _length(far: NDArray[np.float64], way: list[int]) -> float:
    return float(far[way[:-1], way[1:]].sum())
