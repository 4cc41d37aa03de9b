"""How much of the truth lies within each distance of a point, by a posterior over other points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.geocoder.spread import Spread

Floats = NDArray[np.float64]

_STEP_M, _STEPS = 4.0, 1000  # distances are counted in steps as far as 4 km …
_GROWTH, _FAR_STEPS = 1.02, 220  # … and in steps of a fiftieth as far as 300 km
_FAR_M = _STEP_M * _STEPS
EDGES_M: Floats = np.concatenate(
    [_STEP_M * np.arange(1, _STEPS + 1), _FAR_M * _GROWTH ** np.arange(1, _FAR_STEPS + 1)]
)  # the distance that each share is of
NEAR = int(500.0 / _STEP_M) - 1  # the step that ends at 500 m
# What is lost altogether: wrong numbers, wrong truth.
_LOST = 0.03
_LOST_M = 2500.0
_LOST_AT = _LOST_M * np.sqrt((np.arange(8) + 0.5) / (7.5 - np.arange(8)))
_LOST_SHARE = np.full(8, _LOST / 8)
_LEAST_UNKNOWN = 0.002  # less is not looked for where the areas say, it is simply far


def reach(  # noqa: PLR0917
    x: Floats,
    y: Floats,
    weight: Floats,
    at_x: float,
    at_y: float,
    unknown: float,
    elsewhere: Spread | None,
    stray: Floats,
) -> Floats:
    """The share (0…1, rising) of the truth within each distance of EDGES_M from a point.

    x, y, at_x, at_y are metres (EPSG:9210). The weights and `unknown`, what lies at none of the points but as
    `elsewhere` says or far away, sum to one. Truth strays from each point by the distances `stray`, as often by each.
    """
    squared = (x - at_x) ** 2 + (y - at_y) ** 2
    distance = np.sqrt(np.add.outer(squared, stray * stray)).ravel()
    parts = [distance, _LOST_AT]
    shares = [np.repeat(weight * ((1.0 - _LOST) / len(stray)), len(stray)), _LOST_SHARE * float(weight.sum())]
    if elsewhere is not None and unknown > _LEAST_UNKNOWN:
        parts.append(np.hypot(elsewhere.x - at_x, elsewhere.y - at_y))
        shares.append(elsewhere.weight * unknown)
    else:
        parts.append(4.0 * _LOST_AT)
        shares.append(np.full(len(_LOST_AT), unknown / len(_LOST_AT)))
    distance, share = np.concatenate(parts), np.concatenate(shares)
    far = np.flatnonzero(distance >= _FAR_M)
    step = (np.minimum(distance, _FAR_M) * (1.0 / _STEP_M)).astype(np.int32)
    step[far] += (np.log(distance[far] * (1.0 / _FAR_M)) * (1.0 / np.log(_GROWTH))).astype(np.int32)
    np.minimum(step, len(EDGES_M) - 1, out=step)
    return np.cumsum(np.bincount(step, share, len(EDGES_M)))
