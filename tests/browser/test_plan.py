"""The workbench in a real Chromium: a planner asks, reads, compares, takes away, and comes back tomorrow."""

from __future__ import annotations

import os
import re

import pyogrio
import pytest
from playwright.sync_api import Page, expect

from tests import heaps, sites
from tests.pages import PHONE, WIDE, axe, logged_in, until, walk


@pytest.fixture(scope="module")
def planner(site) -> str:
    """A planner's password, on a site with a year of road subsidence: even, and a heap in the last six months."""
    made = sites.command(site.environment, "users", "create", "ban-quy-hoach", "--role", "planner")
    assert made.returncode == 0, made.stderr
    _bring(site, "first", 400, 70)
    return made.stdout.split()[-1]


def _bring(site, name: str, scattered: int, heaped: int) -> None:
    file = site.data_dir / f"{name}.csv"
    heaps.write(file, heaps.rows(name, scattered, heaped, when=heaps.back_from_today(360, heap_days=170)))
    done = sites.command(site.environment, "reports", "import", str(file))
    assert f"{scattered + heaped} added" in done.stdout, done.stdout + done.stderr


def _log_in(page: Page, password: str, path: str = "/plan") -> None:
    page.goto(path)
    page.fill("#username", "ban-quy-hoach")
    page.fill("#password", password)
    page.press("#password", "Enter")
    logged_in(page)


def _answered(page: Page) -> None:
    expect(page.locator("#sentence")).to_be_visible(timeout=120_000)
    page.wait_for_load_state()  # all of it, and its scripts


def _drawn(page: Page, what: str, most: int = 0) -> None:
    """Wait for more cells than `most` on the map of which it is true."""
    there = "Boolean(window.hotlineMap?.loaded() && hotlineMap.getLayer('hotspot-cell'))"
    cells = "hotlineMap.queryRenderedFeatures({ layers: ['hotspot-cell'] })"
    matching = f"{cells}.filter(({{ properties: {{ class: kind, name }} }}) => {what})"
    until(page, f"{there} && {matching}.length > {most}")


def _shown(page: Page) -> list[str]:
    """Every figure that the page says of its answer."""
    texts = [page.locator(each).inner_text() for each in ("#sentence", "#chance")]
    return [*texts, *_rows(page, ".places tbody tr"), *_rows(page, ".hleg li")]


def _rows(page: Page, selector: str) -> list[str]:
    return page.locator(selector).all_inner_texts()


def test_a_planner_asks_reads_compares_takes_away_and_comes_back(open_page, chromium, site, planner, tmp_path) -> None:
    page = open_page(**WIDE, accept_downloads=True)
    _log_in(page, planner)
    # By the keyboard: what, when, and enter.
    page.locator("#what").focus()
    page.select_option("#what", "category:road_subsidence")
    page.select_option("#last", "6")
    expect(page.locator("#cell")).to_have_value("250")
    expect(page.locator("[name=method]:checked")).to_have_value("gi-star")
    page.locator("#through").press("Enter")
    _answered(page)
    assert re.search(r"category=road_subsidence&.*run=\d+$", page.url) and "since=20" in page.url
    expect(page.locator("#sentence")).to_contain_text("nhiều hơn mức ngẫu nhiên")
    expect(page.locator("#chance")).to_contain_text(re.compile(r"dưới 1 trong 100 .* hiệu chỉnh cho \d+\.\d+ ô"))
    _drawn(page, "kind === 'hot99'")
    asked, said = page.url, _shown(page)
    # Takes it away.
    files = {}
    for name in ("gpkg", "html"):
        page.locator(f"#take [value={name}]").check(force=True)
        with page.expect_download(timeout=60_000) as coming:  # a hundred thousand cells
            page.locator("#take button[type=submit]").click(no_wait_after=True)
        files[name] = tmp_path / coming.value.suggested_filename
        coming.value.save_as(files[name])
    table = pyogrio.read_dataframe(files["gpkg"], layer="hotspots")
    hot = int((table["class"] == "hot99").sum())
    assert any(row.startswith("Nóng 99%") and f"{hot} ô" in row for row in said), (hot, said)
    offline = chromium.new_context(offline=True)
    taken = offline.new_page()
    taken.goto(files["html"].as_uri())
    expect(taken.locator(".reading")).to_contain_text("hiệu chỉnh")
    offline.close()
    # Compares with the six months before.
    page.locator("[name=compare][value=spans]").check(force=True)
    page.locator("#question button[type=submit]").click()
    page.wait_for_url("**compare=spans**")
    _answered(page)
    expect(page.locator(".places").first).to_contain_text("▲")
    expect(page.locator("#sentence")).to_contain_text("đã tính tới")
    page.get_by_role("button", name="Trước", exact=True).click()
    until(page, "document.querySelector('#map-frame').dataset.part === 'before'")
    # Tomorrow, when more has come in, the address says the same.
    _bring(site, "later", 40, 20)
    again = open_page(**WIDE)
    _log_in(again, planner, asked.removeprefix(site.url))
    _answered(again)
    assert again.url == asked and _shown(again) == said
    # And a second run says something else.
    again.locator("#question button[type=submit]").click()
    again.wait_for_url(lambda url: url != asked)
    _answered(again)
    assert _shown(again) != said


def test_a_job_is_cancelled_and_the_page_says_so(open_page, planner) -> None:
    page = open_page(**WIDE)
    _log_in(page, planner)
    page.locator(".more summary").click()
    page.select_option("#probability", "9999")
    page.select_option("#cell", "100")
    page.locator("#question button[type=submit]").click()
    page.locator("#cancel button").click()
    expect(page.locator("#job")).to_contain_text("Đã huỷ")
    expect(page.locator("#cancel")).to_have_count(0)


def test_an_area_is_drawn_by_keyboard(open_page, planner) -> None:
    page = open_page(**WIDE)
    _log_in(page, planner)
    until(page, "Boolean(window.hotlineMap && window.hotlineMap.loaded())", 30)
    page.locator("#draw").press("Enter")
    for move in ("ArrowLeft", "ArrowUp", "ArrowRight"):
        walk(page, move)
        page.keyboard.press("Enter")
    page.locator("#draw").press("Enter")
    assert len(page.locator("#within").input_value().split()) == 3
    expect(page.locator("#drawn")).to_be_visible()
    page.locator("#question button[type=submit]").click()
    page.wait_for_url("**within=**")
    _answered(page)
    page.locator("#undraw").click()
    expect(page.locator("#drawn")).to_be_hidden()


def test_a_drawn_area_goes_away_where_no_map_can_be_drawn(open_page, planner) -> None:
    page = open_page(**WIDE)
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    _log_in(page, planner, "/plan?since=2026-05-01&until=2026-06-01&within=106.69,10.77+106.71,10.77+106.70,10.79")
    expect(page.locator("#drawn")).to_be_visible()
    page.locator("#undraw").click()
    expect(page.locator("#drawn")).to_be_hidden()
    assert page.locator("#within").input_value() == ""
    expect(page.locator("#cell-said")).to_contain_text("không vẽ được bản đồ")
    expect(page.locator("#draw")).to_be_disabled()
    page.errors[:] = [said for said in page.errors if "WebGL" not in said]


@pytest.mark.parametrize("screen", ["phone", "wide"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(open_page, planner, screen, theme) -> None:
    page = open_page(**(PHONE if screen == "phone" else WIDE), color_scheme=theme)
    _log_in(page, planner)
    assert axe(page) == []
    if screen == "wide":
        page.select_option("#what", "category:road_subsidence")
        page.locator("[name=compare][value=spans]").check(force=True)
    page.select_option("#cell", "500")
    page.locator("#question button[type=submit]").click()
    _answered(page)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if screen == "phone":
        expect(page.locator("#question")).to_be_hidden()  # the question folds to one line
        page.locator("#open-map").click()
        until(page, "document.querySelector('#map-frame').getBoundingClientRect().height > 700")
        assert axe(page) == []
        page.keyboard.press("Escape")


def test_a_plain_question_from_the_form_to_the_file(open_page, site, planner, tmp_path) -> None:
    """Which places were reported again: by the keyboard, table and map, a file, and the same address again."""
    page = open_page(**WIDE, accept_downloads=True)
    _log_in(page, planner)
    page.select_option("#what", "category:road_subsidence")
    page.select_option("#last", "12")
    expect(page.locator("#least")).to_be_hidden()
    page.locator("[name=method][value=repeats]").check(force=True)
    expect(page.locator("#least")).to_be_visible()
    expect(page.locator("#cell")).to_be_hidden()
    page.select_option("#least", "2")
    page.locator("#question button[type=submit]").press("Enter")
    _answered(page)
    assert "method=repeats" in page.url and "least=2" in page.url
    expect(page.locator("#sentence")).to_contain_text(re.compile(r"\d+ nơi có từ 2 sự cố"))
    expect(page.locator("#rows-said")).to_contain_text("sự cố được tính")
    rows = page.locator("table.plain tbody").count()
    there = "Boolean(window.hotlineMap && window.hotlineMap.loaded() && window.hotlineMap.getLayer('plain-spot'))"
    until(page, f"{there} && hotlineMap.querySourceFeatures('hotspots').length > 0")
    page.locator("table.plain button").first.click()
    until(page, "hotlineMap.getZoom() >= 13.4")
    page.locator("#take [value=gpkg]").check(force=True)
    with page.expect_download(timeout=60_000) as coming:
        page.locator("#take button[type=submit]").click(no_wait_after=True)
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)
    table = pyogrio.read_dataframe(file)
    assert len(table) == rows and table["n"].min() >= 2 and set(table.geom_type) == {"Point"}
    asked, said = page.url, page.locator("#sentence").inner_text()
    page.reload()
    assert page.url == asked and page.locator("#sentence").inner_text() == said
    # How long it took, by unit: no map, another table.
    page.locator("[name=method][value=closing]").check(force=True)
    page.select_option("#by", "unit")
    page.locator("#question button[type=submit]").click()
    page.wait_for_url("**method=closing**")
    _answered(page)
    expect(page.locator("#take [value=shp]")).to_have_count(0)
    expect(page.locator("#take [value=csv]")).to_have_count(1)


@pytest.mark.parametrize("screen", ["phone", "wide"])
def test_a_plain_question_needs_no_script_and_axe_finds_nothing(open_page, site, planner, screen) -> None:
    page = open_page(**(PHONE if screen == "phone" else WIDE))
    _log_in(page, planner)
    page.select_option("#what", "category:road_subsidence")
    page.locator("label", has=page.locator("[value=change]")).click()
    expect(page.locator("#last")).to_be_hidden()
    page.select_option("#side", "91")
    page.select_option("#by", "district")
    page.locator("#question button[type=submit]").click()
    _answered(page)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator(".parted svg")).to_be_visible()
    # No column is cut: the table is as wide as what it stands in.
    assert page.locator("table.plain").first.evaluate("(node) => node.scrollWidth <= node.parentElement.clientWidth")
    address = page.url
    without = open_page(**(PHONE if screen == "phone" else WIDE), java_script_enabled=False)
    without.goto(address)
    without.fill("#username", "ban-quy-hoach")
    without.fill("#password", planner)
    without.press("#password", "Enter")
    expect(without.locator("#sentence")).to_be_visible()
    expect(without.locator("table.plain").first).to_be_visible()


def test_wards_instead_of_cells(open_page, planner) -> None:
    page = open_page(**WIDE)
    _log_in(page, planner)
    page.select_option("#what", "category:road_subsidence")
    page.select_option("#cell", "area:ward")
    page.locator("#question button[type=submit]").click()
    page.wait_for_url("**cells=ward**")
    _answered(page)
    assert "per=area" in page.url
    expect(page.locator("#chance")).to_contain_text("168 phường, xã")
    expect(page.locator(".places tbody tr").first).to_contain_text(re.compile("Phường|Xã"))
    _drawn(page, "kind === 'hot99' && name.startsWith('Phường ')")
    if SHOTS := os.environ.get("SHOTS"):
        page.screenshot(path=f"{SHOTS}/wards.png")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 360, "height": 780})
        page.wait_for_timeout(1500)
        page.screenshot(path=f"{SHOTS}/wards-dark-360.png", full_page=True)
    axe(page)


def test_pieces_of_road_in_a_district(open_page, planner) -> None:
    page = open_page(**WIDE)
    _log_in(page, planner)
    page.select_option("#what", "category:road_subsidence")
    page.select_option("#cell", "area:road")
    page.locator("#question button[type=submit]").click()
    expect(page.locator("#wrong")).to_contain_text("chọn một khu vực")
    page.errors = [each for each in page.errors if "422" not in each]
    page.select_option("#area", "district:766")
    page.locator("#question button[type=submit]").click()
    page.wait_for_url("**cells=road**")
    _answered(page)
    expect(page.locator("#chance")).to_contain_text("đoạn đường")
    _drawn(page, "true", 3)
    if SHOTS := os.environ.get("SHOTS"):
        page.screenshot(path=f"{SHOTS}/roads.png")
