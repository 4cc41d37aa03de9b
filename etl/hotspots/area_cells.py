"""Wards, former districts and zones as the cells of an analysis: each with its code, so the same on every day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from district_boundaries.areas import Area, AreaIndex, today
from district_boundaries.locate import locate_layer
from geo import crs
from geo.geos import one_at_a_time
from geo.statistics import weights

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOUCHES_M = 1.0
"""Boundaries of neighbours overlap or part by some decimetres in the files; areas nearer than this touch."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AreaCells:
    """The n areas of a level (`field` empty but for zones) that are in force today, of districts the last ones, in the
    order of their codes. What is at their border is the lowest code's, as everywhere (`district_boundaries.locate`)."""

    index: AreaIndex
    level: str
    field: str
    areas: tuple[Area, ...]

    @classmethod
    @one_at_a_time
    def inside(cls, index: AreaIndex, level: str, field: str, land: BaseGeometry) -> Self:
        """Those whose point inside lies in `land` (degrees)."""
        found = index.of_level(level, field)
        points = np.array([_point_inside(index, area) for area in found], dtype=np.float64).reshape(-1, 2)
        inside = shapely.intersects_xy(land, *points.T)
        return cls(index=index, level=level, field=field, areas=tuple(np.array(found, dtype=object)[inside]))

    @classmethod
    def of_codes(cls, index: AreaIndex, level: str, field: str, codes: Iterable[str]) -> Self:
        """Those that bear these codes."""
        wanted = set(codes)
        found = tuple(area for area in index.of_level(level, field) if area.code in wanted)
        return cls(index=index, level=level, field=field, areas=found)

    def __len__(self) -> int:
        return len(self.areas)

    @cached_property
    def ids(self) -> NDArray[np.str_]:
        """Their codes."""
        return np.array([area.code for area in self.areas], dtype=np.str_)

    @cached_property
    def names(self) -> NDArray[np.str_]:
        """What they are called."""
        return np.array([area.name for area in self.areas], dtype=np.str_)

    @property
    def x(self) -> Floats:
        """East, metres (EPSG:9210), of a point well inside each."""
        return self._points[0]

    @property
    def y(self) -> Floats:
        """North, likewise."""
        return self._points[1]

    @cached_property
    def _points(self) -> tuple[Floats, Floats]:
        points = np.array([_point_inside(self.index, area) for area in self.areas], dtype=np.float64).reshape(-1, 2)
        return crs.to_metres(*points.T)

    def find(self, x: Floats, y: Floats) -> Integers:
        """The area each point lies in, int64[m], -1 for none. `x, y`: metres (EPSG:9210), float64[m]."""
        ids = locate_layer(self.index, self.level, self.field, *crs.from_metres(x, y), today())
        own = np.array([area.id for area in self.areas], dtype=np.int64)
        if not len(own):
            return np.full(len(ids), -1, dtype=np.int64)
        order = np.argsort(own)
        place = order[np.minimum(np.searchsorted(own[order], ids), len(own) - 1)]
        return np.where(own[place] == ids, place, -1).astype(np.int64)

    def counts(self, x: Floats, y: Floats) -> Integers:
        """How many of the points lie in each, int64[n]."""
        found = self.find(x, y)
        return np.bincount(found[found >= 0], minlength=len(self)).astype(np.int64)

    @cached_property
    def polygons(self) -> NDArray[np.object_]:
        """Their outlines in degrees, multipolygons[n]."""
        found = np.empty(len(self), dtype=object)
        found[:] = [self.index.geometry(area.id) for area in self.areas]
        return found

    @property
    def mark(self) -> tuple[object, bytes]:
        """What they are, for what is kept of them."""
        return (self.level, self.field), hashlib.sha256(b"".join(shapely.to_wkb(self.polygons).tolist())).digest()

    @one_at_a_time
    def touching(self) -> weights.Weights:
        """Queen contiguity: what is nearer than TOUCHES_M."""
        shapes = np.empty(len(self), dtype=object)
        shapes[:] = [self.index.metres(area.id) for area in self.areas]
        return weights.touching(shapes, TOUCHES_M)


def _point_inside(index: AreaIndex, area: Area) -> tuple[float, float]:
    """lon, lat."""
    if area.centre is not None:
        return area.centre
    point = index.geometry(area.id).representative_point()
    return float(point.x), float(point.y)
