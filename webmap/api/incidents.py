"""/api/v1/incidents: the list beside the map, and the numbers on its switches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, Row

from database import clock
from database.engine import read
from district_boundaries.areas import AreaIndex
from geo import cells
from incidents import map_list, public, reference
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
        known, index = reference.current_with_areas(connection)
        wanted_kinds = kinds(args, {field.code for field in known.fields})
        wanted_states = states(args)
        narrowed = finer(args, known)
        last_event_id = public.last_sealed(connection)
        wanted = {
            **narrowed,
            "kinds": wanted_kinds,
            "states": wanted_states,
            "limit": limit,
            "offset": offset,
            "now": now,
        }
        view = _counted_view(args, wanted)
        rows, listed, off = _by_counts(connection, view, wanted) if view else _by_rows(connection, args, wanted)
        recent = connection.execute(public.Q["recent_reports"], {"since": now - timedelta(hours=1)}).scalar_one()
        features = [feature(row, known, index) for row in rows]
    counted = counts(off, listed, wanted_kinds, wanted_states)
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


Found = tuple[Sequence[Row[Any]], list["Group"], list["Group"]]
"""The page's rows; how many of each kind and state are on and in view; and how many whatever is on"""


def _by_rows(connection: Connection, args: parameters.Arguments, wanted: dict[str, Any]) -> Found:
    box = public.box_parameters(parameters.box(args))
    found = connection.execute(public.Q["incident_list"], {**wanted, **box, **public.cell_parameters(zoom(args))}).all()
    off = [Group(*row) for row in connection.execute(public.Q["incident_counts"], {**wanted, **box})]
    return [row for row in found if row.id is not None], [Group(**group) for group in found[0].groups], off


def _by_counts(connection: Connection, view: map_list.View, wanted: dict[str, Any]) -> Found:
    """The same without looking at every row. What is off is counted by the marks that there would be."""
    marks = map_list.marks(connection, view)
    all_on = replace(view, kinds=None, states=None)
    off = marks if all_on == view else map_list.marks(connection, all_on)
    rows = map_list.page(connection, view, marks, limit=wanted["limit"], offset=wanted["offset"])
    return rows, _as_groups(marks), _as_groups(off)


def _as_groups(marks: map_list.Marks) -> list[Group]:
    return [
        Group(
            kind=kind,
            hero=kind if kind in public.HEROES else "other",
            field=None if kind in public.HEROES or kind == "other" else kind,
            state=state,
            n=n,
        )
        for (kind, state), n in marks.counts.items()
    ]


def _counted_view(args: parameters.Arguments, wanted: dict[str, Any]) -> map_list.View | None:
    """Where the map shows counts, and nothing is asked for that they do not know."""
    box, asked = parameters.box(args), zoom(args)
    if box is None or asked is None or asked >= cells.CLUSTERS_BELOW or wanted["since"] or wanted["until"]:
        return None
    view = map_list.View(
        box=box,
        zoom=asked,
        kinds=wanted["kinds"],
        states=wanted["states"],
        categories=wanted["categories"],
        now=wanted["now"],
    )
    return view if map_list.fits(view) else None


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


def zoom(args: parameters.Arguments) -> int | None:
    """`zoom=` of the map's tiles, a whole number; None where it is not given. Raises 400."""
    text = args.get("zoom", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text) <= 24):
        raise bad_request("zoom", "must be a whole number from 0 to 24")
    return int(text)


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
