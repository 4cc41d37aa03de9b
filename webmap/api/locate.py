"""/api/v1/locate: what a point lies in on a day, and who is responsible for each field there."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, request

from database.engine import read
from district_boundaries.areas import AreaIndex
from district_boundaries.locate import locate
from incidents import reference
from incidents.reference import Reference
from incidents.routing import zone_unit
from webmap.api import parameters
from webmap.problems import unprocessable

blueprint = Blueprint("locate", __name__, url_prefix="/api/v1")


@blueprint.get("/locate")
def one_point() -> Response:
    """`lat`, `lon`, `on` (today by default): ward, district and a zone of every field. 422 outside the city."""
    lon, lat = parameters.position(request.args)
    on = parameters.day(request.args)
    with read() as connection:
        known, index = reference.current_with_areas(connection)
    located = locate(index, lon, lat, on)
    if not located.inside[0]:
        raise unprocessable("lat", "Điểm này nằm ngoài thành phố. The point lies outside the city.")
    ward, district = int(located.ward_id[0]), int(located.district_id[0])
    zones = [_zone(index, known, zone, on) for zone in located.zone_ids[0].tolist() if zone]
    return jsonify(
        {
            "lat": lat,
            "lon": lon,
            "on": on.isoformat(),
            "ward": _area(index, ward) if ward else None,
            "district": _area(index, district) if district else None,
            "zones": zones,
            "nearest_area": bool(located.nearest[0]),
            "approximate_boundary": bool(located.approximate[0]),
        }
    )


def _area(index: AreaIndex, id: int) -> dict[str, Any]:
    area = index.area(id)
    return {
        "code": area.code,
        "name": area.name,
        "level_name": area.level_name,
        "valid_from": area.valid_from.isoformat() if area.valid_from else None,
        "valid_to": area.valid_to.isoformat() if area.valid_to else None,
    }


def _zone(index: AreaIndex, known: Reference, id: int, on: date) -> dict[str, Any]:
    area, unit = index.area(id), zone_unit(known, id, on)
    return {
        "field": area.field,
        "code": area.code,
        "name": area.name,
        "unit": {"code": unit.code, "name": unit.name["vi"]},
    }
