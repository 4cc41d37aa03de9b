"""/api/v1/incidents: the list beside the map, and the numbers on its switches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Row

from database import clock
from database.engine import read
from district_boundaries import areas
from district_boundaries.areas import AreaIndex
from incidents import public, reference
from incidents.reference import Reference
from webmap.api import parameters
from webmap.problems import bad_request

blueprint = Blueprint("incidents", __name__, url_prefix="/api/v1")


def kinds(args: parameters.Arguments, fields: set[str]) -> list[str] | None:
    """The map's symbols that are switched on: heroes by `group`, everything else by `field`; None: all of them."""
    groups = parameters.words(args, "group", set(public.HEROES))
    others = parameters.words(args, "field", fields)
    return None if groups is None and others is None else [*(groups or []), *(others or [])]


def states(args: parameters.Arguments) -> list[str] | None:
    return parameters.words(args, "state", set(public.STATES))


@blueprint.get("/incidents")
def listing() -> Response:
    """Incidents on the map as GeoJSON, most urgent first: late, new, in progress, resolved in the last seven days."""
    args = request.args
    limit = parameters.limit(args)
    offset = _offset(args)
    now = clock.now()
    with read() as connection:
        known, index = reference.current(connection), areas.current(connection)
        wanted_kinds = kinds(args, {field.code for field in known.fields})
        wanted_states = states(args)
        box = public.box_parameters(parameters.box(args))
        last_event_id = public.last_sealed(connection)
        rows = connection.execute(
            public.Q["incident_list"],
            {**box, "now": now, "kinds": wanted_kinds, "states": wanted_states, "limit": limit, "offset": offset},
        ).all()
        groups = connection.execute(public.Q["incident_counts"], {**box, "now": now}).all()
        recent = connection.execute(public.Q["recent_reports"], {"since": now - timedelta(hours=1)}).scalar_one()
        features = [_feature(row, known, index) for row in rows]
    counted = counts(groups, wanted_kinds, wanted_states)
    following = None
    if offset + len(rows) < counted["total"] and rows:
        following = parameters.next_page(offset + len(rows))
    answer = jsonify(
        {
            "type": "FeatureCollection",
            "features": features,
            "counts": counted,
            "reports_last_hour": recent,
            "last_event_id": last_event_id,
            "next": following,
        }
    )
    answer.mimetype = "application/geo+json"
    return answer


def counts(
    groups: Sequence[Row[Any]], wanted_kinds: list[str] | None, wanted_states: list[str] | None
) -> dict[str, Any]:
    """Each switch's number under the other switches: states count the kinds that are on, kinds the states that are
    on; `total` counts both and equals the list."""
    total, by_state, by_hero, by_field = 0, Counter[str](), Counter[str](), Counter[str]()
    for group in groups:
        on_kind = wanted_kinds is None or group.kind in wanted_kinds
        on_state = wanted_states is None or group.state in wanted_states
        if on_kind:
            by_state[group.state] += group.n
        if on_state and group.hero != "other":
            by_hero[group.hero] += group.n
        elif on_state and group.field:
            by_field[group.field] += group.n
        if on_kind and on_state:
            total += group.n
    return {
        "total": total,
        "states": {state: by_state[state] for state in public.STATES},
        "heroes": {hero: by_hero[hero] for hero in public.HEROES},
        "fields": dict(by_field),
    }


def _offset(args: parameters.Arguments) -> int:
    text = args.get("cursor", "0") or "0"
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise bad_request("cursor", "is not one that this list gave")
    return int(text)


def _feature(row: Row[Any], known: Reference, index: AreaIndex) -> dict[str, Any]:
    category = known.categories.get(row.category) if row.category else None
    return {
        "type": "Feature",
        "id": row.code,
        "geometry": None if row.lon is None else {"type": "Point", "coordinates": [row.lon, row.lat]},
        "properties": {
            "code": row.code,
            "kind": row.kind,
            "hero": row.hero,
            "category": row.category,
            "category_name": category.name if category else None,
            "field": row.field,
            "group": row.group_code,
            "urgency": row.urgency,
            "state": row.state,
            "status": row.status,
            "place": row.place,
            "ward": _brief(index, row.ward_id),
            "district": _brief(index, row.district_id),
            "unit": public.unit(known, row.unit_id),
            "reports": row.reports,
            "opened_at": public.instant(row.opened_at),
            "due_at": public.instant(row.due_at),
            "updated_at": public.instant(row.updated_at),
            "precision": row.precision,
            "accuracy_m": row.accuracy_m,
            "demo": row.demo,
        },
    }


def _brief(index: AreaIndex, area_id: int | None) -> dict[str, str] | None:
    if not area_id:
        return None
    area = index.area(area_id)
    return {"code": area.code, "name": area.name, "short_name": area.short_name}
