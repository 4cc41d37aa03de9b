"""The ward's or district's watch: the page, its list with its numbers, the day."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Response, make_response, render_template
from flask_babel import gettext as _
from sqlalchemy import Connection

from database import clock
from database.engine import transaction
from district_boundaries.areas import Area, AreaIndex
from incidents import objection, public, reassignment, reference, watch
from incidents.reference import Reference
from incidents.watch import OPEN_STATES, Scope, Watched
from webmap import policy
from webmap.admin.wording import called, span
from webmap.api.incidents import feature
from webmap.area import blueprint, chosen, kept_nowhere, named, who
from webmap.area.events import told
from webmap.public.catalogue import HEROES, LEGEND, STATES
from webmap.public.report_view import OBJECTIONS

HERO_WORDS = (*public.HEROES, "other")


@blueprint.get("/<code>")
def page(code: str) -> Response:
    """The watch of a ward or district; for the city its own view."""
    with transaction(who().context) as connection:
        area, index = named(connection, code)
    if area.level == "city":
        from webmap.area import city

        return city.page(code, area, index)
    answer = make_response(
        render_template(
            "area/watch.html",
            code=code,
            area=area,
            name=called(area),
            about=about(area, index),
            heroes=HEROES,
            legend=LEGEND,
            states=STATES,
            objections={reason: OBJECTIONS[reason]() for reason in objection.REASONS},
            note_length=reassignment.NOTE_LENGTH,
            wall=policy.may("area.wall_of_area", code=code),
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def about(area: Area, index: AreaIndex) -> str:
    """The line under the name: what kind of area, since when; of a former one, which wards lie there today."""
    kind = area.level_name["vi" if called(area) == area.name else "en"]
    days = span(area.valid_from, area.valid_to)
    if area.valid_to is None:
        return " · ".join(part for part in (kind, days) if part)
    return " · ".join(part for part in (kind, _("địa bàn cũ"), days) if part)


@blueprint.get("/<code>/incidents.json")
def listing(code: str) -> Response:
    """The list under its filters (`state`, `group`), the numbers of everything, the neighbours' cases at the border."""
    states = chosen("state", public.STATES) or list(OPEN_STATES)
    heroes = chosen("group", HERO_WORDS)
    with transaction(who().context) as connection:
        area, index = named(connection, code)
        known = reference.current(connection)
        last = public.last_sealed(connection)  # before the rows: what comes after is told by the stream
        found = watch.incidents(connection, Scope.of(area, index), states=states, heroes=heroes)
        found = replace(found, rows=watch.exactly(connection, found.rows))
        document = numbers(found, states, heroes) | {
            "incidents": rows(found, area, index, known, watch.disputed(connection, found.rows)),
            "beyond": beyond(connection, area, index, known),
            "urgent": found.urgent,
            "last_event_id": last,
            "at": public.instant(clock.now()),
        }
    return kept_nowhere(document)


def numbers(found: Watched, states: list[str], heroes: list[str] | None) -> dict[str, Any]:
    """Counters of the four states, of the layers under the chosen states, and what stands beneath them."""
    by_hero = Counter[str]()
    for group in found.groups:
        if group.state in states:
            by_hero[group.hero] += group.n
    late = [group.first_due for group in found.groups if group.state == "late" and group.first_due]
    coming = [group.first_due for group in found.groups if group.state in ("new", "progress") and group.first_due]
    done = [group for group in found.groups if group.state == "resolved"]
    with_deadline = sum(group.with_deadline for group in done)
    return {
        "counts": {state: found.count(state) for state in public.STATES},
        "heroes": {hero: by_hero[hero] for hero in HERO_WORDS},
        "total": sum(n for hero, n in by_hero.items() if heroes is None or hero in heroes),
        "oldest_late": public.instant(min(late)) if late else None,
        "next_due": public.instant(min(coming)) if coming else None,
        "in_time": sum(group.in_time for group in done) / with_deadline if with_deadline else None,
    }


def rows(found: Watched, area: Area, index: AreaIndex, known: Reference, disputed: set[int]) -> list[dict[str, Any]]:
    """Each row as the public list has it, with what only this page says."""
    near = watch.borders(index, area, found.rows)
    made = []
    for row in found.rows:
        said = _row(row, known, index)
        said["objected"] = row.id in disputed
        border = near.get(row.id)
        if border:
            other = index.area(border.area_id) if border.area_id else None
            said["border"] = {"metres": int(border.metres), "area": called(other) if other else ""}
        made.append(said)
    return made


def beyond(connection: Connection, area: Area, index: AreaIndex, known: Reference) -> list[dict[str, Any]]:
    """Cases of the neighbours at this area's border, by the public's columns."""
    made = []
    for row, metres in watch.beyond(connection, index, area):
        there = row.now_ward_id if area.level == "ward" else row.now_district_id
        said = _row(row, known, index)
        said["border"] = {"metres": int(metres), "area": called(index.area(there)) if there else ""}
        made.append(said)
    return made


def _row(row: Any, known: Reference, index: AreaIndex) -> dict[str, Any]:
    said = feature(row, known, index)
    properties: dict[str, Any] = said["properties"]
    properties["at"] = said["geometry"]["coordinates"] if said["geometry"] else None
    return properties


@blueprint.get("/<code>/day.json")
def day(code: str) -> Response:
    """Today by the hour beside last week and the usual, and what happened today."""
    with transaction(who().context) as connection:
        area, index = named(connection, code)
        known, scope = reference.current(connection), Scope.of(area, index)
        hours = watch.by_hour(connection, scope)
        happened = [] if area.level == "city" else [told(row, known, index) for row in watch.diary(connection, scope)]
    now = clock.local(clock.now())
    return kept_nowhere(
        {
            "hour": now.hour,
            "weekday": now.weekday(),
            "last_week": (now.date() - timedelta(weeks=1)).isoformat(),
            "today": hours.today,
            "before": hours.last_week,
            "usual": hours.usual,
            "weeks": hours.weeks,
            "so_far": hours.so_far,
            "before_so_far": hours.last_week_so_far,
            "events": happened,
        }
    )
