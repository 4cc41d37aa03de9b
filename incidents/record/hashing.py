"""The bytes of an event that are sealed, and the chain over them.

A seal's hash is SHA-256 over the previous seal's hash and the event's canonical bytes: UTF-8 of a JSON array
`[seq, id, at, kind, incident_id, report_id, actor, data]`, without spaces, `at` in UTC to the microsecond and `data` as
the text that PostgreSQL writes for its jsonb (keys in its own fixed order). All of that survives dump and restore into
another cluster. The transaction id does not (it starts again there) and is left out.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

GENESIS = bytes(32)
"""What stands before the first seal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRow:
    """An event as it is sealed; times and data as text, so that nothing is lost in conversion."""

    id: int
    at: str
    kind: str
    incident_id: int | None
    report_id: int | None
    actor: str
    data: str


def canonical(seq: int, event: EventRow) -> bytes:
    """The bytes that are sealed for an event at a place in the record."""
    values = [seq, event.id, event.at, event.kind, event.incident_id, event.report_id, event.actor, event.data]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def chained(previous: bytes, seq: int, event: EventRow) -> bytes:
    """The 32 bytes of the seal at `seq`, given the seal before it."""
    return hashlib.sha256(previous + canonical(seq, event)).digest()
