"""Kernel density over the cells of a study area, corrected at its border.

Sources: Silverman, "Density Estimation for Statistics and Data Analysis", 1986 (the rule of thumb); Diggle, "A Kernel
Method for Smoothing Point Process Data", Applied Statistics 34, 1985 (dividing by the kernel's mass inside the area, so
that a place at the border is not thinned by the sea, where no report can come from).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats

from geo.grid import Cells

Floats = NDArray[np.float64]

_CUT = 4.0
"""The normal kernel ends at four bandwidths: 0.03% of its mass lies beyond."""


def bandwidth(x: Floats, y: Floats) -> float:
    """The rule of thumb for two dimensions, in metres: spread × n^(-1/6). `x, y`: metres, float64[n]; 0 below 2 points.

    The spread of an axis is the smaller of its standard deviation and its interquartile range / 1.349, so that a few
    far reports do not blur the town; of the two axes the geometric mean.
    """
    if len(x) < 2:
        return 0.0
    spread = 1.0
    for axis in (x, y):
        middle = float(stats.iqr(axis)) / 1.349
        deviation = float(axis.std(ddof=1))
        spread *= min(deviation, middle) if middle > 0 else deviation
    return float(spread**0.5 * len(x) ** (-1 / 6))


def density(x: Floats, y: Floats, cells: Cells, *, bandwidth_m: float) -> Floats:
    """Events per km² at each cell's centre, float64[n], by a normal kernel of `bandwidth_m`. `x, y`: metres, [m].

    The events are first gathered in the squares (their place is known to half a side), so a bandwidth below the side
    is refused with ValueError, as are hexagons.
    """
    side = cells.side_m
    if side is None:
        raise ValueError("mật độ cần ô vuông (kernel density needs square cells)")
    if bandwidth_m < side:
        raise ValueError(f"băng thông phải từ {side:g} m, bằng cạnh ô (the bandwidth is at least a cell's side)")
    if not len(cells):
        return np.empty(0)
    column, row = cells.column - cells.column.min(), cells.row - cells.row.min()
    shape = (int(row.max()) + 1, int(column.max()) + 1)
    land, events = np.zeros(shape), np.zeros(shape)
    land[row, column] = 1
    events[row, column] = cells.counts(x, y)
    sigma = bandwidth_m / side
    smooth = {"sigma": sigma, "mode": "constant", "truncate": _CUT}
    mass = ndimage.gaussian_filter(land, **smooth)[row, column]
    per_cell = ndimage.gaussian_filter(events, **smooth)[row, column]
    return np.asarray(per_cell / np.maximum(mass, 1e-12) / (side / 1000) ** 2, dtype=np.float64)
