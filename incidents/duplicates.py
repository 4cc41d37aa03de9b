"""Likely duplicates: the same kind of thing, near and recent. The machine names them; a person joins them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

from database import clock
from database.sql import queries
from incidents.drafts import Duplicate, FoundPlace

Q = queries(Path(__file__).with_name("duplicates.sql"))

NEAR_M = 100.0
"""Two people seldom put the pin for one thing farther apart than this, beyond what their places are off."""
FARTHEST_M = 300.0
RECENT = timedelta(days=14)
_LIMIT = 5


def likely(
    connection: Connection, places: Sequence[FoundPlace | None], kinds: Sequence[str | None]
) -> list[tuple[Duplicate, ...]]:
    """For each place (None: nowhere) and kind (a category's group, else its code) the open incidents of that kind
    within NEAR_M plus the place's accuracy, nearest first, at most five."""
    found: list[list[Duplicate]] = [[] for _ in places]
    points = [
        {
            "pos": pos,
            "lon": place.lon,
            "lat": place.lat,
            "kind": kind,
            "metres": min(NEAR_M + place.accuracy_m, FARTHEST_M),
        }
        for pos, (place, kind) in enumerate(zip(places, kinds, strict=True))
        if place is not None and kind is not None
    ]
    if not points:
        return [() for _ in places]
    rows = connection.execute(
        Q["likely_duplicates"], {"points": json.dumps(points), "since": clock.now() - RECENT, "limit": _LIMIT}
    )
    for row in rows:
        found[row.pos].append(
            Duplicate(
                code=row.code,
                category=row.category,
                distance_m=round(row.distance_m, 1),
                reported_at=row.opened_at,
                status=row.status,
            )
        )
    return [tuple(each) for each in found]
