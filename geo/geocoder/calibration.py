"""From what the posterior says to what is true: confidence, the ward's, and the radius, by how a place was found.

Weighed on 3,153 hidden bus stops (folds 0 to 2 of benchmarks/geocoder.py) and 200 addresses of shops, each of these
counted three times, by benchmarks/_weigh_confidence.py, which prints the settings below. The logit is stretched and
moved (Platt 1999). A number at its own door is surer than the posterior thinks; a street whose numbers nobody knows
less; and the farther from the city's middle, the thinner the files and the oftener a street has several systems.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

Kind = Literal["door", "rooftop", "interpolated", "street"]

MIDDLE = (603_480.0, 1_191_450.0)  # Bến Thành, EPSG:9210
_NEAR_THE_MIDDLE_M, _USUAL_M = 500.0, 6_000.0
_SUREST = 0.99


class Logit(NamedTuple):
    """stretch × logit(said) + by_distance × log(metres from the middle / usual) + moved[kind]"""

    stretch: float
    by_distance: float
    moved: dict[Kind, float]


NEAR = Logit(1.2, -0.6, {"door": 1.82, "rooftop": 0.92, "interpolated": -0.05, "street": -0.68})
WARD = Logit(1.17, -0.43, {"door": 2.76, "rooftop": 0.96, "interpolated": 0.14, "street": -0.87})
WIDER: dict[Kind, float] = {"door": 1.62, "rooftop": 0.88, "interpolated": 1.06, "street": 1.08}
"""How much wider than the posterior's the radius is that holds 68%."""


def moved(said: float, by: Logit, kind: Kind, x: float, y: float) -> float:
    """The probability that is true of a place at x, y (metres, EPSG:9210) of which the posterior says `said`."""
    kept = min(max(said, 1e-4), 1.0 - 1e-4)
    away = np.log((np.hypot(x - MIDDLE[0], y - MIDDLE[1]) + _NEAR_THE_MIDDLE_M) / _USUAL_M)
    logit = by.stretch * np.log(kept / (1.0 - kept)) + by.by_distance * away + by.moved[kind]
    return round(min(float(1.0 / (1.0 + np.exp(-logit))), _SUREST), 3)


def radius(accuracy_m: float, kind: Kind) -> float:
    """The radius that holds 68%, in steps of 5 m."""
    return float(np.ceil(accuracy_m * WIDER[kind] / 5.0) * 5.0)
