"""An area as a loader hands it over, before it has an id; and the polygons it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from district_boundaries.naming import english_name, kind_of, short_name

_SIMPLER = 0.0005  # degrees, some 50 m: enough to find a point well inside


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """One area to be stored. Geometry: a multipolygon in WGS 84 (lon, lat); `valid_to` is the last day in force."""

    level: str
    field: str = ""
    code: str
    name: str
    name_en: str = ""
    short_name: str = ""
    kind: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    geometry: BaseGeometry
    official_km2: float | None = None
    approximate: bool = False
    sample: bool = False
    source: str = ""


def named(
    *,
    level: str,
    code: str,
    name: str,
    geometry: BaseGeometry,
    valid_from: date | None = None,
    valid_to: date | None = None,
    field: str = "",
    name_en: str = "",
    official_km2: float | None = None,
    approximate: bool = False,
    sample: bool = False,
    source: str = "",
) -> AreaRow:
    """A row whose kind, short name and English name follow from its full Vietnamese name."""
    zone = level == "zone"
    return AreaRow(
        level=level,
        field=field,
        code=code,
        name=name,
        name_en=name_en or english_name(name),
        short_name=name if zone else short_name(name),
        kind="zone" if zone else kind_of(name),
        valid_from=valid_from,
        valid_to=valid_to,
        geometry=multipolygon(geometry),
        official_km2=official_km2,
        approximate=approximate,
        sample=sample,
        source=source,
    )


def multipolygon(geometry: BaseGeometry) -> MultiPolygon:
    """The polygons of a geometry as one multipolygon; lines and points that a union may leave behind fall away."""
    if isinstance(geometry, MultiPolygon):
        return geometry
    return MultiPolygon([part for part in shapely.get_parts(geometry) if isinstance(part, Polygon)])


def union(geometries: Sequence[BaseGeometry]) -> MultiPolygon:
    """All of the polygons as one multipolygon."""
    return multipolygon(shapely.union_all(list(geometries)))


def centre(geometry: BaseGeometry) -> tuple[float, float]:
    """A point well inside the largest part, (lon, lat): where a label stands."""
    largest = max(shapely.get_parts(geometry), key=shapely.area)
    simpler = shapely.simplify(largest, _SIMPLER)
    shape = simpler if isinstance(simpler, Polygon) and not simpler.is_empty else largest
    circle = shapely.maximum_inscribed_circle(shape, tolerance=_SIMPLER)
    point = shapely.Point(shapely.get_coordinates(circle)[0])
    if not shapely.contains(largest, point):
        point = shapely.point_on_surface(largest)
    return point.x, point.y
