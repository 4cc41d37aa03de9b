"""A report's place is corrected: by a person here, or by its reporter. The former place is kept.

The new place goes through the same steps as one that comes in: areas of the report's own day, the rules' unit, the
candidates near a border. The unit follows where the rules name another one there; whom a person chose stays where they
name the same. The record gets a line for the place, and one for the new unit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection

from database import clock
from database.sql import queries
from district_boundaries.area_names import area_names
from district_boundaries.areas import AreaIndex
from district_boundaries.locate import locate
from geo.crs import to_metres
from geo.geocoder.corrections import learn
from geo.text import nfc
from incidents import place as places
from incidents import reassignment
from incidents.drafts import DEFAULT_ACCURACY_M, FoundPlace
from incidents.errors import NoSuchReport
from incidents.intake import LOW_CONFIDENCE
from incidents.reassignment import NOTE_LENGTH, CannotChange, Planned, Standing
from incidents.record.events import REPORT_PLACE_CORRECTED, NewEvent, write
from incidents.reference import Reference
from incidents.workflow import OPEN

MISPLACED = "misplaced"
REASONS = (MISPLACED, "mispinned", "known_better", "other")
"""the address was looked up wrongly, which is learnt; the pin stood wrong; it is known better now; another reason"""
BY_REPORTER = "reporter"
MOVED = "moved"
"""the reason of the new unit that follows from a new place"""
LEAST_M = 1.0
"""nearer than this it is the same place"""

Q = queries(Path(__file__).with_name("relocation.sql"))


@dataclass(frozen=True, kw_only=True)
class PlaceNow:
    """Where a report lies before it is moved; lon, lat in degrees, None where it has no place."""

    report_id: int
    address: str | None
    lon: float | None
    lat: float | None
    precision: str | None
    accuracy_m: float | None
    ward_id: int | None
    district_id: int | None
    review_reasons: Sequence[str]
    reported_at: datetime
    leads: bool
    """whether it is its incident's first one, whose place the incident has"""
    text_salt: bytes | None
    words: str


@dataclass(frozen=True, kw_only=True)
class Relocation:
    """What a move would do, before it is done."""

    was: Standing
    now: PlaceNow
    place: FoundPlace
    ward_id: int | None
    district_id: int | None
    zone_ids: tuple[int, ...]
    now_ward_id: int | None
    """the ward of today's map, where the report is older than its boundaries"""
    now_district_id: int | None
    metres: float | None
    """from the former place; None where there was none"""
    planned: Planned | None
    """what becomes of the incident; None for a report that joined another's"""
    review_reasons: tuple[str, ...]

    @property
    def candidates(self) -> tuple[int, ...]:
        """Units near whose border the new place lies, two or more."""
        found = tuple(self.planned.candidates) if self.planned else ()
        return found if len(found) > 1 else ()


def pinned(lon: float, lat: float, source: str, accuracy_m: float = DEFAULT_ACCURACY_M) -> FoundPlace:
    """A place put by hand (degrees)."""
    return FoundPlace(
        lon=lon,
        lat=lat,
        precision="pin",
        accuracy_m=accuracy_m,
        confidence=round(places.within_500_m(accuracy_m), 4),
        source=source,
    )


def place_now(connection: Connection, code: str) -> PlaceNow:
    """Where a report lies. Raises NoSuchReport."""
    row = connection.execute(Q["place_now"], {"code": code}).first()
    if row is None:
        raise NoSuchReport(code)
    return PlaceNow(**row._mapping)


def plan(
    connection: Connection,
    known: Reference,
    index: AreaIndex,
    code: str,
    place: FoundPlace,
    *,
    at: datetime,
    unsure_to_desk: bool = False,
) -> Relocation:
    """What it would mean that the report `code` lies at `place`. `unsure_to_desk`: near a border a person chooses the
    unit, as for a report that comes in. Raises NoSuchReport, CannotChange (`outside_city`)."""
    was, now = reassignment.standing(connection, code), place_now(connection, code)
    day, today = clock.local(now.reported_at).date(), clock.local(at).date()
    located, of_today = (locate(index, [place.lon], [place.lat], each) for each in (day, today))
    if not located.inside[0]:
        raise CannotChange("outside_city", "place")
    planned = _unit(known, index, was, place, int(located.ward_id[0]), at, unsure_to_desk) if now.leads else None
    waits = planned is not None and planned.unit_id == known.desk.id and len(planned.candidates) > 1
    kept = [each for each in now.review_reasons if each not in _OF_THE_PLACE]
    reasons = {
        "low_confidence": place.confidence < LOW_CONFIDENCE,
        "unit_border": waits,
        "nearest_area": bool(located.nearest[0]),
        "approximate_boundary": bool(located.approximate[0]),
    }
    return Relocation(
        was=was,
        now=now,
        place=places.worded(connection, [place])[0] or place,
        ward_id=int(located.ward_id[0]) or None,
        district_id=int(located.district_id[0]) or None,
        zone_ids=tuple(int(zone) for zone in located.zone_ids[0]),
        now_ward_id=int(of_today.ward_id[0]) or None,
        now_district_id=int(of_today.district_id[0]) or None,
        metres=_metres(now, place),
        planned=planned,
        review_reasons=tuple(kept) + tuple(reason for reason, holds in reasons.items() if holds),
    )


_OF_THE_PLACE = frozenset({"no_place", "low_confidence", "unit_border", "nearest_area", "approximate_boundary"})


def move(
    connection: Connection,
    known: Reference,
    index: AreaIndex,
    code: str,
    place: FoundPlace,
    *,
    reason: str,
    note: str = "",
    seen: int | None = None,
    actor: str,
) -> Relocation:
    """Do it, in the caller's transaction, with the incident locked. `reason` is one of REASONS, or BY_REPORTER; `note`
    is public; `seen` is the `last_event` that the decision was made upon.

    With MISPLACED the report's own address is learnt to lie there, at once; of a reporter's move it is kept as a
    suggestion that counts once a person here has confirmed it, since anybody may have sent the report.
    Raises NoSuchReport, CannotChange."""
    reassignment.lock(connection, code)
    at = clock.now()
    note = nfc(" ".join(note.split()))
    moved = plan(connection, known, index, code, place, at=at, unsure_to_desk=reason == BY_REPORTER)
    was = moved.was
    if was.status not in OPEN:
        raise CannotChange("closed")
    if seen is not None and seen != was.last_event:
        raise CannotChange("meanwhile")
    if reason not in (*REASONS, BY_REPORTER):
        raise CannotChange("no_reason", "reason")
    if len(note) > NOTE_LENGTH:
        raise CannotChange("long_note", "note")
    if moved.metres is not None and moved.metres < LEAST_M:
        raise CannotChange("same_place", "place")
    learnt = _learn(connection, moved, reason, actor)
    connection.execute(Q["move"], _columns(known, moved, reason, note, at))
    write(connection, [_event(moved, reason, note, learnt, actor)])
    if moved.planned and moved.planned.kinds:
        reassignment.carry_out(connection, known, was, moved.planned, reason=MOVED, actor=actor, at=at)
    return moved


def _unit(  # noqa: PLR0917
    known: Reference, index: AreaIndex, was: Standing, place: FoundPlace, ward_id: int, at: datetime, unsure: bool
) -> Planned:
    """Whom the incident goes to at its new place."""
    there = replace(was, lon=place.lon, lat=place.lat, accuracy_m=place.accuracy_m, ward_id=ward_id or None)
    before = reassignment.plan(known, index, was, unit=None, category=None, at=at)
    after = reassignment.plan(known, index, there, unit=None, category=None, at=at)
    has_unit = was.unit_id != known.desk.id
    if has_unit and after.rule_unit_id in (before.rule_unit_id, was.unit_id):
        return reassignment.plan(known, index, there, unit=known.units[was.unit_id].code, category=None, at=at)
    if unsure and len(after.candidates) > 1:
        return reassignment.plan(known, index, there, unit=known.desk.code, category=None, at=at)
    return after


def _metres(now: PlaceNow, place: FoundPlace) -> float | None:
    if now.lon is None or now.lat is None:
        return None
    x, y = to_metres(np.array([now.lon, place.lon]), np.array([now.lat, place.lat]))
    return float(np.hypot(x[1] - x[0], y[1] - y[0]))


def _learn(connection: Connection, moved: Relocation, reason: str, actor: str) -> int | None:
    """The number of the correction, None where there is nothing to learn."""
    if reason not in (MISPLACED, BY_REPORTER) or not moved.now.address:
        return None
    return learn(
        connection,
        moved.now.address,
        moved.place.lon,
        moved.place.lat,
        area_names(connection),
        made_by=actor,
        origin=f"report:{moved.was.asked_code}",
        confirmed=reason == MISPLACED,
    )


def _columns(known: Reference, moved: Relocation, reason: str, note: str, at: datetime) -> dict[str, Any]:
    place, planned = moved.place, moved.planned
    status = planned.status if planned else moved.was.status
    unit = known.units[moved.was.unit_id]  # the new one has a step of its own
    step: dict[str, object] = {"at": at.isoformat(), "status": moved.was.status, "unit": unit.code, "moved": reason}
    if moved.metres is not None:
        step["metres"] = round(moved.metres)
    if note:
        step["note"] = note
    waits = status in ("received", "classified")
    return {
        "report_id": moved.now.report_id,
        "incident_id": moved.was.id,
        "leads": moved.now.leads,
        "reason": reason,
        "at": at,
        "lon": place.lon,
        "lat": place.lat,
        "precision": place.precision,
        "accuracy_m": place.accuracy_m,
        "confidence": place.confidence,
        "place_source": place.source,
        "place": place.label,
        "ward_id": moved.ward_id,
        "district_id": moved.district_id,
        "zone_ids": list(moved.zone_ids),
        "now_ward_id": moved.now_ward_id,
        "now_district_id": moved.now_district_id,
        "review_reasons": list(moved.review_reasons),
        "candidates": list(moved.candidates) if waits else [],
        "step": json.dumps([step], ensure_ascii=False),
    }


def _event(moved: Relocation, reason: str, note: str, learnt: int | None, actor: str) -> NewEvent:
    """What the record keeps: codes, areas, how far; never a text."""
    data: dict[str, object] = {
        "code": moved.was.asked_code,
        "reason": reason,
        "precision": moved.place.precision,
        "ward_id": moved.ward_id,
        "district_id": moved.district_id,
        "from_ward_id": moved.now.ward_id,
        "metres": None if moved.metres is None else round(moved.metres),
    }
    if learnt is not None:
        data["correction"] = learnt
    if note and moved.now.text_salt:
        data["note"] = hashlib.sha256(bytes(moved.now.text_salt) + note.encode()).hexdigest()
    return NewEvent(
        kind=REPORT_PLACE_CORRECTED, actor=actor, incident_id=moved.was.id, report_id=moved.now.report_id, data=data
    )


def by_address(connection: Connection, address: str, on: date) -> list[FoundPlace]:
    """What an address may mean as a report's place, best first; the same as /api/v1/geocode says."""
    from geo.geocoder import geocode

    return [places.of_answer(each) for each in geocode([address], area_names(connection), on=on, limit=5)[0]]
