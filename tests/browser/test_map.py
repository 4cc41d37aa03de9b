"""The public map in a real Chromium: what it draws, what its switches do, how it hears of new reports, its use by hand
and keyboard."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.pages import LISTED, patience

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
CENTRE = "/?v=14.20/10.77700/106.70000"

# category, lat, lon: the three hero layers, two other fields; all within the view at CENTRE
REPORTED = (
    ("fallen_tree", 10.7790, 106.6990),
    ("dangerous_tree", 10.7741, 106.7035),
    ("road_subsidence", 10.7725, 106.6980),
    ("construction_without_permit", 10.7805, 106.6950),
    ("light_out", 10.7765, 106.7045),
    ("burst_pipe", 10.7755, 106.6925),
)


@pytest.fixture(scope="module")
def codes(site) -> dict[str, str]:
    """The codes of the reports on the map, by category. What other modules reported is taken off the map first:
    these tests count all that is drawn."""
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        connection.execute("DELETE FROM public_report")
        connection.execute("DELETE FROM public_incident")
    return {category: report(site, category, lat, lon) for category, lat, lon in REPORTED}


def report(site, category: str, lat: float, lon: float) -> str:
    status, answer = site.post("/api/v1/reports", {"channel": "web", "category": category, "lat": lat, "lon": lon})
    assert status == 201, answer
    return answer["code"]


def poll(question: Callable[[], Any], seconds: float = 30) -> Any:
    """What `question` answers as soon as it is true. (Playwright's own waiting needs `eval`; the pages forbid it.)"""
    end = time.monotonic() + seconds
    while True:
        if answer := question():
            return answer
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def open_map(page: Page, address: str = CENTRE) -> None:
    page.goto(address)
    poll(lambda: page.evaluate("Boolean(window.hotlineMap?.loaded() && hotlineMap.areTilesLoaded())"))
    poll(lambda: page.evaluate("document.querySelector('#count').dataset.total !== undefined"))
    poll(lambda: page.evaluate(LISTED))


def drawn(page: Page) -> list[dict[str, Any]]:
    """The marks within the view: clusters and single incidents."""
    return page.evaluate(
        """() => {
          if (!window.hotlineMap) return []; // the page has just been loaded again
          const layers = ['cluster', 'incident', 'incident-ward', 'incident-resolved']
            .filter((id) => hotlineMap.getLayer(id));
          const { width, height } = hotlineMap.getCanvas().getBoundingClientRect();
          return hotlineMap.queryRenderedFeatures({ layers })
            .filter(({ geometry }) => {
              const { x, y } = hotlineMap.project(geometry.coordinates);
              return x >= 0 && y >= 0 && x <= width && y <= height;
            })
            .map(({ properties }) => properties);
        }"""
    )


def marks(page: Page) -> dict[str, dict[str, Any]]:
    return {mark["code"]: mark for mark in drawn(page) if "code" in mark}


def total(page: Page) -> int:
    return int(page.locator("#count").get_attribute("data-total") or "-1")


def listed(page: Page) -> list[str]:
    return page.locator("#list .li[data-code]").evaluate_all("rows => rows.map((row) => row.dataset.code)")


def settled(page: Page, codes: set[str]) -> None:
    """Wait until map and list both show exactly these."""
    poll(lambda: set(marks(page)) == codes and set(listed(page)) == codes and total(page) == len(codes))


def test_the_three_named_kinds_are_drawn_and_listed(browser_page, codes):
    page = browser_page
    open_map(page)
    settled(page, set(codes.values()))
    seen = marks(page)
    assert seen[codes["fallen_tree"]]["kind"] == "tree"
    assert seen[codes["road_subsidence"]]["kind"] == "subsidence"
    assert seen[codes["construction_without_permit"]]["kind"] == "construction"
    assert seen[codes["burst_pipe"]]["kind"] == "water"
    assert {mark["state"] for mark in seen.values()} == {"new"}
    missing = page.evaluate(
        "['m-tree-new', 'm-subsidence-new', 'm-construction-new'].filter((id) => !hotlineMap.hasImage(id))"
    )
    assert missing == []


def test_a_filter_changes_map_list_and_counts_together(browser_page, codes):
    page = browser_page
    open_map(page)
    heroes = {name: page.locator(f"[data-hero={name}] [data-count]") for name in ("tree", "subsidence", "construction")}
    for name, count in {"tree": "2", "subsidence": "1", "construction": "1"}.items():
        expect(heroes[name]).to_have_text(count)

    page.locator("[data-hero=tree]").click()
    without_trees = {code for category, code in codes.items() if "tree" not in category}
    settled(page, without_trees)
    assert "group=subsidence,construction" in page.url
    page.locator("[data-field=water]").click()
    settled(page, without_trees - {codes["burst_pipe"]})

    page.reload()  # the address keeps what was chosen
    settled(page, without_trees - {codes["burst_pipe"]})
    expect(page.locator("[data-hero=tree]")).to_have_attribute("aria-pressed", "false")

    page.locator("[data-state=new]").click()
    settled(page, set())
    expect(page.get_by_text("Không có sự cố nào ở đây")).to_be_visible()
    page.get_by_role("button", name="Bỏ lọc").click()
    settled(page, set(codes.values()))


def test_counts_equal_clusters_and_points(browser_page, site, codes):
    """The sum of all marks in view is the number above the list is the sum of the states that are on."""
    for step in range(12):  # enough close together to make a cluster
        report(site, "flooding", 10.8000 + step * 1e-5, 106.6300)
    page = browser_page
    open_map(page, "/?v=10.90/10.78100/106.70300")
    poll(lambda: any(mark["state"] == "cluster" for mark in drawn(page)))
    states = page.locator("[data-state][aria-pressed=true] [data-count]").all_inner_texts()
    assert total(page) == sum(map(int, states))
    poll(lambda: sum(mark.get("count", 1) for mark in drawn(page)) == total(page))  # symbols are placed frame by frame


def test_row_and_symbol_select_each_other(browser_page, codes):
    page = browser_page
    open_map(page)
    settled(page, set(codes.values()))
    code = codes["road_subsidence"]
    page.locator(f'#list [data-code="{code}"]').click()
    expect(page.locator("#card")).to_be_visible()
    expect(page.locator("#card a")).to_have_attribute("href", f"/r/{code}")
    assert f"selected={code}" in page.url
    expect(page.locator(".ring.chosen")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#card")).to_be_hidden()

    other = codes["light_out"]
    at = page.evaluate(
        """code => hotlineMap.project(
          hotlineMap.queryRenderedFeatures().find((f) => f.properties.code === code).geometry.coordinates)""",
        other,
    )
    page.locator("#map canvas").click(position={"x": at["x"], "y": at["y"]})
    expect(page.locator(f'#list [data-code="{other}"]')).to_have_attribute("aria-current", "true")
    page.reload()
    poll(lambda: page.locator(f'#list [data-code="{other}"][aria-current=true]').count() == 1)


def test_the_list_is_walked_by_arrow_keys(browser_page, codes):
    page = browser_page
    open_map(page)
    settled(page, set(codes.values()))
    first, second = listed(page)[:2]
    page.locator(f'#list [data-code="{first}"]').focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(f'#list [data-code="{second}"]')).to_be_focused()
    expect(page.locator(f'#list [data-code="{second}"]')).to_have_attribute("aria-current", "true")  # after 300 ms
    expect(page.locator(".ring.chosen")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator(f'#list [data-code="{second}"]')).to_be_focused()
    # Where the row between was stayed on for 300 ms, it was chosen: Enter opens only what is chosen already.
    expect(page.locator(f'#list [data-code="{second}"]')).to_have_attribute("aria-current", "true")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/r/{second}")


def test_a_cluster_says_what_it_is_made_of_by_mouse_and_by_keyboard(browser_page, site, codes):
    for step in range(9):
        report(site, "road_subsidence", 10.8600 + step * 1e-4, 106.7600)
    page = browser_page
    open_map(page, "/?v=11.30/10.86000/106.76000")
    poll(lambda: any(mark.get("lead") == "subsidence" for mark in drawn(page)))
    page.locator("#map canvas").focus()
    page.keyboard.press("Enter")  # the mark nearest the middle
    card = page.locator("#card")
    expect(card).to_contain_text("sự cố")
    expect(card.get_by_role("button", name="Phóng tới đây")).to_be_focused()
    before = page.evaluate("hotlineMap.getZoom()")
    page.keyboard.press("Enter")
    poll(lambda: page.evaluate("hotlineMap.getZoom()") > before + 1)
    expect(card).to_be_hidden()


def test_a_report_made_elsewhere_appears_within_two_seconds(browser_page, site, codes):
    page = browser_page
    open_map(page)
    poll(lambda: page.locator("#live .dot:not(.lost)").count())
    before, rows = total(page), listed(page)
    sent = time.monotonic()
    code = report(site, "fallen_tree", 10.7779, 106.6961)
    poll(lambda: code in marks(page))
    took = time.monotonic() - sent
    assert took < patience(2), f"{took:.1f} s"
    poll(lambda: total(page) == before + 1)
    assert listed(page) == rows, "rows wait; they do not move under a pointer"
    fresh = page.locator("#fresh")
    expect(fresh).to_have_text("1 mới")
    fresh.click()
    poll(lambda: code in listed(page))
    expect(fresh).to_be_hidden()


def test_search_opens_a_code_and_flies_to_an_address(browser_page, codes):
    page = browser_page
    open_map(page)
    page.keyboard.press("/")
    search = page.locator("#search")
    expect(search).to_be_focused()
    search.fill("Phường Thạnh Mỹ Tây")
    option = page.get_by_role("listbox").get_by_role("option").first
    expect(option).to_contain_text("Thạnh Mỹ Tây")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    poll(lambda: abs(page.evaluate("hotlineMap.getCenter().lng") - 106.715) < 0.02)
    code = codes["fallen_tree"]
    search.fill(f"{code[:3]}-{code[3:]}".lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/r/{code}")


ARRIVED = """async (node) => {
  await new Promise((done) => setTimeout(done)); // the peek is measured behind a change of the list
  while (node.getAnimations().length) await Promise.allSettled(node.getAnimations().map(({ finished }) => finished));
  return node.getBoundingClientRect().height;
}"""
"""A node's height where its way ends."""


def test_the_sheet_of_a_phone_has_three_stops(open_page, codes):
    page = open_page(viewport=PHONE, has_touch=True, is_mobile=True, device_scale_factor=2)
    open_map(page)
    sheet, grab = page.locator("#sheet"), page.locator("#sheet > .grab")
    heights = []
    for stop in ("peek", "half", "full", "peek"):
        expect(sheet).to_have_attribute("data-stop", stop)
        heights.append(sheet.evaluate(ARRIVED))
        grab.tap()
    assert heights[0] < heights[1] < heights[2] and heights[3] == heights[0]
    for name in ("1022", "Báo sự cố"):
        assert page.locator(".panel .foot").get_by_text(name).first.is_visible()
    page.locator(".filter-open").tap()
    expect(page.locator("[data-field=water]")).to_be_visible()


def test_language_and_theme_are_remembered_without_a_session(open_page, codes):
    page = open_page(viewport=WIDE)
    open_map(page)
    page.get_by_role("link", name="EN, English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#count")).to_contain_text("incidents in view")
    assert "v=14.20" in page.url
    page.locator("[data-do=layers]").click()
    page.get_by_label("Dark").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    poll(lambda: page.evaluate("hotlineMap.getStyle()?.name") == "1022 dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert {cookie["name"] for cookie in page.context.cookies()} == {"lang", "theme"}


def test_zones_of_a_field_can_be_laid_over(browser_page, codes):
    page = browser_page
    open_map(page)
    page.locator("[data-do=layers]").click()
    page.locator("#zones").select_option("water")
    poll(
        lambda: page.evaluate(
            "Boolean(hotlineMap.getLayer('zone-line'))"
            " && hotlineMap.queryRenderedFeatures({layers: ['zone-fill']}).length > 0"
        )
    )
    assert "zones=water" in page.url


def test_the_list_stays_where_no_map_can_be_drawn(open_page, codes):
    page = open_page(viewport=WIDE)
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(CENTRE)
    expect(page.get_by_text("Trình duyệt này không vẽ được bản đồ")).to_be_visible()
    poll(lambda: set(codes.values()) <= set(listed(page)))
    page.errors[:] = [said for said in page.errors if "WebGL" not in said]


def test_an_error_says_what_and_offers_to_try_again(open_page, codes):
    page = open_page(viewport=WIDE)
    page.route("**/api/v1/incidents?**", lambda route: route.fulfill(status=500, body="{}"))
    page.goto(CENTRE)
    expect(page.get_by_text("Chưa tải được danh sách")).to_be_visible()
    page.unroute("**/api/v1/incidents?**")
    page.get_by_role("button", name="Thử lại").click()
    poll(lambda: set(codes.values()) <= set(listed(page)))
    page.errors[:] = [said for said in page.errors if "500" not in said]


def test_losing_the_network_is_said_and_loses_nothing(open_page, codes):
    page = open_page(viewport=WIDE)
    open_map(page)
    rows = listed(page)
    page.context.set_offline(True)
    expect(page.get_by_text("Không có mạng.", exact=True)).to_be_visible()
    expect(page.locator("#live")).to_contain_text("Mất kết nối")
    assert listed(page) == rows
    page.context.set_offline(False)
    expect(page.get_by_text("Không có mạng.", exact=True)).to_be_hidden()
    poll(lambda: page.locator("#live .dot:not(.lost)").count())
    page.errors.clear()  # the browser writes the refused requests down itself


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["1440", "360"])
def test_axe_finds_nothing(open_page, site, codes, viewport, theme, language):
    page = open_page(viewport=viewport)
    page.context.add_cookies(
        [{"name": "theme", "value": theme, "url": site.url}, {"name": "lang", "value": language, "url": site.url}]
    )
    open_map(page, f"{CENTRE}&selected={codes['fallen_tree']}")
    poll(lambda: page.locator("#list [aria-current=true]").count())
    page.evaluate(AXE)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing scrolls sideways"


def test_without_a_script_there_is_the_list_and_the_form(open_page, codes):
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="Danh sách sự cố").click()
    expect(page.get_by_role("heading", name="Danh sách sự cố")).to_be_visible()
    hrefs = page.locator("a.li").evaluate_all("rows => rows.map((row) => row.getAttribute('href'))")
    assert {f"/r/{code}" for code in codes.values()} <= set(hrefs)
    page.get_by_role("link", name="Báo sự cố").click()
    page.wait_for_url("**/report")
