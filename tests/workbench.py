"""The planner's workbench as tests use it: reports brought in, a client, a question asked, its answer made."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from database.engine import WORKER, transaction
from etl.analysis import process, rows
from tests import heaps, logins

FORM = {
    "what": "category:road_subsidence", "since": "2026-01-01", "through": "2026-06-30", "last": "", "method": "gi-star",
    "cell": "500", "neighbours": "queen", "count": "incidents", "per": "", "area": "", "probability": "exact",
}  # fmt: skip


def bring(application: Flask, path: Path, made: Iterable[Mapping[str, str]]) -> None:
    """Import rows by a file of their own at `path`; every one of them lands."""
    from etl.commands import reports

    heaps.write(path, made)
    done = application.test_cli_runner().invoke(reports, ["import", str(path)])
    assert done.exit_code == 0 and " 0 rejected" in done.output, done.output


def client_of(application: Flask, name: str) -> FlaskClient:
    """Somebody's client, logged in."""
    client = application.test_client()
    assert logins.log_in(client, name).status_code == 303
    return client


def over_a_heap(application: Flask, folder: Path) -> FlaskClient:
    """A planner's client, over 300 incidents in the inner city and a heap of 60."""
    bring(application, folder / "in.csv", heaps.rows("P", 300, 60, seed=19, when=heaps.in_months(range(1, 7))))
    logins.create("quy-hoach-thu", "planner")
    return client_of(application, "quy-hoach-thu")


def ask(client: FlaskClient, **more: str):
    form = {**FORM, **more, "csrf_token": logins.token(client, "/plan")}
    return client.post("/plan", data=form, headers=logins.ORIGIN)


def end(client: FlaskClient, job: int):
    form = {"csrf_token": logins.token(client, "/plan")}
    return client.post(f"/plan/runs/{job}/cancel", data=form, headers=logins.ORIGIN)


def answered(job: int) -> None:
    """What the worker's child does, in this process."""
    with transaction(WORKER) as connection:
        assert rows.claim(connection) == (job, 1)
    assert process.main(job) == 0
    assert found(job).state == "done", found(job).reason


def number_of(answer) -> int:
    return int(re.search(r"run=(\d+)", answer.headers["Location"])[1])


def found(job: int) -> rows.Job:
    with transaction(WORKER) as connection:
        row = rows.find(connection, job)
    assert row is not None
    return row


def until(done: Callable[[], object], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends
        time.sleep(0.1)
