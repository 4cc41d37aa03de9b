"""What a reporter does with their own report, with its pin: correct place or category, add a photo, withdraw.

Each runs in a context of its own (`context`): the database shows and lets change that one report, and its incident as
long as it is nobody else's and no unit has accepted it. All of it is written to the record.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from database import clock
from database.engine import Context, read
from database.sql import queries
from district_boundaries.areas import AreaIndex
from incidents import people, reassignment, relocation
from incidents.drafts import FoundPlace, StoredPhoto
from incidents.errors import IncidentsError, NoSuchReport
from incidents.photos import MAX_PHOTOS
from incidents.record.events import INCIDENT_STATUS_CHANGED, REPORT_PHOTO_ADDED, REPORT_WITHDRAWN, NewEvent, write
from incidents.reference import Reference
from incidents.relocation import Relocation
from incidents.workflow import NEXT, OPEN

ACTOR = "reporter"
WITHDRAWALS = ("gone", "mistake", "twice", "other")
"""it is in order again; it was reported by mistake; it was reported twice; another reason. Public."""
NOT_ACCEPTED = frozenset({"received", "classified", "assigned"})

Q = queries(Path(__file__).with_name("own_report.sql"))


class NotYours(IncidentsError):
    """The pin is not this report's."""


class CannotDo(IncidentsError):
    """The report does not allow it as it stands."""

    def __init__(self, problem: str, field: str = "") -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.problem = problem
        """accepted, shared, ended, no_reason, too_many_photos, unknown_category, nothing, outside_city, same_place"""
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Own:
    """What may be done with a report now."""

    code: str
    status: str
    category: str | None
    shared: bool
    """others reported the same incident"""
    leads: bool
    photos: int
    withdrawn: bool

    @property
    def place(self) -> bool:
        return self.status in NOT_ACCEPTED and not self.withdrawn

    @property
    def recategorise(self) -> bool:
        return self.place and self.leads and not self.shared

    @property
    def photo(self) -> bool:
        return self.status in OPEN and not self.withdrawn and self.photos < MAX_PHOTOS

    @property
    def withdraw(self) -> bool:
        return "withdrawn" in NEXT[self.status] and not self.withdrawn


def context(code: str, pin: str) -> Context:
    """In whose name the reporter of `code` acts. Raises NoSuchReport, NotYours."""
    with read() as connection:
        row = connection.execute(Q["report_of_code"], {"code": code}).first()
    if row is None:
        raise NoSuchReport(code)
    if not people.pin_fits(code, pin):
        raise NotYours(code)
    return Context(actor=ACTOR, roles=frozenset({ACTOR}), report_id=row.id)


def own(connection: Connection, code: str) -> Own:
    """What may be done. Raises NoSuchReport."""
    row = connection.execute(Q["own"], {"code": code}).first()
    if row is None:
        raise NoSuchReport(code)
    return Own(**row._mapping)


def correct_place(
    connection: Connection, known: Reference, index: AreaIndex, code: str, place: FoundPlace
) -> Relocation:
    """Move the report. Of a report that joined somebody else's incident, the incident stays where it is.
    Raises NoSuchReport, CannotDo."""
    _lock(connection, code)
    mine = own(connection, code)
    if not mine.place:
        raise CannotDo("accepted")
    if mine.leads and mine.shared:
        raise CannotDo("shared")
    try:
        return relocation.move(connection, known, index, code, place, reason=relocation.BY_REPORTER, actor=ACTOR)
    except reassignment.CannotChange as refused:
        raise CannotDo(refused.problem, refused.field) from None


def correct_category(connection: Connection, known: Reference, index: AreaIndex, code: str, category: str) -> None:
    """Name another category; the unit and the deadlines follow by the rules. Raises NoSuchReport, CannotDo."""
    _lock(connection, code)
    mine = own(connection, code)
    if not mine.place:
        raise CannotDo("accepted")
    if not mine.recategorise:
        raise CannotDo("shared")
    at = clock.now()
    was = reassignment.standing(connection, code)
    try:
        planned = reassignment.plan(known, index, was, unit=None, category=category, at=at)
        if not planned.category_changes:
            raise CannotDo("nothing", "category")
        if len(planned.candidates) > 1:  # near a border a person chooses, as for a report that comes in
            desk = known.desk.code
            planned = reassignment.plan(known, index, was, unit=desk, category=category, at=at)
    except reassignment.CannotChange as refused:
        raise CannotDo(refused.problem, refused.field) from None
    connection.execute(Q["said_category"], {"code": code, "category": category})
    reassignment.carry_out(connection, known, was, planned, reason=relocation.BY_REPORTER, actor=ACTOR, at=at)


def add_photos(connection: Connection, code: str, photos: Sequence[StoredPhoto]) -> int:
    """Add photos, held until somebody has looked at them; how many were new. Raises NoSuchReport, CannotDo."""
    incident_id, report_id = _lock(connection, code)
    mine = own(connection, code)
    if mine.status not in OPEN or mine.withdrawn:
        raise CannotDo("ended")
    if mine.photos + len(photos) > MAX_PHOTOS:
        raise CannotDo("too_many_photos", "photos")
    rows = [vars(photo) for photo in photos]
    added = list(
        connection.execute(
            Q["add_photos"], {"report_id": report_id, "photos": json.dumps(rows), "at": clock.now()}
        ).scalars()
    )
    if added:
        _write(connection, REPORT_PHOTO_ADDED, incident_id, report_id, code, photos=added)
    return len(added)


def withdraw(connection: Connection, known: Reference, code: str, reason: str) -> bool:
    """Take the report back, for a reason that everybody may read. What its reporter wrote and photographed leaves the
    public. True where the incident ends with it; where others reported it too, it goes on without this one.
    Raises NoSuchReport, CannotDo."""
    incident_id, report_id = _lock(connection, code)
    mine = own(connection, code)
    if reason not in WITHDRAWALS:
        raise CannotDo("no_reason", "reason")
    if not mine.withdraw:
        raise CannotDo("ended")
    at = clock.now()
    was = reassignment.standing(connection, code)
    ends = mine.leads and not mine.shared
    step = {"at": at.isoformat(), "status": "withdrawn", "withdrawn": reason}
    asked = {"report_id": report_id, "incident_id": incident_id, "at": at, "step": json.dumps([step])}
    connection.execute(Q["hide"], asked)
    gone = {"ward_id": was.ward_id, "reason": reason, "status": "withdrawn"}
    if ends:
        connection.execute(Q["end"], asked)
        unit = known.units[was.unit_id].code
        _write(connection, REPORT_WITHDRAWN, incident_id, report_id, code, **gone)
        _write(connection, INCIDENT_STATUS_CHANGED, incident_id, report_id, code, status="withdrawn", unit=unit)
    else:
        _write(connection, REPORT_WITHDRAWN, incident_id, report_id, code, **gone, shared=True)
    return ends


def _lock(connection: Connection, code: str) -> tuple[int, int]:
    """Incident and report, the incident locked as everybody does who writes about it. Raises NoSuchReport."""
    row = connection.execute(Q["lock"], {"code": code}).first()
    if row is None:
        raise NoSuchReport(code)
    return row.incident_id, row.report_id


def _write(connection: Connection, kind: str, incident_id: int, report_id: int, code: str, **data: object) -> None:
    write(
        connection,
        [NewEvent(kind=kind, actor=ACTOR, incident_id=incident_id, report_id=report_id, data={"code": code, **data})],
    )
