"""Saved analyses that run every month: their page, and the notices of new hot places to those who subscribed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, g, make_response, redirect, render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Connection, exc
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from database import clock
from database.engine import transaction
from district_boundaries import areas
from etl.analysis import Asked, hot_news, moving, schedule
from etl.analysis.schedule import Schedule
from etl.hotspots.question import BadQuestion
from incidents import reference
from webmap import sessions
from webmap.admin.wording import day
from webmap.plan import blueprint, who, wording
from webmap.problems import Problem

NAMED = 50
"""places of each kind that the page lists; of more, how many there are besides"""
AT_ONCE = 8
"""of them are seen before somebody asks for the others"""


@blueprint.get("/saved/<int:number>/monthly")
def monthly(number: int) -> Response:
    """When it ran last and runs next, whom it tells, the runs so far, and what the newest found."""
    with transaction(who().context) as connection:
        saved = _saved(connection, number)
        found = schedule.of(connection, number)
        told = _about(connection, saved, found)
        told |= _runs(connection, found) if found else {"runs": [], "newest": None}
    answer = make_response(render_template("plan/monthly.html", **told))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/saved/<int:number>/monthly")
def start_monthly(number: int) -> Answer:
    """Run it on the first of every month: one's own, or anybody's by an administrator."""
    with transaction(who().context) as connection:
        if not _own(_saved(connection, number)):
            raise NotFound
        try:
            schedule.start(connection, number, who().id, clock.now())
        except BadQuestion as error:
            raise Problem(422, error.message) from error
    return _back(number)


@blueprint.post("/saved/<int:number>/monthly/stop")
def stop_monthly(number: int) -> Answer:
    """Run it no more. Its runs and who subscribed stay."""
    with transaction(who().context) as connection:
        if not schedule.stop(connection, number, clock.now()):
            raise NotFound
    return _back(number)


@blueprint.post("/saved/<int:number>/monthly/subscribe")
def subscribe(number: int) -> Answer:
    """Be told when a run finds a new hot place."""
    with transaction(who().context) as connection:
        hot_news.subscribe(connection, _scheduled(connection, number).id, who().id)
    return _back(number)


@blueprint.post("/saved/<int:number>/monthly/unsubscribe")
def unsubscribe(number: int) -> Answer:
    """Be told no more."""
    with transaction(who().context) as connection:
        hot_news.unsubscribe(connection, _scheduled(connection, number).id, who().id)
    return _back(number)


@blueprint.get("/notices")
def notices() -> Response:
    """What one was told, unread first: the new places, each with its way to the map."""
    with transaction(who().context) as connection:
        found = hot_news.notices(connection, who().id)
        news = [each for each in hot_news.places(connection, [row["run_id"] for row in found]) if _is_new(each)]
    shown = [
        {
            **row,
            "address": _address(row),
            "due": day(row["due_on"]),
            "made": wording.moment(row["made_at"]),
            "words": _new_places(row["fresh"]),
            "places": [each for each in news if each["run_id"] == row["run_id"]][:NAMED],
        }
        for row in found
    ]
    answer = make_response(render_template("plan/notices.html", notices=shown, w=wording))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/notices/<int:notice>/read")
def read_notice(notice: int) -> Answer:
    """One's own notice is read."""
    with transaction(who().context) as connection:
        if not hot_news.mark_read(connection, notice, who().id, clock.now()):
            raise NotFound
    return redirect("/plan/notices", 303)


@blueprint.app_context_processor
def told() -> dict[str, object]:
    """`unread_notices()` for the head of a page."""
    return {"unread_notices": _unread}


def with_schedules(connection: Connection, saved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of saved analyses, each with `schedule`: the address of its monthly runs, and `monthly`: in words when
    it runs next; empty where it cannot, or does not."""
    coming = {each.saved_id: each.next_on(clock.now()) for each in schedule.all_(connection)}
    able = schedule.able(connection)
    return [
        {
            **each,
            "schedule": f"/plan/saved/{each['id']}/monthly" if each["id"] in able else "",
            "monthly": _monthly_words(coming.get(each["id"])),
        }
        for each in saved
    ]


def _monthly_words(coming: date | None) -> str:
    return str(_("Hằng tháng, lần tới %(day)s", day=day(coming))) if coming else ""


def _unread() -> int:
    """How many notices whoever is logged in has not read, asked for once a request; also where the database is away,
    a page has a head."""
    if "unread_notices" not in g:
        g.unread_notices = 0
        try:
            account = sessions.account()
            if account is not None and account.roles & {"planner", "administrator"}:
                with transaction(account.context) as connection:
                    g.unread_notices = hot_news.unread(connection, account.id)
        except (exc.OperationalError, exc.TimeoutError):
            return 0
    return int(g.unread_notices)


def _about(connection: Connection, saved: Mapping[str, Any], found: Schedule | None) -> dict[str, Any]:
    known, index = reference.current(connection), areas.current(connection)
    going = found is not None and found.stopped_at is None
    asked = Asked.of_address(found.parameters if found is not None and going else saved["parameters"])
    coming = found.next_on(clock.now()) if found is not None else None
    possible = moving.can_be_scheduled(asked)
    return {
        "saved": saved,
        "own": _own(saved),
        "address": f"/plan?{saved['parameters']}&run={saved['analysis_id']}",
        "what": wording.question(moving.moved(asked, coming) if coming else asked, known, index),
        "length": _length(asked),
        "possible": possible,
        "schedule": found,
        "going": going,
        "coming": day(coming) if coming else "",
        "hour": f"{moving.HOUR:02}:00",
        "subscribed": found is not None and found.id in hot_news.subscribed(connection, who().id),
        "w": wording,
    }


def _length(asked: Asked) -> str:
    """How long the span is that moves along."""
    assert asked.question.since is not None and asked.question.until is not None
    found = moving.length(asked.question.since, asked.question.until)
    if found.months:
        return str(ngettext("%(num)s tháng", "%(num)s tháng", found.months))
    return str(ngettext("%(num)s ngày", "%(num)s ngày", found.days))


def _runs(connection: Connection, found: Schedule) -> dict[str, Any]:
    runs = [
        {
            **row,
            "address": _address(row),
            "due": day(row["due_on"]),
            "span": wording.span(Asked.of_address(row["parameters"]).question),
            "words": wording.state(row["state"]),
        }
        for row in schedule.runs(connection, found.id)
    ]
    newest = next((each for each in runs if each["settled_at"] is not None), None)
    if newest is None:
        return {"runs": runs, "newest": None}
    places = hot_news.places(connection, [newest["id"]])
    before = next((each for each in runs if each["id"] == newest["previous_id"]), None)
    if before is None:
        groups = [(_("Nơi nóng"), places, newest["address"])]
    else:
        groups = [
            (_("Mới"), [{**each, "since": None} for each in places if _is_new(each)], newest["address"]),
            (_("Còn nóng"), [each for each in places if not _is_new(each)], newest["address"]),
            (_("Hết nóng"), hot_news.gone(connection, newest["id"]), before["address"]),
        ]
    shown = [
        {"title": title, "all": len(all_), "places": all_[:NAMED], "address": address}
        for title, all_, address in groups
    ]
    return {"runs": runs, "newest": newest, "groups": shown, "at_once": AT_ONCE}


def _is_new(place: Mapping[str, Any]) -> bool:
    return bool(place["change"] == "new")


def _new_places(many: int) -> str:
    return str(ngettext("%(num)s nơi nóng mới", "%(num)s nơi nóng mới", many))


def _address(row: Mapping[str, Any]) -> str:
    return f"/plan?{row['parameters']}&run={row['analysis_id']}"


def _saved(connection: Connection, number: int) -> Mapping[str, Any]:
    found = schedule.saved_as(connection, number)
    if found is None:
        raise NotFound
    return found


def _scheduled(connection: Connection, number: int) -> Schedule:
    found = schedule.of(connection, number)
    if found is None:
        raise NotFound
    return found


def _own(saved: Mapping[str, Any]) -> bool:
    return bool(saved["saved_by"] == who().id or "administrator" in who().roles)


def _back(number: int) -> Answer:
    return redirect(f"/plan/saved/{number}/monthly", 303)
