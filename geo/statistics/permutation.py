"""Conditional permutation: what a place's neighbours would add up to, had the other places' values been dealt out anew.

The place keeps its own value and its neighbours' weights; their values are drawn without replacement from all others
(Anselin, "Local Indicators of Spatial Association", Geographical Analysis 27, 1995). As in esda, one table of draws
serves all places, each skipping itself: each place's p is right, p of two places are not independent.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def at_least(
    values: Floats, weights: sparse.csr_array, observed: Floats, permutations: int, seed: int
) -> tuple[Integers, Integers]:
    """How many of the permuted weighted sums are >= and <= the observed, int64[n] each.

    `values` float64[n], `weights` n × n without the place itself, `observed` float64[n]: the weighted sums as they are.
    The same seed gives the same answer.
    """
    n = len(values)
    degree = np.diff(weights.indptr)
    draws = _draws(n - 1, int(degree.max(initial=0)), permutations, np.random.default_rng(seed))
    # Sums of the same numbers in another order differ in the last bit: what is that near counts as equal.
    slack = 1e-12 * np.maximum(1.0, np.abs(observed))
    larger, smaller = np.zeros(n, np.int64), np.zeros(n, np.int64)
    data = np.ascontiguousarray(weights.data, dtype=np.float64)
    parts = np.linspace(0, n, 8 * (os.cpu_count() or 1) + 1).astype(np.int64)

    def part(k: int) -> None:
        _count((values, weights.indptr, data), draws, (observed, slack), (larger, smaller), parts[k : k + 2])

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(part, range(len(parts) - 1)))
    return larger, smaller


def folded_p(larger: Integers, smaller: Integers, permutations: int, *, two_sided: bool = True) -> Floats:
    """Pseudo p, (r + 1) / (permutations + 1) with r the rarer tail, float64[n]; doubled (at most 1) when two-sided.

    Draws equal to what was observed count in both tails. (esda counts them in the upper one alone, so that with counts
    its lower p are too small: a window of nothing among windows of nothing would be a cold spot.)
    """
    p = (np.minimum(larger, smaller) + 1) / (permutations + 1)
    return np.minimum(1.0, 2 * p) if two_sided else p


def _draws(n: int, k: int, permutations: int, random: np.random.Generator) -> NDArray[np.int32]:
    """k different numbers below n in each of the rows, int32[permutations, k]."""
    if k * 10 > n:  # many of few: drawing again until all differ would take long
        return np.stack([random.permutation(n)[:k] for _ in range(permutations)]).astype(np.int32)
    drawn = random.integers(0, n, size=(permutations, k), dtype=np.int32)
    while True:
        ordered = np.sort(drawn, axis=1)
        twice = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        if not twice.any():
            return drawn
        drawn[twice] = random.integers(0, n, size=(int(twice.sum()), k), dtype=np.int32)


@numba.njit(nogil=True, cache=True)
def _count(sums, draws, bounds, found, part):  # type: ignore[no-untyped-def]
    values, start, data = sums
    observed, slack = bounds
    larger, smaller = found
    permutations = draws.shape[0]
    for i in range(part[0], part[1]):
        begin = start[i]
        degree = start[i + 1] - begin
        high = observed[i] - slack[i]
        low = observed[i] + slack[i]
        for r in range(permutations):
            total = 0.0
            for j in range(degree):
                other = draws[r, j]
                if other >= i:
                    other += 1
                total += data[begin + j] * values[other]
            if total >= high:
                larger[i] += 1
            if total <= low:
                smaller[i] += 1
