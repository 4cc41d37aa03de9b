"""Two counts of the same places: where did one change by more than chance, the change of the whole taken out first?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

LEAST = 6
"""Events of both in a window below which nothing is tested: no division of so few would be other than chance."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """`before, after` int64[n]: both counts of each window. `z` float64[n], positive where `after` has more than its
    share, and two-sided `p` float64[n]; both NaN where it is not tested. `share`: of `after` in all."""

    before: Counts
    after: Counts
    z: Floats
    p: Floats
    share: float


def windows(before: Counts, after: Counts, weights: sparse.csr_array, *, least: int = LEAST) -> Change:
    """The change of each place and its neighbours. `before, after`: counts [n]; `weights`: binary, without itself."""
    window = [np.rint(np.asarray(weights @ counts) + counts).astype(np.int64) for counts in (before, after)]
    return change(window[0], window[1], share=_share(int(before.sum()), int(after.sum())), least=least)


def change(before: Counts, after: Counts, *, share: float | None = None, least: int = LEAST) -> Change:
    """The change of each of n places that are counted twice. `share`: of `after` where nothing changed but the whole
    (None: of these places together).

    Null hypothesis: both counts are Poisson and their ratio here is that of the whole. Then, given their sum m, `after`
    is Binomial(m, share), and its tail is summed exactly; p is twice the smaller tail, at most 1. z is the standardised
    difference, for the sign and for drawing.

    Przyborowski and Wilenski, "Homogeneity of results in testing samples from Poisson series", Biometrika 31, 1940.
    """
    usual = _share(int(before.sum()), int(after.sum())) if share is None else share
    both = before + after
    tested = (both >= least) & (0 < usual < 1)
    z, p = np.full(len(both), np.nan), np.full(len(both), np.nan)
    if tested.any():
        m, k = both[tested], after[tested]
        lower, upper = stats.binom.cdf(k, m, usual), stats.binom.sf(k - 1, m, usual)
        p[tested] = np.minimum(1.0, 2 * np.minimum(lower, upper))
        z[tested] = (k - m * usual) / np.sqrt(m * usual * (1 - usual))
    return Change(before=before, after=after, z=z, p=p, share=usual)


def _share(before: int, after: int) -> float:
    return after / (before + after) if before + after else 0.0


def ratio(before: Counts, after: Counts, *, confidence: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """after / before of counts over equally long spans, and its exact interval: `ratio, low, high` float64[n]; without
    any event NaN, without one before the ratio and its upper end are infinite.

    Both counts Poisson: given their sum, `after` is binomial, and the interval of its share (C. J. Clopper and E. S.
    Pearson, Biometrika 26, 1934) is turned into one of the ratio.
    """
    b, a = before.astype(np.float64), after.astype(np.float64)
    tail = (1 - confidence) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(a > 0, stats.beta.ppf(tail, a, b + 1), 0.0)
        high = np.where(b > 0, stats.beta.ppf(1 - tail, a + 1, b), 1.0)
        found = [a / b, low / (1 - low), high / (1 - high)]
    return tuple(np.where(a + b > 0, each, np.nan) for each in found)  # type: ignore[return-value]
