"""“I see it too”: a report becomes part of an incident that is there, and never of a wrong one."""

from __future__ import annotations

import psycopg
import pytest

HERE = {"lat": 10.7725, "lon": 106.6980}


def send(client, headers=None, **body):
    answer = client.post("/api/v1/reports", json={"channel": "web", **HERE, **body}, headers=headers or {})
    return answer.status_code, answer.json


@pytest.fixture
def lead(client, empty_database) -> str:
    status, answer = send(client, category="fallen_tree")
    assert status == 201
    return answer["code"]


def test_it_is_part_of_that_incident(client, lead, empty_database) -> None:
    status, answer = send(client, joins=lead.lower(), lat=HERE["lat"] + 0.0005)
    assert status == 201
    assert answer["joined"] == {"code": lead, "url": f"/r/{lead}"}
    assert (answer["category"], answer["status"]) == ("fallen_tree", "assigned")
    assert answer["possible_duplicates"] == [] == answer["review_reasons"]
    first = client.get(f"/api/v1/reports/{lead}").json
    second = client.get(f"/api/v1/reports/{answer['code']}").json
    assert first["incident"] == second["incident"] == {"code": lead, "reports": 2}
    assert (second["unit"], second["due_at"]) == (first["unit"], first["due_at"])
    assert [step["status"] for step in second["steps"]] == ["received", "merged"]
    listed = client.get("/api/v1/incidents").json
    assert listed["counts"]["total"] == 1 and listed["features"][0]["properties"]["reports"] == 2
    page = client.get(f"/r/{answer['code']}").get_data(as_text=True)
    assert f'href="/r/{lead}"' in page
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT count(*), min(reports) FROM incident").fetchone() == (1, 2)
        assert connection.execute("SELECT count(*) FROM assignment").fetchone() == (1,)
        kinds = connection.execute("SELECT kind, data ->> 'joins' FROM event ORDER BY id").fetchall()
    assert kinds == [("report.received", None), ("report.received", lead)]


def test_the_code_of_any_of_its_reports_will_do(client, lead) -> None:
    second = send(client, joins=lead)[1]
    third = send(client, joins=second["code"], category="dangerous_tree")[1]  # another word for the same kind
    assert third["joined"]["code"] == lead and third["category"] == "dangerous_tree"
    assert client.get(f"/api/v1/reports/{lead}").json["incident"]["reports"] == 3


def test_a_repeated_key_joins_once(client, lead) -> None:
    key = {"Idempotency-Key": "me-too"}
    first, again = send(client, key, joins=lead), send(client, key, joins=lead)
    assert first == again
    assert client.get(f"/api/v1/reports/{lead}").json["incident"]["reports"] == 2
    assert send(client, key)[0] == 409 or send(client, key, category="fallen_tree")[0] == 409


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"lat": 10.7765}, "too far"),  # 445 m to the north
        ({"category": "flooding"}, "another kind"),
        ({"joins": "7TR-4KN"}, "no incident"),
        ({"lat": None, "lon": None, "address": "Phường Bến Thành"}, "too far"),  # known to its ward alone
    ],
)
def test_it_never_joins_a_wrong_one(client, lead, body, why) -> None:
    status, problem = send(client, **{"joins": lead, **body})
    assert status == 422
    assert problem["errors"][0]["field"] == "joins" and why in problem["errors"][0]["message"]
    assert client.get("/api/v1/reports").json["features"][0]["properties"]["incident"]["reports"] == 1


def test_nor_one_that_is_done(client, lead, empty_database) -> None:
    with psycopg.connect(empty_database) as connection:
        for table in ("incident", "public_incident"):
            connection.execute(f"UPDATE {table} SET status = 'resolved', resolved_at = now()")
    status, problem = send(client, joins=lead)
    assert status == 422 and "not open" in problem["errors"][0]["message"]


def test_nor_one_that_nobody_has_classified(client, empty_database) -> None:
    unsaid = send(client, description="có gì đó")[1]
    status, problem = send(client, joins=unsaid["code"])
    assert status == 422 and problem["errors"][0]["field"] == "joins"
