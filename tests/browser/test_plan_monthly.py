"""A month of the workbench in a real Chromium: saved, scheduled, subscribed; a heap appears, the run finds it, one
notice says so and opens the run's address. The day is handed to the operator's command."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from database import clock
from etl.analysis import moving
from tests import heaps, sites
from tests.pages import PHONE, WIDE, axe, logged_in

OLD, NEW = (106.6600, 10.8000), (106.7000, 10.7600)  # lon, lat
WITHIN = "106.60,10.74 106.72,10.74 106.72,10.86 106.60,10.86"
"""over the whole city everything in it would be one hot place"""


@pytest.fixture(scope="module")
def passwords(site) -> dict[str, str]:
    """Two planners', on a site with half a year of fallen trees: even, and a heap."""
    found = {}
    for name in ("hang-thang-mot", "hang-thang-hai"):
        made = sites.command(site.environment, "users", "create", name, "--role", "planner")
        assert made.returncode == 0, made.stderr
        found[name] = made.stdout.split()[-1]
    _bring(site, "monthly-first", 300, 60, OLD, 150)
    return found


def _bring(site, name: str, scattered: int, heaped: int, where: tuple[float, float], days: int) -> None:
    file = site.data_dir / f"{name}.csv"
    when = heaps.back_from_today(days)
    heaps.write(file, heaps.rows(name, scattered, heaped, where=where, category="fallen_tree", when=when))
    done = sites.command(site.environment, "reports", "import", str(file))
    assert f"{scattered + heaped} added" in done.stdout, done.stdout + done.stderr


def _log_in(page: Page, passwords: dict[str, str], name: str) -> None:
    page.goto("/plan")
    page.fill("#username", name)
    page.fill("#password", passwords[name])
    page.press("#password", "Enter")
    logged_in(page)


def _run_due(site, on: date) -> str:
    done = sites.command(site.environment, "hotspots", "schedule", "run-due", "--on", on.isoformat())
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


def test_a_new_heap_is_told_and_the_notice_opens_the_runs_address(open_page, site, passwords) -> None:
    page = open_page(**WIDE)
    _log_in(page, passwords, "hang-thang-mot")
    page.select_option("#what", "category:fallen_tree")
    page.select_option("#cell", "500")
    page.evaluate("within => { document.querySelector('#within').value = within; }", WITHIN)  # drawn, in test_plan.py
    page.locator("#question button[type=submit]").click()
    expect(page.locator("#sentence")).to_be_visible(timeout=120_000)
    page.fill("#save #name", "Cây đổ, nửa năm")
    page.locator("#save button").click()
    page.get_by_role("link", name="Chạy hằng tháng: Cây đổ, nửa năm").click()
    page.get_by_role("button", name="Bắt đầu").click()
    first = moving.next_on(clock.now())
    expect(page.locator(".kv").first).to_contain_text(f"{first:%d/%m/%Y}, 03:00")
    page.get_by_role("button", name="Báo cho tôi khi có nơi nóng mới").click()
    expect(page.get_by_text("Đang báo cho tôi.")).to_be_visible()
    monthly = page.url
    # A colleague sees it and wants to know too, without a script.
    colleague = open_page(**PHONE, java_script_enabled=False)
    _log_in(colleague, passwords, "hang-thang-hai")
    colleague.goto(monthly)
    expect(colleague.get_by_role("button", name="Dừng")).to_have_count(0)
    colleague.get_by_role("button", name="Báo cho tôi khi có nơi nóng mới").click()
    expect(colleague.get_by_text("Đang báo cho tôi.")).to_be_visible()
    # The first of next month: nothing to compare with, no notice.
    assert _run_due(site, first) == "1 asked for, 1 settled, 0 new places"
    page.goto("/plan")
    expect(page.locator(".nav .n")).to_have_count(0)
    # A month later there is a heap elsewhere.
    _bring(site, "monthly-later", 0, 45, NEW, 10)
    second = moving.months_before(first, -1)
    assert _run_due(site, second) == "1 asked for, 1 settled, 1 new places"
    assert _run_due(site, second) == "0 asked for, 0 settled, 0 new places"
    for who in (page, colleague):
        who.goto("/plan")
        expect(who.locator(".unread")).to_contain_text("1")
        who.locator(".unread a").click()
        expect(who.locator("[data-unread]")).to_have_count(1)
        expect(who.locator("[data-unread] h2")).to_have_text("1 nơi nóng mới")
        expect(who.locator("[data-unread] .hot-places li")).to_have_count(1)
    expect(page.locator(".nav .n")).to_contain_text("1")
    # It opens the run, at the place.
    notice = page.locator("[data-unread]")
    place = notice.locator(".hot-places a").inner_text()
    notice.locator(".hot-places a").click()
    page.wait_for_url(re.compile(r"/plan\?.*run=\d+#place-[A-Z]$"))
    last = second - timedelta(days=1)
    assert f"until={second.isoformat()}" in page.url and "category=fallen_tree" in page.url
    expect(page.locator("#through")).to_have_value(last.isoformat())
    letter = page.url[-1]
    expect(page.locator(f"#place-{letter}")).to_contain_text(place)
    expect(page.locator(f"#place-{letter}")).to_have_class(re.compile("sel"), timeout=30_000)
    # Read by one; the other's stays.
    page.goto("/plan/notices")
    page.get_by_role("button", name=re.compile("^Đã đọc")).click()
    expect(page.locator("[data-unread]")).to_have_count(0)
    expect(page.locator(".nav .n")).to_have_count(0)
    colleague.reload()
    expect(colleague.locator("[data-unread]")).to_have_count(1)
    # The runs so far.
    page.goto(monthly)
    rows = page.locator("table.ut tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text(f"{second:%d/%m/%Y}")
    expect(rows.nth(1)).to_contain_text("lần đầu")
    expect(page.get_by_role("heading", name="Mới (1)")).to_be_visible()
    for screen in (PHONE, WIDE):
        again = open_page(**screen, color_scheme="dark")
        _log_in(again, passwords, "hang-thang-hai")
        for path in (monthly.removeprefix(site.url), "/plan/notices", "/plan"):
            again.goto(path)
            assert axe(again) == [], path
            assert again.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
