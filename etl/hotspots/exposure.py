"""Kilometres of road in each cell, kept by the street data's version and the cells: reckoned once for all processes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from database import reference
from database.sql import queries
from etl import kept_files
from geo import crs
from geo.exposure import road_length
from geo.grid import Units

Q = queries(Path(__file__).with_name("events.sql"))
Floats = NDArray[np.float64]

KIND = "roads"
MOST_KEPT = 60
"""of 0.8 MB each for the whole city's squares of 250 m"""


def roads(connection: Connection, cells: Units, bounds: tuple[float, float, float, float]) -> Floats:
    """Kilometres of road in each cell, float64[n]. `bounds`: of the study area, degrees (west, south, east, north)."""
    seen = reference.state(connection)
    shape, content_of = cells.mark
    name = kept_files.key(shape, bounds, content_of, seen.database, seen.of("basemap"))
    content = kept_files.read(KIND, name)
    if content is not None and len(content) == 8 * len(cells):
        return np.frombuffer(content, dtype="<f8").copy()
    found = _measured(connection, cells, bounds)
    kept_files.keep(KIND, name, found.astype("<f8").tobytes(), most=MOST_KEPT)
    return found


def _measured(connection: Connection, cells: Units, bounds: tuple[float, float, float, float]) -> Floats:
    box = dict(zip(("west", "south", "east", "north"), bounds, strict=True))
    lines = shapely.from_wkb([row.line for row in connection.execute(Q["roads"], box)])
    mercator = pyproj.Transformer.from_crs(3857, crs.METRES, always_xy=True)
    in_metres = shapely.transform(lines, lambda corners: np.column_stack(mercator.transform(*corners.T)))
    return road_length(cells, np.atleast_1d(in_metres)) / 1000
