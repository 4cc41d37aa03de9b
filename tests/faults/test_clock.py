"""The clock jumps, an hour back, ten years on: the record's numbers go on rising, deadlines follow each report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from database import clock
from database.engine import WORKER, transaction
from incidents.record import head, sequencer
from incidents.record.verify import verify

REPORT = {"channel": "web", "category": "fallen_tree", "lat": 10.7725, "lon": 106.698}
NOW = datetime.now(UTC).replace(microsecond=0)
JUMPS = [
    timedelta(0),
    timedelta(hours=-1),
    timedelta(days=3650),
    timedelta(seconds=-1),
    timedelta(days=-30),
    timedelta(0),
]


@pytest.fixture(autouse=True)
def start_from_nothing(empty_database):
    return empty_database


def test_numbers_rise_and_deadlines_follow_whatever_the_clock_says(client, empty_database, tmp_path) -> None:
    path = tmp_path / head.FILE_NAME
    codes, spans = [], set()
    for jump in JUMPS:
        with clock.frozen(NOW + jump):
            answer = client.post("/api/v1/reports", json=REPORT, headers={"Idempotency-Key": f"jump-{len(codes)}"})
            assert answer.status_code == 201, answer.text
            due = datetime.fromisoformat(answer.json["due_at"])
            spans.add(due - (NOW + jump))
            codes.append(answer.json["code"])
            with transaction(WORKER) as connection:
                assert sequencer.run_once(connection, path) == 1
            with transaction(WORKER) as connection:
                verdict = verify(connection, path)
            assert verdict.whole and verdict.sealed == len(codes)
    assert len(spans) == 1 and spans.pop() > timedelta(0), "the deadline lies as far behind each report"
    with psycopg.connect(empty_database) as connection:
        sealed = connection.execute(
            "SELECT seq, data ->> 'code' FROM seal JOIN event ON event.id = event_id ORDER BY seq"
        ).fetchall()
    assert sealed == list(enumerate(codes, start=1))


def test_the_same_key_gives_the_same_answer_over_a_jump(client) -> None:
    answers = []
    for jump in (timedelta(0), timedelta(days=-1), timedelta(days=1)):
        with clock.frozen(NOW + jump):
            answers.append(client.post("/api/v1/reports", json=REPORT, headers={"Idempotency-Key": "one"}))
    assert [answer.status_code for answer in answers] == [201] * 3
    assert answers[0].json == answers[1].json == answers[2].json


def test_the_map_and_the_lists_answer_over_a_jump(client) -> None:
    for jump in (timedelta(days=-400), timedelta(days=400)):
        with clock.frozen(NOW + jump):
            assert client.post("/api/v1/reports", json=REPORT).status_code == 201
            for path in ("/api/v1/incidents", "/api/v1/reports", "/list", "/tiles/incidents/12/3260/1925.mvt"):
                assert client.get(path).status_code in (200, 204), path
