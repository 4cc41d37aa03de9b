"""“I see it too”: a report that becomes part of an incident which is there already, by its reporter's own wish.

The machine joins nothing by itself. Even where a person asks for it, the wish holds only where it can be right: the
incident is open, lies within reach of both places' uncertainty, and is the same kind of thing. Else the draft is
refused with the field `joins`, and its sender may send it as a report of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pyproj import Geod
from sqlalchemy import Connection, Row

from database.sql import queries
from incidents.codes import normalise
from incidents.drafts import Draft, FoundPlace
from incidents.duplicates import FARTHEST_M, NEAR_M
from incidents.errors import Refusal, UnknownCode
from incidents.reference import Reference
from incidents.workflow import OPEN

Q = queries(Path(__file__).with_name("joining.sql"))
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, kw_only=True)
class Joined:
    """The incident that a report becomes part of, as it stands."""

    incident_id: int
    code: str
    category: str
    status: str
    unit_id: int
    unit_code: str
    due_at: datetime | None


def find(
    connection: Connection, drafts: Sequence[Draft], places: Sequence[FoundPlace | None], known: Reference
) -> list[Joined | Refusal | None]:
    """For each draft the incident that it asks to join, locked until the transaction ends; why not; None where it does
    not ask. Locked in the order of their codes, the same for everybody."""
    answers: list[Joined | Refusal | None] = [None] * len(drafts)
    asking = [row for row, draft in enumerate(drafts) if draft.joins]
    for row in sorted(asking, key=lambda row: drafts[row].joins or ""):
        answers[row] = _one(connection, drafts[row], places[row], known)
    return answers


def count(connection: Connection, joined: Sequence[Joined], at: datetime) -> None:
    """The incidents' and their public rows' numbers of reports."""
    for incident_id, how_many in Counter(each.incident_id for each in joined).items():
        connection.execute(Q["count_joined"], {"incident_id": incident_id, "how_many": how_many, "at": at})


def _one(connection: Connection, draft: Draft, place: FoundPlace | None, known: Reference) -> Joined | Refusal:
    try:
        code = normalise(draft.joins or "")
    except UnknownCode:
        return _refused("unknown_incident", "there is no incident of that code")
    found = connection.execute(Q["incident_to_join"], {"code": code}).first()
    if found is None:
        return _refused("unknown_incident", "there is no incident of that code")
    if found.status not in OPEN:
        return _refused("incident_not_open", "that incident is not open any more")
    if found.category is None:
        return _refused("incident_not_classified", "nobody has said yet what that incident is")
    if draft.category is not None and _kind(known, draft.category) != _kind(known, found.category):
        return _refused("another_kind", f"that incident is another kind of thing: {found.category}")
    if place is None or not _near(place, found):
        return _refused("too_far", "that incident is too far from this place")
    return Joined(
        incident_id=found.id,
        code=found.code,
        category=found.category,
        status=found.status,
        unit_id=found.unit_id,
        unit_code=found.unit_code,
        due_at=found.due_at,
    )


def _near(place: FoundPlace, found: Row[tuple[object, ...]]) -> bool:
    """Within what two people put their pins apart for one thing, and what both places are off; never beyond
    FARTHEST_M, so that a place known to its ward alone joins nothing."""
    if found.lon is None or place.accuracy_m > FARTHEST_M or (found.accuracy_m or 0) > FARTHEST_M:
        return False
    metres = _GEOD.inv(place.lon, place.lat, found.lon, found.lat)[2]
    return bool(metres <= min(NEAR_M + place.accuracy_m + (found.accuracy_m or 0), FARTHEST_M))


def _kind(known: Reference, category: str) -> str:
    return known.categories[category].group or category


def _refused(reason: str, message: str) -> Refusal:
    return Refusal(field="joins", reason=reason, message=message)
