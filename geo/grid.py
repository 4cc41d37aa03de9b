"""The cells of an analysis: squares on multiples of their side in EPSG:9210, or H3 hexagons, both with stable ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import h3
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo import crs

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_COLUMNS = 1 << 24
"""More columns than the earth has metres' worth of cells: row * _COLUMNS + column is a key that meets no other."""
_AT_ONCE = 4_000_000
"""Candidate centres tested at once, so that a fine grid over a large area needs no memory for all of them."""


class Units(Protocol):
    """n places that events are counted in: cells of a grid, or areas. `names`: where they have any."""

    @property
    def ids(self) -> NDArray[np.str_]:
        """str[n], the same on every day."""

    @property
    def names(self) -> NDArray[np.str_] | None:
        """str[n], what people call them."""

    @property
    def x(self) -> Floats:
        """Metres east (EPSG:9210) of a point inside, float64[n]."""

    @property
    def y(self) -> Floats:
        """Metres north, float64[n]."""

    @property
    def polygons(self) -> NDArray[np.object_]:
        """Outlines in degrees, shapes[n]."""

    @property
    def mark(self) -> tuple[object, bytes]:
        """What they are, for what is kept of them: the same places have the same."""

    def __len__(self) -> int: ...

    def find(self, x: Floats, y: Floats) -> Integers:
        """Which of them each point lies in, int64[m], -1 for none."""

    def counts(self, x: Floats, y: Floats) -> Integers:
        """How many of the points lie in each, int64[n]."""


@dataclass(frozen=True, kw_only=True)
class Cells:
    """n cells: `ids` str[n]; centres `x, y` float64[n], metres (EPSG:9210); `key` int64[n], ascending."""

    ids: NDArray[np.str_]
    x: Floats
    y: Floats
    key: Integers
    side_m: float | None = None
    """The side of a square; None for hexagons."""
    resolution: int | None = None
    """H3's resolution; None for squares."""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def names(self) -> None:
        """Cells have none."""

    @property
    def mark(self) -> tuple[object, bytes]:
        """What they are, for what is kept of them."""
        return (self.side_m, self.resolution, len(self)), self.key.tobytes()

    @property
    def column(self) -> Integers:
        """Of squares: how many sides east of the origin, int64[n]."""
        return (self.key + _COLUMNS // 2) % _COLUMNS - _COLUMNS // 2

    @property
    def row(self) -> Integers:
        """Of squares: how many sides north of the origin, int64[n]."""
        return (self.key - self.column) // _COLUMNS

    def find(self, x: Floats, y: Floats) -> Integers:
        """The cell each point lies in, int64[m], -1 where it lies in none. `x, y`: metres (EPSG:9210), float64[m].

        A point on an edge belongs to the cell east and north of it.
        """
        return self.at(self._keys(x, y))

    def at(self, keys: Integers) -> Integers:
        """The cells of these keys, int64[m], -1 where there is none."""
        if not len(self.key):
            return np.full(len(keys), -1, dtype=np.int64)
        place = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        return np.where(self.key[place] == keys, place, -1).astype(np.int64)

    def _keys(self, x: Floats, y: Floats) -> Integers:
        if self.side_m is not None:
            return square_key(np.floor(x / self.side_m), np.floor(y / self.side_m))
        lon, lat = crs.from_metres(x, y)
        assert self.resolution is not None
        return np.array(
            [h3.str_to_int(h3.latlng_to_cell(b, a, self.resolution)) for a, b in zip(lon, lat, strict=True)],
            dtype=np.int64,
        ).reshape(-1)

    def counts(self, x: Floats, y: Floats) -> Integers:
        """How many of the points lie in each cell, int64[n]; points outside of all are not counted."""
        found = self.find(x, y)
        return np.bincount(found[found >= 0], minlength=len(self)).astype(np.int64)

    @cached_property
    def polygons(self) -> NDArray[np.object_]:
        """The cells' outlines in degrees (lon, lat; EPSG:4326), polygons[n]; a square has its four corners."""
        if self.side_m is not None:
            column, row = self.column, self.row
            corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
            x = (column[:, None] + corners[:, 0]) * self.side_m
            y = (row[:, None] + corners[:, 1]) * self.side_m
            lon, lat = crs.from_metres(x, y)
            return np.asarray(shapely.polygons(np.stack([lon, lat], axis=-1)))
        rings = [[(lon, lat) for lat, lon in h3.cell_to_boundary(each)] for each in self.ids]
        return np.array([shapely.Polygon(ring) for ring in rings], dtype=object)


def outlines(ids: NDArray[np.str_]) -> NDArray[np.object_]:
    """The outlines of cells by their ids, all of one kind, polygons[n] in degrees (lon, lat; EPSG:4326)."""
    if not len(ids):
        return np.empty(0, dtype=object)
    nothing = np.zeros(len(ids))
    if ":" not in str(ids[0]):
        found = Cells(ids=ids, x=nothing, y=nothing, key=nothing.astype(np.int64), resolution=0)
        return found.polygons
    side, column, row = _of_squares(ids)
    return Cells(ids=ids, x=nothing, y=nothing, key=square_key(column, row), side_m=side).polygons


def of_ids(ids: NDArray[np.str_]) -> Cells:
    """The cells that bear these ids, all of one kind and in the order in which an analysis has them."""
    if len(ids) and ":" in str(ids[0]):
        side, column, row = _of_squares(ids)
        key = square_key(column, row)
        return Cells(ids=ids, x=_centre(column, side), y=_centre(row, side), key=key, side_m=side)
    centres = np.array([h3.cell_to_latlng(each) for each in ids.tolist()], dtype=np.float64).reshape(-1, 2)
    x, y = crs.to_metres(centres[:, 1], centres[:, 0])
    key = np.array([h3.str_to_int(each) for each in ids.tolist()], dtype=np.int64)
    return Cells(ids=ids, x=x, y=y, key=key, resolution=h3.get_resolution(str(ids[0])) if len(ids) else 0)


def _of_squares(ids: NDArray[np.str_]) -> tuple[float, Integers, Integers]:
    """The side of squares, and each one's column and row, int64[m]."""
    column, row = np.array([each.split(":")[1:] for each in ids.tolist()], dtype=np.int64).T
    return float(str(ids[0]).split(":", 1)[0]), column, row


def square_key(column: NDArray[np.generic], row: NDArray[np.generic]) -> Integers:
    """The key of the square at a column and row, int64[m]."""
    return row.astype(np.int64) * _COLUMNS + column.astype(np.int64)


def squares(area: BaseGeometry, side_m: float) -> Cells:
    """Every square whose centre is in `area` (polygons in metres, EPSG:9210), empty ones too. ValueError below 10 m.

    Their ids are `{side}:{column}:{row}`, counted east and north in multiples of the side: the same on every day.
    """
    if not 10 <= side_m <= 100_000:
        raise ValueError(f"cạnh ô phải từ 10 m đến 100 km (a cell's side is 10 m to 100 km): {side_m:g}")
    west, south, east, north = (0.0, 0.0, -1.0, -1.0) if area.is_empty else area.bounds
    columns = np.arange(np.floor(west / side_m), np.ceil(east / side_m), dtype=np.int64)
    rows = np.arange(np.floor(south / side_m), np.ceil(north / side_m), dtype=np.int64)
    kept: list[tuple[Integers, Integers]] = []
    step = max(1, _AT_ONCE // max(1, len(columns)))
    shapely.prepare(area)
    for first in range(0, len(rows), step):
        column, row = (each.ravel() for each in np.meshgrid(columns, rows[first : first + step]))
        inside = shapely.contains_xy(area, (column + 0.5) * side_m, (row + 0.5) * side_m)
        kept.append((column[inside], row[inside]))
    column = np.concatenate([each for each, _ in kept]) if kept else np.empty(0, np.int64)
    row = np.concatenate([each for _, each in kept]) if kept else np.empty(0, np.int64)
    name = f"{side_m:g}"
    ids = np.array([f"{name}:{c}:{r}" for c, r in zip(column.tolist(), row.tolist(), strict=True)], dtype=np.str_)
    return Cells(
        ids=ids, x=_centre(column, side_m), y=_centre(row, side_m), key=square_key(column, row), side_m=float(side_m)
    )


def _centre(places: Integers, side_m: float) -> Floats:
    return (places.astype(np.float64) + 0.5) * side_m


def hexagons(area: BaseGeometry, resolution: int) -> Cells:
    """Every H3 cell of a resolution (0 to 15) whose centre is in `area` (polygons in degrees, lon, lat; EPSG:4326)."""
    if not 0 <= resolution <= 15:
        raise ValueError(f"độ phân giải H3 từ 0 đến 15 (H3's resolution is 0 to 15): {resolution}")
    found: list[str] = [] if area.is_empty else h3.geo_to_cells(area, resolution)
    keys = np.array(sorted(h3.str_to_int(each) for each in found), dtype=np.int64)
    ids = [h3.int_to_str(int(each)) for each in keys]
    centres = np.array([h3.cell_to_latlng(each) for each in ids], dtype=np.float64).reshape(-1, 2)
    x, y = crs.to_metres(centres[:, 1], centres[:, 0])
    return Cells(ids=np.array(ids, dtype=np.str_), x=x, y=y, key=keys, resolution=resolution)


def hexagon_neighbours(ids: Sequence[str]) -> list[list[int]]:
    """The H3 keys next to each hexagon (six, or five beside a pentagon)."""
    return [[h3.str_to_int(other) for other in h3.grid_ring(each, 1)] for each in ids]
