"""/api/v1/areas: the areas of a level on a day, as a list without their lines."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from database.engine import read
from district_boundaries import areas
from district_boundaries.areas import Area
from webmap.api import parameters
from webmap.problems import bad_request

blueprint = Blueprint("areas", __name__, url_prefix="/api/v1")

LEVELS = ("city", "district", "ward", "zone")


@blueprint.get("/areas")
def listing() -> Response:
    """`level` (city, district, ward, zone or zone:FIELD; all without it), `on` (today by default), `limit`, `cursor`.

    Districts ended on 2025-06-30: on a later day the last ones are listed, with their `valid_to`.
    """
    args = request.args
    on = parameters.day(args)
    limit, start = parameters.limit(args, default=parameters.MOST), _cursor(args)
    with read() as connection:
        index = areas.current(connection)
    level, _, field = args.get("level", "").strip().partition(":")
    if level and level not in LEVELS:
        raise bad_request("level", f"must be one of {', '.join(LEVELS)} or zone:FIELD")
    if field and (level != "zone" or field not in index.fields):
        raise bad_request("level", f"there are zones of {', '.join(index.fields)}")
    found = [area for one in ([level] if level else LEVELS) for area in index.of_level(one, field or None, on)]
    page = found[start : start + limit]
    answer = jsonify([describe(area) for area in page])
    if start + limit < len(found):
        following = parameters.next_page(start + limit)
        answer.headers["Link"] = f'<{following}>; rel="next"'
    answer.headers["X-Total-Count"] = str(len(found))
    return answer


def describe(area: Area) -> dict[str, Any]:
    """An area as the interface shows it."""
    return {
        "level": area.level,
        "field": area.field or None,
        "code": area.code,
        "name": {"vi": area.name, "en": area.name_en},
        "short_name": area.short_name,
        "kind": area.kind,
        "level_name": area.level_name,
        "valid_from": area.valid_from.isoformat() if area.valid_from else None,
        "valid_to": area.valid_to.isoformat() if area.valid_to else None,
        "centre": list(area.centre) if area.centre else None,
        "area_km2": area.official_km2,
        "approximate": area.approximate,
        "sample": area.sample,
    }


def _cursor(args: parameters.Arguments) -> int:
    text = args.get("cursor", "0")
    if not text.isdecimal() or not text.isascii():
        raise bad_request("cursor", "take it from the `next` link")
    return int(text)
