"""What remains significant when thousands of cells are tested at once, and what it is called."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

LEVELS = ((0.01, "99"), (0.05, "95"), (0.10, "90"))


def corrected(p: Floats) -> Floats:
    """p under Benjamini and Hochberg's false discovery rate, float64[n]; NaN (not tested) stays NaN and does not count.

    Benjamini and Hochberg, "Controlling the False Discovery Rate", J. R. Stat. Soc. B 57, 1995.
    """
    result = np.full(len(p), np.nan)
    tested = ~np.isnan(p)
    if tested.any():
        result[tested] = stats.false_discovery_control(p[tested], method="bh")
    return result


def classes(z: Floats, p: Floats) -> NDArray[np.str_]:
    """`hot99 hot95 hot90 none cold90 cold95 cold99` by p (usually corrected) and the sign of z, str[n]."""
    result = np.full(len(z), "none", dtype="<U6")
    for level, name in reversed(LEVELS):
        with np.errstate(invalid="ignore"):
            result[(p <= level) & (z > 0)] = f"hot{name}"
            result[(p <= level) & (z < 0)] = f"cold{name}"
    return result
