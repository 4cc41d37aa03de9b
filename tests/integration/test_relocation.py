"""A place that was wrong: moved by a person here with a reason, and learnt, so that the same address is right the next
time; undone, it is as before."""

from __future__ import annotations

import json
import re
import secrets

import pytest
from sqlalchemy import text

from database.engine import OPERATOR, Context, transaction
from district_boundaries import areas
from incidents import reassignment, reference, relocation
from incidents.drafts import Draft
from incidents.intake import receive
from incidents.relocation import pinned
from tests import logins

STAFF = "dich-cho"
ADDRESS = "117 Hàm Nghi, Quận 1"
SPELT = (
    "117 ham nghi q1",
    "117 HÀM NGHI, QUẬN 1",
    "Q.1, 117 Hàm Nghi",
    "117 đ. Hàm Nghi, Q1, TP.HCM",
)
RIGHT = (106.6951, 10.7712)
"""some 800 m from where the house numbers say: the caller stood there"""
BORDER = (106.6980, 10.7725)


@pytest.fixture
def desk(client, database_url):
    """A call-taker, logged in."""
    name = f"{STAFF}-{secrets.token_hex(3)}"
    logins.create(name, "call_taker", label="Bàn tiếp nhận")
    assert logins.log_in(client, name).status_code == 303
    return client


@pytest.fixture(autouse=True)
def nothing_learnt(database_url):
    _forget()  # what another module's reports taught
    yield
    _forget()


def _forget() -> None:
    with transaction(OPERATOR) as connection:
        connection.execute(text("DELETE FROM gazetteer_correction"))


def sent(client, **report):
    answer = client.post(
        "/api/v1/reports", json={"channel": "web", "category": "fallen_tree", **report}, headers=logins.ORIGIN
    )
    assert answer.status_code == 201, answer.get_json()
    return answer.get_json()


def public(application, code):
    return application.test_client().get(f"/api/v1/reports/{code}").get_json()


def geocoded(client, address):
    found = client.get("/api/v1/geocode", query_string={"q": address}).get_json()["features"]
    return found[0]["geometry"]["coordinates"], found[0]["properties"]


def move(client, code, **form):
    path = f"/admin/reports/{code}/place"
    form = {"csrf_token": logins.token(client, path), "accuracy": "10", **form}
    return client.post(path, data=form, headers=logins.ORIGIN)


def events(code):
    with transaction(OPERATOR) as connection:
        rows = connection.execute(
            text("SELECT kind, actor, data FROM event WHERE data ->> 'code' = :code ORDER BY id"), {"code": code}
        ).all()
    return [(row.kind, row.actor, row.data) for row in rows]


def test_a_wrong_point_is_moved_once_and_right_the_next_time_however_it_is_spelt(application, desk) -> None:
    visitor = application.test_client()
    before = {said: geocoded(visitor, said)[0] for said in (ADDRESS, *SPELT)}
    report = sent(visitor, address=ADDRESS)
    assert [report["location"]["lon"], report["location"]["lat"]] == pytest.approx(before[ADDRESS], abs=1e-6)

    form = {"at": f"{RIGHT[1]}, {RIGHT[0]}", "reason": relocation.MISPLACED, "note": "Đã gọi lại người báo."}
    assert move(desk, report["code"], **form).status_code == 303
    shown = public(application, report["code"])
    assert (shown["location"]["lon"], shown["location"]["lat"]) == pytest.approx(RIGHT)
    assert shown["location"]["precision"] == "pin" and shown["location"]["accuracy_m"] == 10
    assert "117" not in json.dumps(shown, ensure_ascii=False).replace(report["code"], "")
    _, actor, data = next(each for each in events(report["code"]) if each[0] == "report.place_corrected")
    assert actor.startswith("account:") and data["reason"] == "misplaced" and data["metres"] > 300
    assert "Đã gọi" not in json.dumps(data, ensure_ascii=False) and len(data["note"]) == 64
    with transaction(OPERATOR) as connection:
        (former,) = connection.execute(
            text("SELECT ST_X(report_place.geom) AS lon, ST_Y(report_place.geom) AS lat, reason FROM report_place "
                 "JOIN report ON report.id = report_place.report_id WHERE code = :code"), {"code": report["code"]}
        ).all()  # fmt: skip
    assert (former.lon, former.lat) == pytest.approx(before[ADDRESS], abs=1e-6) and former.reason == "misplaced"

    for said in (ADDRESS, *SPELT):
        assert geocoded(visitor, said)[0] == pytest.approx(RIGHT, abs=1e-5), said
        again = sent(visitor, address=said)["location"]
        assert (again["lon"], again["lat"]) == pytest.approx(RIGHT, abs=1e-5), said
    assert geocoded(visitor, "115 Hàm Nghi, Quận 1")[0] != pytest.approx(RIGHT, abs=1e-4), "its neighbour stays"

    page = desk.get(f"/admin/reports/{report['code']}/place").text
    number = re.search(r"/admin/corrections/(\d+)", page)[1]
    back = {"verdict": "undo", "code": report["code"], "csrf_token": logins.token(desk, "/admin/places")}
    assert desk.post(f"/admin/corrections/{number}", data=back, headers=logins.ORIGIN).status_code == 303
    for said in (ADDRESS, *SPELT):
        assert geocoded(visitor, said)[0] == before[said], said
    assert "đã bỏ" in desk.get("/admin/places").text


def test_a_whole_street_is_learnt_to_lie_nowhere(application, desk) -> None:
    visitor = application.test_client()
    report = sent(visitor, address="Hàm Nghi, Quận 1")
    assert move(desk, report["code"], at=f"{RIGHT[1]}; {RIGHT[0]}", reason="misplaced").status_code == 303
    assert public(application, report["code"])["location"]["precision"] == "pin"
    with transaction(OPERATOR) as connection:
        assert connection.execute(text("SELECT count(*) FROM gazetteer_correction")).scalar_one() == 0


def test_other_reasons_teach_nothing(application, desk) -> None:
    visitor = application.test_client()
    report = sent(visitor, address=ADDRESS)
    before = geocoded(visitor, ADDRESS)[0]
    assert move(desk, report["code"], at=f"{RIGHT[1]}, {RIGHT[0]}", reason="mispinned").status_code == 303
    assert geocoded(visitor, ADDRESS)[0] == before


def test_what_is_missing_is_said_and_nothing_is_lost(application, desk) -> None:
    visitor = application.test_client()
    report = sent(visitor, lon=RIGHT[0], lat=RIGHT[1])
    for form, words, status in (
        ({"at": "10.7712, 106.6960", "note": "ghi lại"}, "Chọn một lý do", 422),
        ({"at": "16.05, 108.2", "reason": "other"}, "nằm ngoài", 422),
        ({"at": "đâu đó", "reason": "other"}, "Chọn một điểm", 422),
        ({"at": f"{RIGHT[1]}, {RIGHT[0]}", "reason": "other"}, "Chưa đổi gì", 422),
        ({"at": "10.7712, 106.6960", "reason": "other", "seen": "1"}, "vừa có thay đổi khác", 409),
    ):
        answer = move(desk, report["code"], **form)
        assert answer.status_code == status and words in answer.text, form
    assert "ghi lại" in move(desk, report["code"], at="10.7712, 106.6960", note="ghi lại").text
    assert public(application, report["code"])["location"]["lon"] == pytest.approx(RIGHT[0])


def test_the_new_unit_is_said_before_and_given_after(application, desk) -> None:
    """From one ward's committee to another's: the construction violations' rule is the ward."""
    visitor = application.test_client()
    report = sent(visitor, category="construction_without_permit", lon=106.7009, lat=10.7769)
    assert report["unit"]["code"] == "UBND-26740"
    path = f"/admin/reports/{report['code']}/place"
    there = {"at": "10.7915, 106.7182", "reason": "mispinned"}
    plan = desk.get(path, query_string={**there, "part": "plan"}).text
    assert "Đơn vị mới:" in plan and "UBND Phường Thạnh Mỹ Tây" in plan and "incident.assigned" in plan
    assert "cách chỗ cũ 2,5 km" in plan or "cách chỗ cũ 2,4 km" in plan, plan
    assert public(application, report["code"])["unit"]["code"] == "UBND-26740", "nothing is done yet"
    assert move(desk, report["code"], **there).status_code == 303
    shown = public(application, report["code"])
    assert shown["unit"]["code"] == "UBND-26956" and shown["ward"]["code"] == "26956"
    kinds = [kind for kind, *_ in events(report["code"])]
    assert kinds == ["report.received", "report.place_corrected", "incident.assigned"]
    assert any("Sửa vị trí" in step["text"]["vi"] for step in shown["steps"])
    page = visitor.get(f"/r/{report['code']}").text
    assert "Sửa vị trí, cách chỗ cũ" in page and "theo vị trí mới" in page and "ghim đặt nhầm chỗ" in page


def test_a_new_address_offers_its_places_and_takes_the_one_picked(application, desk) -> None:
    visitor = application.test_client()
    report = sent(visitor, lon=RIGHT[0], lat=RIGHT[1])
    path = f"/admin/reports/{report['code']}/place"
    offered = desk.get(path, query_string={"address": "84 Hàm Nghi, Quận 1"}).text
    assert "pick=0" in offered and "Hàm Nghi" in offered
    moved = move(desk, report["code"], address="84 Hàm Nghi, Quận 1", pick="0", reason="known_better")
    assert moved.status_code == 303
    shown = public(application, report["code"])["location"]
    assert [shown["lon"], shown["lat"]] == pytest.approx(geocoded(visitor, "84 Hàm Nghi, Quận 1")[0], abs=1e-6)
    assert shown["precision"] in ("rooftop", "interpolated") and shown["accuracy_m"] > 10


def test_a_report_without_a_place_gets_one_and_its_unit(application, desk) -> None:
    answer = desk.post(
        "/api/v1/reports",
        json={"channel": "phone", "category": "burst_pipe"},
        headers={**logins.ORIGIN, "X-CSRF-Token": logins.token(desk, "/account")},
    )
    assert answer.status_code == 201, answer.get_json()
    report = answer.get_json()
    assert report["location"] is None and report["status"] == "classified" and "no_place" in report["review_reasons"]
    assert report["code"] in desk.get("/admin/places").text.replace("-", "")
    assert move(desk, report["code"], at=f"{BORDER[1]}, {BORDER[0]}", reason="known_better").status_code == 303
    shown = public(application, report["code"])
    assert shown["status"] == "assigned" and shown["unit"]["code"] == "CN-BT"
    with transaction(OPERATOR) as connection:
        reasons = connection.execute(
            text("SELECT review_reasons FROM report WHERE code = :code"), {"code": report["code"]}
        ).scalar_one()
    assert "no_place" not in reasons


def test_a_unit_that_a_person_chose_stays_where_the_rules_name_the_same(application, app_connection) -> None:
    known, index = reference.current(app_connection), areas.current(app_connection)
    (receipt,) = receive(
        app_connection, [Draft(channel="web", category="burst_pipe", lon=BORDER[0], lat=BORDER[1])], actor="t"
    )
    other = next(code for code in ("CN-GD", "CN-TD") if code in known.unit_by_code)
    about = {"category": None, "reason": "other_side", "actor": "t"}
    reassignment.reassign(app_connection, known, index, receipt.code, unit=other, **about)
    place = pinned(BORDER[0] + 0.0002, BORDER[1], "staff")
    moved = relocation.move(app_connection, known, index, receipt.code, place, reason="other", actor="t")
    assert moved.planned is not None and not moved.planned.unit_changes
    assert known.units[reassignment.standing(app_connection, receipt.code).unit_id].code == other


def test_others_may_not(application, desk, database_url) -> None:
    planner = application.test_client()
    name = f"{STAFF}-{secrets.token_hex(3)}"
    logins.create(name, "planner")
    logins.log_in(planner, name)
    code = sent(application.test_client(), lon=RIGHT[0], lat=RIGHT[1])["code"]
    assert planner.get(f"/admin/reports/{code}/place").status_code == 404
    with (
        pytest.raises(Exception, match="row-level security"),
        transaction(Context(actor="account:1", roles=frozenset({"planner"}))) as connection,
    ):
        connection.execute(
            text(
                "INSERT INTO gazetteer_correction (key, geom) VALUES ('x', ST_SetSRID(ST_MakePoint(106.7, 10.7), 4326))"
            )
        )
