"""Where within an area an address may lie: points of a lattice with weights, and what they say of a single point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs import to_metres
from geo.geocoder.settlement import density

Floats = NDArray[np.float64]

_POINTS = 320  # lattice points an area gets, whatever its size
NEAR_M = 500.0  # what `confidence` speaks of


@dataclass(frozen=True, eq=False, slots=True)
class Spread:
    """A distribution over points: `weight` sums to one. `x, y` are metres (EPSG:9210), `lon, lat` degrees."""

    lon: Floats
    lat: Floats
    x: Floats
    y: Floats
    weight: Floats

    def share_in(self, shape: BaseGeometry) -> float:
        """How much of it lies in `shape` (degrees; prepared)."""
        return float(self.weight[shapely.contains_xy(shape, self.lon, self.lat)].sum())

    def centre(self, among: NDArray[np.bool_]) -> int:
        """The lattice point among `among` that has most weight near it, counted less with distance."""
        chosen = np.flatnonzero(among)
        squared = (self.x[chosen, None] - self.x[None, :]) ** 2 + (self.y[chosen, None] - self.y[None, :]) ** 2
        nearness = (1.0 / (1.0 + squared / (NEAR_M * NEAR_M))) @ self.weight
        return int(chosen[int(np.argmax(nearness))])


def mass(shape: BaseGeometry) -> float:
    """Metres of street in `shape`, by a coarse lattice: what one area weighs against another."""
    lon, lat = _lattice(shape, 60)
    return float(density(lon, lat).mean()) * shape.area


def spread(shape: BaseGeometry) -> Spread:
    """The spread of an area: as its streets lie."""
    lon, lat = _lattice(shape, _POINTS)
    weight = density(lon, lat)
    x, y = to_metres(lon, lat)
    return Spread(lon, lat, np.asarray(x), np.asarray(y), weight / weight.sum())


def mixture(parts: list[tuple[float, Spread]]) -> Spread:
    """Several spreads as one, each with its share; the shares need not sum to one."""
    if len(parts) == 1:
        return parts[0][1]
    total = sum(share for share, _ in parts)
    return Spread(
        np.concatenate([part.lon for _, part in parts]),
        np.concatenate([part.lat for _, part in parts]),
        np.concatenate([part.x for _, part in parts]),
        np.concatenate([part.y for _, part in parts]),
        np.concatenate([part.weight * (share / total) for share, part in parts]),
    )


def _lattice(shape: BaseGeometry, points: int) -> tuple[Floats, Floats]:
    """About `points` points inside `shape`, evenly; at least one."""
    west, south, east, north = shape.bounds
    for wanted in (points, points * 8):
        step = float(np.sqrt(max(shape.area, 1e-12) / wanted))
        columns = np.arange(west + step / 2, east, step)
        rows = np.arange(south + step / 2, north, step)
        lon, lat = (axis.ravel() for axis in np.meshgrid(columns, rows))
        inside = shapely.contains_xy(shape, lon, lat)
        if int(inside.sum()) >= min(points // 4, 20):
            return lon[inside], lat[inside]
    point = shape.representative_point()
    return np.array([point.x]), np.array([point.y])
