"""The administration in a real Chromium: who is responsible at a place and why, and a report given to another unit."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests import sites
from tests.browser.test_report import PHONE, WIDE, _axe, _until
from tests.integration.test_explanation import beside_a_border
from tests.pages import logged_in, walk

NAME = "quantri-thu"
TABS = ("units", "categories", "areas", "responsible", "reports")


@pytest.fixture(scope="module")
def password(site) -> str:
    """An administrator's, of the running site."""
    made = sites.command(site.environment, "users", "create", NAME, "--role", "administrator", "--label", "Quản trị")
    assert made.returncode == 0, made.stderr
    found = re.search(r"\S{12,}\s*$", made.stdout)
    assert found, made.stdout
    return found[0].strip()


@pytest.fixture
def admin(open_page, password):
    """A function that opens a page where the administrator is logged in."""

    def make(*, theme: str = "light", lang: str = "vi", **screen) -> Page:
        page = open_page(**{**WIDE, **screen}, locale="en-GB" if lang == "en" else "vi-VN")
        page.goto("/login")
        page.context.add_cookies(
            [{"name": name, "value": value, "url": page.url} for name, value in (("theme", theme), ("lang", lang))]
        )
        page.fill("#username", NAME)
        page.fill("#password", password)
        page.press("#password", "Enter")
        page.wait_for_url("**/admin/**")
        return page

    return make


@pytest.fixture(scope="module")
def border(site) -> tuple[float, float, str, str]:
    """A point 5 m from the border of two wards: lon, lat, both committees' codes."""
    from sqlalchemy import create_engine

    from district_boundaries import areas

    url = site.environment["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    with create_engine(url).connect() as connection:
        return beside_a_border(areas.read(connection), 5.0)


def _map(page: Page) -> None:
    _until(page, "Boolean(window.responsibleMap && window.responsibleMap.loaded())")


def _send(site, lon: float, lat: float, category: str = "construction_without_permit") -> str:
    status, answer = site.post("/api/v1/reports", {"channel": "web", "category": category, "lat": lat, "lon": lon})
    assert status == 201, answer
    return answer["code"]


def test_a_click_five_metres_from_a_border_names_both_units_and_why(admin, border) -> None:
    lon, lat, here, there = border
    page = admin()
    page.goto("/admin/responsible")
    _map(page)
    page.evaluate(f"window.responsibleMap.jumpTo({{ center: [{lon}, {lat}], zoom: 19 }})")
    _map(page)
    box = page.locator("[data-map] canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    answer = page.locator("[data-answer]")
    expect(answer).to_contain_text("Gần ranh:")
    expect(answer).to_contain_text(re.compile(r"cách Phường Bến Thành (4,\d|5) m, nhỏ hơn sai số 25 m"))
    expect(answer.locator(".unsure")).to_contain_text("UBND Phường Sài Gòn hoặc UBND Phường Bến Thành")
    row = answer.locator("li", has_text="Xây dựng không phép").last
    expect(row).to_contain_text("hoặc UBND Phường Bến Thành, cần người xem")
    expect(row.locator("dl")).to_contain_text("construction-without-permit-ward-since-2025 trong responsibilities.csv")
    expect(row.locator("dl")).to_contain_text("từ 01/07/2025")
    expect(row.locator("dl")).to_contain_text("bên kia là Phường Bến Thành: UBND Phường Bến Thành")
    expect(row.locator("dl")).to_contain_text("Sở Xây dựng")
    expect(page.locator(".pin-here")).to_be_visible()
    _until(page, "Boolean(window.responsibleMap.getLayer('circle-unsure-line'))")  # the circle of uncertainty
    expect(page).to_have_url(re.compile(r"\?at=10\.7"))
    assert (here, there) == ("UBND-26740", "UBND-26743")

    page.fill("#accuracy", "3")
    page.locator("#accuracy").press("Enter")
    expect(answer.locator(".unsure")).to_have_count(0)
    page.fill("#on", "2024-06-01")
    page.locator("#on").press("Enter")
    expect(answer).to_contain_text("Phường Bến Nghé")
    expect(answer).to_contain_text("Bản đồ vẽ ranh của hôm nay")


def test_by_keyboard_alone(admin) -> None:
    page = admin()
    page.goto("/admin/responsible")
    _map(page)
    page.locator("#at").focus()
    page.keyboard.type("10,7769; 106,7009")
    page.keyboard.press("Enter")
    expect(page.locator("[data-answer]")).to_contain_text("Phường Sài Gòn")
    expect(page.locator("[data-news]")).to_contain_text("Sài Gòn")
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('canvas')"):
            break
    walk(page, "ArrowRight", over="responsibleMap")
    page.keyboard.press("Enter")
    expect(page.locator("#at")).not_to_have_value("10,7769; 106,7009")
    expect(page.locator("[data-answer][aria-busy]")).to_have_count(0)  # what was there before is gone
    expect(page.locator("[data-answer] summary").first).to_be_visible()
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('summary')"):
            break
    details = page.locator("[data-answer] details").first
    before = details.evaluate("(each) => each.open")
    page.keyboard.press("Enter")
    expect(details).to_have_js_property("open", not before)


def test_a_report_at_a_border_goes_to_the_other_unit_with_a_reason(admin, border, site) -> None:
    lon, lat, _, there = border
    code = _send(site, lon, lat)
    page = admin()
    page.goto("/admin/reports")
    page.locator("a.li", has_text=f"{code[:3]}-{code[3:]}").click()
    page.wait_for_url(f"**/admin/reports/{code}")
    expect(page.locator("h1")).to_have_text("Xây dựng không phép")
    expect(page.locator(".rh")).to_contain_text("cách ranh Phường Bến Thành")
    page.select_option("#unit", there)
    page.get_by_label("Nằm ở phần của đơn vị kia, đã xem tại chỗ").check()
    page.fill("#note", "Nhà nằm bên phía Bến Thành.")
    record = page.locator("[data-slot-for='record']")
    expect(record).to_contain_text("incident.assigned")
    expect(record).to_contain_text("other_side")
    expect(record).to_contain_text(there)
    expect(page.locator("[data-slot-for='due']")).to_contain_text("Hạn mới")
    expect(page.locator("[data-slot-for='told']")).to_contain_text("UBND Phường Bến Thành")
    page.get_by_role("button", name="Đổi và ghi sổ").click()
    expect(page.get_by_role("status").filter(has_text="Đã đổi")).to_be_visible()
    expect(page.locator(".tl li").first).to_contain_text("Giao UBND Phường Bến Thành")
    expect(page.locator(".tl li").first).to_contain_text("Quản trị")
    page.get_by_role("link", name="Xem trang công khai").click()
    page.wait_for_url(f"**/r/{code}")
    step = page.locator(".tl li", has_text="Chuyển sang đơn vị khác")
    expect(step).to_contain_text("UBND Phường Bến Thành · nằm ở phần của đơn vị kia, đã xem tại chỗ")
    expect(step).to_contain_text("“Nhà nằm bên phía Bến Thành.”")
    assert site.get(f"/api/v1/reports/{code}")[1]["unit"]["code"] == there


def test_another_category_takes_its_unit_along(admin, site) -> None:
    code = _send(site, 106.6980, 10.7725, "road_damage")
    page = admin()
    page.goto(f"/admin/reports/{code}")
    page.select_option("#category", "burst_pipe")
    expect(page.locator("#unit")).to_have_value("")
    expect(page.locator("[data-slot-for='record']")).to_contain_text("incident.category_changed + incident.assigned")
    page.get_by_role("button", name="Đổi và ghi sổ").click()
    assert page.evaluate("document.querySelector('input[name=reason]').validity.valueMissing"), "a reason is required"
    page.get_by_label("Nhầm loại sự cố").check()
    page.get_by_role("button", name="Đổi và ghi sổ").click()
    expect(page.locator("h1")).to_have_text("Bể ống cấp nước")
    expect(page.locator(".tl li").nth(1)).to_contain_text("Sửa loại thành Bể ống cấp nước")


@pytest.mark.parametrize(
    ("screen", "theme", "lang"),
    [(PHONE, "light", "vi"), (PHONE, "dark", "en"), (WIDE, "dark", "vi"), (WIDE, "light", "en")],
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(admin, site, border, screen, theme, lang) -> None:
    lon, lat, *_ = border
    code = _send(site, lon, lat)
    page = admin(theme=theme, lang=lang, **screen)
    paths = [f"/admin/{tab}" for tab in TABS]
    paths += [f"/admin/responsible?at={lat},{lon}", "/admin/areas?level=zone", f"/admin/reports/{code}", f"/r/{code}"]
    for path in paths:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= screen["viewport"]["width"], path
        assert _axe(page) == [], path


def test_without_a_script(open_page, password, border) -> None:
    lon, lat, *_ = border
    page = open_page(**WIDE, java_script_enabled=False)
    page.goto("/login")
    page.fill("#username", NAME)
    page.fill("#password", password)
    page.press("#password", "Enter")
    logged_in(page)
    page.goto("/admin/responsible")
    page.fill("#at", f"{lat:.7f}; {lon:.7f}".replace(".", ","))
    page.fill("#on", date(2026, 11, 24).isoformat())
    page.press("#at", "Enter")
    expect(page.locator("[data-answer]")).to_contain_text("UBND Phường Sài Gòn hoặc UBND Phường Bến Thành")
