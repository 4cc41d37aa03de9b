"""From the posterior over pieces of street to answers: the point, its ward, how near and how sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo.address.street_words import is_junction
from geo.gazetteer.keys import main_number
from geo.geocoder import calibration
from geo.geocoder.names import Within
from geo.geocoder.place import Precision
from geo.geocoder.reach import reach
from geo.geocoder.spread import NEAR_M, Spread
from geo.geocoder.streets import Mass, StreetIndex, points

Floats = NDArray[np.float64]

LEAST_KNOWN = 0.40  # below this a street is not answered, the area is
_LEAST_MISSPELT = 0.17
_LEAST_SHARE = 0.04  # of a further answer
_SAME_M = 400.0
_WEIGHED = 200  # of the likeliest points take part in the choice of one
_FAINT = 0.01  # … and weigh so much against the likeliest
_WITHIN_M, _CLOSE_M = 480.0, 110.0
CLOSE = 1.2  # what the truth within 100 m is worth against within 500 m
_WARD_FIRST = 0.6  # of the value that a point in the likeliest ward has to keep
# How far houses lie from where their number says, besides the posterior's own width: three equal parts.
_STRAY_M = np.array([10.0, 30.0, 75.0])
_STRAY_ALLEY_M = np.array([20.0, 60.0, 140.0])


@dataclass(frozen=True, kw_only=True, slots=True)
class OnStreet:
    """One answer on a street, a junction or at a landmark, before it is known which ward holds it on the day asked."""

    x: float  # metres, EPSG:9210
    y: float
    name: str
    housenumber: str
    street: str
    precision: Precision
    accuracy_m: float
    confidence: float
    ward_confidence: float
    source: str

    def label(self, within: Within) -> str:
        """Number and street, ward, former district."""
        parts = [
            self.name,
            within.ward,
            f"{within.district} cũ" if within.ward and within.district else within.district,
        ]
        return ", ".join(part for part in parts if part)


def answers(index: StreetIndex, mass: Mass, elsewhere: Spread | None, limit: int) -> list[OnStreet]:
    """The answers of a posterior, likeliest first; `elsewhere` is where the truth lies if the street is not known."""
    known = 1.0 - mass.unknown
    if known < LEAST_KNOWN:
        return []
    x, y, ward, weight = points(index, mass)
    street = np.concatenate([mass.street, mass.street])
    left = weight.copy()
    result: list[OnStreet] = []
    while len(result) < limit:
        share = float(left.sum())
        if result and share < _LEAST_SHARE * known:
            break
        chosen = _choose(x, y, ward, left)
        result.append(_answer(index, mass, elsewhere, x, y, ward, weight, street, chosen))
        near = np.hypot(x - x[chosen], y - y[chosen]) < _SAME_M
        left = np.where(near | (street == street[chosen]), 0.0, left)
        if left.max(initial=0.0) <= 0.0:
            break
    # The first is the same, however many are asked for.
    result[1:] = sorted(result[1:], key=lambda one: -one.confidence)
    if not any(mention.known for mention in mass.parts.mentions) and result[0].confidence < _LEAST_MISSPELT:
        return []  # no name is in the files, and none that is nearly one fits
    return result


def _choose(x: Floats, y: Floats, ward: NDArray[np.int16], weight: Floats) -> int:
    """The point with most of the truth within 500 m of it, and of these one with most within 100 m; in the likeliest
    ward of those near, if that costs little."""
    top = np.argsort(-weight)[:_WEIGHED]
    own = weight[top]
    count = max(8, int(np.searchsorted(-own, -_FAINT * own[0])))
    top, own = top[:count], own[:count]
    few = np.concatenate([top[:40], top[40::4]])
    squared = np.subtract.outer(x[few], x[top])
    squared *= squared
    north = np.subtract.outer(y[few], y[top])
    north *= north
    squared += north
    squared *= 1.0 / _CLOSE_M**2
    close = 1.0 / (1.0 + squared)
    squared *= _CLOSE_M**2 / _WITHIN_M**2
    squared *= squared
    squared *= squared
    squared += 1.0
    value = (1.0 / squared) @ own + close @ (CLOSE * own)
    best = int(few[int(np.argmax(value))])
    around = top[np.hypot(x[top] - x[best], y[top] - y[best]) < NEAR_M]
    inside = around[ward[around] >= 0]
    if not len(inside):
        return best
    likeliest = int(np.argmax(np.bincount(ward[inside], weight[inside])))
    among = np.flatnonzero(ward[few] == likeliest)
    if ward[best] == likeliest or not len(among):
        return best
    other = int(among[int(np.argmax(value[among]))])
    return int(few[other]) if value[other] >= _WARD_FIRST * value.max() else best


def _answer(  # noqa: PLR0917
    index: StreetIndex,
    mass: Mass,
    elsewhere: Spread | None,
    x: Floats,
    y: Floats,
    ward: NDArray[np.int16],
    weight: Floats,
    street: NDArray[np.int32],
    chosen: int,
) -> OnStreet:
    gazetteer = index.gazetteer
    of_street = int(street[chosen])
    mention = mass.parts.mentions[int(mass.mention[chosen % len(mass.mention)])]
    number = main_number(mention.number) if mention.number else None
    alley = (number is not None and bool(number[1])) or mention.relation == "alley"
    stray = _STRAY_ALLEY_M if alley else _STRAY_M
    at_x, at_y = float(x[chosen]), float(y[chosen])
    reached = reach(x, y, weight, at_x, at_y, mass.unknown, elsewhere, stray)
    in_ward = float(weight[ward == ward[chosen]].sum()) if ward[chosen] >= 0 else 0.0
    precision: Literal["rooftop", "interpolated", "street"] = "street"
    if number is not None:
        precision = "interpolated" if of_street in gazetteer.chains else "street"
        anchors = gazetteer.anchors.get(of_street)
        if anchors is not None and not alley:
            same = np.flatnonzero(anchors[0] == number[0])
            close = [k for k in same.tolist() if np.hypot(anchors[3][k] - x[chosen], anchors[4][k] - y[chosen]) < 80.0]
            if any(anchors[2][k] == mention.number for k in close):
                precision = "rooftop"
    # A number that was not understood (27A tổ 3) is a number all the same.
    numbered = bool(mention.number) or any(piece.kind in ("number", "lot") for piece in mass.parts.pieces)
    kind: calibration.Kind = precision if numbered else "whole"
    confidence, accuracy_m, ward_confidence = calibration.said(reached, in_ward * 0.97, kind, at_x, at_y)
    name = gazetteer.shown[int(gazetteer.of_name[of_street])]
    shown = mention.number.upper() if mention.number else ""
    return OnStreet(
        x=at_x,
        y=at_y,
        name=f"{shown} {name}".strip(),
        housenumber=shown,
        street=name,
        precision="intersection" if number is None and is_junction(name) else precision,
        accuracy_m=accuracy_m,
        confidence=confidence,
        ward_confidence=ward_confidence,
        source=gazetteer.source,
    )
