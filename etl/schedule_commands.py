"""The operator's commands of the group `hotspots schedule`: what runs every month, and running what is due now."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime, timedelta

import click
from flask.cli import AppGroup

from database import clock
from database.engine import OPERATOR, WORKER, transaction
from database.settings import REPOSITORY
from etl.analysis import hot_news, rows
from etl.analysis import schedule as schedules

schedule = AppGroup("schedule", help="Phân tích chạy hằng tháng. (Analyses that run every month.)")

LOOK_S = 0.5


@schedule.command("list")
def list_() -> None:
    """Liệt kê các phân tích chạy hằng tháng. (What runs every month, when it ran and runs next.)"""
    with transaction(OPERATOR) as connection:
        found = schedules.all_(connection)
    for each in found:
        coming = each.next_on(clock.now())
        click.echo(
            f"{each.name} · lần trước (last): {each.last_on or '–'} · "
            f"{'đã dừng (stopped)' if coming is None else f'lần tới (next): {coming}'}"
        )
    click.echo(f"{len(found)} schedules")


@schedule.command("run-due")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Như thể là cuối ngày này (as at the end of this day).")
def run_due(on: datetime | None) -> None:
    """Chạy những gì tới hạn, chờ kết quả, báo nơi nóng mới. (Run what is due, wait for it, tell what is new.)

    Does what the site's worker does by itself every few seconds, and may run beside it: there is one run a schedule and
    month. Last line: N asked for, N settled, N new places.
    """
    now = clock.now() if on is None else on.replace(tzinfo=clock.CITY_TIME) + timedelta(days=1)
    with transaction(WORKER) as connection:
        asked_for = schedules.run_due(connection, now)
        mine = set(schedules.unsettled(connection)) | set(asked_for)
    for job in sorted(mine):
        _ended(job)
    while not _settled(mine):  # the site's worker may be at it
        time.sleep(LOOK_S)
    hot_news.hand_over()
    fresh = settled = 0
    with transaction(OPERATOR) as connection:
        for each in schedules.all_(connection):
            for run in schedules.runs(connection, each.id):
                if run["analysis_id"] in mine:
                    settled += run["settled_at"] is not None
                    fresh += run["fresh"]
                    click.echo(
                        f"{each.name} · {run['due_on']} · {run['state']} · {run['hot']} hot, {run['fresh']} new, "
                        f"{run['gone']} gone"
                    )
    click.echo(f"{len(asked_for)} asked for, {settled} settled, {fresh} new places")


def _settled(jobs: set[int]) -> bool:
    hot_news.settle()
    with transaction(WORKER) as connection:
        return jobs.isdisjoint(schedules.unsettled(connection))


def _ended(job: int) -> None:
    """Wait until a job has ended. What stands before it is answered here, one at a time, unless a worker does."""
    while True:
        with transaction(WORKER) as connection:
            row = rows.find(connection, job)
            if row is None or row.state not in ("waiting", "running"):
                return
            taken = rows.claim(connection)
        if taken is None:
            time.sleep(LOOK_S)
        elif taken[1] > rows.MOST_ATTEMPTS:
            with transaction(WORKER) as connection:
                rows.fail(connection, taken[0], rows.INTERRUPTED)
        else:
            _answer(*taken)


def _answer(job: int, attempt: int) -> None:
    """As the worker does: in a process of its own, with a beat that says it lives."""
    process = subprocess.Popen([sys.executable, "-m", "etl.analysis.process", str(job)], cwd=REPOSITORY)
    try:
        while process.poll() is None:
            with transaction(WORKER) as connection:
                if not rows.beat(connection, job):  # cancelled, or done a moment ago
                    break
            time.sleep(LOOK_S)
        with transaction(WORKER) as connection:
            ended = not rows.beat(connection, job)
            if not ended and attempt < rows.MOST_ATTEMPTS:
                rows.again(connection, job)
            elif not ended:
                rows.fail(connection, job, rows.INTERRUPTED)
    finally:
        process.terminate()
        process.wait()
