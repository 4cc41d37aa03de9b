"""/area/{code}: what an area's officers keep open all day, the city's view, the route sheet, the screen on the wall.

Who may open which area stands in webmap/policy.py; what they see of it is decided by row-level security.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from district_boundaries import areas
from district_boundaries.areas import Area, AreaIndex
from incidents.accounts import Account
from webmap import sessions

blueprint = Blueprint("area", __name__, url_prefix="/area")


def who() -> Account:
    """Whoever is logged in; webmap.policy has let them through."""
    found = sessions.account()
    assert found is not None
    return found


def named(connection: Connection, code: str) -> tuple[Area, AreaIndex]:
    """The area of an address, and all areas. An officer's own code is their own area, whatever else bore it. Raises
    NotFound."""
    index, me = areas.current(connection), who()
    if "area" in me.roles and me.area_id and code in (me.area_code, f"{me.area_level}:{me.area_code}"):
        return index.area(me.area_id), index
    level, _, bare = code.rpartition(":")
    found = index.by_code(bare, level or None)
    if found is None or found.level == "zone":
        raise NotFound
    return found, index


def kept_nowhere(document: object) -> Response:
    """JSON for a page that is open, and for nobody's cache."""
    answer = jsonify(document)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def chosen(name: str, known: tuple[str, ...]) -> list[str] | None:
    """A comma-separated choice of the query, without what is not known; None where nothing is left."""
    given = [word for word in request.args.get(name, "").split(",") if word in known]
    return given or None


from webmap.area import city, objections, outline, records, route, wall, watch  # noqa: E402  (routes hang themselves on)

__all__ = [
    "blueprint",
    "chosen",
    "city",
    "kept_nowhere",
    "named",
    "objections",
    "outline",
    "records",
    "route",
    "wall",
    "watch",
    "who",
]
