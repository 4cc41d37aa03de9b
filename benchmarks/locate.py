"""A million points to their areas, one level and all twelve, beside `geopandas.sjoin(predicate="within")`.

Peer and platform get the same points in memory and the same polygons; both answer a code for each point and level. The
peer's answers are brought under the same tie-break (the lowest code of several) outside of its time. Points are drawn
in the city, so that none is answered by being far away. Medians of alternating rounds; only the ratios compare.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import geopandas
import numpy as np
import shapely

from district_boundaries import raster, shipped, tables, zones
from district_boundaries.areas import Area, AreaIndex, Day
from district_boundaries.locate import locate, locate_layer

POINTS = 1_000_000
ROUNDS = 3
ON = date(2026, 1, 1)
LEVELS = 12  # ward, district, ten zones


def run() -> dict[str, Any]:
    """Seconds and ratios; `differ`: points answered otherwise than by the peer, but for those in a gap."""
    index = _index()
    day = index.day(ON)
    lon, lat = _points(day)
    started = time.perf_counter()
    shapely.prepare(day.geometries)
    _ = day.tree
    table = raster.build(day)
    build = time.perf_counter() - started
    tables.hold(day, table)

    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lon, lat), crs=4326)
    layers = range(1, LEVELS + 1)
    frames = {layer: _frame(day, layer) for layer in layers}
    peer: dict[int, list[float]] = {layer: [] for layer in layers}
    one, all_levels = [], []
    joined: dict[int, geopandas.GeoDataFrame] = {}
    for _ in range(ROUNDS):
        one.append(_seconds(lambda: locate_layer(index, "ward", "", lon, lat, ON)))
        all_levels.append(_seconds(lambda: locate(index, lon, lat, ON)))
        for layer in layers:
            started = time.perf_counter()
            joined[layer] = geopandas.sjoin(points, frames[layer], predicate="within")
            peer[layer].append(time.perf_counter() - started)
    located = locate(index, lon, lat, ON)
    ours = np.column_stack([located.ward_id, located.district_id, located.zone_ids])
    differ = sum(_differences(ours[:, layer - 1], located.nearest, joined[layer]) for layer in layers)
    ward, twelve = statistics.median(peer[1]), sum(statistics.median(seconds) for seconds in peer.values())
    return {
        "points": POINTS,
        "levels": LEVELS,
        "peer": f"geopandas {geopandas.__version__} sjoin(predicate='within')",
        "peer_one_level_s": ward,
        "peer_twelve_levels_s": twelve,
        "one_level_s": statistics.median(one),
        "twelve_levels_s": statistics.median(all_levels),
        "one_level_ratio": ward / statistics.median(one),
        "twelve_levels_ratio": twelve / statistics.median(all_levels),
        "raster_build_s": build,
        "raster_mb": (table.coarse.nbytes + table.fine.nbytes) / 1e6,
        "left_to_exact": float((table.look_up(lon, lat) < 0).mean()),
        "differ": differ,
    }


def _index() -> AreaIndex:
    rows = shipped.rows()
    rows += zones.rows(rows)
    areas = [
        Area(
            id=number, level=row.level, field=row.field, code=row.code, name=row.name,
            valid_from=row.valid_from, valid_to=row.valid_to, approximate=row.approximate,
        )
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip
    return AreaIndex(areas, [row.geometry for row in rows])


def _points(day: Day) -> tuple[np.ndarray, np.ndarray]:
    """Random points in the city's land and water, EPSG:4326."""
    rng = np.random.default_rng(1022)
    city = day.geometries[0]
    shapely.prepare(city)
    west, south, east, north = city.bounds
    found: list[np.ndarray] = []
    while sum(map(len, found)) < POINTS:
        xy = np.column_stack([rng.uniform(west, east, POINTS), rng.uniform(south, north, POINTS)])
        found.append(xy[shapely.contains_xy(city, xy[:, 0], xy[:, 1])])
    xy = np.concatenate(found)[:POINTS]
    return np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])


def _frame(day: Day, layer: int) -> geopandas.GeoDataFrame:
    which = np.flatnonzero(day.layer == layer)
    codes = [day.areas[k].code for k in which]
    return geopandas.GeoDataFrame({"id": day.ids[which], "code": codes}, geometry=day.geometries[which], crs=4326)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _differences(ours: np.ndarray, nearest: np.ndarray, joined: geopandas.GeoDataFrame) -> int:
    """Points answered otherwise than by the peer with the lowest code of several; a point in a gap has none there."""
    lowest = joined.sort_values("code")
    lowest = lowest[~lowest.index.duplicated()]
    theirs = np.zeros(len(ours), np.int64)
    theirs[lowest.index] = lowest["id"]
    return int(((ours != theirs) & ~(nearest & (theirs == 0))).sum())
