"""Answers the planners' analyses beside the worker: one at a time, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import structlog
from sqlalchemy import Connection

from database import clock
from database.engine import WORKER, transaction
from database.settings import REPOSITORY
from etl.analysis import hot_news, rows, schedule
from webmap.lifetime import die_with_parent

LOOK_S = 0.3
BEAT_S = 1.0
log = structlog.get_logger(__name__)


class Analyst:
    """Takes up waiting jobs. A job is cancelled by its row; its process is ended here. Whatever is killed, a job, this
    process or the machine, the job is found again by its beat, which has stopped."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._job = self._attempt = 0

    def run_forever(self, *, running: Callable[[], bool], wait: Callable[[float], object]) -> None:
        """Look until told to end; then end what runs, and let another worker take it up."""
        while running():
            try:
                self.look()
            except Exception as error:
                log.warning("the analyst could not look", error=str(error))
            wait(LOOK_S if self._process is None else BEAT_S / 2)
        self.stop()

    def look(self) -> None:
        """One step: take up a job, or look after the one that runs. Never waits for it."""
        if self._process is None:
            self._take_up()
            return
        ended = self._process.poll()
        with transaction(WORKER) as connection:
            wanted = rows.beat(connection, self._job)
            if ended is not None and wanted:
                self._not_answered(connection, ended)
        if ended is None and not wanted:
            self._end_process()
        elif ended is not None:
            self._process = None

    def stop(self) -> None:
        """End what runs; it waits for the next worker."""
        if self._process is None:
            return
        self._end_process()
        with transaction(WORKER) as connection:
            rows.again(connection, self._job)

    def _take_up(self) -> None:
        with transaction(WORKER) as connection:
            taken = rows.claim(connection)
            if taken is not None and taken[1] > rows.MOST_ATTEMPTS:
                rows.fail(connection, taken[0], rows.INTERRUPTED)
                taken = None
        if taken is None:
            return
        self._job, self._attempt = taken
        self._process = subprocess.Popen(
            [*die_with_parent(), "nice", "-n", "10", sys.executable, "-m", "etl.analysis.process", str(self._job)],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
        )

    def _not_answered(self, connection: Connection, ended: int) -> None:
        log.warning("an analysis ended without an answer", job=self._job, code=ended, attempt=self._attempt)
        if self._attempt < rows.MOST_ATTEMPTS:
            rows.again(connection, self._job)
        else:
            rows.fail(connection, self._job, rows.INTERRUPTED)

    def _end_process(self) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def purge() -> int:
    """Forget old analyses; returns how many."""
    with transaction(WORKER) as connection:
        return rows.purge(connection)


def monthly() -> int:
    """Ask for the scheduled runs that are due, compare those that have ended, tell who wants to know; returns how many
    were asked for."""
    with transaction(WORKER) as connection:
        asked_for = schedule.run_due(connection, clock.now())
    hot_news.settle()
    hot_news.hand_over()
    return len(asked_for)
