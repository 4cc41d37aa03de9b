"""A job of the workbench: how far it is, to be ended, and the cells that the map draws."""

from __future__ import annotations

import unicodedata

from flask import Response, jsonify, redirect, request
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from database.engine import transaction
from etl.analysis import Asked, rows
from webmap.plan import blueprint, who, wording
from webmap.problems import Problem

NAME_LENGTH = 120


def _job(connection: Connection, job: int) -> rows.Job:
    found = rows.find(connection, job)
    if found is None:
        raise NotFound
    return found


@blueprint.get("/runs/<int:job>.json")
def state(job: int) -> Response:
    """`{state, step, progress, ahead, words}`: asked for twice a second by a page that waits."""
    with transaction(who().context) as connection:
        row = _job(connection, job)
    return jsonify(
        {
            "state": row.state,
            "step": row.step,
            "progress": round(row.progress, 3),
            "ahead": row.ahead,
            "words": wording.progress(row),
        }
    )


@blueprint.post("/runs/<int:job>/cancel")
def cancel(job: int) -> Answer:
    """End a job that is not done: one's own, or anybody's by an administrator."""
    with transaction(who().context) as connection:
        row = _job(connection, job)
        if row.state in ("waiting", "running") and not rows.cancel(connection, job):
            raise Problem(403, "only who asked for an analysis ends it")
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify({"state": "cancelled"})
    return redirect(f"/plan?{Asked.of_address(row.parameters).address()}&run={job}", 303)


@blueprint.post("/runs/<int:job>/save")
def save(job: int) -> Answer:
    """Keep an answer under a name, for everybody who plans."""
    name = " ".join(unicodedata.normalize("NFC", request.form.get("name", "")).split())[:NAME_LENGTH]
    with transaction(who().context) as connection:
        row = _job(connection, job)
        if row.state != "done":
            raise NotFound
        if not name:
            raise Problem(422, "an analysis is saved under a name")
        rows.save(connection, job, name, who().id)
    return redirect(f"/plan?{row.parameters}&run={job}", 303)


@blueprint.post("/saved/<int:number>/forget")
def forget(number: int) -> Answer:
    """Take a name away: one's own, or anybody's by an administrator. The answer stays as long as the others do."""
    with transaction(who().context) as connection:
        if not rows.forget(connection, number):
            raise NotFound
    return redirect("/plan", 303)


@blueprint.get("/runs/<int:job>/cells.geojson")
def cells(job: int) -> Response:
    """What the map draws, as it was stored with the answer; of a comparison also one span: `part=before`, `after`."""
    part = {"before": "cells-before", "after": "cells-after"}.get(request.args.get("part", ""), "cells")
    with transaction(who().context) as connection:
        content = rows.part(connection, job, part)
    if content is None:
        raise NotFound
    return Response(content, mimetype="application/geo+json")
