"""Analyses that run every month: due once, caught up once, what is new told once to each who wants to know."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import date

import pytest
from sqlalchemy import exc, text

from database import clock
from database.engine import OPERATOR, WORKER, transaction
from database.settings import REPOSITORY
from etl.analysis import Asked, hot_news, rows, schedule
from tests import logins
from tests.monthly import ASKED, NEW, at, begin, bring, cell, due, planted, runs, save, told
from tests.workbench import answered, until
from webmap import analyst


@pytest.fixture
def saved(empty_database) -> int:
    """A planner's saved analysis of the first half of 2026."""
    return save(logins.create("quy-hoach-thu", "planner").id)


def test_a_new_heap_is_told_once_to_each_subscriber_and_the_same_data_to_nobody(application, saved, tmp_path) -> None:
    two, three = (logins.create(f"quy-hoach-{name}", "planner").id for name in ("hai", "ba"))
    with transaction(OPERATOR) as connection:
        one = connection.execute(text("SELECT saved_by FROM saved_analysis")).scalar_one()
    number = begin(saved, "2026-06-15", one, two, three)
    with transaction(OPERATOR) as connection:
        hot_news.unsubscribe(connection, number, three)
    bring(application, tmp_path, "half", range(1, 7), scattered=300, heaped=60)
    # The first of July: nothing to compare with, so nothing is new.
    (first,) = due("2026-07-01T03:00")
    answered(first)
    assert hot_news.settle() == 1
    (july,) = runs(number)
    assert "since=2026-01-01&until=2026-07-01&category=road_subsidence&tail=exact&within=" in july["parameters"]
    assert (july["hot"] >= 1, july["fresh"], july["previous_id"]) == (True, 0, None) and told(one) == []
    # August: a heap elsewhere in July.
    bring(application, tmp_path, "july", range(7, 8), heaped=40, where=NEW)
    (second,) = due("2026-08-01T04:00")
    answered(second)
    assert hot_news.settle() == 1
    august = runs(number)[0]
    assert "since=2026-02-01&until=2026-08-01" in august["parameters"]
    assert (august["fresh"], august["gone"], august["previous_id"]) == (
        1,
        july["hot"] - (august["hot"] - 1),
        july["id"],
    )
    for account in (one, two):
        (notice,) = told(account)
        assert notice["analysis_id"] == second and notice["fresh"] == 1 and notice["read_at"] is None
    assert told(three) == []
    with transaction(OPERATOR) as connection:
        places = hot_news.places(connection, [july["id"], august["id"]])
    (fresh,) = [each for each in places if each["change"] == "new"]
    assert fresh["n"] >= 35 and fresh["name"] and fresh["letter"]
    with transaction(OPERATOR) as connection:
        here = text("SELECT ST_Contains(outline, ST_Point(:lon, :lat, 4326)) FROM hot_place WHERE change = 'new'")
        assert connection.execute(here, {"lon": NEW[0], "lat": NEW[1]}).scalar_one()
    # What stayed bears the number it began with, and its month.
    before = next(each for each in places if each["run_id"] == july["id"] and each["n"] >= 60)
    stayed = [each for each in places if each["change"] == "stayed" and each["first_id"] == before["first_id"]]
    assert len(stayed) == 1 and stayed[0]["since"] == date(2026, 7, 1)
    # The letters are those of the page.
    found = [each for each in places if each["run_id"] == august["id"]]
    with transaction(WORKER) as connection:
        job = rows.find(connection, second)
    assert job is not None and job.summary is not None
    page = {each["letter"]: each["name"] for each in job.summary["places"]}
    assert {each["letter"]: each["name"] for each in found}.items() <= page.items()
    # September: the same data, nothing new, nobody is told, the run is there.
    (third,) = due("2026-09-01T03:00")
    answered(third)
    hot_news.settle()
    assert [each["fresh"] for each in runs(number)] == [0, 1, 0] and len(told(one)) == len(told(two)) == 1
    # And nothing is done twice.
    assert due("2026-09-20T12:00") == [] and hot_news.settle() == 0 and len(runs(number)) == 3


def test_missed_months_are_caught_up_once(saved) -> None:
    number = begin(saved)
    assert due("2026-07-01T02:00") == []  # not yet three in the morning
    assert len(due("2026-10-17T12:00")) == 1  # off since June: October alone
    assert [each["due_on"] for each in runs(number)] == [date(2026, 10, 1)]
    assert due("2026-10-31T23:59") == [] and due("2026-09-01T12:00") == []
    assert len(due("2026-11-01T03:00")) == 1
    # What was due while it was stopped is not made up for.
    with transaction(OPERATOR) as connection:
        assert schedule.stop(connection, saved, at("2026-11-05"))
    assert due("2026-12-01T03:00") == []
    begin(saved, "2027-01-10")
    assert due("2027-01-20") == [] and len(due("2027-02-01T03:00")) == 1 and len(runs(number)) == 3


def test_two_who_ask_at_once_make_one_run(saved) -> None:
    number = begin(saved)
    gate = threading.Barrier(4)
    asked_for: list[int] = []

    def ask() -> None:
        gate.wait()
        asked_for.extend(due("2026-07-01T03:00"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked_for) == len(runs(number)) == 1
    with transaction(WORKER) as connection:
        waiting = connection.execute(text("SELECT count(*) FROM analysis WHERE state = 'waiting'")).scalar_one()
    assert waiting == 1


def test_new_is_what_overlaps_and_touches_nothing_of_the_run_before(saved) -> None:
    number = begin(saved)
    column, row = 1200, 2380
    planted(number, "2026-07-01", [cell(column, row), cell(column + 40, row)])
    planted(
        number,
        "2026-08-01",
        [
            cell(column, row),  # the same
            cell(column + 1, row + 1),  # shares a corner with it
            cell(column + 2, row - 2),  # a cell between: 500 m away
        ],
    )
    assert hot_news.settle() == 2
    august, july = runs(number)
    assert (july["hot"], july["fresh"], july["gone"]) == (2, 0, 0)
    assert (august["hot"], august["fresh"], august["gone"]) == (3, 1, 1)
    with transaction(WORKER) as connection:
        found = hot_news.places(connection, [july["id"], august["id"]])
        gone = hot_news.gone(connection, august["id"])
    assert [each["change"] for each in found] == ["first", "first", "stayed", "stayed", "new"]
    assert found[2]["first_id"] == found[3]["first_id"] == found[0]["first_id"]
    assert [each["first_id"] for each in gone] == [found[1]["first_id"]]
    # Another question is another beginning: a month asked otherwise is not compared with it.
    planted(number, "2026-09-01", [cell(column + 90, row)], question="y")
    planted(number, "2026-10-01", [cell(column + 90, row), cell(column + 2, row - 2)], question="x")
    hot_news.settle()
    october, september = runs(number)[:2]
    assert (september["fresh"], september["previous_id"]) == (0, None)
    assert (october["fresh"], october["previous_id"], october["gone"]) == (1, august["id"], 2)


def test_killed_between_the_runs_end_and_its_notices_each_is_told_once(saved, database_url) -> None:
    with transaction(OPERATOR) as connection:
        one = connection.execute(text("SELECT saved_by FROM saved_analysis")).scalar_one()
    two = logins.create("quy-hoach-hai", "planner").id
    number = begin(saved, "2026-06-15", one, two)
    planted(number, "2026-07-01", [cell(1200, 2380)])
    hot_news.settle()
    planted(number, "2026-08-01", [cell(1300, 2380)])
    # Killed with everything written and nothing committed: the instant before the end.
    script = (
        "import time; from etl.analysis import hot_news; whole = hot_news._settle\n"
        "def slow(*given):\n    whole(*given); print('written', flush=True); time.sleep(120)\n"
        "hot_news._settle = slow; hot_news.settle()"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", script], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert killed.stdout is not None and killed.stdout.readline() == "written\n"
    assert hot_news.settle() == 0  # it is held by whoever settles it
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert runs(number)[0]["settled_at"] is None and told(one) == []
    until(lambda: hot_news.settle() == 1)
    assert hot_news.settle() == 0
    assert [len(told(each)) for each in (one, two)] == [1, 1] and runs(number)[0]["fresh"] == 1


def test_a_run_killed_in_the_middle_is_taken_up_again_and_stays_one(saved) -> None:
    number = begin(saved)
    with clock.frozen(at("2026-07-01T03:00")):
        assert [analyst.monthly(), analyst.monthly()] == [1, 0]  # what the worker does every few seconds
    (job,) = (each["analysis_id"] for each in runs(number))
    worker = analyst.Analyst()
    until(lambda: worker.look() or worker._process is not None)
    assert worker._process is not None
    os.kill(worker._process.pid, signal.SIGKILL)
    until(lambda: worker.look() or runs(number)[0]["state"] == "done")
    with transaction(WORKER) as connection:
        found = rows.find(connection, job)
    assert found is not None and found.attempts == 2
    with clock.frozen(at("2026-07-02T03:00")):
        assert analyst.monthly() == 0
    (run,) = runs(number)
    assert run["settled_at"] is not None and (run["hot"], run["fresh"]) == (0, 0)


def test_a_sender_is_handed_each_notice_once(saved, monkeypatch) -> None:
    with transaction(OPERATOR) as connection:
        one = connection.execute(text("SELECT saved_by FROM saved_analysis")).scalar_one()
    number = begin(saved, "2026-06-15", one)
    planted(number, "2026-07-01", [cell(1200, 2380)])
    planted(number, "2026-08-01", [cell(1300, 2380), cell(1320, 2380)])
    assert hot_news.settle() == 2 and hot_news.hand_over() == 0  # none is connected
    sent: list[hot_news.Notice] = []
    monkeypatch.setattr(hot_news, "SENDERS", [sent.append])
    assert hot_news.hand_over() == 1 and hot_news.hand_over() == 0
    assert [(each.account_id, each.fresh, each.name[:3]) for each in sent] == [(one, 2, "Lún")]


def test_a_run_that_failed_is_listed_and_the_next_compares_with_the_one_before(saved) -> None:
    number = begin(saved)
    planted(number, "2026-07-01", [cell(1200, 2380)])
    (job,) = due("2026-08-01T03:00")
    with transaction(WORKER) as connection:
        assert rows.claim(connection) == (job, 1)
        rows.fail(connection, job, "thử")
    planted(number, "2026-09-01", [cell(1200, 2380)])
    assert hot_news.settle() == 2
    september, august, july = runs(number)
    assert (august["state"], august["reason"], august["settled_at"]) == ("failed", "thử", None)
    assert september["previous_id"] == july["id"] and september["fresh"] == 0


def test_runs_are_not_forgotten_with_old_analyses(saved) -> None:
    number = begin(saved)
    planted(number, "2026-07-01", [])
    with transaction(OPERATOR) as connection:
        rows.ask(connection, Asked.read(ASKED | {"cell_m": "1000"}), None)
        connection.execute(text("UPDATE analysis SET state = 'done', asked_at = asked_at - interval '91 days'"))
    with transaction(WORKER) as connection:
        assert rows.purge(connection) == 1
    assert len(runs(number)) == 1


def test_the_database_holds_by_itself_who_may_what(saved) -> None:
    """Direct SQL as the application's role: another planner begins and stops nothing, and reads no other's notices."""
    from incidents import accounts

    other = logins.create("quy-hoach-hai", "planner")
    assert isinstance(other, accounts.Account)
    with pytest.raises(exc.ProgrammingError, match="row-level security"):
        with transaction(other.context) as connection:
            schedule.start(connection, saved, other.id, at("2026-06-15"))
    with transaction(OPERATOR) as connection:
        one = connection.execute(text("SELECT saved_by FROM saved_analysis")).scalar_one()
    number = begin(saved, "2026-06-15", one)
    planted(number, "2026-07-01", [cell(1200, 2380)])
    planted(number, "2026-08-01", [cell(1300, 2380)])
    hot_news.settle()
    with transaction(other.context) as connection:
        assert not schedule.stop(connection, saved, at("2026-07-01"))
        assert hot_news.notices(connection, one) == [] and hot_news.subscribed(connection, one) == set()
        assert connection.execute(text("SELECT count(*) FROM hot_place")).scalar_one() == 2
    with pytest.raises(exc.ProgrammingError, match="row-level security"):
        with transaction(other.context) as connection:
            hot_news.subscribe(connection, number, one)
