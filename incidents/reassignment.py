"""A person gives an incident to another unit, or names another category for it, and says why.

What was before stays: the old assignment ends and the new one begins, and the record gets a line for each thing that
changed. Time spent at a unit that was not responsible does not count: the deadlines move back by it. Time that an
incident waited at the desk does count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from database import clock
from database.sql import queries
from district_boundaries.areas import AreaIndex
from district_boundaries.locate import locate, near
from geo.text import nfc
from incidents.deadlines import deadlines
from incidents.errors import IncidentsError, NoSuchReport
from incidents.record.events import INCIDENT_ASSIGNED, INCIDENT_CATEGORY_CHANGED, INCIDENT_KEPT, NewEvent, write
from incidents.reference import Reference
from incidents.routing import route, rule_on
from incidents.workflow import OPEN

REASONS = ("other_side", "wrong_category", "wrong_border", "returned", "other")
"""seen on the spot to be the other unit's; the category was wrong; the map's border is wrong; the unit gave it back"""
NOTE_LENGTH = 500

Q = queries(Path(__file__).with_name("reassignment.sql"))


class CannotChange(IncidentsError):
    """The change is not possible as asked."""

    def __init__(self, problem: str, field: str = "") -> None:
        super().__init__(f"{field}: {problem}" if field else problem)
        self.problem = problem
        """closed, nothing, meanwhile, unknown_unit, unknown_category, no_reason, long_note"""
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An incident as it stands before a change."""

    id: int
    code: str
    """of the incident: its first report's"""
    asked_code: str
    """of the report it was asked by"""
    status: str
    category: str | None
    unit_id: int
    candidate_unit_ids: Sequence[int]
    """units that came into question at the border"""
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    ward_id: int | None
    opened_at: datetime
    dispatch_due_at: datetime | None
    accept_due_at: datetime | None
    resolve_due_at: datetime | None
    deadline_rule_id: int | None
    demo: bool
    lead_id: int
    """its first report"""
    text_salt: bytes | None = field(repr=False)
    known_reporter: bool
    place: str
    kind: str
    reports: int
    last_event: int | None
    """what was seen of its history: a change asked for after another one is refused"""
    seconds_elsewhere: float
    """how long units had it that were not responsible"""
    assigned_at: datetime | None
    """since when its present unit has it; None where that is the desk"""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What a change would do, before it is done."""

    category: str | None
    unit_id: int
    rule_unit_id: int
    """who is responsible by the rules, at this place and for this category"""
    candidates: Sequence[int]
    """units near whose border the place lies, the rules' first"""
    area_id: int | None
    responsibility_id: int | None
    rule_version: int | None
    status: str
    unit_changes: bool
    category_changes: bool
    accept_due_at: datetime | None
    resolve_due_at: datetime | None
    deadline_rule_id: int | None
    due_at: datetime | None
    """by when something has to happen in its new status"""
    not_counted: timedelta
    """the time at the present unit, by which the deadline moves back"""
    told: Sequence[int]
    """units that learn of it: the old one, the new one, and whom the rule names"""

    @property
    def kinds(self) -> list[str]:
        """The events that the record will get."""
        changed = {INCIDENT_CATEGORY_CHANGED: self.category_changes, INCIDENT_ASSIGNED: self.unit_changes}
        return [kind for kind, happens in changed.items() if happens]


@dataclass(frozen=True, kw_only=True)
class Hand:
    """Something that happened to an incident, and through whose hands."""

    at: datetime
    kind: str
    actor: str
    label: str | None
    """what the account is for: a role or a desk, never a person's name"""
    roles: Sequence[str]
    data: dict[str, Any]


def standing(connection: Connection, code: str) -> Standing:
    """The incident of a report. Raises NoSuchReport."""
    row = connection.execute(Q["standing"], {"code": code}).first()
    if row is None:
        raise NoSuchReport(code)
    return Standing(**row._mapping)


def plan(
    known: Reference, index: AreaIndex, was: Standing, *, unit: str | None, category: str | None, at: datetime
) -> Planned:
    """What it would mean to name `category` (None: as it is) and give it to `unit` (a code; None: whom the rules
    name). Raises CannotChange."""
    if category is not None and (category not in known.categories or known.categories[category].retired):
        raise CannotChange("unknown_category", "category")
    today = clock.local(at).date()
    if unit is not None and (unit not in known.unit_by_code or not known.unit_by_code[unit].in_force(today)):
        raise CannotChange("unknown_unit", "unit")
    new_category = category or was.category
    category_changes = new_category != was.category
    by_rule = _by_rule(known, index, was, new_category, today)
    unit_id = known.unit_by_code[unit].id if unit else by_rule.unit_id
    unit_changes = unit_id != was.unit_id
    area_id, responsibility_id, rule_version = by_rule.of(unit_id)
    status = was.status
    if unit_changes or (category_changes and was.status in ("received", "classified")):
        status = "classified" if unit_id == known.desk.id else "assigned"
    not_counted = at - was.assigned_at if unit_changes and was.assigned_at else timedelta()
    accept, resolve, rule_id = was.accept_due_at, was.resolve_due_at, was.deadline_rule_id
    moved_by = not_counted
    if category_changes:
        clocks = deadlines(known, [new_category], [was.opened_at])[0]
        accept, resolve, rule_id = clocks.accept_due_at, clocks.resolve_due_at, clocks.rule_id
        moved_by += timedelta(seconds=was.seconds_elsewhere)
    accept, resolve = _later(accept, moved_by), _later(resolve, moved_by)
    told = [was.unit_id, unit_id, by_rule.told if unit_id == by_rule.unit_id else 0]
    return Planned(
        category=new_category,
        unit_id=unit_id,
        rule_unit_id=by_rule.unit_id,
        candidates=by_rule.candidates,
        area_id=area_id,
        responsibility_id=responsibility_id,
        rule_version=rule_version,
        status=status,
        unit_changes=unit_changes,
        category_changes=category_changes,
        accept_due_at=accept,
        resolve_due_at=resolve,
        deadline_rule_id=rule_id,
        due_at=was.dispatch_due_at if status in ("received", "classified") else resolve,
        not_counted=not_counted,
        told=list(dict.fromkeys(each for each in told if each and each != known.desk.id)),
    )


def reassign(
    connection: Connection,
    known: Reference,
    index: AreaIndex,
    code: str,
    *,
    unit: str | None,
    category: str | None,
    reason: str,
    note: str = "",
    seen: int | None = None,
    actor: str,
) -> Planned:
    """Do it, in the caller's transaction, with the incident locked: assignment rows, incident, the public rows of all
    its reports, and the record. `note` is public; `seen` is the `last_event` that the decision was made upon.
    Raises NoSuchReport, CannotChange."""
    was = lock(connection, code)
    note = nfc(" ".join(note.split()))
    if was.status not in OPEN:
        raise CannotChange("closed")
    if seen is not None and seen != was.last_event:
        raise CannotChange("meanwhile")
    if reason not in REASONS:
        raise CannotChange("no_reason", "reason")
    if len(note) > NOTE_LENGTH:
        raise CannotChange("long_note", "note")
    at = clock.now()
    planned = plan(known, index, was, unit=unit, category=category, at=at)
    if not planned.kinds:
        raise CannotChange("nothing")
    carry_out(connection, known, was, planned, reason=reason, note=note, actor=actor, at=at)
    return planned


def carry_out(
    connection: Connection,
    known: Reference,
    was: Standing,
    planned: Planned,
    *,
    reason: str,
    note: str = "",
    actor: str,
    at: datetime,
) -> None:
    """Write what was planned, in the caller's transaction that holds the incident's lock: assignment rows, incident,
    the public rows of all its reports, and the record."""
    step: dict[str, object] = {
        "at": at.isoformat(), "status": planned.status, "unit": known.units[planned.unit_id].code, "reason": reason,
    }  # fmt: skip
    if planned.category_changes:
        step["category"] = planned.category
    if note:
        step["note"] = note
    apply(connection, known, was, planned, at=at, reason=reason, step=step)
    connection.execute(Q["settle_objections"], {"incident_id": was.id, "at": at})
    write(connection, _events(known, was, planned, reason, note, actor))


def apply(
    connection: Connection,
    known: Reference,
    was: Standing,
    planned: Planned,
    *,
    at: datetime,
    reason: str,
    step: Mapping[str, object],
) -> None:
    """Write what was planned: assignment rows, incident, the public rows with `step`. The caller holds the
    incident's lock and writes the event."""
    kind = known.categories[planned.category] if planned.category else None
    connection.execute(
        Q["change"],
        {
            "incident_id": was.id,
            "at": at,
            "unit_changes": planned.unit_changes,
            "unit_id": planned.unit_id,
            "area_id": planned.area_id,
            "responsibility_id": planned.responsibility_id,
            "rule_version": planned.rule_version,
            "reason": reason,
            "status": planned.status,
            "category": planned.category,
            "field": kind.field if kind else None,
            "group_code": kind.group if kind else None,
            "kind": kind.kind if kind else "other",
            "hero": kind.hero if kind else "other",
            "urgency": kind.urgency if kind else "normal",
            # Somebody decided between the units of the border; at the desk it still waits for that.
            "candidates": list(planned.candidates) if planned.unit_id == known.desk.id else [],
            "accept_due_at": planned.accept_due_at,
            "resolve_due_at": planned.resolve_due_at,
            "deadline_rule_id": planned.deadline_rule_id,
            "due_at": planned.due_at,
            "step": json.dumps([dict(step)], ensure_ascii=False),
        },
    )


def lock(connection: Connection, code: str) -> Standing:
    """The incident of a report, locked as by everybody who writes about it. Raises NoSuchReport."""
    if connection.execute(Q["lock"], {"code": code}).first() is None:
        raise NoSuchReport(code)
    return standing(connection, code)


def objections(connection: Connection, incident_id: int) -> list[Any]:
    """What is said against an incident's being theirs and nobody has decided: at, area_id, unit_id, reason, note."""
    return list(connection.execute(Q["objections"], {"incident_id": incident_id}))


def settle(connection: Connection, code: str, *, actor: str) -> None:
    """The desk has read what is said against it, and it stays as it is. Raises NoSuchReport."""
    was = lock(connection, code)
    done = connection.execute(Q["settle_objections"], {"incident_id": was.id, "at": clock.now()}).rowcount
    if done:
        about: dict[str, Any] = {"actor": actor, "incident_id": was.id, "report_id": was.lead_id}
        write(connection, [NewEvent(kind=INCIDENT_KEPT, data={"code": was.code}, **about)])


def history(connection: Connection, incident_id: int) -> list[Hand]:
    """The hands an incident went through, the newest first, as far as the context may see it."""
    return [
        Hand(at=row.at, kind=row.kind, actor=row.actor, label=row.label, roles=row.roles or (), data=row.data)
        for row in connection.execute(Q["history"], {"incident_id": incident_id})
    ]


def last_seal(connection: Connection) -> tuple[int, str] | None:
    """Number and hash (hex) of the record's last line; None where it is empty."""
    row = connection.execute(Q["last_seal"]).first()
    return (row.seq, row.hash) if row else None


def _events(  # noqa: PLR0917
    known: Reference, was: Standing, planned: Planned, reason: str, note: str, actor: str
) -> Iterable[NewEvent]:
    """A line for each thing that changed: ids and codes, and a salted commitment of the note."""
    more: dict[str, object] = {"reason": reason, "status": planned.status}
    if note and was.text_salt:
        more["note"] = hashlib.sha256(bytes(was.text_salt) + note.encode()).hexdigest()
    about: dict[str, dict[str, object]] = {
        INCIDENT_CATEGORY_CHANGED: {"from": was.category, "category": planned.category},
        INCIDENT_ASSIGNED: {
            "from": known.units[was.unit_id].code,
            "unit": known.units[planned.unit_id].code,
            "area_id": planned.area_id,
            "responsibility_id": planned.responsibility_id,
            "rule_version": planned.rule_version,
            "told": [known.units[each].code for each in planned.told],
        },
    }
    for kind in planned.kinds:
        data = {"code": was.code, **about[kind], **more}
        yield NewEvent(kind=kind, actor=actor, incident_id=was.id, report_id=was.lead_id, data=data)


@dataclass(frozen=True, kw_only=True)
class _ByRule:
    """What the rules say of a place and a category."""

    unit_id: int
    told: int
    candidates: Sequence[int]
    rules: dict[int, tuple[int, int, int]]
    """unit → area, responsibility and its version, for those that come into question"""

    def of(self, unit_id: int) -> tuple[int | None, int | None, int | None]:
        return self.rules.get(unit_id, (None, None, None))


def _by_rule(known: Reference, index: AreaIndex, was: Standing, category: str | None, today: date) -> _ByRule:
    """By the areas and rules of the incident's own day; by today's where that day's unit exists no more."""
    if was.lon is None or was.lat is None or category is None:
        return _ByRule(unit_id=known.desk.id, told=0, candidates=(), rules={})
    lon, lat, accuracy = [was.lon], [was.lat], was.accuracy_m or 0.0
    for day in (clock.local(was.opened_at).date(), today):
        routed = route(known, index, [category], locate(index, lon, lat, day), lon, lat, accuracy, day)
        unit_id = int(routed.unit_id[0])
        if known.units[unit_id].in_force(today):
            break
    rules: dict[int, tuple[int, int, int]] = {}
    for tier in known.tiers.get(category, ()):
        for area in near(index, tier.level, tier.field, lon, lat, accuracy, day)[0]:
            rule = rule_on(tier.rules.get(area, ()), day.toordinal())
            if rule is not None:
                rules.setdefault(rule.unit_id, (area, rule.id, rule.version))
    if routed.responsibility_id[0]:
        rules[unit_id] = (int(routed.area_id[0]), int(routed.responsibility_id[0]), int(routed.rule_version[0]))
    return _ByRule(unit_id=unit_id, told=int(routed.told[0]), candidates=tuple(routed.candidates[0]), rules=rules)


def _later(at: datetime | None, by: timedelta) -> datetime | None:
    return None if at is None else at + by
