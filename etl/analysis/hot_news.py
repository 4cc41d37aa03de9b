"""What a scheduled run found that the run before had not, and telling it to those who subscribed.

**New** is a hot place (`hot_places`) that neither overlaps nor touches a hot place of the run before: their outlines
are 1 m or more apart, in the plane of EPSG:9210. **Gone** is a place of the run before that no place of this one
overlaps or touches; every other place **stayed**, and bears the number of the place it began as (of several the one it
shares most ground with). The run before is the last settled one of the same schedule that asks the same but for its
span. Where there is none, nothing is new: everything would be.

A run is settled in one transaction: places, what became of them, a notice for each subscriber, and that it is settled.
Killed before its end, nothing of it is there and it is settled by the next look; after it, there is nothing left to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from database.engine import WORKER, Context, transaction
from database.sql import queries
from etl.analysis.rows import part

Q = queries(__file__)

TOUCHES_M = 1.0
"""Outlines nearer than this touch: cells side by side share their corners to a centimetre."""
PART = "places"
"""their name among the parts of an answer"""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One notice: `id` for a channel to know it again by, whom it is for, and which run of which analysis."""

    id: int
    account_id: int
    run_id: int
    name: str
    fresh: int


SENDERS: list[Callable[[Notice], object]] = []
"""Each is handed a notice to send on. None is connected yet: accounts bear no address, and notices are read at
/plan/notices. A sender that was killed is handed the same notice again, by the same `id`."""


def settle(context: Context = WORKER) -> int:
    """Settle every run whose answer is there, the oldest first; how many."""
    settled = 0
    while True:
        with transaction(context) as connection:
            run = connection.execute(Q["next"]).one_or_none()
            if run is None:
                return settled
            _settle(connection, run.id, run.analysis_id)
        settled += 1


def _settle(connection: Connection, run: int, job: int) -> None:
    previous = connection.execute(Q["previous"], {"run": run}).scalar_one_or_none()
    told = {"run": run, "previous": previous, "touches": TOUCHES_M}
    places = (part(connection, job, PART) or b"[]").decode()
    connection.execute(Q["places"], {"run": run, "places": places})
    connection.execute(Q["became"], told)
    connection.execute(Q["settled"], told)
    connection.execute(Q["tell"], {"run": run})


def hand_over(context: Context = WORKER) -> int:
    """Hand what nobody sent on yet to the connected senders, each notice in a transaction of its own; how many."""
    handed = 0
    while SENDERS:
        with transaction(context) as connection:
            row = connection.execute(Q["to_send"]).one_or_none()
            if row is None:
                break
            for sender in SENDERS:
                sender(Notice(**row._mapping))
            connection.execute(Q["handed"], {"id": row.id})
        handed += 1
    return handed


def subscribe(connection: Connection, schedule: int, account: int) -> None:
    """Tell an account from now on. Once more changes nothing."""
    connection.execute(Q["subscribe"], {"schedule": schedule, "account": account})


def unsubscribe(connection: Connection, schedule: int, account: int) -> None:
    """Tell an account no more; what it was told stays."""
    connection.execute(Q["unsubscribe"], {"schedule": schedule, "account": account})


def subscribed(connection: Connection, account: int) -> set[int]:
    """The schedules that an account is told of."""
    return set(connection.execute(Q["subscribed"], {"account": account}).scalars())


def unread(connection: Connection, account: int) -> int:
    """How many notices an account has not read."""
    return int(connection.execute(Q["unread"], {"account": account}).scalar_one())


def notices(connection: Connection, account: int) -> list[Mapping[str, Any]]:
    """An account's newest hundred, unread ones first: `id, run_id, made_at, read_at, due_on, name, saved_id,
    analysis_id, parameters, fresh`."""
    return [dict(row._mapping) for row in connection.execute(Q["notices"], {"account": account})]


def mark_read(connection: Connection, notice: int, account: int, now: datetime) -> bool:
    """Whether it was one's own to read; a second time changes nothing."""
    return connection.execute(Q["read"], {"id": notice, "account": account, "now": now}).first() is not None


def places(connection: Connection, runs: list[int]) -> list[Mapping[str, Any]]:
    """The hot places of runs, most events first: `run_id, first_id, change, letter, name, ward, n, cells, lon, lat,
    since`, `since` the first of the month from which a place is hot without a break, as far as the runs tell."""
    return [dict(row._mapping) for row in connection.execute(Q["places_of"], {"runs": runs})]


def gone(connection: Connection, run: int) -> list[Mapping[str, Any]]:
    """The places of the run before that are no more, with the same columns."""
    return [dict(row._mapping) for row in connection.execute(Q["gone_of"], {"run": run, "touches": TOUCHES_M})]
