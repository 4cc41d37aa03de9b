"""Named streets, house numbers and landmarks of an OpenStreetMap extract (.osm.pbf or .osm)."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np

from geo.gazetteer.records import JUNCTION, ROUNDABOUT, HouseNumber, Landmark, Records, StreetLine
from geo.text import fold, nfc

_NAMES = ("name", "name:vi", "alt_name", "old_name", "official_name", "short_name", "name:en", "ref")
_PLACE_KEYS = (
    "amenity",
    "shop",
    "tourism",
    "leisure",
    "office",
    "historic",
    "railway",
    "aeroway",
    "place",
    "healthcare",
)
_NOT_PLACES = frozenset({"bench", "parking_space", "waste_basket", "atm", "telephone", "vending_machine", "signal"})
_NO_HIGHWAY = frozenset({"bus_stop", "traffic_signals", "crossing", "platform", "proposed", "construction", "elevator"})
_MAX_RADIUS_M = 500.0
_NAMED_JUNCTION = re.compile(r"(?:nga (?:ba|tu|nam|sau|bay|[3-7])|vong xoay|bung binh|nut giao) \S+(?: \S+){0,4}$")


def read(path: Path) -> Records:
    """Everything in the extract that has a name or a number. Raises RuntimeError where it is no such file."""
    import osmium  # read once in a site's life

    records = Records()
    file = osmium.FileProcessor(str(path)).with_locations().with_filter(osmium.filter.EmptyTagFilter())
    for thing in file:
        tags = {tag.k: tag.v for tag in thing.tags}
        if isinstance(thing, osmium.osm.Way):
            points = [(node.lon, node.lat) for node in thing.nodes if node.location.valid()]
            if points:
                _way(records, f"w{thing.id}", tags, np.array(points, dtype=np.float64))
        elif isinstance(thing, osmium.osm.Node) and thing.location.valid():
            _thing(records, f"n{thing.id}", tags, (thing.lon, thing.lat), 30.0)
    return records


def _way(records: Records, identifier: str, tags: dict[str, str], points: np.ndarray) -> None:
    highway = tags.get("highway")
    if highway and highway not in _NO_HIGHWAY and len(points) > 1 and tags.get("area") != "yes":
        if tags.get("junction") in ("roundabout", "circular"):
            _roundabout(records, identifier, tags, points)
        names = _names(tags)
        if names:
            records.streets.append(
                StreetLine(names=names, kind=highway, lon=points[:, 0], lat=points[:, 1], external_id=identifier)
            )
        if "bridge" in tags and tags.get("bridge:name"):
            middle = points[len(points) // 2]
            records.landmarks.append(
                Landmark(
                    name=nfc(tags["bridge:name"]),
                    kind="bridge",
                    lon=float(middle[0]),
                    lat=float(middle[1]),
                    external_id=identifier,
                )
            )
        return
    low, high = points.min(axis=0), points.max(axis=0)
    centre = (low + high) / 2
    radius = math.hypot((high[0] - low[0]) * 109_300, (high[1] - low[1]) * 110_600) / 2
    _thing(records, identifier, tags, (float(centre[0]), float(centre[1])), max(30.0, min(radius, _MAX_RADIUS_M)))


def _roundabout(records: Records, identifier: str, tags: dict[str, str], points: np.ndarray) -> None:
    """The middle of a ring; a part of one that is drawn in several is taken for what its extent says."""
    low, high = points.min(axis=0), points.max(axis=0)
    lon, lat = ((low + high) / 2).tolist()
    radius = max((high[0] - low[0]) * 109_300, (high[1] - low[1]) * 110_600) / 2
    records.landmarks.append(
        Landmark(
            name=nfc(tags.get("name", "")), kind=ROUNDABOUT, lon=lon, lat=lat, radius_m=radius, external_id=identifier
        )
    )


def _thing(records: Records, identifier: str, tags: dict[str, str], at: tuple[float, float], radius: float) -> None:
    lon, lat = at
    number = tags.get("addr:housenumber")
    if number and any(char.isdigit() for char in number):
        records.numbers.append(
            HouseNumber(
                number=nfc(number),
                street=nfc(tags.get("addr:street", "")),
                lon=lon,
                lat=lat,
                external_id=identifier,
                at_door=True,
            )
        )
    if tags.get("highway") == "milestone" and tags.get("distance"):
        records.numbers.append(
            HouseNumber(
                number=f"km {tags['distance']}",
                street=nfc(tags.get("addr:street") or tags.get("name") or tags.get("ref", "")),
                lon=lon,
                lat=lat,
                weight=0.0,
                external_id=identifier,
                at_door=True,
            )
        )
        return
    if "name" not in tags or ("highway" in tags and tags.get("junction") != "yes"):
        return
    kind = next((tags[key] for key in _PLACE_KEYS if key in tags), None)
    if tags.get("junction") == "yes" or _NAMED_JUNCTION.match(fold(nfc(tags["name"]))):
        kind = JUNCTION
    if kind is None and ("building" in tags or "man_made" in tags or "landuse" in tags or "bridge" in tags):
        kind = "bridge" if "bridge" in tags or tags.get("man_made") == "bridge" else "building"
    if kind and kind not in _NOT_PLACES:
        records.landmarks.append(
            Landmark(name=nfc(tags["name"]), kind=kind, lon=lon, lat=lat, radius_m=radius, external_id=identifier)
        )


def _names(tags: dict[str, str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for key in _NAMES:
        for name in nfc(tags.get(key, "")).split(";"):
            if len(name.strip()) > 1 or (name.strip().isdigit() and key == "name"):
                found[name.strip()] = None
    return tuple(found)
