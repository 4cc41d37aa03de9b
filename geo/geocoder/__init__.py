"""An address to places, best first, each with a precision, a radius and a confidence that can be trusted.

It knows the names of wards and districts, old and new, in all their spellings, and with a gazetteer streets, house
numbers, alleys, junctions and landmarks. Nothing found is an empty list, never a made-up point; a street that is not
known is answered by the area that is.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from datetime import date
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from database.reference import load_once
from geo.address.parser import Address
from geo.crs import from_metres
from geo.gazetteer import store
from geo.gazetteer.compact import Gazetteer
from geo.gazetteer.current import AREAS, Q
from geo.geocoder.answers import OnStreet
from geo.geocoder.areas import Found, find, with_coded_ward
from geo.geocoder.index import AreaIndex
from geo.geocoder.membership import Membership, membership
from geo.geocoder.names import AreaNames, NamedArea, Within
from geo.geocoder.place import Place, Precision
from geo.geocoder.resolve import resolve
from geo.geocoder.streets import StreetIndex
from geo.geos import one_at_a_time

__all__ = [
    "AreaNames",
    "NamedArea",
    "Place",
    "Precision",
    "Within",
    "geocode",
    "index_of",
    "keep_street_areas",
    "parse",
    "street_index_of",
]

Floats = NDArray[np.float64]

SOURCE = "area_names"
_LOCK = Lock()
_INDEXES: OrderedDict[Hashable, AreaIndex] = OrderedDict()
_STREETS: OrderedDict[Hashable, StreetIndex] = OrderedDict()
_KEPT = 2  # indexes of the last versions: one is in use, one may be on its way out


@one_at_a_time
def geocode(addresses: Sequence[str], names: AreaNames, *, on: date, limit: int = 5) -> list[list[Place]]:
    """The places that each address may mean, best first, at most `limit`; an empty list where nothing was found.

    `on` is the day (Asia/Ho_Chi_Minh) on which the address was given: it weighs old names against new ones, and the
    ward and district answered are those in force on it. Order and number of the answers are those of `addresses`.
    """
    index = index_of(names)
    streets = street_index_of(names)
    by_text: dict[str, Sequence[Found | OnStreet]] = {}
    # By their ends, so that those of one area follow on each other and what it says is at hand; each text once.
    for text in sorted(set(addresses), key=_from_the_end) if len(addresses) > 1 else addresses:
        address = index.parse(text)
        on_streets = resolve(address, streets, names.gazetteer, on, limit) if streets is not None else []
        by_text[text] = on_streets or find(with_coded_ward(address, index), index, on, limit)
    found = [by_text[text] for text in addresses]
    flat = [one for several in found for one in several]
    lon, lat = _degrees(flat)
    places = [
        _place(one, east, north, within)
        for one, east, north, within in zip(
            flat, lon.tolist(), lat.tolist(), names.within(lon, lat, on) if flat else (), strict=True
        )
    ]
    ends = np.cumsum([len(several) for several in found]).tolist()
    return [places[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


def _degrees(flat: Sequence[Found | OnStreet]) -> tuple[Floats, Floats]:
    """Where each lies (lon, lat): all that are kept in metres at once."""
    lon, lat = np.empty(len(flat)), np.empty(len(flat))
    metres = [at for at, one in enumerate(flat) if isinstance(one, OnStreet)]
    for at, one in enumerate(flat):
        if isinstance(one, Found):
            lon[at], lat[at] = one.lon, one.lat
    if metres:
        points = [flat[at] for at in metres]
        lon[metres], lat[metres] = from_metres([one.x for one in points], [one.y for one in points])  # type: ignore[union-attr]
    return lon, lat


def _from_the_end(text: str) -> str:
    return text[::-1]


def parse(address: str, names: AreaNames) -> Address:
    """The parts of an address, by the names of all areas."""
    return index_of(names).parse(address)


def index_of(names: AreaNames) -> AreaIndex:
    """The index of these names, made once per version and process."""
    version = names.version
    with _LOCK:
        index = _INDEXES.get(version)
        if index is None:
            index = _INDEXES[version] = AreaIndex(names.areas())
            while len(_INDEXES) > _KEPT:
                _INDEXES.popitem(last=False)
        return index


_MEMBERSHIPS: dict[str, Membership] = {}


def street_index_of(names: AreaNames) -> StreetIndex | None:
    """The streets tied to these names, made once per version and process; None without a gazetteer."""
    gazetteer = names.gazetteer
    if gazetteer is None or not len(gazetteer.pieces.x):
        return None
    index = index_of(names)
    version = (names.version, gazetteer.version)
    with _LOCK:
        streets = _STREETS.get(version)
        if streets is None:
            streets = _STREETS[version] = StreetIndex(gazetteer, index, _membership(gazetteer, index))
            while len(_STREETS) > 1:
                _STREETS.popitem(last=False)
        return streets


def keep_street_areas(connection: Connection, names: AreaNames) -> bool:
    """Make and keep which areas hold each piece of street, where areas or streets changed; True if it was made."""
    gazetteer = names.gazetteer
    if gazetteer is None:
        return False
    index = index_of(names)
    made_of = _made_of(gazetteer, index)

    def make(connection: Connection) -> None:
        body = store.to_bytes(_make(gazetteer, index)._asdict())
        connection.execute(Q["keep_copy"], {"name": AREAS, "made_of": made_of, "body": body})

    return load_once(connection, "gazetteer_areas", made_of, make)


def _membership(gazetteer: Gazetteer, index: AreaIndex) -> Membership:
    """Which areas hold the streets: as it is held already (zones change without it), else as it was kept, else made."""
    made_of = _made_of(gazetteer, index)
    table = _MEMBERSHIPS.get(made_of)
    if table is None:
        copy = gazetteer.areas_copy
        kept = copy is not None and copy[0] == made_of
        table = Membership(**store.from_bytes(copy[1])) if copy is not None and kept else _make(gazetteer, index)
        _MEMBERSHIPS.clear()
        _MEMBERSHIPS[made_of] = table
    gazetteer.areas_copy = None  # it is in use now
    return table


def _make(gazetteer: Gazetteer, index: AreaIndex) -> Membership:
    groups = [[member.shape for member in group.members] for group in index.groups]
    return membership(gazetteer.pieces, groups, [ward.shape for ward in index.wards])


def _made_of(gazetteer: Gazetteer, index: AreaIndex) -> str:
    digest = hashlib.sha256(store.FORMAT.encode())
    version: Any = gazetteer.version
    digest.update(str(version[1] if isinstance(version, tuple) else version).encode())
    for group in index.groups:
        digest.update(f"{group.level} {group.key} {group.district_key}\n".encode())
        for member in group.members:
            digest.update(shapely.to_wkb(member.shape))
    for ward in index.wards:
        digest.update(ward.code.encode())
    return digest.hexdigest()


def _place(found: Found | OnStreet, lon: float, lat: float, within: Within) -> Place:
    return Place(
        lon=round(lon, 6),
        lat=round(lat, 6),
        label=found.label(within),
        name=found.name,
        housenumber=found.housenumber if isinstance(found, OnStreet) else "",
        street=found.street if isinstance(found, OnStreet) else "",
        ward=within.ward,
        district=within.district,
        ward_code=within.ward_code,
        district_code=within.district_code,
        precision=found.precision,
        accuracy_m=found.accuracy_m,
        confidence=found.confidence,
        ward_confidence=found.ward_confidence,
        source=found.source if isinstance(found, OnStreet) else SOURCE,
    )
