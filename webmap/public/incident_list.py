"""The list without a map and without a script: the same incidents in the same order, with links to turn the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Response, make_response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _

from database import clock
from webmap.api import incidents
from webmap.public import blueprint
from webmap.public.catalogue import STATES
from webmap.public.durations import duration, moment


@blueprint.get("/list")
def incident_list() -> Response:
    """Takes the filters of /api/v1/incidents; its errors too."""
    found = incidents.listing().get_json()
    now = clock.now()
    following = parse_qs(urlsplit(found["next"] or "").query).get("cursor", [None])[0]
    answer = make_response(
        render_template(
            "list.html",
            rows=[_row(feature["properties"], now) for feature in found["features"]],
            total=found["counts"]["total"],
            states=STATES,
            chosen=[word for word in request.args.get("state", "").split(",") if word],
            following={**request.args.to_dict(), "cursor": following} if following else None,
        )
    )
    answer.headers["Vary"] = "Cookie, Accept-Language"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _row(incident: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What a line of the list says; the time is the one its state is about (see static/js/map/row.js)."""
    name = incident["category_name"] or {}
    area = incident["ward"] or incident["district"] or {}
    street = "" if incident["precision"] in ("ward", "district") else incident["place"]
    state = incident["state"]
    told = {"late": "due_at", "progress": "due_at", "resolved": "updated_at"}.get(state, "opened_at")
    at = datetime.fromisoformat(incident[told] or incident["opened_at"])
    length = duration(now - at)
    words = {
        "late": _("quá %(span)s", span=length),
        "progress": _("còn %(span)s", span=length),
        "resolved": _("%(span)s trước", span=length),
    }
    return {
        "code": incident["code"],
        "symbol": f"m-{incident['kind']}-{state}",
        "what": name.get(str(get_locale())) or name.get("vi") or _("Chưa phân loại"),
        "where": " · ".join(part for part in (street, area.get("short_name")) if part) or _("Chưa rõ vị trí"),
        "reports": incident["reports"],
        "state": state,
        "state_word": dict(STATES)[state],
        "at": at.isoformat(),
        "exactly": moment(at, now),
        "time": words.get(state, length),
    }
