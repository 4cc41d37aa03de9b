"""The record: sealed by number behind concurrent writers, and every kind of tampering found where it was done."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from database.engine import OPERATOR, WORKER, engine, read, transaction
from incidents.record import feed, head
from incidents.record.events import NewEvent, streamed_as, write
from incidents.record.head import Head
from incidents.record.sequencer import Sequencer, run_once
from incidents.record.verify import verify

pytestmark = pytest.mark.usefixtures("left_empty", "empty_database")


@pytest.fixture
def anchor(tmp_path) -> Path:
    return tmp_path / "record.head"


def put(*incident_ids: int, kind: str = "incident.status_changed", **data: object) -> None:
    with transaction(WORKER) as connection:
        write(
            connection,
            [
                NewEvent(kind=kind, actor="system", incident_id=each, data={"code": "X", **data})
                for each in incident_ids
            ],
        )


def seal(anchor: Path, batch: int = 2000) -> int:
    sequencer, total = Sequencer(anchor, batch=batch), 0
    while (sealed := sequencer.step()) is not None and sealed.count:
        total += sealed.count
    return total


def sealed() -> list[tuple[int, int, int]]:
    """seq, event id, incident id, in the record's order."""
    with transaction(WORKER) as connection:
        return [
            tuple(row)
            for row in connection.execute(
                text("SELECT seq, event.id, incident_id FROM seal JOIN event ON event.id = event_id ORDER BY seq")
            )
        ]


def findings(anchor: Path) -> list[str]:
    with transaction(OPERATOR) as connection:
        return [str(finding) for finding in verify(connection, anchor).findings]


def as_owner(url: str, *statements: str) -> None:
    """What somebody who owns the database can do: no trigger, no foreign key in the way."""
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)


# ------------------------------------------------------------------------------------------------ sealing


def test_numbers_have_no_gap_and_the_head_follows(anchor) -> None:
    put(1, 2, 3)
    assert seal(anchor) == 3
    put(1)
    assert seal(anchor) == 1
    assert [seq for seq, _, _ in sealed()] == [1, 2, 3, 4]
    with transaction(WORKER) as connection:
        last = connection.execute(text("SELECT hash FROM seal WHERE seq = 4")).scalar_one()
    assert head.read(anchor) == Head(seq=4, hash=bytes(last))
    assert findings(anchor) == []


def test_a_transaction_that_commits_late_is_sealed_late_and_not_missed(anchor) -> None:
    sequencer = Sequencer(anchor)
    with transaction(WORKER) as slow:
        write(slow, [NewEvent(kind="report.received", actor="public", incident_id=1, data={"code": "A"})])
        put(2)
        assert sequencer.step().count == 1
        put(3)
        assert sequencer.step().count == 1
    assert sequencer.step().count == 1
    assert sequencer.step().count == 0
    assert [incident for _, _, incident in sealed()] == [2, 3, 1]


def test_what_was_rolled_back_leaves_no_hole(anchor) -> None:
    with pytest.raises(RuntimeError), transaction(WORKER) as connection:
        write(connection, [NewEvent(kind="report.received", actor="public")])
        raise RuntimeError
    put(5)
    assert seal(anchor) == 1
    assert [(seq, incident) for seq, _, incident in sealed()] == [(1, 5)]


def test_two_sequencers_under_concurrent_writers_never_seal_twice_and_keep_each_incidents_order(anchor) -> None:
    incidents, writers, each = 5, 4, 60
    with transaction(WORKER) as connection:
        unit = connection.execute(text("SELECT id FROM unit LIMIT 1")).scalar_one()
        connection.execute(
            text(
                "INSERT INTO incident (id, code, status, unit_id, opened_at, updated_at)"
                " SELECT n, 'C' || n, 'received', :unit, now(), now() FROM generate_series(1, :n) AS n"
            ),
            {"unit": unit, "n": incidents},
        )
    running = threading.Event()
    running.set()
    failures: list[Exception] = []

    def writing(number: int) -> None:
        for turn in range(each):
            incident = (number + turn) % incidents + 1
            with transaction(WORKER) as connection:
                # The lock comes first: `reports` counts the incident's events in the order of its commits.
                count = connection.execute(
                    text("UPDATE incident SET reports = reports + 1 WHERE id = :id RETURNING reports"),
                    {"id": incident},
                ).scalar_one()
                write(
                    connection,
                    [
                        NewEvent(
                            kind="incident.status_changed", actor="system", incident_id=incident, data={"count": count}
                        )
                    ],
                )

    def sealing() -> None:
        sequencer = Sequencer(anchor, batch=7)
        while running.is_set():
            try:
                sequencer.step()
            except Exception as error:
                failures.append(error)

    sealers = [threading.Thread(target=sealing) for _ in range(2)]
    threads = [threading.Thread(target=writing, args=(number,)) for number in range(writers)]
    for thread in (*sealers, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    deadline = time.monotonic() + 20
    while len(sealed()) < writers * each and time.monotonic() < deadline:
        time.sleep(0.05)
    running.clear()
    for thread in sealers:
        thread.join()
    assert not failures
    rows = sealed()
    assert [seq for seq, _, _ in rows] == list(range(1, writers * each + 1))
    assert len({event for _, event, _ in rows}) == writers * each
    with transaction(WORKER) as connection:
        counted = connection.execute(
            text(
                "SELECT incident_id, array_agg((data ->> 'count')::int ORDER BY seq) AS counts"
                " FROM seal JOIN event ON event.id = event_id GROUP BY incident_id"
            )
        ).all()
    for row in counted:
        assert row.counts == sorted(row.counts)
    assert findings(anchor) == []


def _seal_until_killed(path: str) -> None:
    sequencer = Sequencer(Path(path), batch=3)
    while True:
        sequencer.step()


def test_killed_in_between_the_next_one_goes_on(anchor) -> None:
    spawn = multiprocessing.get_context("spawn")
    done = 0
    for _ in range(4):
        process = spawn.Process(target=_seal_until_killed, args=(str(anchor),))
        process.start()
        deadline = time.monotonic() + 20
        while len(sealed()) <= done and time.monotonic() < deadline:
            put(1, 2, 3, 4, 5)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        done = len(sealed())
    seal(anchor)
    with transaction(WORKER) as connection:
        total = connection.execute(text("SELECT count(*) FROM event")).scalar_one()
    assert [seq for seq, _, _ in sealed()] == list(range(1, total + 1))
    assert findings(anchor) == []


def test_a_head_that_was_not_written_any_more_is_caught_up(anchor) -> None:
    put(1)
    seal(anchor)
    before = head.read(anchor)
    put(2)
    seal(anchor)
    head.write(anchor, before)  # died between commit and head
    assert findings(anchor) == []
    put(3)
    seal(anchor)
    assert head.read(anchor).seq == 3
    assert not head.lost(anchor)


def test_transaction_ids_that_start_again_lower_are_no_trouble(anchor, empty_database) -> None:
    put(1, 2)
    seal(anchor)
    as_owner(empty_database, "UPDATE event SET xid = '9000000000'")  # as after a restore into another cluster
    put(3)
    assert seal(anchor) == 1
    assert findings(anchor) == []


def test_one_notice_a_batch_with_its_last_number(anchor, empty_database) -> None:
    with psycopg.connect(empty_database, autocommit=True) as listener:
        listener.execute("LISTEN record")
        put(*range(10))
        seal(anchor, batch=4)
        assert [notice.payload for notice in listener.notifies(timeout=2, stop_after=3)] == ["4", "8", "10"]


def test_events_cannot_be_changed_by_the_app(anchor) -> None:
    put(1)
    seal(anchor)
    for statement in (
        "UPDATE event SET actor = 'x'",
        "DELETE FROM event",
        "DELETE FROM seal",
        "TRUNCATE event CASCADE",
    ):
        with pytest.raises(Exception, match=r"permission denied|insert-only"), transaction(OPERATOR) as connection:
            connection.execute(text(statement))
    with pytest.raises(Exception, match=r"insert-only"), engine("owner").begin() as connection:
        connection.execute(text("UPDATE event SET actor = 'x'"))


# ---------------------------------------------------------------------------------------------- verifying


@pytest.fixture
def record(anchor, empty_database) -> str:
    """Ten sealed events; the owner's address."""
    for number in range(1, 11):
        put(number, status=f"s{number}")
    seal(anchor)
    assert findings(anchor) == []
    return empty_database


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE event SET data = jsonb_set(data, '{status}', '\"t4\"') WHERE incident_id = 4", ["altered seq=4"]),
        ("UPDATE event SET at = at + interval '1 microsecond' WHERE incident_id = 4", ["altered seq=4"]),
        ("UPDATE event SET actor = 'Public' WHERE incident_id = 10", ["altered seq=10"]),
        ("UPDATE seal SET hash = set_byte(hash, 7, get_byte(hash, 7) # 1) WHERE seq = 4", ["altered seq=4"]),
        ("UPDATE seal SET hash = set_byte(hash, 7, get_byte(hash, 7) # 1) WHERE seq = 10", ["altered seq=10"]),
        ("DELETE FROM event WHERE incident_id = 4", ["deleted seq=4"]),
        ("DELETE FROM seal WHERE seq IN (4, 5)", ["deleted seq=4", "deleted seq=5"]),
        ("DELETE FROM seal WHERE seq >= 9", ["truncated seq=9"]),
        ("DELETE FROM seal", ["truncated seq=1"]),
        (
            "UPDATE seal SET event_id = (SELECT e.id FROM event e WHERE e.incident_id = 15 - seq) WHERE seq IN (7, 8)",
            ["reordered seq=7", "reordered seq=8"],
        ),
        (
            "UPDATE event SET (kind, incident_id, data, at) = (SELECT kind, incident_id, data, at FROM event AS other"
            " WHERE other.incident_id = 11 - event.incident_id) WHERE incident_id IN (3, 8)",
            ["reordered seq=3", "reordered seq=8"],
        ),
        (
            "UPDATE seal SET (event_id, hash) ="
            " (SELECT event_id, hash FROM seal AS other WHERE other.seq = 9 - seal.seq) WHERE seq IN (4, 5)",
            ["reordered seq=4", "reordered seq=5"],
        ),
    ],
)
def test_tampering_is_found_where_it_was_done(record, anchor, statement, found) -> None:
    as_owner(record, "ALTER TABLE seal DROP CONSTRAINT IF EXISTS seal_event_id_key", statement)
    try:
        assert findings(anchor) == found
    finally:
        as_owner(record, "TRUNCATE event, seal", "ALTER TABLE seal ADD CONSTRAINT seal_event_id_key UNIQUE (event_id)")


def test_a_tail_that_was_cut_is_never_numbered_over(record, anchor) -> None:
    as_owner(record, "DELETE FROM seal WHERE seq >= 9", "DELETE FROM event WHERE incident_id >= 9")
    assert findings(anchor) == ["truncated seq=9"]
    put(20, 21)
    seal(anchor)
    assert [seq for seq, _, _ in sealed()][-3:] == [8, 11, 12]
    assert findings(anchor) == ["deleted seq=9", "deleted seq=10"]


def test_a_record_sealed_anew_from_some_place_on_does_not_bear_out_the_head(record, anchor, tmp_path) -> None:
    as_owner(record, "DELETE FROM seal WHERE seq >= 5", "UPDATE event SET actor = 'forged' WHERE incident_id = 6")
    seal(tmp_path / "forgers.head")
    assert findings(tmp_path / "forgers.head") == []
    assert findings(anchor) == ["altered seq=10"]
    put(30)
    seal(anchor)  # the evidence outlives the next seals
    assert head.read(anchor).seq == 11
    assert findings(anchor) == ["altered seq=10"]


def test_the_unsealed_tail_is_counted_and_is_no_fault(record, anchor) -> None:
    put(40, 41)
    with transaction(OPERATOR) as connection:
        verdict = verify(connection, anchor)
    assert (verdict.whole, verdict.sealed, verdict.unsealed) == (True, 10, 2)


# ------------------------------------------------------------------------------------------------ reading on


def test_the_public_hears_of_reports_and_incidents_and_once_of_a_bulk_load(anchor) -> None:
    put(1, kind="person.seen")
    put(1, kind="report.received", bulk=True)
    put(1, kind="bulk.imported")
    put(1, kind="report.withdrawn")
    with transaction(WORKER) as connection:
        assert run_once(connection, anchor) == 4
    with read() as connection:
        page = feed.page(connection, 0)
        assert [(heard.seq, heard.message) for heard in page.heard] == [(3, "reload"), (4, "report.updated")]
        assert page.upto == feed.last_seq(connection) == 4
        assert not feed.page(connection, 4).heard


def test_every_kind_has_one_message_or_none() -> None:
    assert streamed_as("report.received") == "report.created"
    assert streamed_as("report.joined") == "report.updated"
    assert streamed_as("incident.assigned") == "incident.updated"
    assert streamed_as("incident.assigned", bulk=True) is None
    assert streamed_as("bulk.imported", bulk=True) == "reload"
    assert streamed_as("person.seen") is None
