"""Places that are points: landmarks, and points that somebody corrected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from geo.address.parser import Address
from geo.address.street_words import is_junction
from geo.address.streets import StreetParts
from geo.address.tokens import tokens
from geo.crs import to_metres
from geo.gazetteer.records import JUNCTION, ROUNDABOUT
from geo.geocoder import calibration, places
from geo.geocoder.answers import OnStreet
from geo.geocoder.candidates import mentions_of, raw_weights
from geo.geocoder.place import Precision
from geo.geocoder.reach import NEAR, reach
from geo.geocoder.spread import Spread
from geo.geocoder.streets import StreetIndex
from geo.text import accent_key, fold, has_accents

Floats = NDArray[np.float64]

_SAME_M = 120.0
_WHOLE_NAME = 0.78  # that an address which says the name of a place lies at one of this name
_SOME_WORDS = 0.6  # … which says some words of it
_LANDMARK_WORDS = 9
_COMPARED = 5  # points that may be the first answer, however many are asked for
_ITSELF = 6.0  # what a junction's own place weighs against that of a stop called after it
_NUMBERED = {"3": "ba", "4": "tu", "5": "nam", "6": "sau", "7": "bai"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """One point with its share of the truth."""

    x: float
    y: float
    weight: float
    name: str
    precision: Precision
    stray_m: float  # how far truth lies from it, as a rule
    source: str
    around: bool = False  # others of its name stand round the same place, which is between them


def landmarks(address: Address, parts: StreetParts, index: StreetIndex, on: date) -> tuple[list[Spot], float]:
    """The places that an address names by name (Chợ Bến Thành, ngã tư Hàng Xanh) or in words that few places bear, and
    how likely it lies at none of them."""
    gazetteer = index.gazetteer
    found: dict[int, float] = {}
    for landmark in _by_whole_name(address, parts, index):
        found[landmark] = 0.0
    for landmark in found:
        found[landmark] = _WHOLE_NAME / len(found)
    for each in places.named(address, parts, index.phrases):
        for landmark in each.landmarks.tolist():
            found[landmark] = max(found.get(landmark, 0.0), _SOME_WORDS * each.says / len(each.landmarks))
    if not found:
        return [], 1.0
    mentions = mentions_of(address, index.areas)
    evidence = index.said(address, on).evidence
    only_junctions = any(piece.kind == "place" and is_junction(piece.value) for piece in parts.pieces)
    spots = []
    for number, weight in found.items():
        piece = index.piece_at(number)
        named = float(evidence.of(piece, piece + 1)[0])
        junction = gazetteer.landmark_kinds[number] in (JUNCTION, ROUNDABOUT)
        called = is_junction(gazetteer.landmark_names[number])  # a stop at the junction bears its name
        if only_junctions and not (junction or called):
            continue
        spots.append(
            Spot(
                x=float(gazetteer.landmark_x[number]),
                y=float(gazetteer.landmark_y[number]),
                weight=weight * named * (_ITSELF if junction else 1.0),
                name=gazetteer.landmark_names[number],
                precision="intersection" if junction or called else "place",
                stray_m=40.0 if junction else max(60.0, float(gazetteer.landmark_radius[number])),
                around=junction or called,
                source=gazetteer.source,
            )
        )
    if not spots:
        return [], 1.0
    # The rest lies anywhere that the areas named allow.
    anywhere = max(0.05, 1.0 - sum(found.values())) * raw_weights(mentions, address, index.areas, on)
    return spots, anywhere / (anywhere + sum(spot.weight for spot in spots))


def _by_whole_name(address: Address, parts: StreetParts, index: StreetIndex) -> list[int]:
    """Landmarks whose whole name stands in the address and is not just an area's."""
    spans = [(part.start, part.end) for part in address.parts if part.manner not in ("landmark", "leading")]
    areas = {part.key for part in address.areas()}
    result: list[int] = []
    for start, end, words in parts.words:
        key_words = _spoken(words)
        own = [token for token in tokens(address.text) if start <= token.start and token.end <= end]
        if len(own) != len(key_words):
            continue
        taken = 0
        for at in range(len(key_words)):
            if at < taken:
                continue
            for length in range(min(_LANDMARK_WORDS, len(key_words) - at), 1, -1):
                key = " ".join(key_words[at : at + length])
                numbers = index.gazetteer.landmarks.get(key)
                if not numbers or key in areas or not (length > 2 or at == 0):
                    continue
                if any(low <= own[at].start and own[at + length - 1].end <= high for low, high in spans):
                    continue
                typed = address.text[own[at].start : own[at + length - 1].end]
                result += [number for number in numbers if _accents_fit(typed, index.gazetteer.landmark_names[number])]
                taken = at + length
                break
    return result


def _accents_fit(typed: str, name: str) -> bool:
    """Whether the words of a name bear the place's accents, all of two, two of three: chỗ cũ is no Chợ Cũ."""
    own, other = typed.split(), name.split()
    if not has_accents(name) or len(own) != len(other):
        return True
    fit = sum(not has_accents(a) or accent_key(a) == accent_key(b) for a, b in zip(own, other, strict=True))
    return 3 * fit >= 2 * len(own)


def area_mass(address: Address, index: StreetIndex, on: date) -> float:
    """How likely the areas named are of a place anywhere."""
    return raw_weights(mentions_of(address, index.areas), address, index.areas, on)


def _spoken(words: Sequence[str]) -> list[str]:
    """ngã 4 is ngã tư."""
    result = list(words)
    for at in range(1, len(result)):
        if result[at - 1] == "nga" and result[at] in _NUMBERED:
            result[at] = _NUMBERED[result[at]]
    return result


def answers_at(  # noqa: PLR0917
    spots: Sequence[Spot],
    unknown: float,
    elsewhere: Spread | None,
    limit: int,
    kind: calibration.Kind = "plain",
    sure: Callable[[float, float], float | None] | None = None,
) -> list[OnStreet]:
    """Points as answers, likeliest first. `unknown` is the share of the truth that lies at none of them; `sure` the
    confidence of a point (metres) where that is known otherwise."""
    total = sum(spot.weight for spot in spots)
    if total <= 0.0:
        return []
    merged: list[tuple[Spot, float]] = []
    for spot in sorted(spots, key=lambda one: -one.weight)[:60]:
        for place, (kept, weight) in enumerate(merged):
            alike = fold(kept.name) == fold(spot.name)
            same = 500.0 if alike else max(_SAME_M, kept.stray_m)
            if np.hypot(kept.x - spot.x, kept.y - spot.y) < same:
                if alike and kept.around and spot.around:
                    kept = _between(kept, weight, spot)  # stops on all sides of a junction: it lies between them
                merged[place] = (kept, weight + spot.weight)
                break
        else:
            merged.append((spot, spot.weight))
    merged.sort(key=lambda one: -one[1])
    x = np.array([spot.x for spot, _ in merged])
    y = np.array([spot.y for spot, _ in merged])
    share = np.array([weight for _, weight in merged]) * ((1.0 - unknown) / total)
    result: list[tuple[float, OnStreet]] = []
    for place, (spot, _) in enumerate(merged[: max(limit, _COMPARED)]):
        if place and share[place] < 0.03:
            break
        stray = spot.stray_m * np.array([0.4, 1.0, 2.2])
        reached = reach(x, y, share, spot.x, spot.y, unknown, elsewhere, stray)
        confidence, accuracy_m, ward_confidence = calibration.said(
            reached, 0.9 * float(share[place]), kind, spot.x, spot.y, sure and sure(spot.x, spot.y)
        )
        answer = OnStreet(
            x=spot.x,
            y=spot.y,
            name=spot.name,
            housenumber="",
            street="",
            precision=spot.precision,
            accuracy_m=accuracy_m,
            confidence=confidence,
            ward_confidence=ward_confidence,
            source=spot.source,
        )
        result.append((round(float(reached[NEAR]), 3), answer))
    # By what the posterior says: how true that is in one part of the city or another makes no place likelier.
    best = sorted(result[:_COMPARED], key=lambda one: -one[0])
    return [answer for _, answer in [*best, *result[_COMPARED:]][:limit]]


def _between(one: Spot, weight: float, other: Spot) -> Spot:
    share = other.weight / max(weight + other.weight, 1e-12)
    return replace(one, x=one.x + share * (other.x - one.x), y=one.y + share * (other.y - one.y))


def spot_at(lon: float, lat: float, name: str, source: str) -> Spot:
    """A point in degrees as the one place meant."""
    x, y = to_metres(lon, lat)
    return Spot(x=float(x), y=float(y), weight=1.0, name=name, precision="rooftop", stray_m=20.0, source=source)
