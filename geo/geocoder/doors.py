"""An address whose very house number is in the files is answered at its door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from math import hypot

import numpy as np

from geo.address.parser import Address
from geo.address.streets import StreetParts
from geo.gazetteer import doors
from geo.geocoder.answers import OnStreet
from geo.geocoder.evidence import AreaEvidence
from geo.geocoder.spots import Spot, answers_at
from geo.geocoder.spread import Spread
from geo.geocoder.streets import StreetIndex

_UNKNOWN = 0.1  # of 100 such pairs of number, street and district 8 differ by more than 500 m
_STRAY_M = 18.0  # of what is said to be there: trees, manholes, stops before the house
_FITS = 0.3  # how well the areas named must fit a door, against the place that the street alone says
_FITS_UNKNOWN = 0.1  # … where the street does not know the number
_LEAST = 0.02  # … and where the street says none
_LARGER = 1.0  # how much the door on a larger street of the name is meant before one on a smaller
_SAME_M = 400.0


def at_door(  # noqa: PLR0917
    address: Address, parts: StreetParts, index: StreetIndex, on: date, spread: Spread | None, found: Sequence[OnStreet]
) -> list[OnStreet]:
    """`found`, the answers by the street, with the door of the number before them where one is known and fits."""
    gazetteer = index.gazetteer
    key = _door(address, parts, index)
    if not key or (_beside(parts) and not doors.in_words(key)):
        return list(found)
    numbers = gazetteer.doors[key]
    evidence = index.said(address, on).evidence
    places = np.array(numbers)
    x, y = gazetteer.door_x[places], gazetteer.door_y[places]
    pieces = index.door_pieces[places]
    fits = np.array([float(evidence.of(piece, piece + 1)[0]) for piece in pieces.tolist()])
    least = _LEAST
    street_first = found and found[0].precision in ("rooftop", "interpolated", "street")
    if street_first:
        east, north = found[0].x, found[0].y
        least = _FITS if found[0].precision == "rooftop" else _FITS_UNKNOWN
        least *= _fit(index, evidence, east, north)
        if not address.areas() and not any(piece.kind in ("pole", "km") for piece in parts.pieces):
            # Nothing tells one street of the name from the others: the door of the one that is answered.
            # But where it has none, one that the files know is likelier meant than a number they lack.
            near = np.hypot(x - east, y - north) < 500.0
            if near.any() or found[0].precision == "rooftop":
                fits = np.where(near, fits, 0.0)
            else:
                large = gazetteer.importance[gazetteer.pieces.street[pieces]]
                fits *= (large / large.max()) ** _LARGER
    if fits.max(initial=0.0) < least:
        return list(found)
    best = fits >= 0.5 * fits.max()
    mention = parts.mentions[0] if parts.mentions and parts.mentions[0].number else None
    street = next((one.street for one in found if one.street), "")
    name = found[0].name if street_first else address.text.split(",")[0].strip()
    spots = [
        Spot(x=float(east), y=float(north), weight=float(fit), name=name, precision="rooftop", stray_m=_STRAY_M,
             source=gazetteer.source)
        for east, north, fit in zip(x[best], y[best], fits[best], strict=True)
    ]  # fmt: skip
    # Where nothing tells the streets of the name apart, the door is as sure as the street it stands on.
    first = found[0] if found and not address.areas() else None
    own = answers_at(spots, _UNKNOWN, spread, 3, "door", partial(_known, first) if first else None)
    if not address.areas():
        own.sort(key=lambda one: -one.confidence)  # nothing is said of where: rather near the middle of the city
    number = mention.number.upper() if mention else ""
    own = [replace(one, housenumber=number, street=street) for one in own]
    if first and own and _is_near(own[0], [first]):
        own[0] = replace(own[0], ward_confidence=first.ward_confidence)
    return [*own, *(one for one in found if not _is_near(one, own))]


def _known(first: OnStreet, x: float, y: float) -> float | None:
    """The confidence of a door at x, y (metres) that the first answer by the street says already."""
    return first.confidence if hypot(first.x - x, first.y - y) < _SAME_M else None


def _beside(parts: StreetParts) -> bool:
    """Whether something beside the number is meant: opposite 205; a pole is meant itself."""
    said = {piece.value for piece in parts.pieces if piece.kind == "relation"}
    return bool(said & {"opposite", "near"})


def has_door(address: Address, parts: StreetParts, index: StreetIndex) -> bool:
    """Whether the files know this number of this street at its door."""
    return bool(_door(address, parts, index))


def _door(address: Address, parts: StreetParts, index: StreetIndex) -> str:
    known = index.gazetteer.doors
    return next((key for key in doors.keys_of(address, parts) if key in known), "")


def _fit(index: StreetIndex, evidence: AreaEvidence, x: float, y: float) -> float:
    piece = int(index.tree.query([x, y])[1])
    return float(evidence.of(piece, piece + 1)[0])


def _is_near(one: OnStreet, others: Sequence[OnStreet]) -> bool:
    """Whether an answer says the same again: nearer than other answers ever are to each other."""
    return any(hypot(other.x - one.x, other.y - one.y) < _SAME_M for other in others)
