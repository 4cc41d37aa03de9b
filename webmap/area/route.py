"""The route sheet of the day: what to visit, in a sensible order, to print or to take along without a network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from flask import Response, make_response, render_template, request, send_from_directory
from sqlalchemy import Connection

from database import clock
from database.engine import transaction
from database.sql import queries
from district_boundaries import areas
from district_boundaries.areas import Area, AreaIndex
from geo.crs import to_metres
from geo.geocoder.names import AreaNames
from geo.reverse import around
from incidents import reference, watch
from incidents.codes import spoken
from incidents.tour import length, tour
from incidents.watch import Scope
from webmap.admin.wording import called, metres
from webmap.area import blueprint, named, outline, who
from webmap.area.watch import rows
from webmap.public.durations import deadline, duration

Q = queries(Path(__file__).with_suffix(".sql"))

USUAL_STOPS, MOST_STOPS = 10, 30
WIDTH, HEIGHT = 7060, 4040
"""the map's units: a hundredth of what it measures on paper in pixels"""
AREA_PRECISIONS = ("ward", "district")
_MARGIN = 0.12
_LEAST_DEGREES = 0.004
_MAIN = ["motorway", "trunk", "primary", "secondary", "tertiary", "link"]
_SMALL_KM = 5.0
_SCALES = (50, 100, 200, 500, 1000, 2000, 5000, 10000)


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One line of the sheet; `x`, `y` are on its map."""

    number: int
    incident: dict[str, Any]
    code: str
    due: str
    late: bool
    way: str
    """from the stop before"""
    x: float
    y: float


@blueprint.get("/<code>/route")
def route(code: str) -> Response:
    """The sheet; `n` stops (10), or exactly those of `codes`."""
    with transaction(who().context) as connection:
        area, index = named(connection, code)
        known = reference.current(connection)
        found = watch.incidents(connection, Scope.of(area, index))
        found = replace(found, rows=watch.exactly(connection, found.rows))
        shown = [row for row in rows(found, area, index, known, set()) if row["at"]]
        chosen = _choose(shown)
        names = areas.area_names(connection) if chosen else None
        box = _box(chosen, area, index)
        ground = _ground(connection, box) if chosen else {}
    for each in chosen:
        each["words"] = each["place"] or words(each, names)
    stops, metres_all = _stops(chosen, box)
    now = clock.local(clock.now())
    answer = make_response(
        render_template(
            "area/route.html",
            code=code,
            name=called(area),
            stops=stops,
            way=" ".join(f"{stop.x:.0f},{stop.y:.0f}" for stop in stops),
            way_length=metres(metres_all),
            ground=ground,
            outline=_outline(area, index, box) if chosen else "",
            scale=_scale(box),
            width=WIDTH,
            height=HEIGHT,
            now=now,
            left=len(shown) - len(chosen),
            asked=len(chosen),
            numbers=(10, 20, 30),
            n=_number(),
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/worker.js")
def worker() -> Response:
    """The service worker that keeps the day's sheets for when there is no network; it has to lie at /area/."""
    answer = send_from_directory(Path(__file__).parent.parent / "static" / "js" / "area", "worker.js")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def words(each: dict[str, Any], names: AreaNames | None) -> str:
    """What a crew would call the place of an incident that came as a pin: "đối diện 205 Nguyễn Văn Quá, cách 12 m"."""
    if names is None or not each["at"]:
        return ""
    lon, lat = each["at"]
    found = [place for place, _ in around(lon, lat, names, on=areas.today()) if place.precision not in AREA_PRECISIONS]
    return found[0].label.removesuffix(f", {found[0].ward}") if found else ""


def _number() -> int:
    given = request.args.get("n", type=int) or USUAL_STOPS
    return min(max(given, 1), MOST_STOPS)


def _choose(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Late ones, then what is due first; places that are known to their ward only cannot be driven to."""
    wanted = {code for code in request.args.get("codes", "").split(",") if code}
    if wanted:
        return [each for each in shown if each["code"] in wanted][:MOST_STOPS]
    placed = [each for each in shown if each["precision"] not in AREA_PRECISIONS]
    return sorted(placed, key=lambda each: (each["due_at"] is None, each["due_at"] or ""))[: _number()]


def _stops(chosen: list[dict[str, Any]], box: tuple[float, float, float, float]) -> tuple[list[Stop], float]:
    if not chosen:
        return [], 0.0
    lon, lat = np.array([each["at"][0] for each in chosen]), np.array([each["at"][1] for each in chosen])
    x, y = to_metres(lon, lat)
    order = tour(x, y)
    ways = length(x, y, order)
    now = clock.now()
    stops = []
    for number, (which, way) in enumerate(zip(order, ways, strict=True), 1):
        each = chosen[which]
        due, late = _due(each, now)
        px, py = _on_map(each["at"][0], each["at"][1], box)
        stops.append(
            Stop(
                number=number,
                incident=each,
                code=spoken(each["code"]),
                due=due,
                late=late,
                way=metres(way) if number > 1 else "",
                x=px,
                y=py,
            )
        )
    return stops, float(sum(ways))


def _due(each: dict[str, Any], now: datetime) -> tuple[str, bool]:
    if not each["due_at"]:
        return "", False
    at = datetime.fromisoformat(each["due_at"])
    late = at < now
    return (duration(now - at) if late else deadline(at, now)), late


def _box(chosen: list[dict[str, Any]], area: Area, index: AreaIndex) -> tuple[float, float, float, float]:
    """West, south, east, north: the stops with a margin, in the paper's proportion."""
    if chosen:
        lons, lats = [each["at"][0] for each in chosen], [each["at"][1] for each in chosen]
        west, south, east, north = min(lons), min(lats), max(lons), max(lats)
    else:
        west, south, east, north = index.geometry(area.id).bounds
    wide = max(east - west, _LEAST_DEGREES) * (1 + 2 * _MARGIN)
    tall = max(north - south, _LEAST_DEGREES * HEIGHT / WIDTH) * (1 + 2 * _MARGIN)
    wide, tall = max(wide, tall * WIDTH / HEIGHT), max(tall, wide * HEIGHT / WIDTH)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2


def _on_map(lon: float, lat: float, box: tuple[float, float, float, float]) -> tuple[float, float]:
    west, south, east, north = box
    return (lon - west) / (east - west) * WIDTH, (north - lat) / (north - south) * HEIGHT


def _ground(connection: Connection, box: tuple[float, float, float, float]) -> dict[str, str]:
    west, south, east, north = box
    kilometres = (east - west) * 109.3
    classes = [*_MAIN, "minor"] if kilometres < _SMALL_KM else _MAIN
    asked = {"west": west, "south": south, "east": east, "north": north, "units": WIDTH, "classes": classes}
    return {row.what: row.path for row in connection.execute(Q["ground"], asked) if row.path}


def _outline(area: Area, index: AreaIndex, box: tuple[float, float, float, float]) -> str:
    """The area's border as a path on the map."""
    shape = outline.document(area, index)["features"][0]["geometry"]
    polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    rings = [ring for polygon in polygons for ring in polygon]
    parts = []
    for ring in rings:
        points = (_on_map(lon, lat, box) for lon, lat in ring)
        parts.append("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points) + "Z")
    return "".join(parts)


def _scale(box: tuple[float, float, float, float]) -> tuple[str, int]:
    """The scale bar: what it says, its length on the map."""
    metre = WIDTH / ((box[2] - box[0]) * 109_300)
    chosen = max((each for each in _SCALES if each * metre < WIDTH / 5), default=_SCALES[0])
    return metres(chosen), round(chosen * metre)
