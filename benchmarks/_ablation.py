"""Each step of the geocoder left out, and the plain baselines."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks._hidden_stops import Row, answers, area_index, measured
from district_boundaries.area_names import AreaNames
from geo.geocoder import evidence as evidence_module
from geo.geocoder import places as places_module
from geo.geocoder import street_index_of
from geo.geocoder import streets as streets_module


def ablation(rows: list[Row], texts: list[str], names: AreaNames) -> dict[str, Any]:
    """Each step left out, and the plain baselines."""
    plain = AreaNames(area_index(), None)
    result = {"named area only": measured(answers(rows, texts, plain))}
    index = street_index_of(names)
    assert index is not None
    number_density = streets_module.number_density
    side = streets_module._SIDE
    known = streets_module.KNOWN_SHARE
    beside = evidence_module.BESIDE
    named = places_module.named
    try:
        streets_module.number_density = lambda *_: np.float64(1.0)  # type: ignore[assignment, return-value]
        result["without house numbers (middle of the street in its area)"] = measured(answers(rows, texts, names))
        streets_module.number_density = _plain_linear
        result["plain linear numbers"] = measured(answers(rows, texts, names))
        streets_module.number_density = number_density
        streets_module._SIDE = 0.5
        result["without sides"] = measured(answers(rows, texts, names))
        streets_module._SIDE = side
        streets_module.KNOWN_SHARE = 1.0
        result["without the unknown street"] = measured(answers(rows, texts, names))
        streets_module.KNOWN_SHARE = known
        evidence_module.BESIDE = 1e6
        index.forget()
        result["without what the wards named went into"] = measured(answers(rows, texts, names))
        evidence_module.BESIDE = beside
        index.forget()
        places_module.named = lambda *_: []
        result["without places named beside the street"] = measured(answers(rows, texts, names))
    finally:
        evidence_module.BESIDE, places_module.named = beside, named
        streets_module.number_density, streets_module._SIDE, streets_module.KNOWN_SHARE = number_density, side, known
    return result


def _plain_linear(gazetteer: Any, street: int, along: np.ndarray, number: int) -> np.ndarray:
    """The number by the straight line between the street's lowest and highest anchor."""
    anchors = gazetteer.anchors.get(street)
    if anchors is None or (anchors[0] > 0).sum() < 2:
        return np.full(len(along), 0.01)
    known = anchors[0] > 0
    low, high = int(np.argmin(np.where(known, anchors[0], 10**6))), int(np.argmax(anchors[0]))
    span = max(1, int(anchors[0][high] - anchors[0][low]))
    place = anchors[1][low] + (number - anchors[0][low]) / span * (anchors[1][high] - anchors[1][low])
    return np.asarray(np.exp(-np.abs(along - place) / 40.0) / 80.0 * 4.3 + 0.0006)
