"""Statuses, which step may follow which, and what the map makes of them."""

from __future__ import annotations

from datetime import datetime

STATUSES = (
    "received", "classified", "assigned", "accepted", "in_progress", "resolved", "closed",
    "returned", "merged", "rejected", "withdrawn", "reopened",
)  # fmt: skip

NEXT: dict[str, frozenset[str]] = {
    "received": frozenset({"classified", "assigned", "merged", "rejected", "withdrawn"}),
    "classified": frozenset({"assigned", "merged", "rejected", "withdrawn"}),
    "assigned": frozenset({"accepted", "returned", "merged", "rejected", "withdrawn", "in_progress", "resolved"}),
    "accepted": frozenset({"in_progress", "resolved", "returned", "merged", "withdrawn"}),
    "in_progress": frozenset({"resolved", "returned", "merged", "withdrawn"}),
    "resolved": frozenset({"closed", "reopened"}),
    "closed": frozenset({"reopened"}),
    "returned": frozenset({"classified", "assigned", "merged", "rejected", "withdrawn"}),
    "reopened": frozenset({"assigned", "accepted", "in_progress", "resolved", "merged", "rejected"}),
    "merged": frozenset(),
    "rejected": frozenset({"reopened"}),
    "withdrawn": frozenset(),
}
"""From each status the ones that may follow it."""

NEW = frozenset({"received", "classified", "assigned", "reopened"})
IN_PROGRESS = frozenset({"accepted", "in_progress", "returned"})
OPEN = NEW | IN_PROGRESS
DONE = frozenset({"resolved", "closed"})
GONE = frozenset({"withdrawn"})
"""Not shown to the public any more."""
RESOLVED_SHOWN_DAYS = 7


def state(status: str, due_at: datetime | None, now: datetime) -> str:
    """What the map shows: new, progress, late, resolved, or gone for what is off the map.
    The same rule stands in webmap/tiles.sql and incidents/public.sql as `incident_state`."""
    if status in OPEN:
        if due_at is not None and due_at < now:
            return "late"
        return "new" if status in NEW else "progress"
    return "resolved" if status in DONE else "gone"
