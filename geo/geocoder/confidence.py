"""How far what an address says can be trusted: the settings that make `confidence` and `accuracy_m` true.

Measured on bus stops (1,884 that name ward and district, 7,900 that name a district; a third of the places, by a
hash of where they lie, is what tests/integration/test_calibration.py looks at; how far truth strays was weighed on
the others, the likelihoods of a mistake were set by hand with all in view) and on 200 addresses of shops as people
write them. `accuracy_m` held 62% of the stops and 76% of the shops of precision ward, 72% of the stops of precision
district; `confidence` said 25% and 41% where 19% and 41% lay within 500 m, 6% of districts where 6% did. Stops
stand on main roads, which are the borders of wards, shops within: a report may come from either, so the settings
lie between. Weighing streets by another power, or straying further, moved one kind towards 68% and the other away
from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.geocoder.spread import NEAR_M, Spread

# How often a name in this manner does not say where the place is, times how many names it could have been instead:
# the likelihood of meeting this very name by mistake, (share, names).
MISTAKE = {
    ("marked", "ward"): (0.03, 150.0),
    ("marked", "district"): (0.02, 20.0),
    ("alone", "ward"): (0.15, 100.0),
    ("alone", "district"): (0.06, 20.0),
    ("leading", "ward"): (0.30, 12.0),
    ("leading", "district"): (0.20, 10.0),
    ("trailing", "ward"): (0.15, 60.0),
    ("trailing", "district"): (0.15, 15.0),
    ("landmark", "ward"): (0.40, 60.0),
    ("landmark", "district"): (0.45, 10.0),
}
NUMBERED = 20.0  # a mistaken number is one of these many
PROVINCE_NAME = (0.10, 4.0)  # the name of a former province says little: most who say it mean all of it

# A name of another time than the one in which the address was given.
ERA_BEFORE = 0.05  # a name that was not yet in force
ERA_OLD = 0.5  # wards of 2019 that were gone by 2025
TODAY_WITH_DISTRICT = 0.08  # who names a district, abolished in July 2025, names the former ward in it
OLD_WITHOUT_DISTRICT = 0.35  # after July 2025 a former ward is seldom named without its district
FAR_PROVINCE = 0.3  # "TP. HCM" said of what was another province until 2025


@dataclass(frozen=True, kw_only=True, slots=True)
class Slip:
    """How truth strays from the area named: `outside` of it lie beyond its line, at a distance of mean `reach_m`;
    `lost` of it lie anywhere."""

    outside: float
    reach_m: float
    lost: float


SLIP = {
    "ward": Slip(outside=0.02, reach_m=300.0, lost=0.005),
    "box": Slip(outside=0.02, reach_m=300.0, lost=0.005),
    "district": Slip(outside=0.0, reach_m=500.0, lost=0.0),
}
LOST_M = 12_000.0  # half of what is lost lies within this distance
ACCURACY_SHARE = 0.68
_RADII = np.concatenate([np.arange(50, 2000, 25.0), np.arange(2000, 10_000, 100.0), np.arange(10_000, 80_000, 1000.0)])


def holds(own: Spread, x: float, y: float, certainty: float, slip: Slip) -> tuple[float, float]:
    """(confidence, accuracy_m) of a point in metres: `own` is where the truth lies with probability `certainty`,
    as far as it does not stray."""
    distance = np.hypot(own.x - x, own.y - y)
    within = _share_within(distance, own.weight, _RADII)
    strayed = _share_within(
        distance[:, None] + slip.reach_m * np.array([0.2, 0.5, 0.9, 1.5, 2.5])[None, :], own.weight, _RADII
    )
    lost = _RADII**2 / (_RADII**2 + LOST_M**2)
    straight = max(0.0, 1.0 - slip.outside - slip.lost)
    share = certainty * (straight * within + slip.outside * strayed + slip.lost * lost) + (1.0 - certainty) * lost
    confidence = float(np.interp(NEAR_M, _RADII, share))
    over = np.flatnonzero(share >= ACCURACY_SHARE)
    if not len(over):
        return confidence, float(_RADII[-1])
    last = int(over[0])
    if last == 0:
        return confidence, float(_RADII[0])
    accuracy = np.interp(ACCURACY_SHARE, share[last - 1 : last + 1], _RADII[last - 1 : last + 1])
    return confidence, float(accuracy)


def _share_within(distance: np.ndarray, weight: np.ndarray, radii: np.ndarray) -> np.ndarray:
    if distance.ndim == 2:
        weight = np.repeat(weight / distance.shape[1], distance.shape[1])
        distance = distance.ravel()
    order = np.argsort(distance)
    summed = np.concatenate([[0.0], np.cumsum(weight[order])])
    return np.asarray(summed[np.searchsorted(distance[order], radii, side="right")])
