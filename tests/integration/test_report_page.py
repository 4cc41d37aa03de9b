"""`/r/{code}` and the plain form `/report`: what they say of each state, in two languages, and what they keep back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from database import clock
from database.engine import OPERATOR, transaction
from incidents import codes
from incidents.drafts import Draft, PastStep, Reporter
from incidents.errors import UnknownCode
from incidents.intake import receive

BEN_THANH = {"lon": 106.6980, "lat": 10.7725}


@pytest.fixture
def reported(client):
    """A function that takes a report in, some hours ago and with the steps it has taken since; its code."""

    def report(*past: tuple[float, str], hours_ago: float = 1, **fields: Any) -> str:
        said_at = clock.now() - timedelta(hours=hours_ago)
        steps = tuple(PastStep(at=said_at + timedelta(hours=after), status=status) for after, status in past)
        draft = Draft(
            **{"channel": "app", "category": "burst_pipe", "reported_at": said_at, "past": steps} | BEN_THANH | fields
        )
        with transaction(OPERATOR) as connection:
            (receipt,) = receive(connection, [draft], actor="test", bulk=bool(past))
        return receipt.code

    return report


def _page(client, code: str, lang: str = "vi") -> str:
    client.set_cookie("lang", lang)
    answer = client.get(f"/r/{code}")
    assert answer.status_code == 200
    return _text(answer.text)


def _text(html: str) -> str:
    """The words of a page, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_any_spelling_leads_to_the_one_address(client, reported):
    code = reported()
    for typed in (code.lower(), f"{code[:3]}-{code[3:]}", f" {code[:3].lower()} {code[3:]} "):
        answer = client.get(f"/r/{typed}")
        assert (answer.status_code, answer.headers["Location"]) == (301, f"/r/{code}")


def test_a_wrong_code_and_one_never_given_are_told_apart(client):
    well_formed = next(f"22222{check}" for check in codes.ALPHABET if _fits(f"22222{check}"))
    unknown = client.get(f"/r/{well_formed}")
    assert unknown.status_code == 404
    assert f"Chưa có phản ánh nào mang mã 222-22{well_formed[-1]}" in unknown.text
    mistyped = client.get(f"/r/3{well_formed[1:]}")
    assert mistyped.status_code == 404
    assert "Ký hiệu kiểm tra ở cuối không khớp" in mistyped.text


def _fits(code: str) -> bool:
    try:
        return codes.normalise(code) == code
    except UnknownCode:
        return False


def test_a_fresh_one_says_who_has_it_and_until_when(client, reported):
    words = _page(client, reported(hours_ago=0.5))
    assert "Bể ống cấp nước" in words
    assert "Phường Bến Thành, Quận 1 cũ" in words
    assert re.search(r"Đã chuyển đơn vị · còn \d+ (giờ|ngày|phút)", words)
    assert "Tiếp nhận qua ứng dụng di động" in words
    assert "Chính xác ±10 m" in words


def test_in_english(client, reported):
    words = _page(client, reported(hours_ago=0.5), "en")
    assert "Burst water pipe" in words
    assert re.search(r"Forwarded · \d+ (hours?|days?|minutes?)( \d+ \w+)? left", words)
    assert "Received by mobile app" in words


def test_late_is_said_with_the_time_over(client, reported):
    words = _page(client, reported(hours_ago=24 * 40))
    assert re.search(r"Trễ hạn \d+ ngày", words)
    assert "Quá hạn" in words


def test_resolved_says_how_long_it_took(client, reported):
    code = reported((0.5, "accepted"), (3.5, "resolved"), hours_ago=6)
    words = _page(client, code)
    assert "Đã xong trong 3 giờ 30 phút" in words
    assert words.index("Đã xong") < words.index("Đơn vị nhận việc") < words.index("Tiếp nhận qua")


def test_rejected_is_grey_and_withdrawn_says_nothing_more(client, reported):
    rejected = client.get(f"/r/{reported((1, 'rejected'), hours_ago=3)}")
    assert 'class="state grey"' in rejected.text
    assert "Không xử lý" in rejected.text
    gone = client.get(f"/r/{reported((1, 'withdrawn'), hours_ago=3)}")
    assert gone.status_code == 410
    assert "Người báo đã rút phản ánh này" in gone.text
    for kept in ("Bến Thành", "Bể ống", "106.69"):
        assert kept not in gone.text


def test_a_description_is_held_until_it_is_released(client, reported):
    held = reported(
        description="Nước phun cao trước nhà ông Ba", reporter=Reporter(name="Nguyễn Văn Kín", phone="0908123456")
    )
    text = client.get(f"/r/{held}").text
    for private in ("ông Ba", "Văn Kín", "0908123456"):
        assert private not in text
    assert "Nước phun cao" in client.get(f"/r/{reported(description='Nước phun cao', released=True)}").text


def test_text_of_a_reporter_is_never_markup(client, reported):
    code = reported(description="<script>alert(1)</script>", released=True)
    assert "<script>alert" not in client.get(f"/r/{code}").text


def test_the_changing_part_alone_and_only_when_it_changed(client, reported):
    code = reported(hours_ago=24 * 40)
    part = client.get(f"/r/{code}?part=1")
    assert "<html" not in part.text and "Diễn biến" in part.text
    assert client.get(f"/r/{code}?part=1", headers={"If-None-Match": part.headers["ETag"]}).status_code == 304


def test_pages_keep_the_policy_and_set_no_cookie(client, reported):
    for path in (f"/r/{reported()}", "/report", "/r/XXXXXX"):
        answer = client.get(path)
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
        assert not re.search(r"<[^>]+ style=|<script(?![^>]* (src|type=\"application/json\"))", answer.text)


# ---- the form without a script
def _form(client, **said: str) -> Any:
    key = re.search(r'name="key" value="([^"]+)"', client.get("/report").text)
    assert key
    return client.post("/report", data={"key": key[1], "address": "Phường Bến Thành", "category": "light_out"} | said)


def test_the_plain_form_goes_through_the_same_door(client):
    answer = _form(client, description="Đèn tắt")
    assert answer.status_code == 201
    code = re.search(r'class="code">([2-9A-Z]{3})-([2-9A-Z]{3})<', answer.text)
    assert code
    assert client.get(f"/api/v1/reports/{code[1]}{code[2]}").json["channel"] == "web"


def test_the_plain_form_sent_twice_makes_one_report(client):
    said = {"key": "once", "address": "Phường Tân Định", "category": "noise"}
    answers = {re.search(r'class="code">([^<]+)<', client.post("/report", data=said).text)[1] for _ in range(2)}
    assert len(answers) == 1
    other = client.post("/report", data=said | {"category": "waste"})
    assert other.status_code == 422
    assert "Phản ánh trước đã được nhận" in other.text


def test_the_plain_form_keeps_what_was_said_when_something_is_wrong(client):
    answer = _form(client, address="", description="Cây nghiêng", name="An")
    assert answer.status_code == 422
    for kept in ("Cây nghiêng", 'value="An"', 'aria-invalid="true"', "Viết địa chỉ nơi có sự cố"):
        assert kept in answer.text


def test_the_plain_form_is_taken_from_our_own_pages_only(client):
    said = {"key": "x", "address": "Phường Bến Thành", "category": "noise"}
    assert client.post("/report", data=said, headers={"Origin": "https://example.org"}).status_code == 403
    assert client.post("/report", data=said, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/report", data=said, headers={"Origin": "http://localhost"}).status_code == 201
