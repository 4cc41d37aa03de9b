"""What a reporter may do with the pin of their report: correct, add, withdraw; without it nothing of it."""

from __future__ import annotations

import io
import re
import secrets

import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from database.engine import OPERATOR, Context, transaction
from tests import logins

HERE = (106.7009, 10.7769)
THERE = (106.7182, 10.7915)
ADDRESS = "117 Hàm Nghi, Quận 1"


@pytest.fixture(autouse=True)
def nothing_learnt(database_url):
    yield
    with transaction(OPERATOR) as connection:
        connection.execute(text("DELETE FROM gazetteer_correction"))


@pytest.fixture
def report(client):
    """A report by somebody: its code and its pin."""

    def make(**more):
        body = {"channel": "web", "category": "construction_without_permit", "lon": HERE[0], "lat": HERE[1], **more}
        body = {name: value for name, value in body.items() if value is not None}
        answer = client.post("/api/v1/reports", json=body)
        assert answer.status_code == 201, answer.get_json()
        made = answer.get_json()
        return made["code"], made["follow"]["pin"]

    return make


@pytest.fixture
def act(client):
    """Do something with a report: the answer."""

    def send(code, pin, act="", **fields):
        return client.post(f"/r/{code}/own?part=1", data={"pin": pin, "act": act, **fields})

    return send


def public(client, code):
    return client.get(f"/api/v1/reports/{code}").get_json()


def said(code):
    with transaction(OPERATOR) as connection:
        rows = connection.execute(
            text("SELECT kind, actor, data FROM event WHERE data ->> 'code' = :code ORDER BY id"), {"code": code}
        ).all()
    return [(row.kind, row.actor, row.data) for row in rows]


def photo(colour: str) -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (120, 80), colour).save(file, "JPEG")
    file.seek(0)
    return file


def status(code: str, new: str) -> None:
    with transaction(OPERATOR) as connection:
        for table in ("incident", "public_incident", "public_report"):
            connection.execute(text(f"UPDATE {table} SET status = :new WHERE code = :code"), {"new": new, "code": code})


def test_without_the_pin_nothing_of_it(client, report, act) -> None:
    code, pin = report()
    page = client.get(f"/r/{code}").text
    assert pin not in page and "Rút phản ánh" not in page and 'name="act"' not in page
    for wrong in ("", "ABCDEFGH", pin[:-1], f"{pin}2"):
        answer = act(code, wrong, "withdraw", reason="gone")
        assert answer.status_code == 403 and "Rút phản ánh" not in answer.text
    assert public(client, code)["status"] == "assigned"
    other, _ = report()
    assert act(other, pin, "withdraw", reason="gone").status_code == 403
    assert client.post("/r/234567/own", data={"pin": pin}).status_code == 404
    strange = client.post(f"/r/{code}/own", data={"pin": pin}, headers={"Origin": "https://example.org"})
    assert strange.status_code == 403


def test_with_the_pin_in_any_spelling(report, act) -> None:
    code, pin = report()
    for typed in (pin, pin.lower(), f" {pin} "):
        answer = act(code, typed)
        assert answer.status_code == 200 and "Rút phản ánh" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_place_is_corrected_with_its_unit(client, report, act) -> None:
    code, pin = report()
    assert public(client, code)["unit"]["code"] == "UBND-26740"
    answer = act(code, pin, "place", at=f"{THERE[1]}, {THERE[0]}")
    assert answer.status_code == 200 and "Đã sửa vị trí" in answer.text
    shown = public(client, code)
    assert shown["unit"]["code"] == "UBND-26956" and shown["ward"]["code"] == "26956"
    assert [(kind, actor) for kind, actor, _ in said(code)[1:]] == [
        ("report.place_corrected", "reporter"),
        ("incident.assigned", "reporter"),
    ]
    assert act(code, pin, "place", at="16.05, 108.2").status_code == 422
    found = act(code, pin, "find", address="84 Hàm Nghi, Quận 1")
    assert 'name="pick"' in found.text
    assert act(code, pin, "place", address="84 Hàm Nghi, Quận 1", pick="0").status_code == 200
    assert public(client, code)["ward"]["code"] == "26740"


def test_what_a_reporter_corrected_is_learnt_once_somebody_here_says_so(client, application, report, act) -> None:
    def geocoded():
        found = client.get("/api/v1/geocode", query_string={"q": "117 ham nghi q1"}).get_json()["features"]
        return found[0]["geometry"]["coordinates"]

    before = geocoded()
    code, pin = report(address=ADDRESS, lon=None, lat=None, category="fallen_tree")
    assert act(code, pin, "place", at="10.7712, 106.6951").status_code == 200
    assert geocoded() == before, "anybody may have sent it"
    staff, name = application.test_client(), f"xac-nhan-{secrets.token_hex(3)}"
    logins.create(name, "call_taker")
    logins.log_in(staff, name)
    page = staff.get("/admin/places").text
    assert "chờ xác nhận" in page
    number = re.search(r"/admin/corrections/(\d+)", page)[1]
    form = {"verdict": "confirm", "csrf_token": logins.token(staff, "/admin/places")}
    assert staff.post(f"/admin/corrections/{number}", data=form, headers=logins.ORIGIN).status_code == 303
    assert geocoded() == pytest.approx([106.6951, 10.7712], abs=1e-5)
    form = {"verdict": "undo", "csrf_token": logins.token(staff, "/admin/places")}
    assert staff.post(f"/admin/corrections/{number}", data=form, headers=logins.ORIGIN).status_code == 303
    assert geocoded() == before


def test_the_category_takes_its_unit_along_until_it_is_accepted(client, report, act) -> None:
    code, pin = report(category="road_damage")
    assert act(code, pin, "category", category="burst_pipe").status_code == 200
    shown = public(client, code)
    assert shown["category"] == "burst_pipe" and shown["unit"]["code"] == "CN-BT"
    assert {kind for kind, *_ in said(code)} >= {"incident.category_changed", "incident.assigned"}
    assert "người báo sửa" in client.get(f"/r/{code}").text
    assert act(code, pin, "category", category="no_such_thing").status_code == 422
    status(code, "accepted")
    refused = act(code, pin, "category", category="road_damage")
    assert refused.status_code == 409 and "Đơn vị đã nhận việc" in refused.text
    assert act(code, pin, "place", at=f"{THERE[1]}, {THERE[0]}").status_code == 409
    assert public(client, code)["category"] == "burst_pipe"


def test_photos_are_added_and_held(client, report, act) -> None:
    code, pin = report()
    answer = act(code, pin, "photo", photos=[(photo("red"), "1.jpg"), (photo("blue"), "2.jpg")])
    assert answer.status_code == 200 and "Đã nhận ảnh" in answer.text and "đã có 2" in answer.text
    assert public(client, code)["photos"] == []
    kind, actor, data = said(code)[-1]
    assert (kind, actor, len(data["photos"])) == ("report.photo_added", "reporter", 2)
    assert act(code, pin, "photo", photos=[(io.BytesIO(b"no photo"), "3.jpg")]).status_code == 422
    many = [(photo(colour), f"{colour}.jpg") for colour in ("green", "white", "black", "yellow")]
    too_many = act(code, pin, "photo", photos=many)
    assert too_many.status_code == 422 and "Nhiều nhất 5 ảnh" in too_many.text
    with transaction(OPERATOR) as connection:
        held = connection.execute(
            text("SELECT photo.moderation FROM photo JOIN report ON report.id = report_id WHERE code = :code"),
            {"code": code},
        ).scalars().all()  # fmt: skip
    assert held == ["held", "held"]


def test_withdrawn_with_a_public_reason(client, report, act) -> None:
    code, pin = report(description="Nhà hàng xóm của tôi")
    assert act(code, pin, "withdraw").status_code == 422
    answer = act(code, pin, "withdraw", reason="mistake")
    assert answer.status_code == 200 and "Đã rút" in answer.text
    page = client.get(f"/r/{code}")
    assert page.status_code == 410 and "Người báo đã rút phản ánh này" in page.text
    assert client.get(f"/api/v1/reports/{code}").status_code == 404
    kinds = [kind for kind, *_ in said(code)]
    assert kinds[-2:] == ["report.withdrawn", "incident.status_changed"]
    assert said(code)[-2][2]["reason"] == "mistake"
    assert act(code, pin, "withdraw", reason="mistake").status_code == 409
    assert act(code, pin, "photo", photos=[(photo("red"), "1.jpg")]).status_code == 409


def test_what_others_reported_too_goes_on(client, report, act) -> None:
    code, pin = report(description="chữ của tôi")
    with transaction(OPERATOR) as connection:
        for table in ("incident", "public_incident"):
            connection.execute(text(f"UPDATE {table} SET reports = 2 WHERE code = :code"), {"code": code})
        connection.execute(
            text("UPDATE public_report SET description = 'chữ của tôi' WHERE code = :code"), {"code": code}
        )
        connection.execute(text("UPDATE report SET moderation = 'released' WHERE code = :code"), {"code": code})
    assert act(code, pin, "place", at=f"{THERE[1]}, {THERE[0]}").status_code == 409
    assert act(code, pin, "category", category="burst_pipe").status_code == 409
    answer = act(code, pin, "withdraw", reason="gone")
    assert answer.status_code == 200 and "vẫn tiếp tục" in answer.text
    shown = public(client, code)
    assert shown["status"] == "assigned" and shown["description"] is None


def test_the_database_itself_knows_no_more_than_the_own_report(report, database_url) -> None:
    (mine, _), (other, _) = report(), report()
    with transaction(OPERATOR) as connection:
        ids = dict(connection.execute(text("SELECT code, id FROM report")).all())
    reporter = Context(actor="reporter", roles=frozenset({"reporter"}), report_id=ids[mine])

    def run(statement: str, **values: object) -> int:
        with transaction(reporter) as connection:
            return connection.execute(text(statement), values).rowcount

    with transaction(reporter) as connection:
        assert connection.execute(text("SELECT code FROM report")).scalars().all() == [mine]
        assert connection.execute(text("SELECT code FROM incident")).scalars().all() == [mine]
        for table in ("person", "account", "report_place", "idempotency", "photo"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0, table
    for table in ("incident", "public_incident", "report", "public_report"):
        assert run(f"UPDATE {table} SET ward_id = NULL WHERE code = :code", code=other) == 0, table
        assert run(f"DELETE FROM {table} WHERE code = :code", code=mine) == 0, table
    for statement in (
        "UPDATE incident SET status = 'closed' WHERE code = :code",
        "UPDATE public_incident SET status = 'resolved' WHERE code = :code",
        "UPDATE incident SET reports = 5 WHERE code = :code",
        "INSERT INTO event (kind, actor, data) VALUES ('report.released', 'operator', "
        "jsonb_build_object('code', CAST(:code AS text)))",
        "INSERT INTO gazetteer_correction (key, geom, confirmed_at) "
        "SELECT 'x', geom, now() FROM report WHERE code = :code",
        "INSERT INTO photo (report_id, sha256, width, height, moderation) "
        "SELECT id, 'x', 1, 1, 'released' FROM report WHERE code = :code",
    ):
        with pytest.raises(ProgrammingError, match="row-level security"):
            run(statement, code=mine)
    nobody = Context(actor="reporter", roles=frozenset({"reporter"}))
    with transaction(nobody) as connection:
        assert connection.execute(text("SELECT count(*) FROM report")).scalar_one() == 0


def test_a_lost_code_is_asked_for_and_everybody_hears_the_same(client, report) -> None:
    report(reporter={"phone": "0908 123 456"})
    known = client.post("/r/find", data={"phone": "0908 123 456"})
    unknown = client.post("/r/find", data={"phone": "0912 999 888"})
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace("0908 123 456", "") == unknown.text.replace("0912 999 888", "")
    assert "chưa được nối" in known.text and "số điện thoại không được lưu" in known.text
    assert client.post("/r/find", data={"phone": "abc"}).status_code == 422
    assert "/r/find" in client.get("/r").text
