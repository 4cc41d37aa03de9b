"""Points against the areas' own lines: the exact way that every other way has to agree with.

The rule: an area holds a point inside it or on its border, of several the lowest code; a point nearer than a micrometre
to a border lies on it, so that rounding does not decide; a point that no area of a level holds, at most 25 m (planar,
EPSG:9210) from one, belongs to the nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from district_boundaries.areas import AreaIndex, Day
from geo.crs import to_metres
from geo.geos import one_at_a_time

GAP_METRES = 25.0
BORDER_DEGREES = 1e-11  # a micrometre
TIE_METRES = 1e-6  # two areas equally near a point in a gap: the lowest code
REACH_DEGREES = 0.00025  # a box this much around a point holds all that is within 25 m, anywhere in the country
CITY = 0  # the layer that says what is inside
_CHUNK = 20_000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Answer(NamedTuple):
    """Of n points on one day, for every layer."""

    area: Ints  # [n, layers]: position in the day's list, -1 for none
    nearest: NDArray[np.bool_]  # [n]: some layer's answer is the nearest area across a gap


@one_at_a_time
def exactly(index: AreaIndex, day: Day, lon: Floats, lat: Floats, only: Sequence[int] | None = None) -> Answer:
    """Every layer's area of each point (degrees; float64[n]); none where the city is farther than the gap.

    `only`: the numbers of the layers that are asked; the others are left at none.
    """
    asked = None
    if only is not None:
        asked = np.zeros(len(day.layers), np.bool_)
        asked[list(only)] = True
    found = np.full((len(lon), len(day.layers)), -1, np.int64)
    nearest = np.zeros(len(lon), np.bool_)
    numbers = np.flatnonzero(on_globe(lon, lat))
    if len(numbers) > 1:  # outside of the city nothing counts: its own line is asked first
        around = boxes(lon[numbers], lat[numbers], REACH_DEGREES)
        numbers = numbers[_meets(day.geometries[day.layer == CITY], around)]
    lon, lat = lon[numbers], lat[numbers]
    held = holding(day, lon, lat, asked)
    nearest[numbers] = _fill_gaps(index, day, lon, lat, held, asked)
    found[numbers] = held
    return Answer(found, nearest)


def _meets(city: NDArray[np.object_], around: NDArray[np.object_]) -> NDArray[np.bool_]:
    met = np.zeros(len(around), np.bool_)
    for shape in city:
        met |= shapely.intersects(shape, around)
    return met


@one_at_a_time
def holding(day: Day, lon: Floats, lat: Floats, asked: NDArray[np.bool_] | None = None) -> Ints:
    """The position of the first area of each layer that holds each point, [n, layers]; -1 where none does."""
    layers, none = len(day.layers), len(day.areas)
    first = np.full((len(lon), layers), none, np.int64)
    usable = np.flatnonzero(on_globe(lon, lat))
    for start in range(0, len(usable), _CHUNK):
        numbers = usable[start : start + _CHUNK]
        borders = boxes(lon[numbers], lat[numbers], BORDER_DEGREES)
        point, area = day.tree.query(borders)
        if asked is not None:
            kept = asked[day.layer[area]]
            point, area = point[kept], area[kept]
        if len(numbers) > 1:  # one area after the other: its prepared lines stay in the cache
            order = np.argsort(area, kind="stable")
            point, area = point[order], area[order]
        hit = shapely.intersects(day.geometries[area], borders[point])
        point, area = point[hit], area[hit]
        np.minimum.at(first.reshape(-1), numbers[point] * layers + day.layer[area], area)
    first[first == none] = -1
    return first


def _fill_gaps(  # noqa: PLR0917
    index: AreaIndex, day: Day, lon: Floats, lat: Floats, found: Ints, asked: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Write the nearest area within 25 m into `found` where no area of a layer holds the point; True where one was."""
    filled = np.zeros(len(lon), np.bool_)
    numbers = np.flatnonzero((found < 0).any(axis=1))
    if len(numbers) == 0:
        return filled
    around = boxes(lon[numbers], lat[numbers], REACH_DEGREES)
    point, area = day.tree.query(around)
    empty = found[numbers[point], day.layer[area]] < 0
    if asked is not None:
        empty &= asked[day.layer[area]]
    point, area = point[empty], area[empty]
    within_reach = shapely.intersects(day.geometries[area], around[point])
    point, area = numbers[point[within_reach]], area[within_reach]
    if len(point) == 0:
        return filled
    pins = np.asarray(shapely.points(*to_metres(lon[point], lat[point])))
    shapes = in_metres(index, day, area)
    close = shapely.dwithin(shapes, pins, GAP_METRES)
    point, area, pins, shapes = point[close], area[close], pins[close], shapes[close]
    cell = point * len(day.layers) + day.layer[area]
    rivals = np.bincount(cell, minlength=found.size)[cell] > 1  # the only one in reach is the nearest: not measured
    distance = np.zeros(len(point))
    distance[rivals] = shapely.distance(shapes[rivals], pins[rivals])
    least = np.full(found.size, np.inf)
    np.minimum.at(least, cell, distance)
    tied = distance <= least[cell] + TIE_METRES
    best = np.full(found.size, len(day.areas), np.int64)
    np.minimum.at(best, cell[tied], area[tied])
    taken = np.unique(cell)
    found.reshape(-1)[taken] = best[taken]
    filled[point] = True
    return filled


def boxes(lon: Floats, lat: Floats, reach: float | Floats) -> NDArray[np.object_]:
    """A box of `reach` degrees on each side of every point."""
    made: NDArray[np.object_] = shapely.box(lon - reach, lat - reach, lon + reach, lat + reach)
    return made


def in_metres(index: AreaIndex, day: Day, area: Ints) -> NDArray[np.object_]:
    """The polygons at these positions of the day's list, in EPSG:9210."""
    shapes = np.empty(len(area), dtype=object)
    shapes[:] = [index.metres(id) for id in day.ids[area].tolist()]
    return shapes


def on_globe(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Whether the numbers are degrees at all."""
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
