"""One incident's whole record for an area's officers: what was said, what happened, the history of the building."""

from __future__ import annotations

from typing import Any

from flask import Response
from werkzeug.exceptions import NotFound

from database.engine import transaction
from incidents import public, reassignment, reference, watch
from incidents.codes import normalise
from incidents.errors import UnknownCode
from incidents.reference import Reference
from incidents.watch import Building
from webmap.admin.wording import language, unit_name
from webmap.area import blueprint, kept_nowhere, named, who
from webmap.area.events import happened
from webmap.public.report_view import CHANNEL_NAMES


@blueprint.get("/<code>/incidents/<report>.json")
def record(code: str, report: str) -> Response:
    """404 for what row-level security does not show, as for what is not there."""
    try:
        asked = normalise(report)
    except UnknownCode:
        raise NotFound from None
    with transaction(who().context) as connection:
        named(connection, code)
        known = reference.current(connection)
        found = watch.record(connection, asked)
        if found is None:
            raise NotFound
        hands = reassignment.history(connection, found.row.id)
    row = found.row
    return kept_nowhere(
        {
            "code": row.code,
            "status": row.status,
            "state": row.state,
            "unit": unit_name(known.units[row.unit_id]),
            "due_at": public.instant(row.due_at),
            "accept_due_at": public.instant(row.accept_due_at),
            "opened_at": public.instant(row.opened_at),
            "told": [_told(each) for each in found.told],
            "photos": [f"/photos/{photo.sha256}-s.jpg" for photo in found.photos],
            "hands": [{"at": public.instant(hand.at), "what": happened(hand.kind, hand.data, known)} for hand in hands],
            "objections": [
                {
                    "at": public.instant(each.at),
                    "reason": each.reason,
                    "note": each.note,
                    "settled": bool(each.settled_at),
                }
                for each in found.objections
            ],
            "buildings": [_building(each, known) for each in found.buildings],
            "construction": row.hero == "construction",
        }
    )


def _told(row: Any) -> dict[str, Any]:
    return {
        "code": row.code,
        "channel": CHANNEL_NAMES.get(row.channel, lambda: row.channel)(),
        "at": public.instant(row.reported_at),
        "text": row.description or "",
        "held": row.moderation == "held" and bool(row.description),
        "address": row.address or "",
    }


def _building(each: Building, known: Reference) -> dict[str, Any]:
    category = known.categories.get(each.row.category or "")
    return {
        "code": each.row.code,
        "what": category.name[language()] if category else "",
        "status": each.row.status,
        "state": each.row.state,
        "opened_at": public.instant(each.row.opened_at),
        "metres": None if each.metres is None else int(each.metres),
        "same_address": each.same_address,
    }
