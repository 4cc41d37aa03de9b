"""Which areas hold each piece of street, and which are how near: one sparse table, made once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from geo.crs import to_metres
from geo.gazetteer.pieces import Pieces

# How far out of an area a place may lie that is said to be in it, and how likely that is against inside.
REACH_M = (0.0, 30.0, 100.0, 300.0, 800.0)
FACTOR = np.array([1.0, 0.65, 0.18, 0.04, 0.008], dtype=np.float32)
_SIMPLER_M = 5.0
SIDE_M = 12.0  # where houses stand, from the middle of the street


class Membership(NamedTuple):
    """`group[start[i]:start[i+1]]` are the areas near piece i, `reach` the index of the band it lies in."""

    start: NDArray[np.int32]
    group: NDArray[np.int16]
    reach: NDArray[np.uint8]
    left: NDArray[np.int16]  # today's ward on either side (number in the list of wards), -1 outside
    right: NDArray[np.int16]


def membership(pieces: Pieces, groups: Sequence[Sequence[BaseGeometry]], wards: Sequence[BaseGeometry]) -> Membership:
    """The table of all pieces against groups of shapes (degrees) and today's wards (degrees)."""
    count = len(pieces.x)
    order = np.argsort(pieces.x, kind="stable")
    x, y = pieces.x[order], pieces.y[order]
    everywhere = np.asarray(shapely.points(x, y))
    codes_of, bands_of = [], []
    for area, several in enumerate(groups):
        shape = shapely.union_all([_metres(shape) for shape in several]).simplify(_SIMPLER_M)
        west, south, east, north = shape.bounds
        far = REACH_M[-1]
        low, high = np.searchsorted(x, [west - far, east + far])
        near = low + np.flatnonzero((y[low:high] > south - far) & (y[low:high] < north + far))
        shapely.prepare(shape)
        points = everywhere[near]
        for band, reach in enumerate(REACH_M):
            inside = shapely.contains(shape, points) if not reach else shapely.dwithin(shape, points, reach)
            codes_of.append(order[near[inside]].astype(np.int64) * 65_536 + area)
            bands_of.append(np.full(int(inside.sum()), band, dtype=np.uint8))
            near, points = near[~inside], points[~inside]
    codes, reach_of = np.concatenate(codes_of), np.concatenate(bands_of)
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    start = np.searchsorted(codes // 65_536, np.arange(count + 1)).astype(np.int32)
    sides = []
    ward_tree = STRtree([_metres(shape) for shape in wards])
    for sign in (1.0, -1.0):
        points = shapely.points(pieces.x - sign * SIDE_M * pieces.dy, pieces.y + sign * SIDE_M * pieces.dx)
        place, ward = ward_tree.query(points, predicate="within")
        side = np.full(count, -1, dtype=np.int16)
        side[place[::-1]] = ward[::-1]
        sides.append(side)
    return Membership(start, (codes % 65_536).astype(np.int16), reach_of[order], sides[0], sides[1])


def _metres(shape: BaseGeometry) -> BaseGeometry:
    moved = shapely.transform(shape, lambda points: np.column_stack(to_metres(points[:, 0], points[:, 1])))
    return shapely.make_valid(moved)
