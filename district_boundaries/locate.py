"""Which areas hold a point: points and days in, ids out. One array way and one SQL way with the same answers.

The rule, the same in both:
- an area holds a point inside it or on its border; of several the lowest code answers;
- a point nearer than a micrometre to a border lies on it, so that rounding does not decide;
- a point that no area of a level holds, at most 25 m (planar, EPSG:9210) from one, lies in a gap narrower than the
  data's own error: it belongs to the nearest, marked so; beyond, to none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from sqlalchemy import Connection

from database.sql import queries
from district_boundaries.areas import FIELDS, AreaIndex, Day
from geo.crs import to_metres

Q = queries(__file__)

GAP_METRES = 25.0
BORDER_DEGREES = 1e-11  # a micrometre
TIE_METRES = 1e-6  # two areas equally near a point in a gap: the lowest code
_REACH_DEGREES = 0.0004  # a box this much around a point holds all that is within 25 m, anywhere in the country
_CHUNK = 20_000

Days = date | Sequence[date] | NDArray[np.datetime64]


@dataclass(frozen=True, kw_only=True)
class Located:
    """Where `n` points lie: arrays of length n, ids of areas, 0 where there is none."""

    inside: NDArray[np.bool_]  # in the city as it is today
    ward_id: NDArray[np.int32]
    district_id: NDArray[np.int32]  # after 2025-06-30 the last former one
    zone_ids: NDArray[np.int32]  # [n, fields], in the order of field.position
    nearest: NDArray[np.bool_]  # some level's answer is the nearest area, the point lies in a gap
    approximate: NDArray[np.bool_]  # ward or district is known by approximate boundaries only

    def __len__(self) -> int:
        return len(self.inside)

    def __getitem__(self, which: slice | NDArray[np.generic]) -> Located:
        """The same for some of the points."""
        return Located(**{column.name: getattr(self, column.name)[which] for column in fields(self)})


def locate(index: AreaIndex, lon: ArrayLike, lat: ArrayLike, on: Days) -> Located:
    """The areas that hold each point on its day.

    `lon`, `lat`: degrees, float64[n]; `on`: one day for all or n days. Not finite or off the globe is outside. The
    territory is today's city on every day: `inside` does not depend on `on`, and outside of it there is no ward,
    district or zone.
    """
    lon, lat = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
    if lon.shape != lat.shape or lon.ndim != 1:
        raise ValueError("lon and lat must be arrays of one length")
    ids = np.zeros((len(lon), len(index.layers)), np.int32)
    nearest = np.zeros(len(lon), np.bool_)
    approximate = np.zeros(len(lon), np.bool_)
    for day, which in _by_epoch(index, on, len(lon)):
        found, near, rough = _on_day(index, index.day(day), lon[which], lat[which])
        if isinstance(which, slice):
            ids, nearest, approximate = found, near, rough
        else:
            ids[which], nearest[which], approximate[which] = found, near, rough
    return _located(ids, nearest, approximate)


def locate_sql(connection: Connection, lon: ArrayLike, lat: ArrayLike, on: Days) -> Located:
    """As `locate`, from PostGIS. Makes a temporary table, so it needs a transaction that may."""
    lon, lat = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
    days = [on] * len(lon) if isinstance(on, date) else [_date(day) for day in on]
    names = connection.execute(Q["fields"]).scalars().all() or FIELDS
    layers = {("city", ""): 0, ("ward", ""): 1, ("district", ""): 2}
    layers |= {("zone", name): 3 + k for k, name in enumerate(names)}
    ids = np.zeros((len(lon), len(layers)), np.int32)
    nearest, approximate = np.zeros(len(lon), np.bool_), np.zeros(len(lon), np.bool_)
    usable = np.flatnonzero(_on_globe(lon, lat))
    connection.execute(Q["drop_points"])
    connection.execute(
        Q["make_points"],
        {
            "n": usable.tolist(),
            "lon": lon[usable].tolist(),
            "lat": lat[usable].tolist(),
            "day": [days[i] for i in usable],
            "border": BORDER_DEGREES,
            "reach": _REACH_DEGREES,
        },
    )
    for step in ("index_border", "index_reach", "analyze_points", "make_layers", "make_areas", "analyze_areas"):
        connection.execute(Q[step])
    for row in connection.execute(Q["locate"], {"gap": GAP_METRES, "tie": TIE_METRES}):
        ids[row.n, layers[row.level, row.field]] = row.id
        nearest[row.n] |= row.nearest
        approximate[row.n] |= row.approximate and row.level in ("ward", "district")
    connection.execute(Q["drop_points"])
    return _located(ids, nearest, approximate)


def near(  # noqa: PLR0917
    index: AreaIndex, level: str, field: str, lon: ArrayLike, lat: ArrayLike, metres: ArrayLike, on: Days
) -> list[list[int]]:
    """Ids of the areas of a layer (`level`, `field`; field empty but for zones) at most `metres` from each point.

    `metres`: one distance for all or n, planar in EPSG:9210; an area that holds the point is 0 from it. In order of
    code.
    """
    lon, lat = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
    metres = np.broadcast_to(np.asarray(metres, np.float64), lon.shape)
    answer: list[list[int]] = [[] for _ in lon]
    layer = index.layers.index((level, field))
    for day, which in _by_epoch(index, on, len(lon)):
        table = index.day(day)
        numbers = np.arange(len(lon))[which]
        numbers = numbers[_on_globe(lon[numbers], lat[numbers]) & np.isfinite(metres[numbers])]
        reach = metres[numbers] / 100_000 + BORDER_DEGREES  # a degree is more than 100 km here, both ways
        point, area = table.tree.query(_boxes(lon[numbers], lat[numbers], reach))
        of_layer = table.layer[area] == layer
        point, area = point[of_layer], area[of_layer]
        if len(point) == 0:
            continue
        shapes = _in_metres(index, table, area)
        pins = shapely.points(*to_metres(lon[numbers[point]], lat[numbers[point]]))
        hit = shapely.dwithin(shapes, pins, metres[numbers[point]])
        for p, a in sorted(zip(point[hit].tolist(), area[hit].tolist(), strict=True)):
            answer[numbers[p]].append(int(table.ids[a]))
    return answer


def _on_day(
    index: AreaIndex, day: Day, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_]]:
    ids = np.zeros((len(lon), len(day.layers)), np.int32)
    nearest, approximate = np.zeros(len(lon), np.bool_), np.zeros(len(lon), np.bool_)
    for start in range(0, len(lon), _CHUNK):
        part = slice(start, start + _CHUNK)
        ids[part], nearest[part], approximate[part] = exactly(index, day, lon[part], lat[part])
    return ids, nearest, approximate


def exactly(
    index: AreaIndex, day: Day, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Every level's area of each point by the areas' own lines: ids[n, layers], nearest[n], approximate[n]."""
    layers = len(day.layers)
    none = len(day.areas)
    first = np.full(len(lon) * layers, none, np.int64)
    numbers = np.flatnonzero(_on_globe(lon, lat))
    boxes = _boxes(lon[numbers], lat[numbers], BORDER_DEGREES)
    point, area = day.tree.query(boxes)
    if len(numbers) > 1:  # one area after the other: its prepared lines stay in the cache
        order = np.argsort(area, kind="stable")
        point, area = point[order], area[order]
    hit = shapely.intersects(day.geometries[area], boxes[point])
    point, area = point[hit], area[hit]
    np.minimum.at(first, numbers[point] * layers + day.layer[area], area)
    table = first.reshape(len(lon), layers)
    by_nearest = _fill_gaps(index, day, lon, lat, numbers, table)
    ids = np.append(day.ids, np.int32(0))[table]
    rough = np.append(day.approximate, False)[table]
    return ids, by_nearest, rough[:, 1] | rough[:, 2]


def _fill_gaps(  # noqa: PLR0917
    index: AreaIndex,
    day: Day,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    numbers: NDArray[np.int64],
    first: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Write the nearest area within 25 m into `first` where a layer holds the point nowhere; True where it did."""
    none = len(day.areas)
    filled = np.zeros(len(lon), np.bool_)
    numbers = numbers[(first[numbers] == none).any(axis=1)]
    if len(numbers) == 0:
        return filled
    point, area = day.tree.query(_boxes(lon[numbers], lat[numbers], _REACH_DEGREES))
    point = numbers[point]
    empty = first[point, day.layer[area]] == none
    point, area = point[empty], area[empty]
    if len(point) == 0:
        return filled
    pins = np.asarray(shapely.points(*to_metres(lon[point], lat[point])))
    shapes = _in_metres(index, day, area)
    close = shapely.dwithin(shapes, pins, GAP_METRES)
    point, area, pins, shapes = point[close], area[close], pins[close], shapes[close]
    distance = shapely.distance(shapes, pins)
    cell = point * len(day.layers) + day.layer[area]
    least = np.full(first.size, np.inf)
    np.minimum.at(least, cell, distance)
    tied = distance <= least[cell] + TIE_METRES
    np.minimum.at(first.reshape(-1), cell[tied], area[tied])
    filled[point] = True
    return filled


def _by_epoch(index: AreaIndex, on: Days, n: int) -> Iterator[tuple[date, slice | NDArray[np.int64]]]:
    """Each span of days without change that occurs, with the points that fall into it."""
    if isinstance(on, date):
        yield on, slice(None)
        return
    days = np.asarray(on, dtype="datetime64[D]")
    if days.shape != (n,):
        raise ValueError("one day for each point is needed")
    epochs = np.searchsorted(np.asarray(index.changes, dtype="datetime64[D]"), days, side="right")
    for epoch in np.unique(epochs):
        which = np.flatnonzero(epochs == epoch)
        yield _date(days[which[0]]), slice(None) if len(which) == n else which


def _date(day: date | np.datetime64) -> date:
    return day if isinstance(day, date) else day.astype("datetime64[D]").astype(object)


def _boxes(
    lon: NDArray[np.float64], lat: NDArray[np.float64], reach: float | NDArray[np.float64]
) -> NDArray[np.object_]:
    boxes: NDArray[np.object_] = shapely.box(lon - reach, lat - reach, lon + reach, lat + reach)
    return boxes


def _in_metres(index: AreaIndex, day: Day, area: NDArray[np.int64]) -> NDArray[np.object_]:
    shapes = np.empty(len(area), dtype=object)
    shapes[:] = [index.metres(id) for id in day.ids[area].tolist()]
    return shapes


def _on_globe(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(lon) <= 180) & (np.abs(lat) <= 90))


def _located(ids: NDArray[np.int32], nearest: NDArray[np.bool_], approximate: NDArray[np.bool_]) -> Located:
    inside = ids[:, 0] != 0
    if not inside.all():
        ids = np.where(inside[:, None], ids, 0)
        nearest, approximate = nearest & inside, approximate & inside
    return Located(
        inside=inside,
        ward_id=ids[:, 1],
        district_id=ids[:, 2],
        zone_ids=ids[:, 3:],
        nearest=nearest,
        approximate=approximate,
    )
