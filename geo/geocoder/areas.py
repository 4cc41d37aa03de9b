"""The areas that an address names, each with its point, its radius and its confidence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from geo.address.parser import Address
from geo.crs import to_metres
from geo.geocoder.candidates import REFORM, Candidate, candidates
from geo.geocoder.confidence import SLIP, holds
from geo.geocoder.index import AreaIndex, Group
from geo.geocoder.names import Within
from geo.geocoder.spread import mixture

_LEAST = 0.005  # a candidate less likely than this is not named …
_LEAST_OF_BEST = 0.02  # … nor one so much less likely than the first
_WEIGHED = 40  # how many candidates take part in the mixture that the confidence is measured on
_CODED = re.compile(r"(?<![^\W\d_])([A-Z]{2,4})\d{1,3}(?!\w)")
_SAME_M = 1500.0  # two candidates of one name nearer than this are one answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One area, before it is known which ward holds its point on the day asked."""

    lon: float
    lat: float
    name: str
    district: str  # as the name's own time knew it; empty for a district or a ward of today
    today: bool
    precision: Literal["ward", "district"]
    accuracy_m: float
    confidence: float
    ward_confidence: float

    def label(self, within: Within) -> str:
        """The name with the area that tells it apart, and the ward that the place lies in now."""
        if self.precision == "district":
            return self.name
        if self.today:
            return f"{self.name} ({within.district} cũ)" if within.district else self.name
        line = f"{self.name}, {self.district}" if self.district else self.name
        return line if within.ward in ("", self.name) else f"{line} (nay là {within.ward})"


def find(parsed: Address, index: AreaIndex, on: date, limit: int) -> list[Found]:
    """The areas that an address may mean, best first."""
    key = (
        tuple(
            (part.levels, part.key, part.accents, part.manner, part.kinds, part.known)
            for part in parsed.parts
            if part.levels[0] != "hamlet"
        ),
        on >= REFORM,
        limit,
    )
    known = index.answers.get(key)
    if known is None:
        known = _find(candidates(parsed, index, on), index, limit)
        if len(index.answers) > 50_000:
            index.answers.clear()
        index.answers[key] = known
    return known


def with_coded_ward(address: Address, index: AreaIndex) -> Address:
    """An address that names no ward but a street by a ward's initials and a number: TTH02 is Tân Thới Hiệp 2."""
    if any("ward" in part.levels for part in address.parts):
        return address
    for found in _CODED.finditer(address.text):
        if index.has_initials("ward", found.group(1).lower()):
            return index.parse(f"P. {found.group(1)}, {address.text}")
    return address


def _find(found: list[Candidate], index: AreaIndex, limit: int) -> list[Found]:
    if not found:
        return []
    weighed = found[:_WEIGHED]
    certainty = sum(candidate.probability for candidate in weighed)
    if certainty < 0.25:
        return []
    whole = mixture([(candidate.probability, index.groups[candidate.group].spread()) for candidate in weighed])
    answers: list[Found] = []
    least = max(_LEAST, _LEAST_OF_BEST * found[0].probability)
    for candidate in found:
        if candidate.probability < least or len(answers) >= limit:
            break
        group = index.groups[candidate.group]
        lon, lat, _ = index.centre(candidate.group)
        if any(_near(lon, lat, other, group) for other in answers):
            continue
        x, y = to_metres(lon, lat)
        confidence, accuracy = holds(whole, float(x), float(y), certainty, SLIP[_kind(group)])
        in_ward = sum(
            other.probability * index.share_in_ward_of(lon, lat, other.group)
            for other in weighed
            if other.probability > 0.005
        )
        area = group.area
        answers.append(
            Found(
                lon=lon,
                lat=lat,
                name=area.name,
                district=area.district_name,
                today=group.today,
                precision="district" if group.level == "district" else "ward",
                accuracy_m=float(np.ceil(accuracy / 10) * 10),
                confidence=round(min(confidence, 0.99), 3),
                ward_confidence=round(min(in_ward, 0.99), 3),
            )
        )
    return answers


def _near(lon: float, lat: float, other: Found, group: Group) -> bool:
    """Whether a candidate is an answer already: the same name in nearly the same place."""
    area = group.area
    if other.name != area.name or (group.key.isdigit() and other.district != area.district_name):
        return False
    return float(np.hypot((lon - other.lon) * 109_300, (lat - other.lat) * 110_600)) < _SAME_M


def _kind(group: Group) -> str:
    if group.level == "district":
        return "district"
    return "box" if group.area.approximate else "ward"
