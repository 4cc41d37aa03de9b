"""Jobs of the workbench in the table `analysis`: one waits, one runs at a time, each ends done, failed or cancelled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, exc

from database.sql import queries
from etl.analysis.asked import Asked
from etl.errors import TooManyJobs

Q = queries(__file__)

STALE_S = 6.0
"""a running job whose worker has not been heard of for so long is taken up again"""
MOST_ATTEMPTS = 3
INTERRUPTED = "bị ngắt nhiều lần (interrupted several times)"
KEPT_DAYS = 90
MOST_WAITING = 5
"""of one account"""


class Job(NamedTuple):
    """A row of `analysis`. `state`: waiting, running, done, failed, cancelled."""

    id: int
    hash: bytes
    parameters: str
    state: str
    step: str
    progress: float
    attempts: int
    reason: str
    asked_by: int | None
    kind: str
    asked_at: datetime
    started_at: datetime | None
    done_at: datetime | None
    as_of: int | None
    summary: dict[str, Any] | None
    ahead: int


def ask(connection: Connection, asked: Asked, account: int | None) -> int:
    """The job's id; of the same one that waits or runs already, if there is. Raises TooManyJobs."""
    if account is not None and connection.execute(Q["waiting"], {"account": account}).scalar_one() >= MOST_WAITING:
        raise TooManyJobs(f"{MOST_WAITING} phân tích đang chờ (are waiting): hãy đợi hoặc huỷ (wait, or cancel one)")
    row = {"hash": asked.hash(), "parameters": asked.address(), "account": account, "kind": asked.kind}
    return int(connection.execute(Q["ask"], row).scalars().first() or 0)


def find(connection: Connection, job: int) -> Job | None:
    """A job by its id."""
    row = connection.execute(Q["find"], {"id": job}).one_or_none()
    return Job(*row) if row else None


def latest(connection: Connection, asked: Asked) -> int | None:
    """The newest stored answer to a question."""
    found: int | None = connection.execute(Q["latest"], {"hash": asked.hash()}).scalar_one_or_none()
    return found


def recent(connection: Connection, account: int, most: int = 8) -> list[Mapping[str, Any]]:
    """What an account asked lately."""
    return [dict(row._mapping) for row in connection.execute(Q["recent"], {"account": account, "most": most})]


def cancel(connection: Connection, job: int) -> bool:
    """Whether there was something to end."""
    return connection.execute(Q["cancel"], {"id": job}).rowcount > 0


def claim(connection: Connection) -> tuple[int, int] | None:
    """The next job (id, which attempt), now running; None while there is none or another runs."""
    try:
        with connection.begin_nested():
            row = connection.execute(Q["claim"], {"stale": STALE_S}).one_or_none()
    except exc.IntegrityError:  # another worker was quicker: one runs at a time
        return None
    return (row.id, row.attempts) if row else None


def beat(connection: Connection, job: int) -> bool:
    """Say that its worker lives; whether it is still to be done."""
    return connection.execute(Q["beat"], {"id": job}).first() is not None


def step(connection: Connection, job: int, name: str, progress: float) -> None:
    """How far it is: the step that begins, and a share of 1."""
    connection.execute(Q["step"], {"id": job, "step": name, "progress": progress})


def done(connection: Connection, job: int, summary: Mapping[str, Any], parts: Mapping[str, bytes], as_of: int) -> bool:
    """Store the answer; False where the job was cancelled meanwhile, and nothing is stored."""
    said = {"id": job, "as_of": as_of, "summary": json.dumps(summary, ensure_ascii=False, allow_nan=False)}
    if not connection.execute(Q["done"], said).rowcount:
        return False
    for part, content in parts.items():
        connection.execute(Q["keep"], {"id": job, "part": part, "content": content})
    return True


def again(connection: Connection, job: int) -> None:
    """Its process ended without an answer: another attempt."""
    connection.execute(Q["again"], {"id": job})


def fail(connection: Connection, job: int, reason: str) -> None:
    """It cannot be answered: why."""
    connection.execute(Q["failed"], {"id": job, "reason": reason[:500]})


def part(connection: Connection, job: int, name: str) -> bytes | None:
    """A part of a stored answer: `answer` (npz), `cells` (GeoJSON)."""
    found = connection.execute(Q["part"], {"id": job, "part": name}).scalar_one_or_none()
    return None if found is None else bytes(found)


def purge(connection: Connection) -> int:
    """Forget what is older than KEPT_DAYS; returns how many."""
    return connection.execute(Q["purge"], {"days": KEPT_DAYS}).rowcount


def save(connection: Connection, job: int, name: str, account: int) -> None:
    """Keep an answer under a name; one's own name that is there already then means this answer."""
    connection.execute(Q["save"], {"id": job, "name": name, "account": account})


def saved(connection: Connection) -> list[Mapping[str, Any]]:
    """Every analysis with a name."""
    return [dict(row._mapping) for row in connection.execute(Q["saved"])]


def forget(connection: Connection, number: int) -> bool:
    """Take a name away; whether it was one's own to take."""
    return connection.execute(Q["forget"], {"id": number}).rowcount > 0


def sealed(connection: Connection) -> int:
    """Up to which number the record is sealed: what an answer is `as_of`."""
    return int(connection.execute(Q["sealed"]).scalar_one())
