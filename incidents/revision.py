"""A report said anew by whoever sent it first: through the same steps as a new one, onto the rows that are there.

Its former place is kept, a new text is held until somebody has looked at it, and what was done in the meantime stays:
the status only changes where the new word has one, and the unit only where the work has not begun or the word names
another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Row

from database import clock
from database.sql import queries
from district_boundaries.areas import AreaIndex
from incidents import intake, record, store
from incidents.drafts import Draft
from incidents.errors import Refusal
from incidents.record import events
from incidents.record.events import NewEvent
from incidents.reference import Reference
from incidents.workflow import OPEN

Q = queries(Path(__file__).with_name("revision.sql"))

_NOT_BEGUN = frozenset({"received", "classified", "assigned"})
_NEAR_DEGREES = 1e-9


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A report and what is now said of it: the whole of it, but for a status or a unit that are not spoken of."""

    report_id: int
    draft: Draft
    person_said: bool
    """whether the draft's reporter counts; else the one that is there stays"""


def revise(
    connection: Connection,
    revisions: Sequence[Revision],
    *,
    actor: str,
    bulk: bool,
    known: Reference,
    index: AreaIndex,
) -> list[Refusal | None]:
    """Take revisions over in the caller's transaction: None for each that was, in order. `bulk`: sealed in the record
    but not streamed one by one. A report is named at most once."""
    if not revisions:
        return []
    locked = {
        row.report_id: row
        for row in connection.execute(Q["lock"], {"report_ids": [revision.report_id for revision in revisions]})
    }
    prepared = intake.prepare(
        connection, [revision.draft for revision in revisions], known=known, index=index, alone=True
    )
    changes = [
        _Change(revisions[pos], locked[revisions[pos].report_id], entry, known)
        for pos, entry in zip(prepared.taken, prepared.entries, strict=True)
    ]
    if changes:
        now = clock.now()
        rows = orjson.dumps([change.row() for change in changes]).decode()
        connection.execute(Q["revise"], {"rows": rows, "at": now, "reason": actor})
        connection.execute(Q["spread"], {"incident_ids": [change.was.incident_id for change in changes]})
        record.write(connection, [event for change in changes for event in change.events(actor, bulk=bulk)])
    return prepared.refusals


class _Change:
    """One revision beside what the report is now."""

    def __init__(self, revision: Revision, was: Row[Any], entry: store.Entry, known: Reference) -> None:
        self.revision, self.was, self.entry = revision, was, entry
        draft = revision.draft
        self.columns = store.columns(0, entry, known, clock.now(), bulk=True)
        self.moved = _moved(was, self.columns["lon"], self.columns["lat"])
        self.recategorised = was.category != draft.category
        self.reworded = was.description != self.columns["description"]
        self.redated = was.reported_at != entry.reported_at
        said = draft.first_status is not None or bool(draft.past)
        routed_anew = was.status in _NOT_BEGUN and (self.moved or self.recategorised)
        if said:
            self.status = entry.status
        else:
            self.status = entry.first_status if routed_anew else was.status
        keeps_unit = not (draft.unit or routed_anew or (said and was.status in ("received", "classified")))
        if keeps_unit:
            self.columns["unit_id"] = was.unit_id
        self.unit_id = self.columns["unit_id"]
        self.unit_code = known.units[self.unit_id].code
        self.status_changed = self.status != was.status
        self.reassigned = self.unit_id != was.unit_id
        if said and self.status_changed:
            self.resolved_at, self.closed_at = self.columns["resolved_at"], self.columns["closed_at"]
        elif said and draft.past:
            at = draft.past[-1].at
            self.resolved_at = self.columns["resolved_at"] or was.resolved_at
            self.closed_at = at if self.status not in OPEN | {"resolved"} else None
        else:
            self.resolved_at, self.closed_at = was.resolved_at, was.closed_at

    def row(self) -> dict[str, Any]:
        """One line of the statement's recordset."""
        waiting = self.status in ("received", "classified")
        new_clocks = self.recategorised or self.redated
        clocks = self.entry.clocks if new_clocks else self.was
        return self.columns | {
            "report_id": self.was.report_id,
            "incident_id": self.was.incident_id,
            "leads": self.was.leads,
            "status": self.status,
            "due_at": clocks.dispatch_due_at if waiting else clocks.resolve_due_at,
            "resolved_at": self.resolved_at,
            "closed_at": self.closed_at,
            "steps": self._steps(),
            "person_said": self.revision.person_said,
            "moved": self.moved,
            "reworded": self.reworded,
            "reassigned": self.reassigned,
            "new_clocks": new_clocks,
        }

    def _steps(self) -> list[dict[str, Any]]:
        """What the public page shows besides what it showed."""
        if not self.was.leads or not (self.status_changed or self.reassigned):
            return []
        if self.status_changed and self.revision.draft.past:
            return [{"at": step.at, "status": step.status, "unit": self.unit_code} for step in self.revision.draft.past]
        return [{"at": clock.now(), "status": self.status, "unit": self.unit_code}]

    def events(self, actor: str, *, bulk: bool) -> list[NewEvent]:
        """What the record keeps of it: codes and commitments, never a text."""
        marks: dict[str, object] = {"code": self.was.code} | ({"bulk": True} if bulk else {})
        texts = {
            name: hashlib.sha256(bytes.fromhex(self.columns["text_salt"]) + self.columns[name].encode()).hexdigest()
            for name in ("description", "address")
            if self.columns[name] is not None
        }
        about: list[tuple[str, dict[str, object]]] = [
            (events.REPORT_REVISED, {"channel": self.columns["channel"], "category": self.columns["category"], **texts})
        ]
        if self.moved:
            place = {name: self.columns[name] for name in ("ward_id", "district_id", "precision")}
            about.append((events.REPORT_PLACE_CORRECTED, place))
        if self.was.leads and self.recategorised:
            about.append((events.INCIDENT_CATEGORY_CHANGED, {"category": self.columns["category"]}))
        if self.was.leads and self.reassigned:
            rule = {name: self.columns[name] for name in ("responsibility_id", "rule_version")}
            about.append((events.INCIDENT_ASSIGNED, {"unit": self.unit_code, **rule}))
        if self.was.leads and self.status_changed:
            at = {step.status: step.at.isoformat() for step in self.revision.draft.past}
            now: dict[str, object] = {"status": self.status, "unit": self.unit_code}
            if self.status in at:
                now["happened_at"] = at[self.status]
            about.append((events.INCIDENT_STATUS_CHANGED, now))
        return [
            NewEvent(
                kind=kind, actor=actor, incident_id=self.was.incident_id, report_id=self.was.report_id,
                data={**marks, **data},
            )
            for kind, data in about
        ]  # fmt: skip


def _moved(was: Row[Any], lon: float | None, lat: float | None) -> bool:
    if was.lon is None or lon is None or lat is None:
        return (was.lon is None) != (lon is None)
    return bool(abs(was.lon - lon) > _NEAR_DEGREES or abs(was.lat - lat) > _NEAR_DEGREES)
