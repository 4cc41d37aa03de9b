"""The counts that the map's tiles are made of below zoom 13: folding in what has happened since.

Tiles are right without it: what has happened since is read along (`map_counted` in SQL). Folding keeps that short.
Why so: docs/decisions/0016-counts-that-are-never-late.md.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from database import clock
from database.engine import WORKER, transaction
from database.sql import queries

Q = queries(__file__)
EVERY_S = 0.5
log = structlog.get_logger(__name__)


def fold() -> int:
    """Take into the counts what has happened to public rows, and what has become late since. How many changes."""
    with transaction(WORKER) as connection:
        row = connection.execute(Q["waiting"], {"now": clock.now()}).one()
        if not (row.changes or row.behind):
            return 0
        return int(connection.execute(Q["fold"], {"now": clock.now()}).scalar_one())


def run_forever(*, running: Callable[[], bool], wait: Callable[[float], object]) -> None:
    """Fold every half second until told to end. A failure is tried again."""
    while running():
        try:
            fold()
        except Exception as error:
            log.warning("the map's counts could not be brought up to date", error=str(error))
            wait(2.0)
        wait(EVERY_S)
