"""Which areas hold each piece of street, and which are how near: one sparse table, made once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs import to_metres
from geo.gazetteer.pieces import Pieces

# How far out of an area a place may lie that is said to be in it, and how likely that is against inside.
REACH_M = (0.0, 30.0, 100.0, 300.0, 800.0)
FACTOR = np.array([1.0, 0.65, 0.18, 0.04, 0.008], dtype=np.float32)
_SIMPLER_M = 5.0
_ROUGH_M = 15.0  # of a line that is asked from far only
SIDE_M = 12.0  # where houses stand, from the middle of the street

Floats = NDArray[np.float64]


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
    lines = _metres([shape for several in groups for shape in several])
    for area, several in enumerate(groups):
        parts, lines = lines[: len(several)], lines[len(several) :]
        shape = parts[0] if len(parts) == 1 else shapely.union_all(parts)
        rough = shapely.simplify(shape, _ROUGH_M)
        west, south, east, north = shape.bounds
        far = REACH_M[-1]
        low, high = np.searchsorted(x, [west - far, east + far])
        near = low + np.flatnonzero((y[low:high] > south - far) & (y[low:high] < north + far))
        shapely.prepare([shape, rough])
        points = everywhere[near]
        for band, reach in enumerate(REACH_M):
            if not reach:
                inside = shapely.contains(shape, points)
            else:
                inside = shapely.dwithin(shape if reach < 5 * _ROUGH_M else rough, points, reach)
            codes_of.append(order[near[inside]].astype(np.int64) * 65_536 + area)
            bands_of.append(np.full(int(inside.sum()), band, dtype=np.uint8))
            near, points = near[~inside], points[~inside]
    codes, reach_of = np.concatenate(codes_of), np.concatenate(bands_of)
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    start = np.searchsorted(codes // 65_536, np.arange(count + 1)).astype(np.int32)
    left, right = (
        _holding(pieces.x - sign * SIDE_M * pieces.dy, pieces.y + sign * SIDE_M * pieces.dx, wards)
        for sign in (1.0, -1.0)
    )
    return Membership(start, (codes % 65_536).astype(np.int16), reach_of[order], left, right)


def _holding(x: Floats, y: Floats, wards: Sequence[BaseGeometry]) -> NDArray[np.int16]:
    """The number of the ward (degrees) that holds each point (metres), the first of several; -1 outside of all."""
    order = np.argsort(x, kind="stable")
    sorted_x, sorted_y = x[order], y[order]
    side = np.full(len(x), -1, dtype=np.int16)
    shapes = _metres(wards, simplify=False)
    shapely.prepare(shapes)
    for ward in range(len(shapes) - 1, -1, -1):
        west, south, east, north = shapes[ward].bounds
        low, high = np.searchsorted(sorted_x, [west, east])
        near = low + np.flatnonzero((sorted_y[low:high] >= south) & (sorted_y[low:high] <= north))
        inside = shapely.contains_xy(shapes[ward], sorted_x[near], sorted_y[near])
        side[order[near[inside]]] = ward
    return side


def _metres(shapes: Sequence[BaseGeometry], simplify: bool = True) -> NDArray[np.object_]:
    """Shapes in metres, valid, and simpler where that is wanted."""
    moved = shapely.transform(np.asarray(shapes), lambda points: np.column_stack(to_metres(points[:, 0], points[:, 1])))
    moved = shapely.make_valid(moved)
    return np.asarray(shapely.make_valid(shapely.simplify(moved, _SIMPLER_M)) if simplify else moved)
