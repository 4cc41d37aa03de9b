"""A batch into the database: one statement writes report, incident, event and public rows together."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Row

from database import clock
from database.sql import queries
from incidents import copied, joining, people
from incidents.checking import clean
from incidents.deadlines import Deadlines
from incidents.drafts import Draft, Duplicate, FoundPlace, Receipt
from incidents.reference import Reference
from incidents.workflow import DONE, OPEN

Q = queries(Path(__file__).with_name("store.sql"))
WORTH_COPYING = 100
"""Rows at once: from here on they go by COPY into a temporary table, below as JSON in the statement itself."""


@dataclass(kw_only=True)
class Entry:
    """A draft with everything that the steps before found out about it. Nobody changes one; not being frozen halves
    what making it takes."""

    draft: Draft
    reported_at: datetime
    place: FoundPlace | None
    ward_id: int | None
    district_id: int | None
    zone_ids: tuple[int, ...]
    now_ward_id: int | None
    """the ward of today's map, where the report is older than its boundaries"""
    now_district_id: int | None
    unit_id: int
    area_id: int | None
    responsibility_id: int | None
    rule_version: int | None
    candidate_unit_ids: tuple[int, ...]
    suggestion: tuple[str, float] | None
    clocks: Deadlines
    duplicates: tuple[Duplicate, ...]
    review_reasons: tuple[str, ...]
    joins: joining.Joined | None = None
    """the incident that it becomes part of, instead of one of its own"""
    at_desk: bool = False
    """whether the draft itself says that the desk has it"""

    first_status: str = field(init=False)
    """received without a category, classified without one sure unit, else assigned. What comes with later steps has had
    a unit: the rule's first choice stands for it, also near a border. What the draft says of it comes before that. What
    joins an incident stands where that stands."""
    status: str = field(init=False)
    """the last of its steps"""

    def __post_init__(self) -> None:
        self.first_status = self._first_status()
        self.status = self.draft.past[-1].status if self.draft.past else self.first_status

    def _first_status(self) -> str:
        if self.joins is not None:
            return self.joins.status
        if self.draft.first_status is not None:
            return self.draft.first_status
        if self.draft.unit is not None and not self.at_desk:
            return "assigned"
        if self.draft.category is None:
            return "received"
        if self.at_desk:
            return "classified"
        unsure = self.place is None or len(self.candidate_unit_ids) > 1
        return "classified" if self.responsibility_id is None or (unsure and not self.draft.past) else "assigned"

    @property
    def due_at(self) -> datetime | None:
        """The deadline to resolve once a unit has it, before that the one to forward it."""
        if self.joins is not None:
            return self.joins.due_at
        waiting = self.status in ("received", "classified")
        return self.clocks.dispatch_due_at if waiting else self.clocks.resolve_due_at


def store(
    connection: Connection, entries: Sequence[Entry], known: Reference, *, actor: str, bulk: bool
) -> list[Receipt]:
    """Write the batch in the caller's transaction; one receipt per entry, in order."""
    written = write(connection, entries, known, actor=actor, bulk=bulk, told=True)
    return [_receipt(entry, row, known.desk.id) for entry, row in zip(entries, written, strict=True)]


def write(
    connection: Connection, entries: Sequence[Entry], known: Reference, *, actor: str, bulk: bool, told: bool = False
) -> Sequence[Row[Any]]:
    """The same for a caller who needs no receipts. With `told`: pos, code, report_id, incident_id of each entry, in
    order; without it nobody fetches them where there are many."""
    if not entries:
        return []
    now = clock.now()
    sealer = people.Sealer() if any(entry.draft.reporter for entry in entries) else None
    salts = people.Randomness(16)
    rows = (columns(pos, entry, known, now, bulk=bulk, sealer=sealer, salts=salts) for pos, entry in enumerate(entries))
    joining.count(connection, [entry.joins for entry in entries if entry.joins], now)
    if len(entries) < WORTH_COPYING:
        return _insert(connection, list(rows), actor)
    return copied.insert(connection, rows, actor, told=told)  # while the database works none of them is held any more


def _receipt(entry: Entry, row: Row[Any], desk_id: int) -> Receipt:
    return Receipt(
        code=row.code,
        report_id=row.report_id,
        incident_id=row.incident_id,
        status=entry.status,
        category=entry.draft.category,
        suggestion=entry.suggestion,
        place=entry.place,
        ward_id=entry.ward_id,
        district_id=entry.district_id,
        zone_ids=entry.zone_ids,
        unit_id=_unit_id(entry, desk_id),
        candidate_unit_ids=entry.candidate_unit_ids,
        due_at=entry.due_at,
        reported_at=entry.reported_at,
        review_reasons=entry.review_reasons,
        duplicates=entry.duplicates,
        joined=entry.joins.code if entry.joins else None,
    )


def _insert(connection: Connection, rows: Sequence[dict[str, Any]], actor: str) -> Sequence[Row[Any]]:
    """Run the statement: pos, code, report_id, incident_id of each row, in order."""
    return connection.execute(Q["insert_reports"], {"rows": orjson.dumps(rows).decode(), "actor": actor}).all()


def columns(
    pos: int,
    entry: Entry,
    known: Reference,
    now: datetime,
    *,
    bulk: bool,
    sealer: people.Sealer | None = None,
    salts: people.Randomness | None = None,
) -> dict[str, Any]:
    """One line of the statement's recordset: every column that an entry fills."""
    draft = entry.draft
    code = entry.joins.category if entry.joins else draft.category
    category = known.categories[code] if code else None
    unit_id = _unit_id(entry, known.desk.id)
    unit_code = known.units[unit_id].code
    description, address = clean(draft.description), clean(draft.address)
    salt = secrets.token_bytes(16) if salts is None else salts.take()
    found = entry.place
    resolved_at = next((step.at for step in draft.past if step.status in DONE), None)
    steps = _steps(entry, unit_code)
    return {
        "pos": pos,
        "channel": draft.channel,
        "category": code,
        "said_category": draft.category,
        "field": category.field if category else None,
        "group_code": category.group if category else None,
        "kind": category.kind if category else "other",
        "hero": category.hero if category else "other",
        "urgency": category.urgency if category else "normal",
        "description": description,
        "address": address,
        "text_salt": salt.hex(),
        "moderation": "released" if draft.released else "held",
        "external_id": draft.external_id,
        "content_hash": draft.content_hash.hex() if draft.content_hash else None,
        "lon": found.lon if found else None,
        "lat": found.lat if found else None,
        "precision": found.precision if found else None,
        "accuracy_m": found.accuracy_m if found else None,
        "confidence": found.confidence if found else None,
        "place_source": found.source if found else None,
        "place": found.label if found else "",
        "ward_id": entry.ward_id,
        "district_id": entry.district_id,
        "zone_ids": entry.zone_ids,
        "now_ward_id": entry.now_ward_id,
        "now_district_id": entry.now_district_id,
        "review_reasons": entry.review_reasons,
        "suggestion": entry.suggestion[0] if entry.suggestion else None,
        "suggestion_confidence": entry.suggestion[1] if entry.suggestion else None,
        "reported_at": entry.reported_at,
        "received_at": now,
        "demo": draft.demo,
        "joins_id": entry.joins.incident_id if entry.joins else None,
        "joins_code": entry.joins.code if entry.joins else None,
        "status": entry.status,
        "first_status": entry.first_status,
        "unit_id": unit_id,
        "candidate_unit_ids": entry.candidate_unit_ids,
        "assigned_by": "stated" if draft.unit else "rule",
        "area_id": entry.area_id,
        "responsibility_id": entry.responsibility_id,
        "rule_version": entry.rule_version,
        "dispatch_due_at": entry.clocks.dispatch_due_at,
        "accept_due_at": entry.clocks.accept_due_at,
        "resolve_due_at": entry.clocks.resolve_due_at,
        "deadline_rule_id": entry.clocks.rule_id,
        "due_at": entry.due_at,
        "resolved_at": resolved_at,
        "closed_at": draft.past[-1].at if draft.past and entry.status not in OPEN | {"resolved"} else None,
        "updated_at": draft.past[-1].at if draft.past else entry.reported_at,
        "steps": steps,
        "past": 0 if entry.joins else len(draft.past),
        "event": _event(entry, unit_code, salt, description, address, bulk=bulk),
        "person": sealed_person(draft, sealer),
        "photos": [
            {
                "sha256": photo.sha256,
                "width": photo.width,
                "height": photo.height,
                "exif_lon": photo.exif_lon,
                "exif_lat": photo.exif_lat,
            }
            for photo in draft.photos
        ]
        or None,
    }


def _unit_id(entry: Entry, desk_id: int) -> int:
    """Who has it now: the unit once it is assigned, until then the desk; the incident's own where it joins one."""
    if entry.joins is not None:
        return entry.joins.unit_id
    return entry.unit_id if entry.first_status == "assigned" else desk_id


def _steps(entry: Entry, unit_code: str) -> list[dict[str, Any]]:
    """What the public page shows, oldest first: received, what the door did with it, then what happened since."""
    first: list[dict[str, Any]] = [{"at": entry.reported_at, "status": "received"}]
    if entry.joins is not None:
        return [*first, {"at": entry.reported_at, "status": "merged", "unit": unit_code}]
    if entry.first_status != "received":
        first.append({"at": entry.reported_at, "status": entry.first_status, "unit": unit_code})
    return first + [{"at": step.at, "status": step.status, "unit": unit_code} for step in entry.draft.past]


def _event(
    entry: Entry, unit_code: str, salt: bytes, description: str | None, address: str | None, *, bulk: bool
) -> dict[str, Any]:
    """What the record keeps: codes, and a salted commitment of each text, never the text."""
    data: dict[str, Any] = {
        "channel": entry.draft.channel,
        "category": entry.draft.category,
        "status": entry.first_status,
        "unit": unit_code,
        "ward_id": entry.ward_id,
        "district_id": entry.district_id,
        "responsibility_id": entry.responsibility_id,
        "rule_version": entry.rule_version,
        "due_at": entry.due_at,
        "precision": entry.place.precision if entry.place else None,
        "photos": [photo.sha256 for photo in entry.draft.photos],
    }
    for name, text in (("description", description), ("address", address)):
        if text is not None:
            data[name] = hashlib.sha256(salt + text.encode()).hexdigest()
    if entry.joins is not None:
        data["joins"] = entry.joins.code
    if bulk:
        data["bulk"] = True
    return data


def sealed_person(draft: Draft, sealer: people.Sealer | None = None) -> dict[str, Any] | None:
    """A draft's reporter as the table holds them, encrypted; None where there is none."""
    if not draft.reporter:
        return None
    sealed = (sealer or people.Sealer()).seal(draft.reporter)
    columns = {"name": sealed.name, "phone": sealed.phone, "email": sealed.email, "phone_lookup": sealed.phone_lookup}
    return {"key_id": sealed.key_id} | {name: value.hex() if value else None for name, value in columns.items()}
