"""A place corrected in a real Chromium: by a call-taker on the map and by keyboard, by its reporter with the pin; an
address alone lands where the interface says, with its circle."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests import sites
from tests.browser.test_report import PHONE, WIDE, _axe, _until
from tests.pages import walk

NAME = "ban-cho"
ADDRESS = "117 Hàm Nghi, Quận 1"


@pytest.fixture(scope="module")
def password(site) -> str:
    """A call-taker's, of the running site."""
    made = sites.command(site.environment, "users", "create", NAME, "--role", "call_taker", "--label", "Bàn tiếp nhận")
    assert made.returncode == 0, made.stderr
    found = re.search(r"\S{12,}\s*$", made.stdout)
    assert found, made.stdout
    return found[0].strip()


def _log_in(page: Page, password: str) -> None:
    page.goto("/login")
    page.fill("#username", NAME)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url("**/admin/**")


def _send(site, **report) -> dict:
    status, answer = site.post("/api/v1/reports", {"channel": "web", "category": "fallen_tree", **report})
    assert status == 201, answer
    return answer


def _geocoded(site, address: str) -> list[float]:
    return site.get(f"/api/v1/geocode?q={quote(address)}")[1]["features"][0]["geometry"]["coordinates"]


def test_an_address_alone_lands_where_the_interface_says_with_its_circle(open_page, site) -> None:
    """The form without a script and without a map: an address is all there is."""
    page = open_page(**WIDE, java_script_enabled=False)
    page.goto("/report")
    page.fill("#address", ADDRESS)
    page.select_option("#category", "fallen_tree")
    page.get_by_role("button", name="Gửi phản ánh").click()
    code = page.locator(".code").inner_text().replace("-", "")
    location = site.get(f"/api/v1/reports/{code}")[1]["location"]
    assert [location["lon"], location["lat"]] == pytest.approx(_geocoded(site, ADDRESS), abs=1e-6)
    assert location["precision"] in ("rooftop", "interpolated") and location["accuracy_m"] > 15
    seen = open_page(**WIDE)
    seen.goto(f"/r/{code}")
    expect(seen.locator("#report-map")).to_have_attribute("data-radius", str(round(location["accuracy_m"])))
    expect(seen.locator("h1 + p")).to_contain_text("Hàm Nghi")
    assert "117" not in seen.locator("main").inner_text()


def test_a_call_taker_moves_it_by_keyboard_and_the_address_is_right_from_then_on(open_page, site, password) -> None:
    before = _geocoded(site, ADDRESS)
    code = _send(site, address=ADDRESS)["code"]
    page = open_page(**WIDE)
    _log_in(page, password)
    page.goto(f"/admin/places?code={code[:3]}-{code[3:]}")
    page.wait_for_url(f"**/admin/reports/{code}/place")
    _until(page, "Boolean(window.placeMap && window.placeMap.loaded())")
    page.locator("[data-map] canvas").focus()
    for _ in range(3):
        walk(page, "ArrowRight", over="placeMap")
    page.keyboard.press("Enter")
    new = page.locator("[data-slot-for='new']")
    expect(new).to_contain_text("cách chỗ cũ")
    expect(page.locator(".pin-here")).to_be_visible()
    expect(page.locator(".pin-former")).to_have_count(1)
    expect(page.locator("[data-slot-for='unit']")).to_contain_text("Đơn vị")
    page.get_by_role("button", name="Sửa và ghi sổ").click()
    assert page.evaluate("document.querySelector('[name=reason]').validity.valueMissing"), "a reason is required"
    page.get_by_label("Máy đặt sai chỗ của địa chỉ này").check()
    expect(page.locator("[data-slot-for='unit']")).to_contain_text("Máy sẽ nhớ")
    expect(page.locator("[data-slot-for='record']")).to_contain_text("report.place_corrected")
    at = [float(each) for each in page.locator("#at").input_value().split(",")]
    page.get_by_role("button", name="Sửa và ghi sổ").click()
    expect(page.get_by_role("status").filter(has_text="Đã sửa vị trí")).to_be_visible()
    assert _geocoded(site, "117 ham nghi q1") == pytest.approx([at[1], at[0]], abs=1e-5)
    page.get_by_role("button", name="Bỏ vị trí đã học của 117 ham nghi").click()
    expect(page.get_by_role("status").filter(has_text="Đã bỏ")).to_be_visible()
    assert _geocoded(site, "117 ham nghi q1") == before


def test_its_reporter_moves_it_by_touch_and_takes_it_back(open_page, site) -> None:
    sent = _send(site, lat=10.7769, lon=106.7009, category="construction_without_permit")
    page = open_page(**PHONE)
    page.goto(f"/r/{sent['code']}")
    expect(page.locator("#own .act")).to_have_count(0)
    page.fill("#pin", "23456789")
    page.locator("#own [data-open] button").tap()
    expect(page.locator("#pin-wrong")).to_be_visible()
    page.errors.clear()  # the browser writes down that the pin was refused
    page.goto("about:blank")
    page.goto(sent["follow"]["url"])
    expect(page.locator("#own .act")).to_have_count(4)
    assert "pin" not in page.url and sent["follow"]["pin"] not in page.url
    page.locator("#own summary", has_text="Sửa vị trí").tap()
    _until(page, "Boolean(window.ownMap && window.ownMap.loaded())")
    canvas = page.locator("#own [data-map] canvas")
    canvas.scroll_into_view_if_needed()
    canvas.tap(position={"x": 200, "y": 60})
    expect(page.locator("#own [data-place-said]")).to_contain_text("P. Sài Gòn")
    page.locator("#own").get_by_role("button", name="Sửa vị trí").tap()
    expect(page.locator("#own [data-said]")).to_contain_text("Đã sửa vị trí")
    expect(page.locator(".tl")).to_contain_text("Sửa vị trí, cách chỗ cũ")
    # The public's point follows the code and not the house: only the timeline says how far it went.
    assert 5 < int(re.search(r"cách chỗ cũ (\d+) m", page.locator(".tl").inner_text())[1]) < 500
    page.reload()
    page.locator("#own summary", has_text="Rút phản ánh").tap()
    page.locator("#own").get_by_label("Báo nhầm").check()
    page.locator("#own").get_by_role("button", name="Rút phản ánh").tap()
    expect(page.locator("#own")).to_contain_text("Bạn đã rút phản ánh này")
    assert site.get(f"/api/v1/reports/{sent['code']}")[0] == 404
    page.wait_for_timeout(500)
    page.errors.clear()  # … and that the page has gone for the public


@pytest.mark.parametrize(
    ("screen", "theme", "lang"), [(PHONE, "light", "vi"), (PHONE, "dark", "en"), (WIDE, "light", "en")]
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, site, password, screen, theme, lang) -> None:
    sent = _send(site, address=ADDRESS)
    page = open_page(**screen, color_scheme=theme, locale="en-GB" if lang == "en" else "vi-VN")
    _log_in(page, password)

    def look(what: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= screen["viewport"]["width"], what
        assert _axe(page) == [], what

    for path in (f"/admin/reports/{sent['code']}/place?address={quote(ADDRESS)}&pick=0", "/admin/places", "/r/find"):
        page.goto(path)
        look(path)
    page.goto(sent["follow"]["url"])
    expect(page.locator("#own .act")).to_have_count(4)
    for part in page.locator("#own summary").all():
        part.click()
    look("own")
