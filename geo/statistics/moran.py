"""Moran's I: do like values lie beside like ones, over the whole (global) and at each place (local)?

Sources: Cliff and Ord, "Spatial Processes", 1981 (global moments); Anselin, "Local Indicators of Spatial Association",
Geographical Analysis 27, 1995; Sokal, Oden and Thomson, "Local Spatial Autocorrelation in a Biological Model",
Geographical Analysis 30, 1998, eqs. A7 and A8 (moments under conditional randomisation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special, stats

from geo.statistics import permutation

Floats = NDArray[np.float64]

QUADRANTS = ("high-high", "low-high", "low-low", "high-low")


@dataclass(frozen=True, kw_only=True)
class LocalMoran:
    """`i` the statistic, `expected` and `variance` its moments, `z`, two-sided `p`: float64[n]; `quadrant` str[n].

    A quadrant says the place and its neighbours, above ("high") or below ("low") the mean; esda numbers them 1 to 4 in
    the order of `QUADRANTS`.
    """

    i: Floats
    expected: Floats
    variance: Floats
    z: Floats
    p: Floats
    quadrant: NDArray[np.str_]


@dataclass(frozen=True, kw_only=True)
class GlobalMoran:
    """I, its expectation, variance under randomisation, z, and two-sided p."""

    i: float
    expected: float
    variance: float
    z: float
    p: float


def local(
    values: NDArray[np.generic], weights: sparse.csr_array, *, permutations: int = 0, seed: int = 0
) -> LocalMoran:
    """Local Moran's I. `values` [n], `weights` n × n without the place itself (row-standardised as a rule).

    Null hypothesis: the place keeps its value, all others are dealt out anew. z by the conditional moments, so it is
    the neighbours' standing signed by the place's own; p is two-sided from the normal distribution or, with
    `permutations`, from conditional permutation. NaN where place or neighbours are undefined (no neighbour, a value
    equal to the mean, all values the same).
    """
    x = np.asarray(values, dtype=np.float64)
    n = len(x)
    deviation = x - x.mean() if n else x
    square = deviation * deviation
    m2 = float(square.mean()) if n else 0.0
    lag = weights @ deviation
    ones = np.ones(n)
    total = weights @ ones
    # The weights' squares on their own places: multiplying the matrices would look for the places anew.
    squares = (
        sparse.csr_array((weights.data * weights.data, weights.indices, weights.indptr), shape=weights.shape) @ ones
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        i = np.float64(n - 1) / (n * m2) * (deviation * lag)
        expected = np.float64(-1.0) / ((n - 1) * m2) * (square * total)
        factor = np.float64(n) / ((n - 2) * m2 * m2)
        variance = factor * square * (squares - total * total / (n - 1)) * (m2 - square / (n - 1))
        z = (i - expected) / np.sqrt(variance)
    z[~np.isfinite(z)] = np.nan
    if permutations:
        larger, smaller = permutation.at_least(deviation, weights, lag, permutations, seed)
        p = np.where(np.isnan(z), np.nan, permutation.folded_p(larger, smaller, permutations))
    else:
        p = 2 * special.ndtr(-np.abs(z))
    below, beside = deviation <= 0, lag <= 0
    # 0 high-high, 1 low-high, 2 low-low, 3 high-low
    quadrant = np.array(QUADRANTS)[np.where(beside, 3 - below.astype(np.int8), below.astype(np.int8))]
    return LocalMoran(i=i, expected=expected, variance=variance, z=z, p=p, quadrant=quadrant)


def overall(values: NDArray[np.generic], weights: sparse.csr_array) -> GlobalMoran:
    """Global Moran's I with its moments under randomisation (Cliff and Ord 1981). `values` [n], `weights` n × n.

    Null hypothesis: the values were dealt out to the places at random. NaN throughout where all are the same.
    """
    x = np.asarray(values, dtype=np.float64)
    n = len(x)
    deviation = x - x.mean()
    m2 = float((deviation**2).sum())
    s0 = float(weights.sum())
    both = weights + weights.T
    s1 = float(both.multiply(both).sum()) / 2
    s2 = float(((np.asarray(weights.sum(axis=1)) + np.asarray(weights.sum(axis=0))) ** 2).sum())
    expected = -1 / (n - 1)
    if m2 == 0 or s0 == 0:
        return GlobalMoran(i=np.nan, expected=expected, variance=np.nan, z=np.nan, p=np.nan)
    i = n / s0 * float(deviation @ (weights @ deviation)) / m2
    kurtosis = (float((deviation**4).sum()) / n) / (m2 / n) ** 2
    a = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    b = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    variance = (a - b) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - expected**2
    z = (i - expected) / np.sqrt(variance)
    return GlobalMoran(i=i, expected=expected, variance=variance, z=z, p=float(2 * stats.norm.sf(abs(z))))
