"""Saved analyses that run every month: started, stopped, due, and the runs so far.

A run is a job like any other (`rows`). Its row and its job are written in one transaction, and there is one row a
schedule and month: whoever asks how often, however a process ends. Who was off on the first catches up once, with the
month that was due last. What a run found is settled by `etl.analysis.hot_news`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from database.sql import queries
from etl.analysis import moving
from etl.analysis.asked import Asked
from etl.hotspots.question import BadQuestion

Q = queries(__file__)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A saved analysis as it runs, or ran. `saved_by`: whose name it is; `last_on`: the first of the newest run."""

    id: int
    saved_id: int
    name: str
    saved_by: int
    parameters: str
    started_at: datetime
    stopped_at: datetime | None
    last_on: date | None

    def next_on(self, now: datetime) -> date | None:
        """The first of a month whose run comes next (today's, where it is due and not made yet); None: stopped."""
        if self.stopped_at is not None:
            return None
        due = moving.due_on(now)
        owed = moving.due_at(due) > self.started_at and (self.last_on is None or self.last_on < due)
        if owed:
            return due
        coming = moving.next_on(max(now, self.started_at))
        return coming if self.last_on is None or self.last_on < coming else moving.months_before(self.last_on, -1)


def saved_as(connection: Connection, saved: int) -> Mapping[str, Any] | None:
    """A saved analysis: `id, name, saved_by, analysis_id, parameters`; None where there is none that can run by itself
    (of another kind than hot spots)."""
    row = connection.execute(Q["saved"], {"saved": saved}).one_or_none()
    return dict(row._mapping) if row else None


def able(connection: Connection) -> set[int]:
    """The saved analyses that look for hot spots: of these `start` decides."""
    return set(connection.execute(Q["able"]).scalars())


def start(connection: Connection, saved: int, account: int | None, now: datetime) -> bool:
    """Run a saved analysis every month from now on; False where there is none of this number. What was due before
    `now` is not made up for. Raises BadQuestion where it cannot be run month by month."""
    found = saved_as(connection, saved)
    if found is None:
        return False
    parameters = found["parameters"]
    if not moving.can_be_scheduled(Asked.of_address(parameters)):
        raise BadQuestion("method", "chạy hằng tháng: Gi*, Moran, Mới nổi, một kỳ (monthly: a test of one span)")
    told = {"saved": saved, "parameters": parameters, "account": account, "now": now}
    connection.execute(Q["start"], told)
    return True


def stop(connection: Connection, saved: int, now: datetime) -> bool:
    """Run it no more; whether it was one's own to stop. Its runs stay."""
    return connection.execute(Q["stop"], {"saved": saved, "now": now}).first() is not None


def all_(connection: Connection) -> list[Schedule]:
    """Every saved analysis that runs, or ran."""
    return [Schedule(**row._mapping) for row in connection.execute(Q["all"])]


def of(connection: Connection, saved: int) -> Schedule | None:
    """That of a saved analysis."""
    return next((each for each in all_(connection) if each.saved_id == saved), None)


def runs(connection: Connection, schedule: int) -> list[Mapping[str, Any]]:
    """The runs so far, newest first: `id, due_on, analysis_id, parameters, state, reason, done_at, settled_at,
    previous_id, hot, fresh, gone`."""
    return [dict(row._mapping) for row in connection.execute(Q["runs"], {"schedule": schedule})]


def run_due(connection: Connection, now: datetime) -> list[int]:
    """Ask for every run that is due and was not asked for yet; the jobs' ids."""
    due = moving.due_on(now)
    asked_for = []
    connection.execute(Q["one_at_a_time"])
    for row in connection.execute(Q["owed"], {"due": due, "due_at": moving.due_at(due)}).all():
        try:
            asked = moving.moved(Asked.of_address(row.parameters), due)
        except BadQuestion as error:
            log.warning("a scheduled analysis cannot be asked (any more)", schedule=row.id, error=error.message)
            continue
        job = {
            "hash": asked.hash(), "parameters": asked.address(), "schedule": row.id, "due": due,
            "question": moving.question(asked),
        }  # fmt: skip
        asked_for.append(int(connection.execute(Q["run"], job).scalar_one()))
    return asked_for


def unsettled(connection: Connection) -> list[int]:
    """The jobs of runs that have not ended, or whose end was not looked at."""
    return list(connection.execute(Q["unsettled"]).scalars())


def is_run(connection: Connection, job: int) -> bool:
    """Whether a job is a schedule's."""
    return connection.execute(Q["is_run"], {"job": job}).first() is not None
