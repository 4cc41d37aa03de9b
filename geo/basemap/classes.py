"""From OpenStreetMap's tags to what the map draws: layer, class, and the zoom from which it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Tags = Mapping[str, str]


class Drawn(NamedTuple):
    """How a feature is drawn."""

    layer: str
    class_: str
    min_zoom: int


ROADS: dict[str, Drawn] = {
    highway: Drawn("roads", class_, zoom)
    for class_, zoom, highways in (
        ("motorway", 8, ("motorway",)),
        ("trunk", 8, ("trunk",)),
        ("primary", 8, ("primary",)),
        ("link", 8, ("motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link")),
        ("secondary", 11, ("secondary",)),
        ("tertiary", 11, ("tertiary",)),
        ("minor", 12, ("residential", "unclassified", "living_street", "road")),
        ("service", 14, ("service",)),
        ("path", 14, ("footway", "path", "pedestrian", "steps", "track", "cycleway")),
    )
    for highway in highways
}

URBAN_ROADS = frozenset({"minor", "tertiary", "secondary"})
"""The roads along which people live: built-up land is drawn from these."""

_LANDUSE = {"industrial": "industrial", "military": "military", "commercial": "industrial", "cemetery": "cemetery"}
_PARKS = {"park": "park", "garden": "park", "recreation_ground": "park", "golf_course": "park", "pitch": "pitch"}
_AMENITIES = {"hospital": "hospital", "school": "school", "university": "university", "college": "school"}
_POIS = frozenset(
    {
        "hospital", "clinic", "school", "university", "college", "marketplace", "bus_station", "fuel", "police",
        "townhall", "place_of_worship", "library", "post_office", "kindergarten", "theatre", "cinema",
    }
)  # fmt: skip


def line(tags: Tags) -> Drawn | None:
    """How an open way is drawn; None where it is not."""
    if (road := ROADS.get(tags.get("highway", ""))) is not None:
        return road
    if tags.get("railway") in ("rail", "subway", "light_rail"):
        return Drawn("rail", tags["railway"], 11)
    water = tags.get("waterway")
    if water == "river":
        return Drawn("waterways", "river", 8)
    if water == "canal":
        return Drawn("waterways", "canal", 10)
    if water in ("stream", "drain", "ditch"):
        return Drawn("waterways", "stream", 12)
    return None


def area(tags: Tags) -> Drawn | None:
    """How a closed way or multipolygon is drawn; None where it is not."""
    if tags.get("waterway") in ("riverbank", "dock") or tags.get("natural") == "water" or "water" in tags:
        return Drawn("water", tags.get("water", "river" if "waterway" in tags else "lake"), 8)
    if tags.get("landuse") in ("reservoir", "basin"):
        return Drawn("water", "lake", 9)
    if (park := _PARKS.get(tags.get("leisure", ""))) is not None:
        return Drawn("parks", park, 9 if park == "park" else 12)
    if tags.get("natural") == "wood" or tags.get("landuse") == "forest":
        return Drawn("parks", "wood", 9)
    if tags.get("landuse") == "cemetery":
        return Drawn("parks", "cemetery", 11)
    if tags.get("aeroway") == "aerodrome":
        return Drawn("landuse", "airport", 9)
    if (use := _LANDUSE.get(tags.get("landuse", ""))) is not None:
        return Drawn("landuse", use, 11)
    if (amenity := _AMENITIES.get(tags.get("amenity", ""))) is not None and "building" not in tags:
        return Drawn("landuse", amenity, 12)
    if tags.get("building", "no") != "no":
        return Drawn("buildings", "building", 14)
    return None


def point(tags: Tags) -> Drawn | None:
    """A named place that the map tells by its name; None where it is not one."""
    kind = tags.get("amenity") or (tags.get("shop") and "shop")
    if "name" in tags and kind and (kind in _POIS or kind == "shop"):
        return Drawn("pois", kind, 14 if kind in _POIS else 16)
    return None
