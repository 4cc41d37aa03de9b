"""What became of a report elsewhere, told by a status and a time: as the steps that it must have taken."""

from __future__ import annotations

from datetime import datetime

from incidents.drafts import PastStep

FIRST = frozenset({"received", "classified", "assigned"})
"""What a report may be right after the door."""
ENDED = frozenset({"resolved", "closed", "rejected", "withdrawn", "merged"})
"""What may have a time of end."""

_WAY = {"closed": ("resolved", "closed"), "reopened": ("resolved", "reopened")}


def past_steps(
    status: str, *, reported_at: datetime, ended_at: datetime | None
) -> tuple[str | None, tuple[PastStep, ...]]:
    """The first status (None: the door's own) and the later steps of a report that has `status` now.

    A step whose time nobody tells is dated like the report: a report of years ago must not look as if it had just been
    resolved.
    """
    if status in FIRST:
        return status, ()
    at = ended_at or reported_at
    return None, tuple(PastStep(at=at, status=each) for each in _WAY.get(status, (status,)))
