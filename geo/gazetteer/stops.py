"""The city's bus stops: each stands at a house number or opposite one, and bears the name of what is beside it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from geo.crs import to_metres
from geo.gazetteer.keys import street_key
from geo.gazetteer.records import BUS_PATH, HouseNumber, Landmark, OtherName, Records, StreetLine
from geo.text import fold, nfc

# "Đối diện 205", "Kế 135/4A", "số 12"; what is more is a landmark's name.
_NUMBER = re.compile(
    r"^(?:(doi dien|dd|ke ben|ke|canh|truoc|gan|so nha|so|nha so)\s*(?:so\s*)?)?(\d[\w/.\- ]*?)(?:\s*\(.*\))?$"
)
# "Cột điện 137": the pole itself, which bears a number of its own and says nothing of the houses.
_POLE = re.compile(r"^(?:cot|tru) (?:dien|den|chieu sang)(?: so)? [a-z]{0,4}\d[\w/.]*$")
_OPPOSITE = frozenset({"doi dien", "dd"})
_STOP_M = 40.0  # how far the end of a line may lie from its stop
_NO_STREETS = frozenset({"viet nam", "ngoai thanh", ""})


def read(path: Path) -> Records:
    """The stops of a file with columns `year, code, name, address_no, street, lat, lon`."""
    with path.open(encoding="utf-8", newline="") as lines:
        return records_of(csv.DictReader(lines))


def records_of(rows: Iterable[dict[str, str]]) -> Records:
    """The house numbers and names that stops give."""
    records = Records()
    for row in rows:
        lon, lat = float(row["lon"]), float(row["lat"])
        street = nfc(row["street"]).strip()
        found = _NUMBER.match(fold(nfc(row["address_no"]).strip()))
        if fold(street) not in _NO_STREETS and not found:
            # No number, but the street runs here; a pole is found by what is written on it.
            pole = nfc(row["address_no"]).strip()
            at_door = bool(_POLE.match(fold(pole)))
            records.numbers.append(
                HouseNumber(
                    number=pole if at_door else "",
                    street=street,
                    lon=lon,
                    lat=lat,
                    external_id=row["code"],
                    at_door=at_door,
                )
            )
        elif found and fold(street) not in _NO_STREETS:
            # Opposite a number the other side is meant: the distance along the street holds, the side does not.
            records.numbers.append(
                HouseNumber(
                    number=found.group(2).strip(),
                    street=street,
                    lon=lon,
                    lat=lat,
                    weight=0.5 if found.group(1) in _OPPOSITE else 1.0,
                    external_id=row["code"],
                )
            )
        name = nfc(row["name"]).strip()
        if len(name) > 3:
            records.landmarks.append(
                Landmark(name=name, kind="bus_stop", lon=lon, lat=lat, radius_m=80.0, external_id=row["code"])
            )
    return records


def paths(path: Path, rows: Iterable[dict[str, str]]) -> Records:
    """The ways that buses drive between two stops on one street: streets where no other file has them.

    A line's ends are tied to the stops of its year by place; both have to name one street.
    """
    import pyogrio  # with pandas behind it 100 MB; asked for once in a site's life
    from scipy.spatial import cKDTree

    stops = [row for row in rows if row["year"] == "2015" and fold(nfc(row["street"])).strip() not in _NO_STREETS]
    if not stops:
        return Records()
    x, y = to_metres([float(row["lon"]) for row in stops], [float(row["lat"]) for row in stops])
    tree = cKDTree(np.column_stack([x, y]))
    lines = [np.asarray(line.coords)[:, :2] for line in pyogrio.read_dataframe(path).geometry]
    ends = np.array([[line[0], line[-1]] for line in lines])
    places = []
    for end in (0, 1):
        ex, ey = to_metres(ends[:, end, 0], ends[:, end, 1])
        places.append(tree.query(np.column_stack([ex, ey]), distance_upper_bound=_STOP_M)[1])
    records = Records()
    for line, one, other in zip(lines, places[0].tolist(), places[1].tolist(), strict=True):
        if one < len(stops) and other < len(stops):
            street = nfc(stops[one]["street"]).strip()
            if street_key(street) and street_key(street) == street_key(stops[other]["street"]):
                records.streets.append(
                    StreetLine(names=(street,), kind=BUS_PATH, lon=line[:, 0].copy(), lat=line[:, 1].copy())
                )
    return records


def shipped_paths(path: Path) -> Records:
    """The ways of the file, with the stops that lie beside it."""
    with path.with_name("bus_stops.csv").open(encoding="utf-8", newline="") as lines:
        return paths(path, list(csv.DictReader(lines)))


def renames(path: Path) -> Records:
    """The former names of streets: columns `name_2018, name_now, lat, lon`."""
    with path.open(encoding="utf-8", newline="") as lines:
        return Records(
            other_names=[
                OtherName(
                    name=nfc(row["name_2018"]), now=nfc(row["name_now"]), lon=float(row["lon"]), lat=float(row["lat"])
                )
                for row in csv.DictReader(lines)
            ]
        )


def pois(path: Path) -> Records:
    """Schools, shops, hospitals, parks: a layer with `name, kind` and points."""
    import pyogrio  # with pandas behind it 100 MB; asked for once in a site's life

    table = pyogrio.read_dataframe(path)
    return Records(
        numbers=[
            HouseNumber(number="", street=nfc(street).strip(), lon=point.x, lat=point.y, external_id=identifier or "")
            for identifier, street, point in zip(table.osm_id, table.street_or_addr, table.geometry, strict=True)
            if isinstance(street, str)
            and street
            and not any(char.isdigit() for char in street[:2])
            and "," not in street
        ],
        landmarks=[
            Landmark(name=nfc(name), kind=nfc(kind), lon=point.x, lat=point.y, external_id=identifier or "")
            for identifier, name, kind, point in zip(table.osm_id, table.name, table.kind, table.geometry, strict=True)
            if name
        ],
    )
