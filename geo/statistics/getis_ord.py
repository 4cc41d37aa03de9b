"""Getis and Ord's Gi*: is the sum over a place and its neighbours more, or less, than the whole would lead to expect?

Sources: Getis and Ord, "The Analysis of Spatial Association by Use of Distance Statistics", Geographical Analysis 24,
1992; Ord and Getis, "Local Spatial Autocorrelation Statistics", Geographical Analysis 27, 1995 (the standardised form).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

from geo.statistics import permutation
from geo.statistics.weights import with_self

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Local:
    """A local statistic: `z` float64[n] (NaN where it is not defined) and two-sided `p` float64[n]."""

    z: Floats
    p: Floats


def g_star(values: NDArray[np.generic], weights: sparse.csr_array, *, permutations: int = 0, seed: int = 0) -> Local:
    """Gi* of each place. `values` [n], `weights` n × n without the place itself, which is added with weight 1.

    Null hypothesis: the values lie in the places as they would when dealt out at random. z is Ord and Getis' (1995);
    with the same weights row-standardised it is the same number. p is two-sided, from the normal distribution or, with
    `permutations`, from conditional permutation. All NaN where every value is the same.
    """
    x = np.asarray(values, dtype=np.float64)
    z = _standardised(x, weights)
    if not permutations:
        return Local(z=z, p=2 * stats.norm.sf(np.abs(z)))
    larger, smaller = permutation.at_least(x, weights, weights @ x, permutations, seed)
    p = permutation.folded_p(larger, smaller, permutations)
    return Local(z=z, p=np.where(np.isnan(z), np.nan, p))


def _standardised(x: Floats, weights: sparse.csr_array) -> Floats:
    n = len(x)
    mean = x.mean() if n else 0.0
    deviation = np.sqrt((x**2).mean() - mean**2) if n else 0.0
    # The place itself is added to each sum, not to the matrix: making that would cost more than all the rest.
    ones = np.ones(n)
    others = weights @ ones
    total = others + 1
    binary = bool((weights.data == 1).all())
    squares = total if binary else weights.multiply(weights) @ ones + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        z: Floats = (weights @ x + x - mean * total) / (deviation * np.sqrt((n * squares - total**2) / (n - 1)))
    z[~np.isfinite(z)] = np.nan
    return z


def g_star_rate(events: NDArray[np.generic], exposure: Floats, weights: sparse.csr_array) -> Local:
    """Gi*'s window for rates: are the events around a place more than its exposure explains?

    `events` int[n], `exposure` float64[n] (kilometres of road, square kilometres, people), `weights` binary, n × n,
    without the place itself. In the window of a place and its neighbours the events are compared with the Poisson
    distribution whose mean is the window's share of all exposure (Choynowski, "Maps Based on Probabilities", JASA 54,
    1959), since the variance of a rate depends on its exposure and Gi* of raw rates would take small denominators for
    hot spots. p is two-sided and exact (mid-p), z the normal deviate of the same probability. NaN where the window has
    no exposure.
    """
    star = with_self(weights)
    n = np.asarray(events, dtype=np.float64)
    seen, expected = star @ n, star @ np.asarray(exposure, dtype=np.float64)
    whole = float(np.sum(exposure))
    expected = expected * (n.sum() / whole) if whole > 0 else np.zeros(len(n))
    with np.errstate(invalid="ignore"):
        # mid-p: half of the probability of what was seen goes to either side
        middle = stats.poisson.pmf(seen, expected) / 2
        above = stats.poisson.sf(seen, expected) + middle
        below = stats.poisson.cdf(seen - 1, expected) + middle
    rarer = np.minimum(above, below)
    z = np.where(above <= below, stats.norm.isf(rarer), -stats.norm.isf(rarer))
    z = np.clip(z, -38, 38)  # beyond, a double holds no probability
    undefined = expected <= 0
    return Local(z=np.where(undefined, np.nan, z), p=np.where(undefined, np.nan, np.minimum(1, 2 * rarer)))


def exact_p(counts: NDArray[np.integer], weights: sparse.csr_array) -> Floats:
    """Two-sided p of each window's count (the place and its neighbours) where few are expected, float64[n].

    Given how many there are altogether, N, scattered evenly over n places, a window of w places holds Binomial(N, w/n)
    of them: the tail is summed exactly where Gi*'s z takes it from the normal distribution, which is far too sure of
    itself below five expected. Twice the smaller tail, at most 1. `weights`: binary, without the place itself.

    Besag and Newell, "The detection of clusters in rare diseases", J. R. Stat. Soc. A 154, 1991 (a window's count
    against its expectation, conditional on the total).
    """
    n = len(counts)
    window = np.rint(np.asarray(weights @ counts) + counts).astype(np.int64)
    size = np.diff(weights.indptr) + 1
    pairs, which = np.unique(np.column_stack([window, size]), axis=0, return_inverse=True)
    total, share = int(counts.sum()), pairs[:, 1] / n
    upper = stats.binom.sf(pairs[:, 0] - 1, total, share)
    lower = stats.binom.cdf(pairs[:, 0], total, share)
    result: Floats = np.minimum(1.0, 2 * np.minimum(upper, lower))[which.ravel()]
    return result
