"""Outlines of cells as GeoJSON: squares and hexagons have one ring, areas any number."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

FINE_DEGREES = 5e-5
"""about 5 m: what a map of the whole city can show of a ward's border"""


def simpler(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """For a map: areas without the corners that it cannot show; cells as they are."""
    many = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON
    return np.where(many, shapely.simplify(shapes, FINE_DEGREES), shapes) if many.any() else shapes


def geojson(shape: BaseGeometry, digits: int) -> dict[str, Any]:
    """A Polygon or MultiPolygon with so many digits behind the point."""
    if shape.geom_type == "MultiPolygon":
        return {"type": "MultiPolygon", "coordinates": [_rings(part, digits) for part in shapely.get_parts(shape)]}
    return {"type": "Polygon", "coordinates": _rings(shape, digits)}


def _rings(polygon: BaseGeometry, digits: int) -> list[Any]:
    return [np.round(shapely.get_coordinates(ring), digits).tolist() for ring in shapely.get_rings(polygon)]
