"""Layers that are made from others: built-up land from the roads, names of parks and waters, water in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from shapely import Geometry

from geo.basemap.classes import URBAN_ROADS
from geo.basemap.extract import Feature
from geo.crs import from_metres, to_metres

_ROAD_REACH_M, _CLOSE_M, _OPEN_M, _SIMPLIFY_M, _SMALLEST_M2 = 115.0, 90.0, 110.0, 30.0, 400_000.0
_PIECE_DEGREES = 0.03


def metres(geometry: Any) -> Any:
    """A geometry, or an array of them, in EPSG:9210."""
    return shapely.transform(geometry, lambda at: np.column_stack(to_metres(at[:, 0], at[:, 1])))


def degrees(geometry: Any) -> Any:
    """Back to WGS 84."""
    return shapely.transform(geometry, lambda at: np.column_stack(from_metres(at[:, 0], at[:, 1])))


def urban(features: Iterable[Feature]) -> Iterator[Feature]:
    """Built-up land: the streets where people live, widened, grown together, smoothed; small pieces dropped."""
    roads = [each.geometry for each in features if each.layer == "roads" and each.class_ in URBAN_ROADS]
    if not roads:
        return
    # Simplified first: a street's bends of a few metres do not show in a band of 230 m, and cost most of the time.
    lines = shapely.simplify(metres(np.array(roads, dtype=object)), 15.0)
    land = shapely.union_all(shapely.buffer(lines, _ROAD_REACH_M, quad_segs=2))
    land = shapely.buffer(shapely.buffer(land, _CLOSE_M, quad_segs=2), -_CLOSE_M - _OPEN_M, quad_segs=2)
    land = shapely.simplify(shapely.buffer(land, _OPEN_M, quad_segs=2), _SIMPLIFY_M)
    for part in shapely.get_parts(land):
        if part.area >= _SMALLEST_M2:
            for piece in pieces(degrees(part)):
                yield Feature("urban", "", None, 0, piece)


def park_names(features: Iterable[Feature]) -> Iterator[Feature]:
    """One point a park for its name; never its polygon, which is cut at tiles and would be named twice."""
    for each in features:
        if each.layer == "parks" and each.class_ == "park" and each.name:
            yield Feature("park_names", each.class_, each.name, 12, shapely.point_on_surface(each.geometry))


def water_names(features: Iterable[Feature]) -> Iterator[Feature]:
    """Lines along which rivers and canals are named, smoothed so that letters do not stagger."""
    for each in features:
        if each.layer == "waterways" and each.name and each.class_ in ("river", "canal"):
            yield Feature("water_names", each.class_, each.name, 10, shapely.simplify(each.geometry, 0.0006))


def pieces(polygon: Geometry) -> Sequence[Geometry]:
    """A large polygon cut along a grid of 0.03°: one of 20,000 vertices floods peninsulas once it is quantised."""
    west, south, east, north = shapely.bounds(polygon)
    if east - west <= _PIECE_DEGREES and north - south <= _PIECE_DEGREES:
        return [polygon]
    columns = np.arange(np.floor(west / _PIECE_DEGREES), np.floor(east / _PIECE_DEGREES) + 1) * _PIECE_DEGREES
    rows = np.arange(np.floor(south / _PIECE_DEGREES), np.floor(north / _PIECE_DEGREES) + 1) * _PIECE_DEGREES
    x, y = (each.ravel() for each in np.meshgrid(columns, rows))
    cells = shapely.box(x, y, x + _PIECE_DEGREES, y + _PIECE_DEGREES)
    shapely.prepare(polygon)
    cut = shapely.intersection(shapely.make_valid(polygon), cells[shapely.intersects(polygon, cells)])
    return [part for part in shapely.get_parts(cut) if shapely.get_dimensions(part) == 2]
