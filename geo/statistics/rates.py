"""Rates where there is a denominator: kilometres of road, square kilometres, people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def smoothed(events: NDArray[np.generic], exposure: Floats) -> Floats:
    """Events per unit of exposure, drawn to the overall rate where the exposure is small; float64[n], NaN without any.

    Global empirical Bayes by the method of moments (Marshall, "Mapping Disease and Mortality Rates Using Empirical
    Bayes Estimators", Applied Statistics 40, 1991): a place with little exposure says little of itself.
    """
    n = np.asarray(events, dtype=np.float64)
    whole = float(exposure.sum())
    if whole <= 0:
        return np.full(len(n), np.nan)
    known = exposure > 0
    rate = np.divide(n, exposure, out=np.zeros(len(n)), where=known)
    mean = float(n[known].sum()) / whole
    spread = float((exposure[known] * (rate[known] - mean) ** 2).sum()) / whole
    between = max(0.0, spread - mean / (whole / int(known.sum())))
    within = np.divide(mean, exposure, out=np.full(len(n), np.inf), where=known)
    with np.errstate(invalid="ignore"):
        weight = np.where(known, between / (between + within), 0.0) if between > 0 else np.zeros(len(n))
    return np.where(known, mean + weight * (rate - mean), np.nan)
