"""An address to places, best first, each with a precision, a radius and a confidence that can be trusted.

So far the geocoder knows areas: the names of wards and districts, old and new, in all their spellings. Nothing found
is an empty list, never a made-up point.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from datetime import date
from threading import Lock

import numpy as np

from geo.address.parser import Address
from geo.geocoder.areas import Found, find
from geo.geocoder.index import AreaIndex
from geo.geocoder.names import AreaNames, NamedArea, Within
from geo.geocoder.place import Place, Precision
from geo.geos import one_at_a_time

__all__ = ["AreaNames", "NamedArea", "Place", "Precision", "Within", "geocode", "index_of", "parse"]

SOURCE = "area_names"
_LOCK = Lock()
_INDEXES: OrderedDict[Hashable, AreaIndex] = OrderedDict()
_KEPT = 2  # indexes of the last versions: one is in use, one may be on its way out


@one_at_a_time
def geocode(addresses: Sequence[str], names: AreaNames, *, on: date, limit: int = 5) -> list[list[Place]]:
    """The places that each address may mean, best first, at most `limit`; an empty list where nothing was found.

    `on` is the day (Asia/Ho_Chi_Minh) on which the address was given: it weighs old names against new ones, and the
    ward and district answered are those in force on it. Order and number of the answers are those of `addresses`.
    """
    index = index_of(names)
    found = [find(address, index, on, limit) for address in addresses]
    flat = [one for several in found for one in several]
    lon = np.array([one.lon for one in flat], dtype=np.float64)
    lat = np.array([one.lat for one in flat], dtype=np.float64)
    within = iter(names.within(lon, lat, on) if flat else ())
    return [[_place(one, next(within)) for one in several] for several in found]


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


def _place(found: Found, within: Within) -> Place:
    return Place(
        lon=round(found.lon, 6),
        lat=round(found.lat, 6),
        label=found.label(within),
        name=found.name,
        ward=within.ward,
        district=within.district,
        ward_code=within.ward_code,
        district_code=within.district_code,
        precision=found.precision,
        accuracy_m=found.accuracy_m,
        confidence=found.confidence,
        ward_confidence=found.ward_confidence,
        source=SOURCE,
    )
