"""The city's view: the last hour beside the usual, the ranking of wards and districts, the moving picture of a span."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from flask import Response, make_response, render_template, request
from werkzeug.exceptions import NotFound

from database import clock
from database.engine import transaction
from district_boundaries.areas import Area, AreaIndex
from incidents import city, public, reference, watch
from incidents.city import Lately, Place
from incidents.reference import Reference
from incidents.watch import Scope
from webmap import policy
from webmap.admin.wording import called, language
from webmap.api import parameters
from webmap.area import blueprint, kept_nowhere, named, who
from webmap.area.watch import numbers
from webmap.public.catalogue import FIELDS, HEROES, LEGEND, STATES

KINDS_SHOWN = 4
_LAST_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def page(code: str, area: Area, index: AreaIndex) -> Response:
    """The shell; the script asks for the rest."""
    answer = make_response(
        render_template(
            "area/city.html",
            code=code,
            area=area,
            name=called(area),
            wards=len(index.of_level("ward")),
            districts=len(index.of_level("district")),
            heroes=HEROES,
            fields=FIELDS,
            states=STATES,
            legend=LEGEND,
            today=clock.local(clock.now()).date().isoformat(),
            wall=policy.may("area.wall_of_area", code=code),
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/<code>/rate.json")
def rate(code: str) -> Response:
    """The last hour and the open ones, by places; 404 but for the city."""
    with transaction(who().context) as connection:
        area, index = _city(*named(connection, code))
        known = reference.current(connection)
        last = public.last_sealed(connection)
        now = city.last_hour(connection)
        found = watch.incidents(connection, Scope.of(area, index), limit=1)
    local = clock.local(now.until)
    categories = sorted(now.categories.items(), key=lambda each: (-each[1].n, each[0]))[:KINDS_SHOWN]
    return kept_nowhere(
        {
            "at": public.instant(now.until),
            "hour": local.hour,
            "weekday": local.weekday(),
            "weeks": now.weeks,
            "storm": now.storm,
            "storm_factor": city.STORM_FACTOR,
            "all": _said(now.all),
            "kinds": [
                {"name": _category(known, code), "field": known.categories[code].field, **_said(lately)}
                for code, lately in categories
            ],
            "wards": [_place(each, known, index) for each in now.wards],
            "districts": [_place(each, known, index) for each in now.districts],
            "counts": numbers(found, list(watch.OPEN_STATES), None)["counts"],
            "last_event_id": last,
        }
    )


@blueprint.get("/<code>/minutes.json")
def minutes(code: str) -> Response:
    """Where reports came in, minute by minute: of the last hour, or of a `day`. `[minute, lon, lat, hero, kind]`."""
    with transaction(who().context) as connection:
        _city(*named(connection, code))
        now = clock.now()
        if "day" in request.args:
            since = datetime.combine(parameters.day(request.args, "day"), time(), clock.CITY_TIME)
            until = min(since + _DAY, max(now, since))
            span = _DAY
        else:
            until, span = now, _LAST_HOUR
            since = now - span
        rows = city.points(connection, since, until)
    return kept_nowhere(
        {
            "since": public.instant(since),
            "until": public.instant(until),
            "minutes": int(span.total_seconds() // 60),
            "whole": len(rows) < city.MOST_POINTS,
            "points": [[r.minute, round(r.lon, 5), round(r.lat, 5), r.hero, r.kind] for r in reversed(rows)],
        }
    )


def _city(area: Area, index: AreaIndex) -> tuple[Area, AreaIndex]:
    if area.level != "city":
        raise NotFound
    return area, index


def _said(lately: Lately) -> dict[str, Any]:
    return {"n": lately.n, "usual": lately.usual, "factor": lately.factor, "bins": lately.bins}


def _place(place: Place, known: Reference, index: AreaIndex) -> dict[str, Any]:
    area = index.area(place.area_id)
    category = known.categories.get(place.category)
    return {
        "code": area.code,
        "address": f"{area.level}:{area.code}",
        "name": called(area),
        "short": area.short_name or called(area),
        "at": list(area.centre) if area.centre else None,
        "km2": area.official_km2,
        "mostly": _category(known, place.category) if category else "",
        "hero": category.hero if category else "other",
        "open": place.open,
        "late": place.late,
        **_said(place.lately),
    }


def _category(known: Reference, code: str) -> str:
    return known.categories[code].name[language()]
