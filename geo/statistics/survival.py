"""How long something takes when some of it has not ended yet: the Kaplan–Meier estimate, and plain quantiles beside.

E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", Journal of the American Statistical
Association 53, 1958.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TINY = 1e-12
"""A product of fractions that is one half but for rounding is one half."""


class Curve(NamedTuple):
    """`at` float64[k], ascending: when something ended; `left` float64[k]: the share that lasts longer."""

    at: Floats
    left: Floats


def kaplan_meier(time: Floats, ended: NDArray[np.bool_]) -> Curve:
    """The share that lasts longer than each time, of n of which `ended` bool[n] says whether `time` float64[n] is its
    end (else it was still going on then). What is cut off at a time counts as there at that time.

    Assumes that what is still going on is like the rest of its age: nothing else took it out of sight.
    """
    order = np.argsort(time, kind="stable")
    at, first = np.unique(time[order], return_index=True)
    if not len(at):
        return Curve(np.empty(0), np.empty(0))
    ends = np.add.reduceat(ended[order].astype(np.float64), first)
    there = (len(time) - first).astype(np.float64)
    left = np.cumprod(1.0 - ends / there, dtype=np.float64)
    some = ends > 0
    return Curve(at[some], left[some])


def time_to(curve: Curve, share: float) -> float:
    """When a `share` (0 to 1) has ended: the smallest time at which no more than 1 - share last longer; NaN where the
    curve does not come so low."""
    below = np.flatnonzero(curve.left <= 1.0 - share + _TINY)
    return float(curve.at[below[0]]) if len(below) else float("nan")
