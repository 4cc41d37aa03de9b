"""Generated reports through the one door, batch by batch; an interrupted run goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from database import clock
from database.engine import OPERATOR, transaction
from database.sql import queries
from etl.demo.generator import Planned, generate
from etl.demo.geography import load
from etl.demo.run import Run, parse
from etl.errors import DemoRefused
from incidents import intake, record
from incidents.errors import Refusal
from incidents.record.events import BULK_IMPORTED, NewEvent

ACTOR = "demo"
BATCH = 1000
Q = queries(Path(__file__).with_name("fill.sql"))


def new_run(*, seed: int, months: int, reports: int, until: datetime | None = None) -> Run:
    """A run that ends at `until` (aware), or now; to the minute."""
    end = (until or clock.now()).astimezone(UTC).replace(second=0, microsecond=0)
    return Run(seed=seed, months=months, reports=reports, until=end)


def last_run(connection: Connection) -> tuple[Run, int] | None:
    """The run filled in last and how many of its reports are there; None where there are no demo reports."""
    external_id = connection.execute(Q["last_demo_id"]).scalar()
    if external_id is None:
        return None
    run, number = parse(external_id)
    return run, number + 1


def fill(run: Run, *, begin: int = 0, advance: Callable[[int], object] = lambda count: None) -> int:
    """Take the reports of `run` from number `begin` on in, each batch in a transaction of its own, and return how many.
    `advance` hears of every batch. The last batch brings the `bulk.imported` that tells open maps to load anew.
    Raises DemoRefused where the door does not take a report: the generator and the door disagree."""
    done = 0
    for batch in generate(run.seed, run.months, run.reports, run.until, load(), batch=BATCH):
        drafts = [planned.draft for planned in batch if planned.number >= begin]
        if drafts:
            with transaction(OPERATOR) as connection:
                for answer in intake.receive(connection, drafts, actor=ACTOR, bulk=True, in_words=True):
                    if isinstance(answer, Refusal):
                        raise DemoRefused(f"{answer.field}: {answer.message} ({answer.value})")
                if batch[-1].number == run.reports - 1:
                    told = NewEvent(kind=BULK_IMPORTED, actor=ACTOR, data={"run": run.key, "reports": run.reports})
                    record.write(connection, [told])
            done += len(drafts)
        advance(len(batch))
    return done


def known_duplicates(connection: Connection, run: Run) -> list[tuple[str, str]]:
    """(code, code of the first report of the same thing) for every repeated report of a run that was filled in."""
    codes = {row.number: row.code for row in connection.execute(Q["codes_of_run"], {"key": run.key})}
    repeats: list[Planned] = [
        planned for batch in generate(run.seed, run.months, run.reports, run.until, load()) for planned in batch
        if planned.repeats is not None
    ]  # fmt: skip
    return [
        (codes[planned.number], codes[planned.repeats])
        for planned in repeats
        if planned.repeats in codes and planned.number in codes
    ]
