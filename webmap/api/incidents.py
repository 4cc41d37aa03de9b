"""/api/v1/incidents: the list beside the map, and the numbers on its switches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Row

from database import clock
from database.engine import read
from district_boundaries import areas
from district_boundaries.areas import AreaIndex
from geo import cells
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


def finer(args: parameters.Arguments, known: Reference) -> dict[str, Any]:
    """The other filters of list and tiles: single categories, and when an incident was first reported."""
    return {
        "categories": parameters.words(args, "category", set(known.categories)),
        "since": parameters.moment(args, "since"),
        "until": parameters.moment(args, "until"),
    }


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
        narrowed = finer(args, known)
        box = public.box_parameters(parameters.box(args))
        last_event_id = public.last_sealed(connection)
        found = connection.execute(
            public.Q["incident_list"],
            {
                **box,
                **narrowed,
                "cell": _cell(args),
                "now": now,
                "kinds": wanted_kinds,
                "states": wanted_states,
                "limit": limit,
                "offset": offset,
            },
        ).all()
        rows = [row for row in found if row.id is not None]
        groups = connection.execute(public.Q["incident_counts"], {**box, **narrowed, "now": now}).all()
        recent = connection.execute(public.Q["recent_reports"], {"since": now - timedelta(hours=1)}).scalar_one()
        features = [feature(row, known, index) for row in rows]
    counted = counts([Group(*row) for row in groups], _groups(found), wanted_kinds, wanted_states)
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


class Group(NamedTuple):
    """How many incidents of one kind are in one state."""

    kind: str
    hero: str
    field: str | None
    state: str
    n: int


def counts(
    box: Sequence[Group], listed: Sequence[Group], wanted_kinds: list[str] | None, wanted_states: list[str] | None
) -> dict[str, Any]:
    """Each switch's number under the other switches: states count the kinds that are on, kinds the states that are
    on; `total` counts both and equals the list. What is on is counted as `listed`, by the marks in view; what is off
    by the plain `box`."""
    total, by_state, by_hero, by_field = 0, Counter[str](), Counter[str](), Counter[str]()

    def on_kind(group: Group) -> bool:
        return wanted_kinds is None or group.kind in wanted_kinds

    def on_state(group: Group) -> bool:
        return wanted_states is None or group.state in wanted_states

    off = [group for group in box if not (on_kind(group) and on_state(group))]
    for group in [*listed, *off]:
        if on_kind(group):
            by_state[group.state] += group.n
        if on_state(group) and group.hero != "other":
            by_hero[group.hero] += group.n
        elif on_state(group) and group.field:
            by_field[group.field] += group.n
        if on_kind(group) and on_state(group):
            total += group.n
    return {
        "total": total,
        "states": {state: by_state[state] for state in public.STATES},
        "heroes": {hero: by_hero[hero] for hero in public.HEROES},
        "fields": dict(by_field),
    }


def _groups(found: Sequence[Row[Any]]) -> list[Group]:
    return [Group(**group) for group in found[0].groups]


def zoom(args: parameters.Arguments) -> int | None:
    """`zoom=` of the map's tiles, a whole number; None where it is not given. Raises 400."""
    text = args.get("zoom", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text) <= 24):
        raise bad_request("zoom", "must be a whole number from 0 to 24")
    return int(text)


def _cell(args: parameters.Arguments) -> float | None:
    """Below zoom 13 incidents are counted where their cluster's disc stands. The side of a cluster's cell in metres
    of the map; None where each incident stands for itself."""
    found = zoom(args)
    return cells.side(found) if found is not None and found < cells.CLUSTERS_BELOW else None


def _offset(args: parameters.Arguments) -> int:
    text = args.get("cursor", "0") or "0"
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise bad_request("cursor", "is not one that this list gave")
    return int(text)


def feature(row: Row[Any], known: Reference, index: AreaIndex) -> dict[str, Any]:
    """A row of public_incident (with `lon`, `lat`, `state`) as GeoJSON."""
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
