""" "Not ours": an area's officers, or a unit, say that an incident is not theirs, and the desk decides.

What they say is written in their own name and by their own rights. Where the incident is theirs to act on (the unit's
own, or that of the area's committee), it goes back to the desk with the status `returned`; the unit has given away the
sight of it by that, so this half is the desk's doing: docs/decisions/0014. Where another unit acts on it, it stays
there, and the desk finds the objection in its queue.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from database import clock
from database.engine import Context, acting
from district_boundaries.areas import AreaIndex
from geo.text import nfc
from incidents.reassignment import NOTE_LENGTH, CannotChange, Q, Standing, apply, lock, plan, standing
from incidents.record.events import INCIDENT_OBJECTED, INCIDENT_STATUS_CHANGED, NewEvent, write
from incidents.reference import Reference
from incidents.workflow import NEXT, OPEN

REASONS = ("other_area", "wrong_place", "not_our_task", "other")
"""it lies in another area; the place on the map is wrong; such things are not our task; other, with a note"""


@dataclass(frozen=True, kw_only=True)
class Objected:
    """What came of it."""

    returned: bool
    """whether it went back to the desk; else it stays where it is and the desk reads the objection"""


def object_to(
    connection: Connection,
    known: Reference,
    index: AreaIndex,
    code: str,
    *,
    who: Context,
    reason: str,
    note: str = "",
    area_id: int | None = None,
    seen: int | None = None,
) -> Objected:
    """Say that the incident of a report is not `who`'s, in the caller's transaction, which runs on behalf of `who`.
    `area_id`: the area that it is said for; None: the unit's own. `seen`: the `last_event` it was decided upon.
    Raises NoSuchReport where `who` does not see it, CannotChange."""
    was = standing(connection, code)  # by who's own rights: what they do not see is not there
    note = nfc(" ".join(note.split()))
    if reason not in REASONS or (reason == "other" and not note):
        raise CannotChange("no_reason", "reason")
    if len(note) > NOTE_LENGTH:
        raise CannotChange("long_note", "note")
    desk = Context(actor=who.actor, roles=frozenset({"call_taker"}))
    with acting(connection, desk):  # an area's officers may not lock what they may not change
        was = lock(connection, code)
    if was.status not in OPEN:
        raise CannotChange("closed")
    if seen is not None and seen != was.last_event:
        raise CannotChange("meanwhile")
    at = clock.now()
    said: dict[str, Any] = {
        "incident_id": was.id, "actor": who.actor, "area_id": area_id, "unit_id": None if area_id else who.unit_id,
        "reason": reason, "note": note, "at": at,
    }  # fmt: skip
    connection.execute(Q["object"], said)
    data: dict[str, object] = {"code": was.code, "reason": reason, "area_id": area_id}
    if note and was.text_salt:
        data["note"] = hashlib.sha256(bytes(was.text_salt) + note.encode()).hexdigest()
    about: dict[str, Any] = {"actor": who.actor, "incident_id": was.id, "report_id": was.lead_id}
    write(connection, [NewEvent(kind=INCIDENT_OBJECTED, data=data, **about)])
    if not _theirs(known, was, who, area_id):
        return Objected(returned=False)
    planned = plan(known, index, was, unit=known.desk.code, category=None, at=at)
    planned = replace(planned, status="returned", due_at=planned.resolve_due_at)
    unit = known.units[was.unit_id].code
    with acting(connection, desk):
        step = {"at": at.isoformat(), "status": "returned", "unit": unit, "reason": reason}
        apply(connection, known, was, planned, at=at, reason="returned", step=step)
        data = {"code": was.code, "status": "returned", "unit": unit, "to": known.desk.code, "reason": reason}
        write(connection, [NewEvent(kind=INCIDENT_STATUS_CHANGED, data=data, **about)])
    return Objected(returned=True)


def _theirs(known: Reference, was: Standing, who: Context, area_id: int | None) -> bool:
    """Whether it is theirs to act on, so that it has to go back."""
    unit = known.units[was.unit_id]
    if unit.id == known.desk.id or "returned" not in NEXT[was.status]:
        return False
    return unit.area_id == area_id if area_id else unit.id == who.unit_id
