"""GET /api/v1/live: the request is checked here; the stream itself is the stream process's (`webmap.live.process`).

Where there is nobody to hand the connection to (the stream process is being restarted, or the server is not gunicorn:
Flask's own server, the test client), the answer is 503 with Retry-After, which an EventSource takes for "again".
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from database.engine import read
from district_boundaries import areas
from district_boundaries.areas import Area, AreaIndex
from webmap.api import parameters
from webmap.live.filters import Filter
from webmap.live.handover import WISH
from webmap.problems import Problem, bad_request

blueprint = Blueprint("live", __name__, url_prefix="/api/v1")

_MOST = 2**63 - 1


@blueprint.get("/live")
def live() -> Response:
    """Open the event stream. Raises 400 on a filter or a place in the record that cannot be read."""
    after = _after()
    wanted = _filter()
    if request.method == "HEAD":
        return Response(mimetype="text/event-stream")
    request.environ[WISH] = {"after": after, "filter": wanted.as_json()}
    return Problem(
        503,
        "The event stream is away for a moment; please ask again.",
        headers={"Retry-After": "1", "Cache-Control": "no-store"},
    ).response()


def _after() -> int | None:
    """Where to go on: a browser that comes back says so in a header, and that is younger than the address it asks."""
    for name, text in (
        ("Last-Event-ID", request.headers.get("Last-Event-ID", "")),
        ("after", request.args.get("after", "")),
    ):
        text = text.strip()
        if text:
            if not (text.isascii() and text.isdecimal()) or len(text) > 19 or int(text) > _MOST:
                raise bad_request(name, "must be the id of a message: a whole number")
            return int(text)
    return None


def _filter() -> Filter:
    if not request.args.get("area", "").strip() and "field" not in request.args:
        return Filter()
    with read() as connection:
        index = areas.current(connection)
    fields = parameters.words(request.args, "field", frozenset(index.fields))
    area = parameters.area(request.args, index)
    return _of_area(area, index, frozenset(fields) if fields else None)


def _of_area(area: Area | None, index: AreaIndex, fields: frozenset[str] | None) -> Filter:
    """Today's wards and the last districts by the ids that every public row carries, any other by its polygon."""
    if area is None or area.level == "city":
        return Filter(fields=fields)
    if area.level in ("ward", "district") and area in index.of_level(area.level):
        if area.level == "ward":
            return Filter(ward_id=area.id, fields=fields)
        return Filter(district_id=area.id, fields=fields)
    return Filter(area_id=area.id, fields=fields)
