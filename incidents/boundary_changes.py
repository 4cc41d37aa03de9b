"""What follows from changed areas or rules: rules for the new areas, today's map, and who would have been asked.

`district_boundaries` may not know of incidents; it calls what is hung on it here (`attach`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from database.sql import queries
from district_boundaries import check, replace
from district_boundaries.areas import AreaIndex
from district_boundaries.locate import locate
from incidents import proof, public, reference, routing

Q = queries(Path(__file__).with_name("boundary_changes.sql"))

Routing = dict[int, tuple[str, tuple[str, ...]]]
"""incident → the unit that the rules ask, and the candidates near a border, by their codes"""


def attach() -> None:
    """Hang what incidents have to do on the loading and checking of areas; once, when the commands are made."""
    if follow not in replace.AFTER_CHANGE:
        replace.AFTER_CHANGE.append(follow)
        replace.WHAT_IF.append(rerouted)
        check.FURTHER.append(unproved)


def follow(connection: Connection) -> None:
    """After areas changed: the rules are spread over the new ones, and every public report is laid into today's."""
    reference.load_reference(connection)
    public.refresh_areas_of_today(connection)


def route_open(connection: Connection) -> Routing:
    """Whom the areas and rules of this transaction ask for every open incident, on the incident's own day."""
    rows = connection.execute(Q["open_incidents"]).all()
    if not rows:
        return {}
    known, index = reference.current_with_areas(connection)
    lon, lat = np.array([row.lon for row in rows]), np.array([row.lat for row in rows])
    days = [row.day for row in rows]
    accuracy_m = np.array([row.accuracy_m for row in rows], dtype=np.float64)
    located = locate(index, lon, lat, days)
    routed = routing.route(known, index, [row.category for row in rows], located, lon, lat, accuracy_m, days)
    return {
        row.id: (
            known.units[int(routed.unit_id[at])].code,
            tuple(sorted(known.units[unit].code for unit in routed.candidates[at])),
        )
        for at, row in enumerate(rows)
    }


def rerouted(connection: Connection) -> Callable[[], str]:
    """Asked before a change, answered after it in the same transaction: how many open incidents would go elsewhere.
    What was assigned before stays all the same; a person decides about it."""
    before = route_open(connection)

    def answer() -> str:
        after = route_open(connection)
        moved = sum(after[incident][0] != unit for incident, (unit, _) in before.items())
        return (
            f"{moved} trong {len(before)} sự cố đang mở sẽ thuộc đơn vị khác "
            f"({moved} of {len(before)} open incidents would go elsewhere; what was assigned stays)"
        )

    return answer


def unproved(connection: Connection, index: AreaIndex) -> Iterator[check.Finding]:
    """Places and days without exactly one responsible unit, for `boundaries check`."""
    for finding in proof.prove(reference.current(connection), index):
        yield check.Finding(
            layer="responsibility",
            since=finding.first,
            until=finding.last,
            kind=finding.kind,
            text=str(finding),
            broken=True,
        )
