"""The screen on the wall: an area's map, four numbers, the six most urgent. No controls, nothing to log in to.

A screen opens with a key, which administrators make and take away (/admin/walls). The key stands behind the `#` of
the screen's address, which no browser sends and no log keeps; the page exchanges it once for a cookie that scripts
cannot read. Whoever is logged in sees the same page without a key at /area/{code}/wall.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy import Connection

from database import clock
from database.engine import read, transaction
from district_boundaries import areas
from district_boundaries.areas import Area, AreaIndex
from incidents import public, reference, wall_keys, watch
from incidents.watch import Scope
from webmap.admin.wording import called
from webmap.area import blueprint as area_blueprint
from webmap.area import kept_nowhere, named, outline, who
from webmap.area.watch import about, numbers, rows
from webmap.problems import Problem
from webmap.public.catalogue import HEROES, LEGEND, STATES

blueprint = Blueprint("wall", __name__, url_prefix="/wall")

MOST_URGENT = 6
COOKIE = "wall"
KEPT_S = 400 * 24 * 3600
"""as long as browsers keep a cookie"""


@blueprint.get("")
def screen() -> Response:
    """The page, the same for everybody: what it shows it asks for with its key."""
    return _page("/wall", None)


@blueprint.post("/open")
def open_screen() -> Response:
    """Exchange a key (`key`, a form field) for the cookie. 403 where it opens nothing."""
    secret = request.form.get("key", "")[:200]
    if _area_id(secret) is None:
        raise Problem(403, "this key opens nothing (any more)")
    answer = make_response("", 204)
    answer.set_cookie(
        _cookie(), secret, max_age=KEPT_S, path="/", httponly=True, secure=request.is_secure, samesite="Strict"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/figures.json")
def figures() -> Response:
    """What the screen shows. 401 without a key that holds."""
    area_id = _own_area()
    with read() as connection:
        index = areas.current(connection)
        return kept_nowhere(document(connection, index.area(area_id), index))


@blueprint.get("/outline.json")
def own_outline() -> Response:
    """The outline of the key's area."""
    area_id = _own_area()
    with read() as connection:
        index = areas.current(connection)
    return kept_nowhere(outline.document(index.area(area_id), index))


@area_blueprint.get("/<code>/wall")
def wall_of_area(code: str) -> Response:
    """The same page for whoever is logged in and may open the area."""
    with transaction(who().context) as connection:
        area, _ = named(connection, code)
    return _page(f"/area/{code}", called(area))


@area_blueprint.get("/<code>/figures.json")
def figures_of_area(code: str) -> Response:
    """The same figures for whoever is logged in and may open the area."""
    with transaction(who().context) as connection:
        area, index = named(connection, code)
        return kept_nowhere(document(connection, area, index))


def document(connection: Connection, area: Area, index: AreaIndex) -> dict[str, Any]:
    """Counters and the most urgent, by the public's columns."""
    known = reference.current(connection)
    last = public.last_sealed(connection)
    found = watch.incidents(connection, Scope.of(area, index), limit=MOST_URGENT)
    counted = numbers(found, list(watch.OPEN_STATES), None)
    return {
        "area": {"code": f"{area.level}:{area.code}", "name": called(area), "about": about(area, index)},
        "counts": counted["counts"],
        "incidents": rows(found, area, index, known, set()),
        "last_event_id": last,
        "at": public.instant(clock.now()),
    }


def _page(source: str, name: str | None) -> Response:
    said = {"source": source, "name": name, "heroes": HEROES, "legend": LEGEND, "states": STATES}
    said["theme_attributes"] = {"data-theme": "dark"}  # a lamp in a dim room, whatever the browser prefers
    answer = make_response(render_template("area/wall.html", **said))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _own_area() -> int:
    found = _area_id(request.cookies.get(_cookie(), "")[:200])
    if found is None:
        raise Problem(401, "this screen's key does not hold (any more)")
    return found


def _area_id(secret: str) -> int | None:
    if not secret:
        return None
    with transaction(wall_keys.SCREEN) as connection:
        return wall_keys.area_of(connection, secret)


def _cookie() -> str:
    return f"__Host-{COOKIE}" if request.is_secure else COOKIE
