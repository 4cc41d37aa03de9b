"""Demo reports go through the one door: all of them, marked, once, and further where a run was interrupted."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import text

from database import clock
from database.engine import OPERATOR, transaction
from etl.demo import fill as filling

RUN = {"seed": 5, "months": 3, "reports": 250}


@pytest.fixture
def filled(empty_database, monkeypatch):
    monkeypatch.setattr(filling, "BATCH", 100)
    run = filling.new_run(**RUN)
    heard = []
    assert filling.fill(run, advance=heard.append) == 250
    assert heard == [100, 100, 50]
    return run


def ask(question: str, **values: object) -> list:
    with transaction(OPERATOR) as connection:
        return list(connection.execute(text(question), values))


def test_every_report_is_there_and_marked(filled):
    [(reports, marked, released, channels)] = ask(
        "SELECT count(*), count(*) FILTER (WHERE demo), count(*) FILTER (WHERE moderation = 'released'), "
        "count(DISTINCT channel) FROM report"
    )
    assert (reports, marked, released, channels) == (250, 250, 250, 6)
    [(public,)] = ask("SELECT count(*) FROM public_report WHERE demo AND description IS NOT NULL")
    assert public == 250


def test_the_record_ends_with_one_reload(filled):
    [(count, run)] = ask("SELECT count(*), max(data ->> 'run') FROM event WHERE kind = 'bulk.imported'")
    assert (count, run) == (1, filled.key)
    [(not_bulk,)] = ask("SELECT count(*) FROM event WHERE kind = 'report.received' AND data -> 'bulk' IS NULL")
    assert not_bulk == 0


def test_steps_follow_the_workflow(filled):
    from incidents.workflow import NEXT

    for (steps,) in ask("SELECT steps FROM public_report"):
        names = [step["status"] for step in steps]
        assert all(after in NEXT[before] for before, after in itertools.pairwise(names)), names
        assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    [(by_the_desk,)] = ask(
        "SELECT count(*) FROM incident JOIN unit ON unit.id = unit_id "
        "WHERE unit.kind = 'desk' AND status IN ('accepted', 'in_progress', 'resolved', 'closed')"
    )
    assert by_the_desk == 0


def test_the_run_is_found_again_and_its_duplicates_have_codes(filled):
    with transaction(OPERATOR) as connection:
        assert filling.last_run(connection) == (filled, 250)
        pairs = filling.known_duplicates(connection, filled)
    assert len(pairs) == 20
    apart = ask(
        "SELECT max(abs(extract(epoch FROM a.reported_at - b.reported_at))) "
        "FROM unnest(cast(:codes AS text[]), cast(:firsts AS text[])) AS pair (code, first) "
        "JOIN report a ON a.code = pair.code JOIN report b ON b.code = pair.first",
        codes=[code for code, _ in pairs], firsts=[first for _, first in pairs],
    )  # fmt: skip
    assert apart[0][0] <= 3 * 3600


def test_once_does_nothing_twice_and_finishes_what_was_interrupted(application, empty_database, monkeypatch):
    from etl.commands import demo

    monkeypatch.setattr(filling, "BATCH", 40)
    run = filling.new_run(**RUN, until=clock.now() - timedelta(days=2))

    class Interrupted(Exception):
        pass

    def stop(count: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        filling.fill(run, advance=stop)
    runner = application.test_cli_runner()
    first = runner.invoke(demo, ["fill", "--once", "--reports", "7"])
    assert first.exit_code == 0, first.output
    assert run.key in first.output and "210" in first.output
    second = runner.invoke(demo, ["fill", "--once"])
    assert second.exit_code == 0 and "250" in second.output
    [(reports, things)] = ask("SELECT count(*), count(DISTINCT external_id) FROM report")
    assert (reports, things) == (250, 250)
    listed = runner.invoke(demo, ["clusters", "--csv"])
    assert listed.exit_code == 0 and len(listed.output.splitlines()) == 10


def test_bad_input_is_one_clear_line(application, empty_database):
    from etl.commands import demo

    runner = application.test_cli_runner()
    for arguments in (["fill", "--months", "0"], ["fill", "--until", "hôm qua"], ["clusters"], ["duplicates"],
                      ["fill", "--until", "2026-01-01T10:00"]):  # fmt: skip
        answer = runner.invoke(demo, arguments)
        assert answer.exit_code != 0
        assert "Traceback" not in answer.output
