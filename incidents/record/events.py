"""The kinds of event, what the public stream makes of each, and the one way to write them.

An event's `data` holds ids, codes, numbers and salted commitments, never a text somebody wrote and never a name: a
person can be forgotten and the record stays whole. What consumers rely on in `data`:

- `code` on every event with a report: the report's public code (the stream says `{code, gone: true}` with it)
- `bulk: true` on events of a bulk load: sealed like any other, but not streamed one by one; the load ends with one
  `bulk.imported`, which the stream passes on as `reload`
- `ward_id`, `district_id`, `field` on a report that leaves the public: where it was last seen, so that only those who
  watch there are told
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from database.sql import queries

REPORT_RECEIVED = "report.received"
REPORT_PLACE_CORRECTED = "report.place_corrected"
REPORT_RELEASED = "report.released"
REPORT_JOINED = "report.joined"
REPORT_REVISED = "report.revised"
REPORT_WITHDRAWN = "report.withdrawn"
REPORT_PHOTO_ADDED = "report.photo_added"
CORRECTION_JUDGED = "gazetteer.correction_judged"
INCIDENT_STATUS_CHANGED = "incident.status_changed"
INCIDENT_ASSIGNED = "incident.assigned"
INCIDENT_OBJECTED = "incident.objected"
"""an officer or a unit says that it is not theirs"""
INCIDENT_KEPT = "incident.kept"
"""the desk has read what is said against it: it stays with its unit"""
INCIDENT_CATEGORY_CHANGED = "incident.category_changed"
BULK_IMPORTED = "bulk.imported"
REPORTS_EXPORTED = "reports.exported"

Q = queries(Path(__file__).parent / "events.sql")


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """One thing that happened, not yet written."""

    kind: str
    """what happened: `subject.verb`, one of the constants of this module or a later one of the same form"""
    actor: str
    """who did it: `public`, `system`, `account:7`; never a name"""
    incident_id: int | None = None
    report_id: int | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    at: datetime | None = None
    """when it happened; None: now, by the database's clock"""


def write(connection: Connection, events: Iterable[NewEvent]) -> int:
    """Insert events in the given order, in the caller's transaction, and return how many.

    The caller holds the lock of every incident it writes about (`SELECT … FOR UPDATE`, or it has just inserted the
    incident): that, and nothing else, makes the order of one incident's event ids the order of its commits.
    """
    rows = list(events)
    if rows:
        connection.execute(
            Q["insert_events"],
            {
                "kinds": [row.kind for row in rows],
                "incident_ids": [row.incident_id for row in rows],
                "report_ids": [row.report_id for row in rows],
                "actors": [row.actor for row in rows],
                "data": [json.dumps(dict(row.data), ensure_ascii=False) for row in rows],
                "ats": [row.at for row in rows],
            },
        )
    return len(rows)


def streamed_as(kind: str, *, bulk: bool = False) -> str | None:
    """The stream's message for an event of this kind; None where the public hears nothing of it."""
    if kind == BULK_IMPORTED:
        return "reload"
    if bulk:
        return None
    if kind == REPORT_RECEIVED:
        return "report.created"
    if kind.startswith("report."):
        return "report.updated"
    if kind.startswith("incident."):
        return "incident.updated"
    return None
