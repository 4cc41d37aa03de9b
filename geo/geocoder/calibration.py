"""From what the posterior says to what is true: confidence, radius and the ward's, by how a place was found.

Confidence and radius are read off one curve: how likely the truth lies within each distance of the point. What the
posterior says of a distance is stretched and moved in its logit (Platt 1999), and by the logarithm of the distance, so
that a radius below 500 m always goes with a confidence above 0.68 for 500 m, and the other way round.

Weighed on the hidden bus stops of all five folds of benchmarks/geocoder.py (5,226 with their house number, 4,853 said
without it) and 200 addresses of shops, each of these counted three times, by benchmarks/_weigh_confidence.py, which
prints the settings below; benchmarks/_coverage.py judges each fold by settings of the other four. A number at its own
door is surer than the posterior thinks; a street whose numbers nobody knows less; and the farther from the city's
middle, the thinner the files and the oftener a street has several systems.
"""

from __future__ import annotations

from math import ceil, exp, hypot, log
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.geocoder.reach import EDGES_M, NEAR

Floats = NDArray[np.float64]
Kind = Literal["door", "rooftop", "interpolated", "street", "whole", "plain"]
NUMBERED: tuple[Kind, ...] = ("door", "rooftop", "interpolated", "street")  # how the place of a house number was found
KINDS: tuple[Kind, ...] = (*NUMBERED, "whole")  # … and a street that was said without a number

MIDDLE = (603_480.0, 1_191_450.0)  # Bến Thành, EPSG:9210
_NEAR_THE_MIDDLE_M, _USUAL_M = 500.0, 6_000.0
_SUREST = 0.99
LEAST = 1e-4  # of a share, and that it is short of one
SHARE = 0.68  # of the truth that the radius holds
SHARE_LOGIT = log(SHARE / (1.0 - SHARE))
FARTHER: list[float] = np.log(EDGES_M / EDGES_M[NEAR]).tolist()


class Logit(NamedTuple):
    """stretch × logit(said) + by_distance × log(metres from the middle / usual) + moved"""

    stretch: float
    by_distance: float
    moved: float


class Settings(NamedTuple):
    """`near` of the probability that the truth lies within 500 m; of another radius the logit rises by `wider` with its
    logarithm (0 or more); `ward` of the probability that it lies in the ward."""

    near: dict[Kind, Logit]
    wider: dict[Kind, float]
    ward: dict[Kind, Logit]


SETTINGS = Settings(
    near={
        "door": Logit(1.17, -0.58, 1.69),
        "rooftop": Logit(1.17, -0.58, 1.08),
        "interpolated": Logit(1.17, -0.58, 0.07),
        "street": Logit(1.17, -0.58, -0.37),
        "whole": Logit(1.01, -0.25, -0.05),
    },
    wider={"door": 1.68, "rooftop": 0.48, "interpolated": 0.06, "street": 0.46, "whole": 0.08},
    ward={
        "door": Logit(1.18, -0.41, 2.48),
        "rooftop": Logit(1.18, -0.41, 1.01),
        "interpolated": Logit(1.18, -0.41, 0.16),
        "street": Logit(1.18, -0.41, -0.58),
        "whole": Logit(0.99, -0.19, 0.07),
    },
)
_PLAIN = Logit(1.0, 0.0, 0.0)  # of junctions and landmarks: what the posterior says, as it says it


def said(  # noqa: PLR0917
    reached: Floats, in_ward: float, kind: Kind, x: float, y: float, sure: float | None = None
) -> tuple[float, float, float]:
    """(confidence, accuracy_m, ward_confidence) of a place at x, y (metres, EPSG:9210).

    `reached` is what the posterior says of each distance (geo.geocoder.reach), `in_ward` of the ward. With `sure` the
    confidence is known already and the radius goes with it."""
    near, ward, wider = SETTINGS.near.get(kind, _PLAIN), SETTINGS.ward.get(kind, _PLAIN), SETTINGS.wider.get(kind, 0.0)
    far = away(x, y)
    moved = near.by_distance * far + near.moved
    if sure is not None:
        moved = _logit(sure) - near.stretch * _logit(float(reached[NEAR]))

    def logit(step: int) -> float:
        return near.stretch * _logit(float(reached[step])) + moved + wider * FARTHER[step]

    low, high = 0, len(EDGES_M) - 1
    while low < high:
        middle = (low + high) // 2
        if logit(middle) >= SHARE_LOGIT:
            high = middle
        else:
            low = middle + 1
    ward_logit = ward.stretch * _logit(in_ward) + ward.by_distance * far + ward.moved
    # Radii in steps of 5 m: 500 is one of them, so rounding never parts radius and confidence.
    return _share(logit(NEAR)), 5.0 * ceil(float(EDGES_M[low]) / 5.0), _share(ward_logit)


def away(x: float, y: float) -> float:
    """The logarithm of the distance from the middle of the city (metres, EPSG:9210) against the usual."""
    return log((hypot(x - MIDDLE[0], y - MIDDLE[1]) + _NEAR_THE_MIDDLE_M) / _USUAL_M)


def _logit(share: float) -> float:
    kept = min(max(share, LEAST), 1.0 - LEAST)
    return log(kept / (1.0 - kept))


def _share(logit: float) -> float:
    return round(min(1.0 / (1.0 + exp(-logit)), _SUREST), 3)
