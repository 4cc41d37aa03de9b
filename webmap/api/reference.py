"""/api/v1/fields, /categories, /units: the reference data as lists, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from database.engine import read
from district_boundaries import areas
from district_boundaries.areas import AreaIndex
from incidents import reference
from incidents.reference import Category, Field, Reference, Unit
from webmap.api import parameters
from webmap.problems import bad_request

blueprint = Blueprint("reference", __name__, url_prefix="/api/v1")


@blueprint.get("/fields")
def fields() -> Response:
    """The ten fields, in the order of a report's zones."""
    with read() as connection:
        known = reference.current(connection)
    return _page([_field(field, known) for field in known.fields])


@blueprint.get("/categories")
def categories() -> Response:
    """`field` (codes, comma-separated), `group`. Those that may be chosen today, in the order of a form."""
    with read() as connection:
        known = reference.current(connection)
    chosen = _fields(known)
    group = request.args.get("group", "").strip()
    groups = sorted({category.group for category in known.categories.values() if category.group})
    if group and group not in groups:
        raise bad_request("group", f"must be one of {', '.join(groups)}")
    return _page(
        [
            _category(category, known)
            for category in known.categories.values()
            if not category.retired
            and (not chosen or category.field in chosen)
            and (not group or category.group == group)
        ]
    )


@blueprint.get("/units")
def units() -> Response:
    """`field`, `kind`, `connected` (true, false), `on` (today by default): units in force on that day.

    The desk first, then the connected units, then the committees, each by name.
    """
    args = request.args
    on = parameters.day(args)
    connected = args.get("connected", "").strip().lower()
    if connected not in ("", "true", "false"):
        raise bad_request("connected", "must be true or false")
    with read() as connection:
        known, index = reference.current_with_areas(connection)
    chosen, kind = _fields(known), args.get("kind", "").strip()
    found = [
        unit
        for unit in known.units.values()
        if unit.in_force(on)
        and (not chosen or chosen.intersection(unit.fields))
        and (not kind or unit.kind == kind)
        and (not connected or unit.connected == (connected == "true"))
    ]
    found.sort(key=lambda unit: (unit.kind != "desk", not unit.connected))  # stable: by Vietnamese name within
    return _page([_unit(unit, known, index) for unit in found])


def _page(items: Sequence[dict[str, Any]]) -> Response:
    """The whole list, or `limit` of it from `cursor` on with a `next` link."""
    args = request.args
    limit, text = parameters.limit(args, default=parameters.MOST), args.get("cursor", "0")
    if not text.isdecimal() or not text.isascii():
        raise bad_request("cursor", "take it from the `next` link")
    start = int(text)
    answer = jsonify(items[start : start + limit])
    answer.headers["X-Total-Count"] = str(len(items))
    if start + limit < len(items):
        following = f"{request.path}?{urlencode({**args.to_dict(), 'cursor': start + limit})}"
        answer.headers["Link"] = f'<{following}>; rel="next"'
    return answer


def _fields(known: Reference) -> set[str]:
    """The fields asked for. Raises 400 on one that is not there."""
    chosen = {code.strip() for code in request.args.get("field", "").split(",") if code.strip()}
    if chosen - known.field_by_code.keys():
        raise bad_request("field", f"must be of {', '.join(known.field_by_code)}")
    return chosen


def _field(field: Field, known: Reference) -> dict[str, Any]:
    return {
        "code": field.code,
        "name": dict(field.name),
        "position": field.position,
        "categories": [
            category.code
            for category in known.categories.values()
            if category.field == field.code and not category.retired
        ],
    }


def _category(category: Category, known: Reference) -> dict[str, Any]:
    on = areas.today().toordinal()
    rule = next((rule for rule in known.deadlines.get(category.code, ()) if rule.first <= on <= rule.last), None)
    return {
        "code": category.code,
        "name": dict(category.name),
        "short_name": dict(category.short_name),
        "field": category.field,
        "group": category.group,
        "urgency": category.urgency,
        "kind": category.kind,
        "hero": category.hero,
        "deadlines": {
            "dispatch_minutes": rule.dispatch_minutes,
            "accept_minutes": rule.accept_minutes,
            "resolve_minutes": rule.resolve_minutes,
            "calendar": rule.calendar,
            "sample": rule.sample,
            "source": rule.source,
        }
        if rule
        else None,
    }


def _unit(unit: Unit, known: Reference, index: AreaIndex) -> dict[str, Any]:
    area = index.areas.get(unit.area_id) if unit.area_id else None
    parent = known.units.get(unit.parent_id) if unit.parent_id else None
    return {
        "code": unit.code,
        "name": dict(unit.name),
        "kind": unit.kind,
        "fields": list(unit.fields),
        "connected": unit.connected,
        "parent": parent.code if parent else None,
        "area": {"level": area.level, "code": area.code, "name": area.name} if area else None,
        "head": unit.head,
        "sample": unit.sample,
        "source": unit.source,
        "valid_from": unit.valid_from.isoformat() if unit.valid_from else None,
        "valid_to": unit.valid_to.isoformat() if unit.valid_to else None,
    }
