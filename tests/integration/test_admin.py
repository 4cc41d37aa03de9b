"""The administration's tabs over HTTP: who is responsible and why, and a report given to another unit."""

from __future__ import annotations

import re

import pytest

from tests import logins
from tests.integration.test_explanation import DAY, beside_a_border

SAIGON = "10.7769,106.7009"


@pytest.fixture
def admin(client, empty_database):
    """A client that is logged in as an administrator."""
    logins.create("quantri", "administrator")
    assert logins.log_in(client, "quantri").status_code == 303
    return client


@pytest.fixture
def report(admin):
    """A road damage's code."""
    body = {"channel": "web", "category": "road_damage", "lat": 10.7725, "lon": 106.698}
    headers = {"X-CSRF-Token": logins.token(admin, "/account"), **logins.ORIGIN}
    answer = admin.post("/api/v1/reports", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json["code"]


def form(admin, code: str, **said: str) -> dict[str, str]:
    """What the page's form would send, with `said` chosen in it."""
    page = admin.get(f"/admin/reports/{code}").text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return hidden | {"unit": "", "category": "road_damage", "reason": "other_side", "note": ""} | said


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("10.7769, 106.7009", True),
        ("10,7769; 106,7009", True),
        ("10,7769;106,7009", True),
        ("10,7769 106,7009", True),
        ("10.7769 106.7009", True),
        ("106.7009, 10.7769", True),
        ("10.7769° 106.7009°", True),
        ("10.7769", False),
        ("chợ Bến Thành", False),
        ("nan, nan", False),
    ],
)
def test_coordinates_as_people_write_them(admin, typed, read) -> None:
    page = admin.get("/admin/responsible", query_string={"at": typed, "on": DAY.isoformat()}).text
    assert ("Phường Sài Gòn" in page) is read
    assert ('aria-invalid="true"' in page) is not read


def test_the_page_and_its_part_say_why(admin) -> None:
    page = admin.get(f"/admin/responsible?at={SAIGON}&on=2024-06-01").text
    for said in ("Phường Bến Nghé", "26740", "Quận 1", "tới 30/06/2025", "traffic-gt-k1", "responsibilities.csv"):
        assert said in page, said
    part = admin.get(f"/admin/responsible?at={SAIGON}&on=2024-06-01&part=1").text
    assert "<html" not in part
    assert "Phường Bến Nghé" in part
    assert "ngoài Thành phố" in admin.get("/admin/responsible?at=21.03,105.85&part=1").text
    for odd in ("on=yesterday", "accuracy=-1", "accuracy=viele", "accuracy=nan"):
        assert admin.get(f"/admin/responsible?at={SAIGON}&{odd}").status_code == 200


def test_json(admin, app_connection) -> None:
    from district_boundaries import areas

    lon, lat, here, there = beside_a_border(areas.current(app_connection), 5.0)
    said = admin.get(f"/admin/responsible.json?lat={lat}&lon={lon}&on={DAY}&accuracy=12").json
    assert len(said["fields"]) == 10
    building = next(each for each in said["categories"] if each["category"] == "construction_without_permit")
    assert [unit["code"] for unit in building["candidates"]] == [here, there]
    assert building["rule"]["rule"] == "construction-without-permit-ward-since-2025"
    assert building["border"]["metres"] == pytest.approx(5, abs=0.1)
    assert building["border"]["unit"]["code"] == there
    for wrong in ("lat=x&lon=106", "lat=10&lon=106&accuracy=-1", "lat=10&lon=106&accuracy=1e9", "lat=10&lon=106&on=x"):
        assert admin.get(f"/admin/responsible.json?{wrong}").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/admin/units", "/admin/units?only=missing", "/admin/units?q=cap+nuoc", "/admin/categories", "/admin/areas",
        "/admin/areas?level=district&on=2019-06-01", "/admin/areas?level=zone&field=water&q=gia+dinh",
        "/admin/areas?level=x&field=y&on=z", "/admin/reports", "/admin/reports?code=ABC",
    ],
)  # fmt: skip
def test_tabs(admin, path) -> None:
    answer = admin.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "None" not in re.sub(r"<[^>]*>", "", answer.text)


def test_units_say_where_and_are_found_by_it(admin) -> None:
    page = admin.get("/admin/units").text
    assert "Vùng cấp nước Bến Thành" in page
    assert "Toàn thành phố" in page
    found = admin.get("/admin/units?q=vung+cap+nuoc+gia+dinh").text
    assert "CN-GD" in found
    assert "CN-BT" not in found


def test_a_report_goes_to_another_unit_and_its_page_says_so(admin, report) -> None:
    page = admin.get(f"/admin/reports/{report}").text
    assert "incident.assigned" not in page
    plan = admin.get(f"/admin/reports/{report}?part=plan&unit=HTKT-K4&category=road_damage&reason=other_side").text
    for said in ("incident.assigned", "HTKT-K4", "other_side", "Hạn mới"):
        assert said in plan, said
    note = "Nằm trên nhịp dẫn phía kia <b>"
    answer = admin.post(
        f"/admin/reports/{report}", data=form(admin, report, unit="HTKT-K4", note=note), headers=logins.ORIGIN
    )
    assert answer.status_code == 303, answer.text
    done = admin.get(answer.headers["Location"]).text
    assert "Đã đổi và ghi sổ" in done
    public = admin.get(f"/r/{report}").text
    for said in (
        "Chuyển sang đơn vị khác",
        "Khu 4",
        "nằm ở phần của đơn vị kia",
        "Nằm trên nhịp dẫn phía kia &lt;b&gt;",
    ):
        assert said in public, said
    assert admin.get(f"/api/v1/reports/{report}").json["unit"]["code"] == "HTKT-K4"


def test_another_category_shows_too(admin, report) -> None:
    said = form(admin, report, category="construction_without_permit", reason="wrong_category")
    assert admin.post(f"/admin/reports/{report}", data=said, headers=logins.ORIGIN).status_code == 303
    public = admin.get(f"/r/{report}").text
    assert "Sửa loại sự cố thành: Xây dựng không phép" in public
    assert "nhầm loại sự cố" in public
    assert admin.get(f"/api/v1/reports/{report}").json["field"] == "urban_order"


def test_what_is_missing_is_said_and_nothing_is_lost(admin, report) -> None:
    said = form(admin, report, unit="HTKT-K4", reason="", note="giữ lại lời này")
    answer = admin.post(f"/admin/reports/{report}", data=said, headers=logins.ORIGIN)
    assert answer.status_code == 422
    assert "Chọn một lý do." in answer.text
    assert "giữ lại lời này" in answer.text
    assert 'value="HTKT-K4" selected' in answer.text
    nothing = form(admin, report, unit=admin.get(f"/api/v1/reports/{report}").json["unit"]["code"])
    assert admin.post(f"/admin/reports/{report}", data=nothing, headers=logins.ORIGIN).status_code == 422


def test_two_at_once_do_not_overwrite_each_other(admin, report) -> None:
    first, second = (form(admin, report, unit=unit) for unit in ("HTKT-K4", "HTKT-K3"))
    assert admin.post(f"/admin/reports/{report}", data=first, headers=logins.ORIGIN).status_code == 303
    late = admin.post(f"/admin/reports/{report}", data=second, headers=logins.ORIGIN)
    assert late.status_code == 409
    assert "vừa có thay đổi khác" in late.text
    assert admin.get(f"/api/v1/reports/{report}").json["unit"]["code"] == "HTKT-K4"


def test_only_with_its_token_and_only_for_administrators(admin, report) -> None:
    said = form(admin, report, unit="HTKT-K4")
    assert (
        admin.post(f"/admin/reports/{report}", data=said | {"csrf_token": "x"}, headers=logins.ORIGIN).status_code
        == 403
    )
    assert admin.get("/admin/reports/222222").status_code == 404
    admin.delete_cookie("session")
    logins.create("tongdai", "call_taker")
    assert logins.log_in(admin, "tongdai").status_code == 303
    for path in ("units", "categories", "areas", "responsible", "responsible.json?lat=10.7&lon=106.7", "reports"):
        assert admin.get(f"/admin/{path}").status_code == 404, path
    assert admin.get(f"/admin/reports/{report}").status_code == 404
