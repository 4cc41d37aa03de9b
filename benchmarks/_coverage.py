"""Whether confidence and radius are true, on all five folds: what each fold is judged by was weighed on the others.

The settings that make confidence and radius of a posterior (`_weigh_confidence`) are weighed anew for each fold, on the
other four and on the addresses of shops. The posterior's own settings were chosen on folds 0 to 2, as they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from benchmarks import _hidden_stops as hidden
from benchmarks import _reliability as reliability
from benchmarks import _weigh_confidence as weigh
from benchmarks._weigh_confidence import Said
from geo.geocoder import calibration

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def crossed(folds: hidden.Folds) -> dict[str, Any]:
    """The calibration of all folds, each judged by settings of the others, with what a constant would reach: of the
    folds on which no setting at all was chosen, of all five, and of streets that are said without a number."""
    shops = weigh.shops(folds.whole())
    several = [weigh.stops(folds, fold) for fold in range(hidden.FOLDS)]
    judged = []
    for fold, own in enumerate(several):
        others = [one for other, one in enumerate(several) if other != fold]
        judged.append(weigh.answered(own, weigh.weighed(weigh.together([*others, *shops]))))
    result = {}
    for name, chosen, whole in (
        ("folds that no setting was chosen on", hidden.REPORTED_FOLDS, False),
        ("all folds", range(hidden.FOLDS), False),
        ("all folds, no number said", range(hidden.FOLDS), True),
    ):
        parts = [(several[fold], *judged[fold]) for fold in chosen]
        own = weigh.together([part[0] for part in parts])
        of_kind = own.numbered != whole
        own = Said(*(part[of_kind] for part in own))
        confidence, accuracy, ward = (np.concatenate(said)[of_kind] for said in list(zip(*parts, strict=True))[1:])
        result[name] = checked(own.precision, own.distance, confidence, accuracy, ward, own.ward)
    return result


def of_answers(found: hidden.Answers) -> dict[str, Any]:
    """The calibration of answers as they are given."""
    answered = [(row, place) for row, place in found if place is not None]
    places = [place for _, place in answered if place is not None]
    return checked(
        np.array([place.precision for place in places]),
        hidden.distances(answered),
        np.array([place.confidence for place in places]),
        np.array([place.accuracy_m for place in places]),
        np.array([place.ward_confidence for place in places]),
        hidden.wards_right(answered),
    )


def checked(
    precision: NDArray[np.str_], distance: Floats, confidence: Floats, accuracy: Floats, ward: Floats, right: Bools
) -> dict[str, Any]:
    """Calibration errors and what the radius holds, by class; beside it what one confidence, one radius for all would
    reach. Arrays of one length: class, metres from the truth, what was said, whether the ward is right."""
    near = distance <= 500.0
    constant = float(np.quantile(distance, calibration.SHARE))
    return {
        "n": len(near),
        "ece_500": reliability.error(confidence, near),
        "ece_ward": reliability.error(ward, right),
        "ece_500_of_a_constant": reliability.error_of_a_constant(confidence, near),
        "ece_ward_of_a_constant": reliability.error_of_a_constant(ward, right),
        "reliability_500": reliability.table(confidence, near),
        "reliability_ward": reliability.table(ward, right),
        "accuracy_holds": held(precision, distance <= accuracy),
        "one radius for all holds": {"radius_m": round(constant), **held(precision, distance <= constant)},
        "accuracy_holds by fifths of itself": _by_radius(distance, accuracy),
        "sure beside a wide radius, or unsure beside a narrow one": int(
            ((confidence > calibration.SHARE) & (accuracy > 500.0)).sum()
            + ((confidence < calibration.SHARE) & (accuracy <= 500.0)).sum()
        ),
    }


def held(classes: NDArray[np.str_], true: Bools) -> dict[str, Any]:
    """For each class how many, the share that is true, and where that share lies 19 times in 20 (Clopper and Pearson
    1934)."""
    result: dict[str, Any] = {}
    for kind in sorted(set(classes.tolist())):
        own = true[classes == kind]
        result[str(kind)] = {"n": len(own), "share": round(float(own.mean()), 3), "95_percent": _interval(own)}
    return result


def _interval(true: Bools) -> list[float]:
    found = binomtest(int(true.sum()), len(true)).proportion_ci()
    return [round(float(found.low), 3), round(float(found.high), 3)]


def _by_radius(distance: Floats, accuracy: Floats) -> list[dict[str, Any]]:
    """The same by fifths of the radius: a radius that is right on the whole may be wrong at either end."""
    parts: Sequence[NDArray[np.int64]] = np.array_split(np.argsort(accuracy, kind="stable"), 5)
    return [
        {
            "radius_m": round(float(np.median(accuracy[part]))),
            "n": len(part),
            "share": round(float((distance[part] <= accuracy[part]).mean()), 3),
        }
        for part in parts
    ]
