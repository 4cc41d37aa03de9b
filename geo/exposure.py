"""How much road a cell holds: what a count of sunken roads must be divided by before it says anything of the road."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.grid import Cells, Units

Floats = NDArray[np.float64]

_PIECE_M = {True: 10.0, False: 50.0}
"""By whether the cells are squares: a hexagon is found one piece after the other, and is not small, nor is an area."""


def road_length(cells: Units, roads: NDArray[np.object_]) -> Floats:
    """Metres of road in each cell, float64[n]. `roads`: lines in metres (EPSG:9210).

    Lines are cut into pieces of at most 10 m (hexagons, areas: 50 m), each counted whole where its middle lies: right
    to half a piece where a line crosses into the next cell.
    """
    squares = isinstance(cells, Cells) and cells.side_m is not None
    fine = shapely.get_parts(shapely.segmentize(roads, _PIECE_M[squares]))
    points, line = shapely.get_coordinates(fine, return_index=True)
    same = line[1:] == line[:-1]
    start, end = points[:-1][same], points[1:][same]
    middle = (start + end) / 2
    found = cells.find(middle[:, 0], middle[:, 1])
    inside = found >= 0
    length = np.hypot(*(end - start).T)
    return np.bincount(found[inside], weights=length[inside], minlength=len(cells)).astype(np.float64)
