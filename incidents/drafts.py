"""What comes in through the door, and what goes back out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

# What a file of a hundred thousand rows makes one of for each row is not frozen, though nobody changes one: that halves
# what making it takes.

CHANNELS = ("phone", "sms", "web", "app", "email", "social")
PRECISIONS = ("pin", "rooftop", "interpolated", "street", "intersection", "place", "ward", "district")
DEFAULT_ACCURACY_M = 10.0


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Who reported; stored apart and encrypted."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None

    def __bool__(self) -> bool:
        return bool(self.name or self.phone or self.email)


@dataclass(frozen=True, kw_only=True)
class StoredPhoto:
    """An attachment that already lies in the photo store, by the hash of its re-encoded bytes."""

    sha256: str
    width: int
    height: int
    exif_lon: float | None = None
    exif_lat: float | None = None


@dataclass(kw_only=True)
class PastStep:
    """A step that a report has already taken elsewhere (imports, demo data), after its first."""

    at: datetime
    status: str


@dataclass(kw_only=True)
class Draft:
    """A report as somebody said it, before it has a place or a unit."""

    channel: str
    reported_at: datetime | None = None
    """when it was said; None: now"""
    category: str | None = None
    description: str | None = None
    address: str | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    """radius of uncertainty of lon, lat; 10 m where not given"""
    precision: str | None = None
    """how lon, lat were found where it was not by a pin (imports), one of PRECISIONS"""
    reporter: Reporter | None = None
    photos: tuple[StoredPhoto, ...] = ()
    external_id: str | None = None
    content_hash: bytes | None = None
    past: tuple[PastStep, ...] = ()
    """later steps, oldest first; the last one is the status that the report has now"""
    first_status: str | None = None
    """received, classified or assigned where that is known from elsewhere; None: what the door finds"""
    unit: str | None = None
    """code of the unit that had it elsewhere; None: the rule's"""
    joins: str | None = None
    """code of a report whose incident this one should become part of; checked by incidents.joining"""
    released: bool = False
    """whether its description may be shown to the public at once (demo data)"""
    demo: bool = False


@dataclass(kw_only=True)
class FoundPlace:
    """Where a report lies: WGS 84, with how well that is known."""

    lon: float
    lat: float
    precision: str
    accuracy_m: float
    confidence: float
    source: str
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """An open incident of the same kind nearby and recent; named, never joined by the machine."""

    code: str
    category: str | None
    distance_m: float
    reported_at: datetime
    status: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of one draft."""

    code: str
    report_id: int
    incident_id: int
    status: str
    category: str | None
    suggestion: tuple[str, float] | None
    """a category and its confidence, where none was said"""
    place: FoundPlace | None
    ward_id: int | None
    district_id: int | None
    zone_ids: tuple[int, ...]
    unit_id: int
    candidate_unit_ids: tuple[int, ...] = ()
    due_at: datetime | None
    reported_at: datetime
    review_reasons: tuple[str, ...] = ()
    duplicates: tuple[Duplicate, ...] = field(default=())
    joined: str | None = None
    """code of the incident that it became part of, where it asked for that"""
