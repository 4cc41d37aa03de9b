"""/healthz and /readyz: is this process alive, and can it do its work."""

from __future__ import annotations

import functools
import threading

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import exc

from database import engine, migrate
from database.errors import OperatorError
from database.sql import queries

blueprint = Blueprint("health", __name__)
Q = queries(__file__)

draining = threading.Event()  # set when this process was told to end: a proxy in front should ask another one

_newest = functools.cache(migrate.head)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process is alive."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """200 when a report could be taken in and shown now, else 503 with what is missing."""
    missing = what_is_missing(demo=current_app.config["SETTINGS"].demo)
    if missing:
        return jsonify(status="not ready", missing=missing), 503
    return jsonify(status="ready"), 200


def what_is_missing(*, demo: bool) -> list[str]:
    """Everything that keeps the site from its work: draining, database, migrations, reference data, demo reports."""
    missing = ["draining"] if draining.is_set() else []
    try:
        with engine.read() as connection:
            if migrate.revision(connection) != _newest():
                return [*missing, "migrations"]
            found = connection.execute(Q["what_is_there"]).one()
    except (exc.OperationalError, exc.TimeoutError, OperatorError):
        return [*missing, "database"]
    missing += [name for name, there in found._asdict().items() if not there and name != "demo"]
    return [*missing, "demo"] if demo and not found.demo else missing
