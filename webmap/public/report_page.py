"""`/r/{code}`: what became of a report. Public columns only, read as the role that sees nothing else.

The page is written whole by the server; `?part=1` gives its changing middle alone, which the page's script asks for
when the event stream names the report, so that both are one rendering.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection, Row
from werkzeug.wrappers import Response as Answer

from database import clock
from database.engine import read
from database.sql import queries
from district_boundaries.areas import AreaIndex
from incidents import reference
from incidents.codes import normalise, spoken
from incidents.errors import UnknownCode
from incidents.reference import Reference
from incidents.workflow import GONE, OPEN
from webmap.public import blueprint, report_view
from webmap.public.spelling import spelled

Q = queries(Path(__file__).with_suffix(".sql"))
_SMALLEST_CIRCLE_M = 15


@blueprint.get("/r/<typed>")
def report_page(typed: str) -> Answer:
    """A report's page, under its code in any spelling."""
    try:
        code = normalise(typed)
    except UnknownCode:
        return _not_found(typed, mistyped=True)
    if typed != code:
        query = request.query_string.decode("ascii", "ignore")
        return redirect(url_for(".report_page", typed=code) + (f"?{query}" if query else ""), 301)
    with read() as connection:
        row = connection.execute(Q["report"], {"code": code}).first()
        if row is None:
            return _not_found(spoken(code), mistyped=False)
        said = _said(connection, row)
    part = bool(request.args.get("part"))
    page = render_template("report/_body.html" if part else "report/page.html", **said)
    answer = make_response(page, 410 if row.status in GONE else 200)
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Cookie, Accept-Language"
    answer.headers["X-Robots-Tag"] = "noindex"  # an address and a moment can tell on somebody
    if part:
        answer.set_etag(hashlib.sha256(page.encode()).hexdigest()[:20])
        answer.make_conditional(request)
    return answer


def _said(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    """All that the page's templates show."""
    known, index = reference.current_with_areas(connection)
    now = clock.now()
    lang = "en" if str(get_locale()) == "en" else "vi"
    report: dict[str, Any] = dict(row._mapping)
    if report["status"] in GONE:
        # What its reporter took back is not told any more, only that they did.
        report |= {"place": "", "ward_id": None, "district_id": None, "lon": None, "lat": None, "precision": None}
        report |= {"description": None, "photos": [], "steps": report["steps"][-1:]}
    ward = index.area(report["ward_id"]) if report["ward_id"] else None
    return {
        "code": report["code"],
        "spoken": spoken(report["code"]),
        "spelled": spelled(report["code"], lang),
        "symbol_name": report_view.symbol(report, now),
        "title": _("Phản ánh đã được rút lại") if report["status"] in GONE else report_view.title(report, known, lang),
        "place": report_view.place(report, ward, lang),
        "band": report_view.band(report, now),
        "answer": report_view.answer(report, known),
        "unit_name": report_view.unit_name(known.units[report["unit_id"]], lang),
        "timeline": report_view.timeline(report, known, lang, now),
        "facts": _facts(connection, report, known, index, lang),
        "photos": _photos(report),
        "description": report["description"],
        "merged_into": report["incident_code"] if report["incident_code"] != report["code"] else None,
        "point": None if report["lon"] is None else {key: report[key] for key in ("lon", "lat")},
        "radius_m": _radius(report),
        "vague": _drawn_as_circle(report),
        "hero": report["hero"],
        "incident_code": report["incident_code"],
        "demo_report": report["demo"],
        "gone": report["status"] in GONE,
        "counting": report["status"] in OPEN,
    }


def _drawn_as_circle(report: dict[str, Any]) -> bool:
    """Known to its ward only, or told no better: a construction violation never shows the house."""
    return report["precision"] in ("ward", "district") or report["hero"] == "construction"


def _radius(report: dict[str, Any]) -> int:
    """How wide the circle of precision is, in metres; 0 where the place is a pin, or nearly one."""
    radius = round(report["accuracy_m"] or 0)
    pinned = report["precision"] in (None, "pin") and not _drawn_as_circle(report)
    return 0 if pinned or radius < _SMALLEST_CIRCLE_M else radius


def _facts(
    connection: Connection, report: dict[str, Any], known: Reference, index: AreaIndex, lang: str
) -> dict[str, Any]:
    """The list beside the map."""
    field = next((each for each in known.fields if each.code == report["field"]), None)
    unit = known.units[report["unit_id"]]
    came_by = connection.execute(Q["channels"], {"incident_id": report["incident_id"]}).scalars().all()
    return {
        "field": field.name[lang] if field else None,
        "unit": unit.name[lang] or unit.name["vi"],
        "unit_sample": unit.sample,
        "channels": report_view.channels(came_by),
        "areas": report_view.where(
            index.area(report["ward_id"]) if report["ward_id"] else None,
            index.area(report["district_id"]) if report["district_id"] else None,
            lang,
        ),
        "precision": report_view.precision(report),
    }


def _photos(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Released photos, those of the report before those of the repair."""
    return sorted(
        (
            {**photo, "url": f"/photos/{photo['sha256']}.jpg", "small": f"/photos/{photo['sha256']}-s.jpg"}
            for photo in report["photos"]
        ),
        key=lambda photo: photo.get("role") == "repair",
    )


def _not_found(typed: str, *, mistyped: bool) -> Answer:
    answer = make_response(render_template("report/not_found.html", typed=typed[:40], mistyped=mistyped), 404)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
