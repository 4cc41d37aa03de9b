"""An area's outline for the map: the area, and everything else to be dimmed."""

from __future__ import annotations

from typing import Any

import shapely
from flask import Response
from shapely.geometry import mapping

from database.engine import transaction
from district_boundaries.areas import Area, AreaIndex
from geo.geos import one_at_a_time
from webmap.area import blueprint, kept_nowhere, named, who

_TOLERANCE = 0.00003
"""degrees: 3 m, which no screen shows"""
_WORLD = shapely.box(100.0, 4.0, 113.0, 16.0)


@blueprint.get("/<code>/outline.json")
def outline(code: str) -> Response:
    """GeoJSON: the feature `area`, and `rest`, its surroundings; the box of the area as `bbox`."""
    with transaction(who().context) as connection:
        area, index = named(connection, code)
    return kept_nowhere(document(area, index))


@one_at_a_time
def document(area: Area, index: AreaIndex) -> dict[str, Any]:
    """The same for the wall's screen."""
    shape = shapely.simplify(index.geometry(area.id), _TOLERANCE)
    features = [{"type": "Feature", "properties": {"part": "area"}, "geometry": mapping(shape)}]
    if area.level != "city":
        rest = shapely.difference(_WORLD, shape)
        features.append({"type": "Feature", "properties": {"part": "rest"}, "geometry": mapping(rest)})
    return {"type": "FeatureCollection", "bbox": [round(each, 6) for each in shape.bounds], "features": features}
