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


def standardised(events: NDArray[np.generic], exposure: Floats) -> Floats:
    """Each rate's distance from the overall one in its own standard deviations, which depend on its exposure;
    float64[n], 0 without any exposure. What Moran's I takes for rates.

    Assuncao and Reis, "A New Proposal to Adjust Moran's I for Population Density", Statistics in Medicine 18, 1999.
    """
    n = np.asarray(events, dtype=np.float64)
    whole = float(exposure.sum())
    if whole <= 0 or not n.any():
        return np.zeros(len(n))
    known = exposure > 0
    rate = np.divide(n, exposure, out=np.zeros(len(n)), where=known)
    mean = float(n[known].sum()) / whole
    spread = float((exposure[known] * (rate[known] - mean) ** 2).sum()) / whole
    between = spread - mean / (whole / int(known.sum()))
    within = np.divide(mean, exposure, out=np.ones(len(n)), where=known)
    variance = np.where(between + within > 0, between + within, within)
    return np.where(known, (rate - mean) / np.sqrt(variance), 0.0)
