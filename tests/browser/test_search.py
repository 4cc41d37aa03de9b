"""The search of the map in a real Chromium: address, junction, landmark, code and coordinates, by keyboard alone."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_report import PHONE, WIDE, _axe, _map, _until


def _typed(page: Page, text: str) -> None:
    """The box, reached by its key, with the text typed into it."""
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.locator("#search").press_sequentially(text, delay=15)


def _suggested(page: Page, text: str) -> None:
    """The same, and the suggestions for all of it, not for its beginning, have come."""
    asked = f"q={quote(text)}"
    with page.expect_event("requestfinished", lambda sent: "/suggest?" in sent.url and sent.url.endswith(asked)):
        _typed(page, text)


def _api(site, address: str) -> dict:
    status, found = site.get(f"/api/v1/geocode?q={quote(address)}")
    assert status == 200 and found["features"], found
    return found["features"][0]


def _stands_at(page: Page, lon: float, lat: float) -> None:
    """The map's middle and the dot of what was found."""
    close = "Math.abs(hotlineMap.getCenter().{axis} - {at}) < 2e-4"
    _until(page, f"{close.format(axis='lng', at=lon)} && {close.format(axis='lat', at=lat)} && !hotlineMap.isMoving()")
    expect(page.locator(".found-place")).to_have_count(1)


@pytest.mark.parametrize(
    ("typed", "chosen", "kind"),
    [
        ("84 ham ngh", "84 Hàm Nghi", "đường"),
        ("cho ben than", "Chợ Bến Thành", "nơi"),
        ("phuong ben th", "Phường Bến Thành", "phường, xã"),
    ],
)
def test_a_suggestion_is_chosen_by_keyboard_and_lies_where_the_api_says(open_page, site, typed, chosen, kind) -> None:
    page = open_page(**WIDE)
    page.goto("/")
    _map(page)
    _suggested(page, typed)
    box = page.locator("#search")
    option = page.get_by_role("option", name=re.compile(chosen)).first
    expect(option).to_contain_text(kind)  # the first one of a process reads the gazetteer
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#search-status")).to_have_text(re.compile(r"^\d gợi ý"))
    assert box.get_attribute("aria-activedescendant") is None, "nothing is chosen before a key says so"
    active = "document.getElementById(document.querySelector('#search').getAttribute('aria-activedescendant'))"
    for _ in range(8):
        page.keyboard.press("ArrowDown")
        assert page.evaluate(f"{active}.getAttribute('aria-selected')") == "true"
        if option.get_attribute("aria-selected") == "true":
            break
    assert option.evaluate(f"(option) => option === {active}")
    label = option.locator("span").first.inner_text()
    page.keyboard.press("Enter")
    expect(box).to_have_attribute("aria-expanded", "false")
    feature = _api(site, label)
    _stands_at(page, *feature["geometry"]["coordinates"])
    expect(page.locator("#search-status")).to_contain_text("chính xác ±")
    expect(page.locator("#card")).to_contain_text(feature["properties"]["label"])
    metres = feature["properties"]["accuracy_m"]
    across = page.locator(".found-circle").bounding_box()["width"]
    zoom = page.evaluate("hotlineMap.getZoom()")
    lat = feature["geometry"]["coordinates"][1]
    per_pixel = 40_075_016.686 * abs(page.evaluate(f"Math.cos({lat} * Math.PI / 180)")) / (512 * 2**zoom)
    assert across * per_pixel == pytest.approx(2 * metres, rel=0.03), "the circle is as wide as the place is unsure"


def test_enter_without_a_choice_looks_the_text_up(open_page, site) -> None:
    page = open_page(**WIDE)
    page.goto("/")
    _map(page)
    junction = "ngã tư Trần Quang Khải - Hai Bà Trưng"
    _typed(page, junction)
    page.keyboard.press("Enter")
    _stands_at(page, *_api(site, junction)["geometry"]["coordinates"])
    expect(page.locator("#card")).to_contain_text("Tại giao lộ")

    # Several of one name: the first Enter shows them, the second takes the one that is marked.
    page.locator("#search").fill("12 Lê Lợi")
    page.keyboard.press("Enter")
    expect(page.get_by_role("listbox").get_by_role("option")).not_to_have_count(0)
    expect(page.locator("#search")).to_have_attribute("aria-activedescendant", "found-0")
    page.keyboard.press("Enter")
    _stands_at(page, *_api(site, "12 Lê Lợi")["geometry"]["coordinates"])


@pytest.mark.parametrize("typed", ["10.77, 106.70", "10,77; 106,70", "106.70 10.77"])
def test_coordinates_are_a_place(open_page, typed) -> None:
    page = open_page(**WIDE)
    page.goto("/")
    _map(page)
    _typed(page, typed)
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(re.compile(r"^10\.77000, 106\.70000"))
    page.keyboard.press("Enter")
    _stands_at(page, 106.70, 10.77)
    expect(page.locator(".found-circle")).to_be_hidden()


def test_escape_closes_then_empties_and_a_stranger_is_told_so(open_page) -> None:
    page = open_page(**WIDE)
    page.goto("/")
    _map(page)
    _typed(page, "cho ben thanh")
    page.keyboard.press("Enter")
    expect(page.locator(".found-place")).to_have_count(1)
    page.locator("#search").press_sequentially(" q", delay=15)
    expect(page.locator("#search-found")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#search-found")).to_be_hidden()
    expect(page.locator("#search")).not_to_have_value("")
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_have_value("")
    expect(page.locator(".found-place")).to_have_count(0)
    expect(page.locator("#card")).to_be_hidden()
    _typed(page, "xyzzy qwerty")
    expect(page.locator("#search-status")).to_contain_text("Không tìm thấy")


def test_a_report_is_begun_where_the_search_went(open_page, site) -> None:
    page = open_page(**WIDE)
    page.goto("/")
    _map(page)
    _typed(page, "84 Hàm Nghi, Quận 1")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Báo sự cố ở đây").click()
    feature = _api(site, "84 Hàm Nghi, Quận 1")
    expect(page.locator("[data-place-title]")).to_contain_text("84 Hàm Nghi")
    expect(page.locator("[data-place-line]")).to_contain_text("theo địa chỉ")
    lon, lat = feature["geometry"]["coordinates"]
    _until(
        page,
        f"Math.abs(hotlineMap.getCenter().lng - {lon}) < 1e-5 && Math.abs(hotlineMap.getCenter().lat - {lat}) < 1e-5",
    )


@pytest.mark.parametrize(
    ("screen", "lang", "theme", "words"),
    [
        (PHONE, "en", "dark", "suggestions, choose"),
        (PHONE, "vi", "light", "gợi ý"),
        (WIDE, "en", "light", "suggestions"),
    ],
)
def test_axe_with_suggestions_and_with_a_place(open_page, screen, lang, theme, words) -> None:
    page = open_page(**screen, color_scheme=theme, locale="en-GB" if lang == "en" else "vi-VN")
    page.goto("/")
    _map(page)
    _suggested(page, "nguyen van")
    expect(page.locator("#search-status")).to_contain_text(words)
    page.keyboard.press("ArrowDown")
    assert _axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["viewport"]["width"]
    found = page.locator("#search-found").bounding_box()
    assert found["x"] >= 0 and found["x"] + found["width"] <= screen["viewport"]["width"]
    for option in page.get_by_role("listbox").get_by_role("option").all():
        assert option.bounding_box()["height"] >= 44
    page.keyboard.press("Enter")
    expect(page.locator("#card")).to_be_visible()
    assert _axe(page) == []
