"""Before, after and the difference as three small maps side by side: paths of a drawing 200 units wide.

They stand in the page as they are, in its own colours, and need no script. Cells are drawn where they are other than
chance, areas in four steps of how many there are on a km².
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from district_boundaries.areas import AreaIndex
from etl.analysis.by_areas import ByAreas
from geo import crs

WIDE, HIGH = 200.0, 150.0
MOST_CELLS = 3000
"""of a small map; those come first that stand out most"""
SMALLEST_M = 8000.0
STEPS = 4
Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]


class View:
    """From metres (EPSG:9210) to units of the drawing: what holds nearly all of the given shapes, 4 to 3."""

    def __init__(self, shapes: Shapes) -> None:
        west, south, east, north = 560_000.0, 1_160_000.0, 640_000.0, 1_220_000.0
        if len(shapes):
            bounds = shapely.bounds(shapes)
            west, south = np.percentile(bounds[:, :2], 6, axis=0)
            east, north = np.percentile(bounds[:, 2:], 94, axis=0)
        wide = max((east - west) * 1.1, (north - south) * 1.1 * WIDE / HIGH, SMALLEST_M)
        self.scale = WIDE / wide
        self.west = (west + east) / 2 - wide / 2
        self.north = (south + north) / 2 + wide * HIGH / WIDE / 2
        self.box = shapely.box(self.west, self.north - HIGH / self.scale, self.west + wide, self.north)

    def units(self, corners: Floats) -> Floats:
        """x to the right, y down."""
        return np.column_stack([(corners[:, 0] - self.west) * self.scale, (self.north - corners[:, 1]) * self.scale])

    def path(self, shapes: Iterable[BaseGeometry]) -> str:
        """The outlines of polygons as one path."""
        said = []
        for ring in shapely.get_exterior_ring(shapely.get_parts(np.array(list(shapes), dtype=object))):
            if ring is None:
                continue
            corners = np.round(self.units(shapely.get_coordinates(ring)), 1)[:-1]
            if len(corners) > 2:
                said.append("M" + "L".join(f"{x:g} {y:g}" for x, y in corners.tolist()) + "Z")
        return "".join(said)


def of_cells(index: AreaIndex, cells: Shapes, parts: dict[str, NDArray[np.str_]], weight: Floats) -> dict[str, Any]:
    """`{ground, parts: [{part, paths: [[class, path]]}]}`. `cells`: degrees; `parts`: the class of each cell in each of
    the three; `weight`: what stands out, highest first."""
    shown = {
        part: np.flatnonzero(kind != "none")[np.argsort(-weight[kind != "none"], kind="stable")][:MOST_CELLS]
        for part, kind in parts.items()
    }
    drawn = _metres(cells)
    every = np.unique(np.concatenate(list(shown.values()))) if shown else np.empty(0, np.int64)
    view = View(drawn[every])
    return {
        "ground": _ground(index, view),
        "parts": [
            {
                "part": part,
                "paths": [
                    [str(kind), view.path(drawn[rows[parts[part][rows] == kind]])]
                    for kind in np.unique(parts[part][rows])
                ],
            }
            for part, rows in shown.items()
        ],
    }


def of_areas(index: AreaIndex, found: ByAreas) -> dict[str, Any]:
    """`{outlines: [[code, path]], parts: [{part, classes: [[code, class]]}], steps}`: `rate1` to `rate4` by how many
    there are on a km², both spans by the same steps; the difference by its class."""
    shapes = np.empty(len(found.areas), dtype=object)
    shapes[:] = [index.metres(area.id) for area in found.areas]
    some = (found.before + found.after) > 0
    view = View(shapes[some])
    near = shapely.intersects(shapes, view.box)
    simple = shapely.simplify(shapes, 0.8 / view.scale)
    km2 = np.maximum(shapely.area(shapes) / 1e6, 1e-6)
    rates = {"before": found.before / km2, "after": found.after / km2}
    both = np.concatenate([each[each > 0] for each in rates.values()])
    limits = np.percentile(both, (25, 50, 75)) if len(both) >= STEPS else np.empty(0)
    codes = [area.code for area in found.areas]
    kinds = {
        part: np.where(rate > 0, [f"rate{1 + step}" for step in np.searchsorted(limits, rate)], "none")
        for part, rate in rates.items()
    } | {"": found.kind}
    rows = np.flatnonzero(near).tolist()
    return {
        "outlines": [[codes[row], view.path([simple[row]])] for row in rows],
        "parts": [
            {"part": part, "classes": [[codes[row], str(kind[row])] for row in rows]} for part, kind in kinds.items()
        ],
        "steps": [round(float(each), 2) for each in limits],
    }


def _ground(index: AreaIndex, view: View) -> str:
    """The former districts' lines."""
    shapes = [index.metres(area.id) for area in index.of_level("district")]
    near = [shapely.simplify(each, 1.0 / view.scale) for each in shapes if each.intersects(view.box)]
    return view.path(near)


def _metres(cells: Shapes) -> Shapes:
    return np.asarray(
        shapely.transform(cells, lambda corners: np.column_stack(crs.to_metres(*corners.T))), dtype=object
    )
