"""What a source of places gives: streets, house numbers, landmarks and other names of streets. Degrees, EPSG:4326."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BUS_PATH = "bus_path"
"""The kind of a street that is known from the way of a bus only."""
ROUNDABOUT = "roundabout"
"""The kind of a landmark at which streets meet; it need not have a name."""
JUNCTION = "junction"
"""The kind of a landmark that is a junction with a name of its own (ngã tư Hàng Xanh)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StreetLine:
    """One stretch of a named street."""

    names: tuple[str, ...]  # the first is shown; the others are known too (old name, number of the road)
    kind: str  # OpenStreetMap's highway, or path
    lon: Floats
    lat: Floats
    external_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class HouseNumber:
    """One house number where it stands. `street` may be empty: then the nearest street is taken, with less weight."""

    number: str
    street: str
    lon: float
    lat: float
    weight: float = 1.0
    external_id: str = ""
    at_door: bool = False  # the point is the house itself, not something beside it


@dataclass(frozen=True, kw_only=True, slots=True)
class Landmark:
    """Something people name instead of an address: a market, a bridge, a school, a bus stop."""

    name: str
    kind: str
    lon: float
    lat: float
    radius_m: float = 50.0
    external_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherName:
    """A name that a street had or has beside its own, at a point of it."""

    name: str
    now: str
    lon: float
    lat: float


@dataclass(kw_only=True, slots=True)
class Records:
    """Everything one source gives."""

    streets: list[StreetLine] = field(default_factory=list)
    numbers: list[HouseNumber] = field(default_factory=list)
    landmarks: list[Landmark] = field(default_factory=list)
    other_names: list[OtherName] = field(default_factory=list)

    def __iadd__(self, other: Records) -> Records:
        self.streets += other.streets
        self.numbers += other.numbers
        self.landmarks += other.landmarks
        self.other_names += other.other_names
        return self
