"""Which areas hold a point: points and days in, ids out. One array way and one SQL way with the same answers.

The rule is that of `exact`, in both: the lowest code of those that hold a point, else the nearest across a gap of at
most 25 m, marked so. The array way looks many points up in a day's table (`raster`) and asks `exact` for the rest.
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
from district_boundaries import tables
from district_boundaries.areas import FIELDS, AreaIndex, Day
from district_boundaries.exact import (
    BORDER_DEGREES,
    CITY,
    GAP_METRES,
    REACH_DEGREES,
    TIE_METRES,
    Floats,
    boxes,
    exactly,
    in_metres,
    on_globe,
)
from geo.crs import to_metres
from geo.geos import one_at_a_time

Q = queries(__file__)

Days = date | Sequence[date] | NDArray[np.datetime64]
Ids = NDArray[np.int32]
Flags = NDArray[np.bool_]


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


def locate_layer(  # noqa: PLR0917
    index: AreaIndex, level: str, field: str, lon: ArrayLike, lat: ArrayLike, on: Days
) -> Ids:
    """The ids of one layer's areas alone (`field` empty but for zones), as by `locate`: int32[n], 0 for none."""
    lon, lat = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
    layer = index.layers.index((level, field))
    answer = np.zeros(len(lon), np.int32)
    for day, which in _by_epoch(index, on, len(lon)):
        answer[which] = _layer_on_day(index, index.day(day), layer, lon[which], lat[which])
    return answer


def locate_sql(connection: Connection, lon: ArrayLike, lat: ArrayLike, on: Days) -> Located:
    """As `locate`, from PostGIS. Makes a temporary table, so it needs a transaction that may."""
    lon, lat = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
    days = [on] * len(lon) if isinstance(on, date) else [_date(day) for day in on]
    names = connection.execute(Q["fields"]).scalars().all() or FIELDS
    layers = {("city", ""): 0, ("ward", ""): 1, ("district", ""): 2}
    layers |= {("zone", name): 3 + k for k, name in enumerate(names)}
    ids = np.zeros((len(lon), len(layers)), np.int32)
    nearest, approximate = np.zeros(len(lon), np.bool_), np.zeros(len(lon), np.bool_)
    usable = np.flatnonzero(on_globe(lon, lat))
    connection.execute(Q["drop_points"])
    connection.execute(
        Q["make_points"],
        {
            "n": usable.tolist(),
            "lon": lon[usable].tolist(),
            "lat": lat[usable].tolist(),
            "day": [days[i] for i in usable],
            "border": BORDER_DEGREES,
            "reach": REACH_DEGREES,
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
    return near_in_layers(index, index.layers.index((level, field)), lon, lat, metres, on)


@one_at_a_time
def near_in_layers(  # noqa: PLR0917
    index: AreaIndex, layers: ArrayLike, lon: ArrayLike, lat: ArrayLike, metres: ArrayLike, on: Days
) -> list[list[int]]:
    """As `near`, each point in a layer of its own: `layers` are positions in `index.layers`, one for all or n."""
    lon, lat = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
    metres = np.broadcast_to(np.asarray(metres, np.float64), lon.shape)
    layers = np.broadcast_to(np.asarray(layers, np.int64), lon.shape)
    answer: list[list[int]] = [[] for _ in range(len(lon))]
    usable = on_globe(lon, lat) & np.isfinite(metres)
    reach = np.where(usable, metres, 0) / 100_000 + BORDER_DEGREES  # a degree is more than 100 km here, both ways
    around = boxes(lon, lat, reach)
    for day, which in _by_epoch(index, on, len(lon)):
        table = index.day(day)
        numbers = np.flatnonzero(usable) if isinstance(which, slice) else which[usable[which]]
        point, area = table.tree.query(around[numbers])
        point = numbers[point]
        of_layer = table.layer[area] == layers[point]
        point, area = point[of_layer], area[of_layer]
        first = _undivided(table, lon, lat, reach, numbers, layers)
        hit = first[point] == area
        no_line = first[point] > _DIVIDED
        other = np.flatnonzero(no_line & ~hit)  # without a line nearby an area holds the point or is far from it
        hit[other] = shapely.intersects_xy(table.geometries[area[other]], lon[point[other]], lat[point[other]])
        close = np.flatnonzero(~no_line)
        if len(close):
            pins, pin = np.unique(point[close], return_inverse=True)
            made = np.asarray(shapely.points(*to_metres(lon[pins], lat[pins])))
            hit[close] = shapely.dwithin(in_metres(index, table, area[close]), made[pin], metres[point[close]])
        for p, a in sorted(zip(point[hit].tolist(), area[hit].tolist(), strict=True)):
            answer[p].append(int(table.ids[a]))
    return answer


_DIVIDED = -2


def _undivided(  # noqa: PLR0917
    day: Day, lon: Floats, lat: Floats, reach: Floats, numbers: NDArray[np.int64], layers: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The area (position in the day's list, -1 for none) that holds each point in its layer where no line passes within
    `reach` degrees of it; _DIVIDED where one may, or where nothing is known of it."""
    first = np.full(len(lon), _DIVIDED, np.int64)
    raster = tables.of(day, len(numbers))
    if raster is not None:
        which = raster.undivided(lon[numbers], lat[numbers], reach[numbers])
        known = which >= 0
        first[numbers[known]] = raster.combinations[which[known], layers[numbers[known]]]
    return first


def _on_day(index: AreaIndex, day: Day, lon: Floats, lat: Floats) -> tuple[Ids, Flags, Flags]:
    """ids[n, layers], nearest[n], approximate[n] on one day."""
    ids_of, rough_of = np.append(day.ids, np.int32(0)), np.append(day.approximate, False)  # position -1: none
    raster = tables.of(day, len(lon))
    if raster is None:
        area, nearest = exactly(index, day, lon, lat)
        return ids_of[area], nearest, _either(rough_of[area])
    which = raster.look_up(lon, lat)
    unknown = np.flatnonzero(which < 0)
    which[unknown] = 0
    ids = ids_of[raster.combinations].take(which, axis=0)
    approximate = _either(rough_of[raster.combinations]).take(which)
    nearest = np.zeros(len(lon), np.bool_)
    area, nearest[unknown] = exactly(index, day, lon[unknown], lat[unknown])
    ids[unknown], approximate[unknown] = ids_of[area], _either(rough_of[area])
    return ids, nearest, approximate


def _layer_on_day(index: AreaIndex, day: Day, layer: int, lon: Floats, lat: Floats) -> Ids:
    ids_of = np.append(day.ids, np.int32(0))
    only = (CITY, layer)
    raster = tables.of(day, len(lon))
    if raster is None:
        area = exactly(index, day, lon, lat, only).area
        return np.where(area[:, CITY] < 0, np.int32(0), ids_of[area[:, layer]])
    which = raster.look_up(lon, lat)
    unknown = np.flatnonzero(which < 0)
    which[unknown] = 0
    ids = ids_of[raster.combinations[:, layer]].take(which)
    area = exactly(index, day, lon[unknown], lat[unknown], only).area
    ids[unknown] = np.where(area[:, CITY] < 0, np.int32(0), ids_of[area[:, layer]])
    return ids


def _either(rough: Flags) -> Flags:
    """Of [n, layers]: whether the ward's or the district's boundary is approximate."""
    return rough[:, 1] | rough[:, 2]


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
