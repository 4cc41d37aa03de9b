"""What the geocoder answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Precision = Literal["rooftop", "interpolated", "street", "intersection", "place", "ward", "district"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """One place that an address may mean."""

    lon: float  # degrees, EPSG:4326; the point lies in the area it names
    lat: float
    label: str  # in one line, with the area that tells it from others of its name
    name: str  # of what was found: Phường 12, Quận Bình Thạnh
    housenumber: str = ""
    street: str = ""
    ward: str  # the ward in force on the day asked, at the point; empty outside
    district: str  # the district then, or the last former one
    ward_code: str
    district_code: str
    precision: Precision
    accuracy_m: float  # radius round the point that holds the truth with probability 0.68
    confidence: float  # probability that the truth lies within 500 m of the point
    ward_confidence: float = 0.0  # probability that the truth lies in today's ward of the point
    source: str
