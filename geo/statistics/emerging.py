"""Emerging hot spots: Gi* of each place in each slice of time, the trend over the slices, and a name for the history.

Sources: the eight classes are those that Esri published with "Emerging Hot Spot Analysis" (ArcGIS Pro, toolbox Space
Time Pattern Mining), for hot and cold alike; Mann, "Nonparametric Tests Against Trend", Econometrica 13, 1945; Kendall,
"Rank Correlation Methods", 1975 (variance with ties).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

from geo.statistics import discovery_rate

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

NAMES = ("new", "consecutive", "intensifying", "persistent", "diminishing", "sporadic", "oscillating", "historical")
_NEARLY_ALWAYS = 0.9
_TREND = 0.10


@dataclass(frozen=True, kw_only=True)
class Emerging:
    """`z, p, p_fdr` float64[t, n] of each slice; `trend, trend_p` float64[n] (Mann-Kendall's z); `pattern` str[n].

    A pattern is `hot new`, …, `cold historical`, or `none`.
    """

    z: Floats
    p: Floats
    p_fdr: Floats
    trend: Floats
    trend_p: Floats
    pattern: NDArray[np.str_]


def emerging(counts: NDArray[np.generic], weights: sparse.csr_array, *, slices_back: int = 1) -> Emerging:
    """Of `counts` int[t, n], slices from old to new, with binary `weights` n × n without the place itself.

    A place's window is itself and its neighbours, in its slice and `slices_back` before; it is held against the mean
    and variance of all places in all slices. Hot or cold in a slice: p <= 0.1 after correcting for all n × t tests.
    """
    cube = np.asarray(counts, dtype=np.float64)
    if len(cube) < 3:
        raise ValueError("cần ít nhất ba kỳ để thấy xu thế (a trend needs at least three slices)")
    z = _z(cube, weights, slices_back)
    p = 2 * stats.norm.sf(np.abs(z))
    p_fdr = discovery_rate.corrected(p.ravel()).reshape(p.shape)
    with np.errstate(invalid="ignore"):
        significant = p_fdr <= discovery_rate.LEVELS[-1][0]
        hot, cold = significant & (z > 0), significant & (z < 0)
    trend, trend_p = mann_kendall(np.nan_to_num(z))
    return Emerging(z=z, p=p, p_fdr=p_fdr, trend=trend, trend_p=trend_p, pattern=patterns(hot, cold, trend, trend_p))


def _z(cube: Floats, weights: sparse.csr_array, slices_back: int) -> Floats:
    slices, n = cube.shape
    around = (weights @ cube.T).T + cube
    size = (weights @ np.ones(n)) + 1
    sums, sizes = np.zeros_like(cube), np.zeros_like(cube)
    for back in range(min(slices_back, slices - 1) + 1):
        sums[back:] += around[: slices - back]
        sizes[back:] += size
    total = slices * n
    mean, deviation = cube.mean(), cube.std()
    with np.errstate(divide="ignore", invalid="ignore"):
        z: Floats = (sums - mean * sizes) / (deviation * np.sqrt((total * sizes - sizes**2) / (total - 1)))
    z[~np.isfinite(z)] = np.nan
    return z


def mann_kendall(series: Floats) -> tuple[Floats, Floats]:
    """Is there a trend? z and two-sided p, float64[n] each, of `series` float64[t, n], old to new.

    Null hypothesis: the values of a series are exchangeable in time. Ties are taken into the variance.
    """
    t, n = series.shape
    s, equal = np.zeros(n), np.ones((t, n))
    for later in range(1, t):
        difference = np.sign(series[later] - series[:later])
        s += difference.sum(axis=0)
        equal[later] += (difference == 0).sum(axis=0)
        equal[:later] += difference == 0
    # Each of a tie's k members brings (k-1)(2k+5): the tie k(k-1)(2k+5) altogether.
    ties = ((equal - 1) * (2 * equal + 5)).sum(axis=0)
    variance = (t * (t - 1) * (2 * t + 5) - ties) / 18
    z = np.divide(s - np.sign(s), np.sqrt(variance), out=np.zeros(n), where=variance > 0)
    return z, 2 * stats.norm.sf(np.abs(z))


def patterns(hot: Booleans, cold: Booleans, trend: Floats, trend_p: Floats) -> NDArray[np.str_]:
    """Each history's name, str[n]. `hot, cold` bool[t, n], old to new; `trend, trend_p` float64[n] of the z scores."""
    result = np.full(hot.shape[1], "none", dtype="<U24")
    # A cold place intensifies when its z falls.
    for kind, mine, other, rise in (("cold", cold, hot, -trend), ("hot", hot, cold, trend)):
        for name, holds in _histories(mine, other, rise, trend_p).items():
            result[holds] = f"{kind} {name}"
    return result


def _histories(mine: Booleans, other: Booleans, rise: Floats, trend_p: Floats) -> dict[str, Booleans]:
    slices = len(mine)
    last = mine[-1]
    share = mine.mean(axis=0)
    nearly_always = share >= _NEARLY_ALWAYS
    # The length of the run that ends with the last slice.
    run = np.where(mine.all(axis=0), slices, np.argmin(mine[::-1], axis=0))
    only_run = mine.sum(axis=0) == run
    was_other = other[:-1].any(axis=0)
    trending = trend_p <= _TREND
    return {
        "new": last & (run == 1) & only_run & ~nearly_always,
        "consecutive": last & (run >= 2) & only_run & ~nearly_always,
        "intensifying": nearly_always & last & trending & (rise > 0),
        "persistent": nearly_always & last & ~trending,
        "diminishing": nearly_always & last & trending & (rise < 0),
        "sporadic": last & ~only_run & ~nearly_always & ~was_other,
        "oscillating": last & ~only_run & ~nearly_always & was_other,
        "historical": nearly_always & ~last,
    }
