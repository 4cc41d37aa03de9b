"""From a point to what it is called: number and street, junction, landmark, areas."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from geo.crs import from_metres, to_metres
from geo.gazetteer.keys import street_key
from geo.geocoder import street_index_of
from geo.geocoder.names import AreaNames, Within
from geo.geocoder.place import Place
from geo.geocoder.streets import StreetIndex
from geo.geos import one_at_a_time

SOURCE = "areas"

_ON_STREET_M = 30.0  # up to here a place is said to be in a street
_PIECE_M = 15.0  # half the length of a piece, and a little
_STREET_M = 150.0  # farther than this a street is not what a place is called by
_BESIDE_M = 40.0  # a number stands beside a point up to this far along the street
_RANGE_M = 200.0
_JUNCTION_M = 60.0
_LANDMARK_M = 120.0


def reverse(lon: NDArray[np.float64], lat: NDArray[np.float64], names: AreaNames, *, on: date) -> list[Place | None]:
    """For each point (degrees) the smallest area in force on `on` that holds it, None outside the city.

    The place lies at the point itself: its accuracy is zero, and its precision says how closely it could be named.
    """
    places: list[Place | None] = []
    for x, y, within in zip(lon.tolist(), lat.tolist(), names.within(lon, lat, on), strict=True):
        if not within.ward and not within.district:
            places.append(None)
            continue
        parts = [within.ward, within.district] if within.ward else [within.district]
        places.append(
            Place(
                lon=x,
                lat=y,
                label=", ".join(part for part in parts if part),
                name=parts[0],
                ward=within.ward,
                district=within.district,
                ward_code=within.ward_code,
                district_code=within.district_code,
                precision="ward" if within.ward else "district",
                accuracy_m=0.0,
                confidence=1.0,
                ward_confidence=1.0 if within.ward else 0.0,
                source=SOURCE,
            )
        )
    return places


def street_names(lon: NDArray[np.float64], lat: NDArray[np.float64], names: AreaNames) -> list[str]:
    """For each point (degrees, n) the name of the street it lies in or beside, '' where none is near or known; without
    a number, so that it may be said of a place in public."""
    index = street_index_of(names)
    if index is None or not len(lon):
        return [""] * len(lon)
    pieces = index.gazetteer.pieces
    x, y = to_metres(lon, lat)
    away, near = index.tree.query(np.column_stack([x, y]), k=4, distance_upper_bound=_ON_STREET_M + _PIECE_M)
    beyond = ~np.isfinite(away)
    near = np.where(beyond, 0, near)
    east, north = x[:, None] - pieces.x[near], y[:, None] - pieces.y[near]
    dx, dy, half = pieces.dx[near], pieces.dy[near], pieces.length[near] / 2
    along = np.clip(east * dx + north * dy, -half, half)
    metres = np.where(beyond, np.inf, np.hypot(east - along * dx, north - along * dy))
    best = metres.argmin(axis=1)
    rows = np.arange(len(best))
    number = pieces.name[near[rows, best]].tolist()
    shown = index.gazetteer.shown
    return [
        shown[which] if close else ""
        for which, close in zip(number, (metres[rows, best] <= _ON_STREET_M).tolist(), strict=True)
    ]


@one_at_a_time
def around(lon: float, lat: float, names: AreaNames, *, on: date) -> list[tuple[Place, float]]:
    """What a point (degrees) is called, each with its distance in metres: first number and street as a crew would say
    it ("đối diện 205 Nguyễn Văn Quá, cách 12 m"), then a junction, a landmark, and last the area that holds it. Empty
    outside the city."""
    area = reverse(np.array([lon]), np.array([lat]), names, on=on)[0]
    if area is None:
        return []
    index = street_index_of(names)
    if index is None:
        return [(area, 0.0)]
    within = Within(area.ward_code, area.ward, area.district_code, area.district)
    x, y = (float(value) for value in to_metres(lon, lat))
    found = [
        each
        for each in (_street(index, x, y, within), _junction(index, x, y, within), _landmark(index, x, y, within))
        if each is not None
    ]
    return [*found, (area, 0.0)]


def _street(index: StreetIndex, x: float, y: float, within: Within) -> tuple[Place, float] | None:
    gazetteer = index.gazetteer
    pieces = gazetteer.pieces
    distance, places = index.tree.query([x, y], k=4, distance_upper_bound=_STREET_M)
    if not np.isfinite(distance[0]):
        return None
    off = [(_offset(pieces, int(k), x, y), int(k)) for k, far in zip(places, distance, strict=True) if np.isfinite(far)]
    (away, along, left), piece = min(off, key=lambda one: one[0][0])
    street = int(pieces.street[piece])
    name = gazetteer.shown[int(gazetteer.of_name[street])]
    number, words, anchor = _number(index, street, float(pieces.along[piece]) + along, left)
    px, py = x - away * (-1 if left else 1) * pieces.dy[piece], y + away * (-1 if left else 1) * pieces.dx[piece]
    lon, lat = from_metres(px, py)
    metres = round(away)
    if anchor is not None:  # from the house that is said, not from the middle of its street
        metres = round(float(np.hypot(x - anchor[0], y - anchor[1])))
    label = f"{words} {name}".strip() + f", cách {metres} m, {within.ward or within.district}"
    precision = "interpolated" if number else "street"
    called = f"{number} {name}".strip()
    place = _place(
        float(lon), float(lat), label, called, within, precision, gazetteer.source, housenumber=number, street=name
    )
    return place, float(metres)


def _offset(pieces: object, k: int, x: float, y: float) -> tuple[float, float, bool]:
    """(metres from the piece's line, metres along it from its middle, whether on its left)."""
    px, py, dx, dy, length = (float(getattr(pieces, name)[k]) for name in ("x", "y", "dx", "dy", "length"))
    way = (x - px) * dx + (y - py) * dy
    on = float(np.clip(way, -length / 2, length / 2))
    cross = dx * (y - py) - dy * (x - px)
    return float(np.hypot(x - px - on * dx, y - py - on * dy)), on, cross > 0


def _number(index: StreetIndex, street: int, along: float, left: bool) -> tuple[str, str, tuple[float, float] | None]:
    """(house number or nothing, how it is said, where it stands): the number beside the point, the one opposite, or a
    range."""
    gazetteer = index.gazetteer
    anchors = gazetteer.anchors.get(street)
    if anchors is None:
        return "", "", None
    numbers, at, texts = anchors[0], anchors[1], anchors[2]
    side = gazetteer.sides.get(street, 0)
    odd_here = (side > 0) == left if side else None
    best: tuple[float, str, bool, int] | None = None
    for k in np.flatnonzero(np.abs(at - along) <= _BESIDE_M).tolist():
        if not texts[k] or numbers[k] <= 0 or "/" in texts[k]:
            continue
        same = odd_here is None or (numbers[k] % 2 == 1) == odd_here
        cost = abs(float(at[k]) - along) + (0.0 if same else 15.0)
        if best is None or cost < best[0]:
            best = (cost, texts[k].upper(), same, k)
    if best is not None:
        place = (float(anchors[3][best[3]]), float(anchors[4][best[3]]))
        return best[1], best[1] if best[2] else f"đối diện {best[1]}", place
    near = np.flatnonzero((np.abs(at - along) <= _RANGE_M) & (numbers > 0))
    before, behind = near[at[near] <= along], near[at[near] > along]
    if len(before) and len(behind):
        low = int(numbers[before[np.argmax(at[before])]])
        high = int(numbers[behind[np.argmin(at[behind])]])
        low, high = min(low, high), max(low, high)
        if low < high:
            return "", f"khoảng số {low}–{high}", None
    return "", "", None


def _junction(index: StreetIndex, x: float, y: float, within: Within) -> tuple[Place, float] | None:
    """The nearest place where two streets meet that are no alleys of one another."""
    gazetteer = index.gazetteer
    table = gazetteer.meetings
    distance, rows = index.meeting_tree.query([x, y], k=4, distance_upper_bound=_JUNCTION_M)
    for away, row in zip(distance.tolist(), rows.tolist(), strict=True):
        if not np.isfinite(away):
            break
        one, other = (
            gazetteer.shown[int(gazetteer.pieces.name[piece])] for piece in (table.piece[row], table.other[row])
        )
        if street_key(one) == street_key(other):
            continue
        metres = float(round(away))
        name = f"{one} – {other}"
        lon, lat = from_metres(table.x[row], table.y[row])
        label = f"giao lộ {name}, cách {metres:.0f} m, {within.ward or within.district}"
        return _place(float(lon), float(lat), label, name, within, "intersection", gazetteer.source), metres
    return None


def _landmark(index: StreetIndex, x: float, y: float, within: Within) -> tuple[Place, float] | None:
    gazetteer = index.gazetteer
    distance = np.hypot(gazetteer.landmark_x - x, gazetteer.landmark_y - y)
    if not len(distance) or float(distance.min()) > _LANDMARK_M:
        return None
    k = int(np.argmin(distance))
    metres = float(round(float(distance[k])))
    lon, lat = from_metres(gazetteer.landmark_x[k], gazetteer.landmark_y[k])
    name = gazetteer.landmark_names[k]
    if gazetteer.landmark_kinds[k] == "bus_stop":
        name = f"trạm xe buýt {name}"
    label = f"{name}, cách {metres:.0f} m, {within.ward or within.district}"
    return _place(float(lon), float(lat), label, name, within, "place", gazetteer.source), metres


def _place(  # noqa: PLR0917
    lon: float,
    lat: float,
    label: str,
    name: str,
    within: Within,
    precision: str,
    source: str,
    *,
    housenumber: str = "",
    street: str = "",
) -> Place:
    return Place(
        lon=round(lon, 6),
        lat=round(lat, 6),
        label=label,
        name=name,
        housenumber=housenumber,
        street=street,
        ward=within.ward,
        district=within.district,
        ward_code=within.ward_code,
        district_code=within.district_code,
        precision=precision,  # type: ignore[arg-type]
        accuracy_m=0.0,
        confidence=1.0,
        ward_confidence=1.0 if within.ward else 0.0,
        source=source,
    )
