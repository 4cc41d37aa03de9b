"""Analyses that run every month, as tests begin them, run them and ask what became of them."""

from __future__ import annotations

import json
from datetime import date, datetime

import numpy as np
import shapely
from sqlalchemy import text

from database.clock import CITY_TIME
from database.engine import OPERATOR, WORKER, transaction
from etl.analysis import Asked, hot_news, rows, schedule
from geo import grid
from tests import heaps, workbench

OLD, NEW = (106.6600, 10.8000), (106.7000, 10.7600)  # lon, lat of two heaps, seven kilometres apart
ASKED = {
    "category": "road_subsidence", "cell_m": "500", "tail": "exact", "since": "2026-01-01", "until": "2026-07-01",
    "within": "106.6,10.74 106.72,10.74 106.72,10.86 106.6,10.86",
}  # fmt: skip
"""in the box that things are scattered over: in the whole city all of it would be one hot place"""


def at(word: str) -> datetime:
    return datetime.fromisoformat(word).replace(tzinfo=CITY_TIME)


def bring(application, tmp_path, name: str, months: range, *, scattered: int = 0, heaped: int = 0, where=OLD) -> None:
    """Import incidents of some months of 2026: scattered over the inner city, and in a heap."""
    made = heaps.rows(name, scattered, heaped, where=where, when=heaps.in_months(months))
    workbench.bring(application, tmp_path / f"{name}.csv", made)


def save(account: int, **more: str) -> int:
    asked = Asked.read(ASKED | more)
    with transaction(OPERATOR) as connection:
        job = rows.ask(connection, asked, account)
        connection.execute(text("UPDATE analysis SET state = 'done', done_at = now() WHERE id = :id"), {"id": job})
        rows.save(connection, job, f"Lún {job}", account)
        return int(connection.execute(text("SELECT max(id) FROM saved_analysis")).scalar_one())


def begin(saved: int, word: str = "2026-06-15", *accounts: int) -> int:
    """Schedule it as of a day, with subscribers; the schedule's id."""
    with transaction(OPERATOR) as connection:
        assert schedule.start(connection, saved, None, at(word))
        found = schedule.of(connection, saved)
        assert found is not None
        for account in accounts:
            hot_news.subscribe(connection, found.id, account)
        return found.id


def due(word: str) -> list[int]:
    with transaction(WORKER) as connection:
        return schedule.run_due(connection, at(word))


def runs(number: int) -> list[dict]:
    with transaction(WORKER) as connection:
        return schedule.runs(connection, number)


def told(account: int) -> list[dict]:
    with transaction(OPERATOR) as connection:
        return hot_news.notices(connection, account)


def cell(column: int, row: int) -> dict:
    """A hot place of one square of 500 m."""
    (outline,) = grid.outlines(np.array([f"500:{column}:{row}"]))
    middle = outline.centroid
    return {
        "letter": "A", "name": "Đường Thử", "ward": "Phường Thử", "n": 9, "cells": 1, "z": 5.0,
        "lon": middle.x, "lat": middle.y, "outline": shapely.geometry.mapping(outline),
    }  # fmt: skip


def planted(number: int, word: str, places: list[dict], question: str = "x") -> int:
    """A run of a month whose answer has these places, not settled yet; its id."""
    with transaction(OPERATOR) as connection:
        job = connection.execute(
            text(
                "INSERT INTO analysis (hash, parameters, state, done_at) VALUES (:hash, :said, 'done', now()) "
                "RETURNING id"
            ),
            {"hash": Asked.read(ASKED).hash(), "said": Asked.read(ASKED).address()},
        ).scalar_one()
        run = {"schedule": number, "due": date.fromisoformat(word), "job": job, "question": question}
        connection.execute(
            text("INSERT INTO analysis_result VALUES (:id, 'places', :content)"),
            {"id": job, "content": json.dumps(places).encode()},
        )
        made = "INSERT INTO analysis_run (schedule_id, due_on, question, analysis_id)"
        return int(
            connection.execute(text(f"{made} VALUES (:schedule, :due, :question, :job) RETURNING id"), run).scalar_one()
        )
