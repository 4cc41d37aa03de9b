"""The worker process: `python -m webmap.worker`. It seals the record, keeps the map's counts, has analyses answered
and does what is due.

Everything it does is safe to do again: it may be killed at any instruction.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from database import settings
from database.engine import WORKER, dispose, transaction
from database.sql import queries
from incidents import accounts, map_counts, photos
from incidents.record import head, sequencer
from webmap import analyst, logs
from webmap.lifetime import Lifetime
from webmap.table_maker import TableMaker

IDEMPOTENCY_DAYS = 30
"""how long a repeated request is answered from what was kept"""

Q = queries(Path(__file__))
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Chore:
    """Something to be done from time to time."""

    name: str
    every_s: float
    do: Callable[[], object]
    after_s: float = 0.0
    """how long after the start for the first time"""


def purge_idempotency() -> int:
    """Forget kept answers that are older than 30 days, a piece at a time; returns how many."""
    forgotten = 0
    while True:
        with transaction(WORKER) as connection:
            done = connection.execute(Q["purge_idempotency"], {"days": IDEMPOTENCY_DAYS}).rowcount
        forgotten += done
        if not done:
            return forgotten


def purge_logins() -> int:
    """Forget sessions that have ended and failed log-ins that are past; returns how many."""
    with transaction(WORKER) as connection:
        return accounts.purge(connection)


def purge_counts() -> int:
    """Forget windows of the rate limits that have ended; returns how many."""
    with transaction(WORKER) as connection:
        return int(connection.execute(Q["purge_counts"]).scalar_one())


def remove_orphaned_photos() -> int:
    """Take away files of photos that no report names, a day after they were stored; returns how many."""
    with transaction(WORKER) as connection:
        if connection.execute(Q["any_photo"]).first() is None:
            return 0  # a database that names none at all may be the wrong one

    def named(hashes: list[str]) -> set[str]:
        with transaction(WORKER) as connection:
            return set(connection.execute(Q["named_photos"], {"hashes": hashes}).scalars())

    return photos.remove_orphans(named)


TABLES = TableMaker()
CHORES = (
    Chore(name="purge idempotency", every_s=3600.0, do=purge_idempotency),
    Chore(name="purge log-ins", every_s=900.0, do=purge_logins),
    Chore(name="purge rate counts", every_s=600.0, do=purge_counts),
    Chore(name="remove orphaned photos", every_s=3600.0, do=remove_orphaned_photos),
    Chore(name="purge analyses", every_s=3600.0, do=analyst.purge, after_s=300.0),
    Chore(name="monthly analyses", every_s=10.0, do=analyst.monthly, after_s=5.0),
    Chore(name="tables of days", every_s=60.0, do=TABLES.look, after_s=120.0),
)


def _do_chores(lifetime: Lifetime) -> None:
    """Each chore at its interval, the first time soon after the start. One that fails is tried again next time."""
    since = {chore.name: chore.every_s - chore.after_s for chore in CHORES}
    step = 1.0
    while lifetime.goes_on():
        for chore in CHORES:
            since[chore.name] += step
            if since[chore.name] > chore.every_s:
                since[chore.name] = 0.0
                try:
                    chore.do()
                except Exception as error:
                    log.warning("a chore failed", chore=chore.name, error=str(error))
        lifetime.wait(step)


def main() -> None:
    """Run until told to end, or until the process that started this one is gone."""
    logs.configure("worker")
    lifetime = Lifetime()
    lifetime.heed_signals()
    chores = threading.Thread(target=_do_chores, args=(lifetime,), name="chores")
    counts = threading.Thread(
        target=map_counts.run_forever, kwargs={"running": lifetime.goes_on, "wait": lifetime.wait}, name="map counts"
    )
    until = {"running": lifetime.goes_on, "wait": lifetime.wait}
    analyses = threading.Thread(target=analyst.Analyst().run_forever, kwargs=until, name="analyst")
    for thread in (chores, counts, analyses):
        thread.start()
    try:
        sequencer.run_forever(
            settings.current().data_dir / head.FILE_NAME, running=lifetime.goes_on, wait=lifetime.wait
        )
    finally:
        lifetime.end()
        for thread in (chores, counts, analyses):
            thread.join()
        TABLES.stop()
        dispose()


if __name__ == "__main__":
    main()
