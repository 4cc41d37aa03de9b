"""A report given to another unit or category by a person: what is written, what stays, what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from database import clock
from database.engine import Context, transaction
from district_boundaries import areas
from incidents import reassignment, reference
from incidents.reassignment import CannotChange
from tests.integration.test_explanation import beside_a_border

ADMIN = Context(actor="account:7", roles=frozenset({"administrator"}))
AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
INSIDE = (106.6980, 10.7725)


@pytest.fixture
def send(client, empty_database):
    """A function that sends a report and gives its code."""

    def make(point=INSIDE, category: str | None = "road_damage", **more) -> str:
        body = {"channel": "web", "category": category, "description": "sụt", "lat": point[1], "lon": point[0], **more}
        answer = client.post("/api/v1/reports", json=body)
        assert answer.status_code == 201, answer.json
        return answer.json["code"]

    return make


def change(code: str, *, unit=None, category=None, reason="other_side", at=None, **more):
    with clock.frozen(at or datetime.now(UTC)), transaction(ADMIN) as connection:
        known, index = reference.current(connection), areas.current(connection)
        return reassignment.reassign(
            connection, known, index, code, unit=unit, category=category, reason=reason, actor=ADMIN.actor, **more
        )


def rows(sql: str, **values):
    with transaction(ADMIN) as connection:
        return connection.execute(text(sql), values).all()


def test_to_another_unit(send) -> None:
    code = send(category="road_damage")
    before = rows("SELECT unit_id, resolve_due_at, opened_at FROM incident WHERE code = :code", code=code)[0]
    later = before.opened_at + timedelta(hours=3)
    planned = change(code, unit="HTKT-K4", note="  Nằm trên  nhịp dẫn ", at=later)
    assert planned.unit_changes
    assert not planned.category_changes
    incident = rows("SELECT * FROM incident WHERE code = :code", code=code)[0]
    assert incident.status == "assigned"
    assert incident.candidate_unit_ids == []
    assert incident.resolve_due_at == before.resolve_due_at + timedelta(hours=3), (
        "time at the wrong unit is not counted"
    )
    ended, new = rows("SELECT * FROM assignment WHERE incident_id = :id ORDER BY id", id=incident.id)
    assert (ended.unit_id, ended.ended_at) == (before.unit_id, later)
    assert (new.unit_id, new.assigned_at, new.ended_at, new.reason) == (incident.unit_id, later, None, "other_side")
    public = rows("SELECT * FROM public_report WHERE code = :code", code=code)[0]
    assert (public.unit_id, public.status, public.due_at) == (incident.unit_id, "assigned", incident.resolve_due_at)
    assert public.steps[-1] == {
        "at": later.isoformat(), "status": "assigned", "unit": "HTKT-K4", "reason": "other_side",
        "note": "Nằm trên nhịp dẫn",
    }  # fmt: skip
    assert rows("SELECT unit_id FROM public_incident WHERE code = :code", code=code)[0].unit_id == incident.unit_id
    (event,) = rows("SELECT * FROM event WHERE kind = 'incident.assigned'")
    assert event.actor == "account:7"
    assert event.data["unit"] == "HTKT-K4"
    assert event.data["told"] == [event.data["from"], "HTKT-K4"]
    assert "Nằm" not in json.dumps(event.data, ensure_ascii=False), "no text in the record"


def test_twice_moves_the_deadline_twice_and_all_its_reports_follow(send) -> None:
    code = send(category="road_damage")
    other = send(category="road_damage", point=(106.69801, 10.77251))
    with transaction(ADMIN) as connection:  # joined, as the desk does
        connection.execute(
            text(
                "UPDATE report SET incident_id = (SELECT id FROM incident WHERE code = :code) WHERE code = :other"
            ), {"code": code, "other": other},
        )  # fmt: skip
        connection.execute(
            text(
                "UPDATE public_report SET incident_code = :code, "
                "incident_id = (SELECT id FROM incident WHERE code = :code)"
                " WHERE code = :other"
            ), {"code": code, "other": other},
        )  # fmt: skip
    start = rows("SELECT opened_at, resolve_due_at FROM incident WHERE code = :code", code=code)[0]
    change(code, unit="HTKT-K4", at=start.opened_at + timedelta(hours=2))
    change(other, unit="HTKT-K3", at=start.opened_at + timedelta(hours=5))
    assert rows("SELECT resolve_due_at FROM incident WHERE code = :code", code=code)[
        0
    ].resolve_due_at == start.resolve_due_at + timedelta(hours=5)
    units = rows("SELECT DISTINCT unit_id, status FROM public_report WHERE code IN (:a, :b)", a=code, b=other)
    assert len(units) == 1
    steps = rows("SELECT steps FROM public_report WHERE code = :b", b=other)[0].steps
    assert [step.get("unit") for step in steps[-2:]] == ["HTKT-K4", "HTKT-K3"]
    planned = change(code, category="traffic_sign", reason="wrong_category", at=start.opened_at + timedelta(hours=6))
    assert planned.category_changes
    fresh = rows("SELECT resolve_minutes FROM deadline_rule WHERE id = :id", id=planned.deadline_rule_id)[0]
    wrong = timedelta(hours=6) if planned.unit_changes else timedelta(hours=5)
    assert planned.resolve_due_at == start.opened_at + timedelta(minutes=fresh.resolve_minutes) + wrong


def test_another_category_goes_to_whom_the_rules_name(send) -> None:
    code = send(category="road_damage")
    planned = change(code, category="construction_without_permit", reason="wrong_category")
    known = rows("SELECT code FROM unit WHERE id = :id", id=planned.unit_id)[0].code
    assert known.startswith("UBND-")
    assert planned.responsibility_id
    kinds = [row.kind for row in rows("SELECT kind FROM event WHERE kind LIKE 'incident.%' ORDER BY id")]
    assert kinds == ["incident.category_changed", "incident.assigned"]
    public = rows("SELECT * FROM public_incident WHERE code = :code", code=code)[0]
    assert (public.hero, public.kind, public.group_code) == ("construction", "construction", "construction")
    assert rows("SELECT category FROM public_report WHERE code = :code", code=code)[0].category == public.category
    assert rows("SELECT category FROM report WHERE code = :code", code=code)[0].category == "road_damage", (
        "as it was said"
    )


def test_what_waits_at_a_border_is_decided(send) -> None:
    with transaction(ADMIN) as connection:
        index = areas.current(connection)
    lon, lat, _, there = beside_a_border(index, 5.0)
    code = send(point=(lon, lat), category="construction_without_permit")
    before = rows("SELECT * FROM incident WHERE code = :code", code=code)[0]
    assert before.status == "classified"
    assert len(before.candidate_unit_ids) == 2
    planned = change(code, unit=there, at=before.opened_at + timedelta(hours=1))
    assert planned.responsibility_id, "the rule by which the other unit came into question"
    assert planned.resolve_due_at == before.resolve_due_at, "waiting at the desk counts"
    after = rows("SELECT * FROM incident WHERE code = :code", code=code)[0]
    assert (after.status, after.candidate_unit_ids) == ("assigned", [])
    assert (
        "unit_border" not in rows("SELECT review_reasons FROM report WHERE code = :code", code=code)[0].review_reasons
    )
    (assigned,) = rows("SELECT * FROM assignment WHERE incident_id = :id", id=after.id)
    assert assigned.responsibility_id == planned.responsibility_id


def test_a_report_without_a_category_gets_one(send) -> None:
    code = send(category=None)
    planned = change(code, category="road_damage", reason="wrong_category")
    assert planned.status == "assigned"
    assert planned.unit_changes


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"unit": "HTKT-K4", "reason": "because"}, "no_reason"),
        ({"unit": "NOBODY"}, "unknown_unit"),
        ({"category": "nothing"}, "unknown_category"),
        ({}, "nothing"),
        ({"unit": "HTKT-K4", "note": "a" * 501}, "long_note"),
        ({"unit": "HTKT-K4", "seen": 1}, "meanwhile"),
    ],
)
def test_refused(send, asked, problem) -> None:
    code = send(category="road_damage")
    if problem == "meanwhile":
        change(code, unit="HTKT-K3")
    before = rows("SELECT count(*) AS n FROM event")[0].n
    with pytest.raises(CannotChange) as refused:
        change(code, **asked)
    assert refused.value.problem == problem
    assert rows("SELECT count(*) AS n FROM event")[0].n == before


def test_what_is_over_is_not_moved(send) -> None:
    code = send(category="road_damage")
    with transaction(ADMIN) as connection:
        connection.execute(text("UPDATE incident SET status = 'resolved'"))
    with pytest.raises(CannotChange, match="closed"):
        change(code, unit="HTKT-K4")


def test_its_history(send) -> None:
    code = send(category="road_damage")
    change(code, unit="HTKT-K4")
    with transaction(ADMIN) as connection:
        was = reassignment.standing(connection, code)
        hands = reassignment.history(connection, was.id)
    assert [hand.kind for hand in hands] == ["incident.assigned", "report.received"]
    assert hands[0].actor == "account:7"
