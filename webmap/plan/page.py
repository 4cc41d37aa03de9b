"""The page: a question, its job or its answer. The address holds all parameters, and `run` which answer is shown."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from database.engine import transaction
from district_boundaries import areas
from etl.analysis import Asked, known, rows
from etl.errors import TooManyJobs
from etl.hotspots.question import BadQuestion
from incidents import reference
from webmap.admin.wording import language
from webmap.plan import asking, blueprint, monthly, plain, takeaway, who, wording


@blueprint.get("")
def show() -> Answer:
    """The form; with a question in the address also its answer, or how far the job is."""
    said = {name: request.args.get(name, "") for name in request.args if name != "run"}
    if not said:
        with transaction(who().context) as connection:
            return _page(connection, None, None)
    try:
        asked = Asked.read(said)
    except BadQuestion as error:
        with transaction(who().context) as connection:
            return _page(connection, None, None, wrong=error, status=400)
    with transaction(who().context) as connection:
        job = _job(connection, asked)
        if job is not None and request.args.get("run") != str(job.id):
            return redirect(address(asked, job.id), 303)
        return _page(connection, asked, job)


@blueprint.post("")
def ask() -> Answer:
    """Ask what the form says; then the page of its address."""
    with transaction(who().context) as connection:
        try:
            asked = Asked.read(asking.words_of_form(request.form))
            known(connection, asked)
            job = rows.ask(connection, asked, who().id)
        except BadQuestion as error:
            return _page(connection, None, None, wrong=error, fields=dict(request.form), status=422)
        except TooManyJobs as error:
            wrong = BadQuestion("form", error.message)
            return _page(connection, None, None, wrong=wrong, fields=dict(request.form), status=429)
    return redirect(address(asked, job), 303)


def address(asked: Asked, job: int) -> str:
    """The page of a question's answer."""
    return f"/plan?{asked.address()}&run={job}"


def _job(connection: Connection, asked: Asked) -> rows.Job | None:
    """The answer that the address names, if it is one of this question; else the newest one there is."""
    named = request.args.get("run", type=int)
    job = rows.find(connection, named) if named else None
    if job is not None and job.hash == asked.hash():
        return job
    newest = rows.latest(connection, asked)
    return rows.find(connection, newest) if newest else None


def _page(
    connection: Connection,
    asked: Asked | None,
    job: rows.Job | None,
    *,
    wrong: BadQuestion | None = None,
    fields: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    known, index = reference.current(connection), areas.current(connection)
    told: dict[str, Any] = {
        "fields": asking.fields_of(asked) | (fields or {}),
        "whats": asking.what_choices(known),
        "areas": asking.area_choices(known),
        "wheres": asking.where_choices(index),
        "asking": asking,
        "asked": asked,
        "job": job,
        "wrong": wrong,
        "wrong_words": wording.wrong(wrong) if wrong else "",
        "said": wording.question(asked, known, index) if asked else "",
        "recent": [wording.recent(row, known, index) for row in rows.recent(connection, who().id)],
        "saved": monthly.with_schedules(
            connection, [wording.saved(row, known, index, who().id) for row in rows.saved(connection)]
        ),
        "formats": (),
        "systems": takeaway.SYSTEMS,
        "w": wording,
        "plainly": plain,
    }
    if job is not None and job.state == "done" and job.summary and asked is not None:
        told["result"] = (plain.result if asked.plain else wording.result)(job, asked)
        told["formats"] = takeaway.offered(language(), job.summary)
    answer = make_response(render_template("plan/plan.html", **told), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
