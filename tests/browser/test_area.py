"""The watch of a ward, the city's view and the wall's screen in a real Chromium, on a running site."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests import sites
from tests.browser.test_report import PHONE, WIDE, _axe, _until
from tests.pages import logged_in, patience

HERE = {"lat": 10.7725, "lon": 106.6980}  # Phường Bến Thành
WARD, OTHER, DISTRICT = "26743", "26740", "760"
LIVE_SECONDS = 2.0
NAMES = {
    "nay": ("area", WARD),
    "kia": ("area", OTHER),
    "quan": ("area", f"district:{DISTRICT}"),
    "thanh": ("area", "79"),
}


@pytest.fixture(scope="module")
def passwords(site) -> dict[str, str]:
    """Officers of two wards, a former district and the city, and an administrator, of the running site."""
    made = {}
    for name, (role, area) in {**NAMES, "quan-tri-tuong": ("administrator", "")}.items():
        where = ("--area", area) if area else ()
        done = sites.command(site.environment, "users", "create", f"dia-ban-{name}", "--role", role, *where)
        assert done.returncode == 0, done.stderr
        made[name] = done.stdout.split()[-1]
    return made


@pytest.fixture
def officer(open_page, passwords):
    """A function that opens a page where somebody is logged in."""

    def make(name: str, *, theme: str = "light", lang: str = "vi", **screen) -> Page:
        page = open_page(**{**WIDE, **screen}, locale="en-GB" if lang == "en" else "vi-VN")
        page.goto("/login")
        page.context.add_cookies(
            [{"name": key, "value": value, "url": page.url} for key, value in (("theme", theme), ("lang", lang))]
        )
        page.fill("#username", f"dia-ban-{name}")
        page.fill("#password", passwords[name])
        page.press("#password", "Enter")
        logged_in(page)
        return page

    return make


def _send(site, category: str = "fallen_tree", **more) -> str:
    status, answer = site.post("/api/v1/reports", {"channel": "web", "category": category, **HERE, **more})
    assert status == 201, answer
    return answer["code"]


def _ready(page: Page, *, map_too: bool = True) -> None:
    expect(page.locator("#live .dot")).not_to_have_class(re.compile("lost"))
    if map_too:
        _until(page, "Boolean(window.hotlineMap && window.hotlineMap.loaded())", 30)


def _number(page: Page, state: str) -> int:
    return int(page.locator(f".counters [data-state={state}] b").inner_text().replace(".", ""))


_STOPWATCH = """
(() => {
  const known = new Set([...document.querySelectorAll('.ar')].map((row) => row.dataset.code));
  const counter = document.querySelector('.counters [data-state=new] b');
  const before = counter.textContent;
  const drawn = () => window.hotlineMap.querySourceFeatures('incidents', { sourceLayer: 'incidents' });
  const marks = new Set(drawn().map((feature) => feature.properties.code));
  const there = {
    list: () => [...document.querySelectorAll('#list .ar')].some((row) => !known.has(row.dataset.code)),
    counter: () => counter.textContent !== before,
    badge: () => !document.querySelector('#badge').hidden,
    map: () => drawn().some((feature) => !marks.has(feature.properties.code)),
  };
  window.seenAt = {};
  setInterval(() => {
    for (const [what, is] of Object.entries(there)) if (!window.seenAt[what] && is()) window.seenAt[what] = Date.now();
  }, 20);
})()
"""
"""Notes in the page itself when each part has changed: asking from outside would count the asking too."""


_SAID = """() => ({
  rows: [...document.querySelectorAll('.ar')].map((row) => row.dataset.code),
  counts: [...document.querySelectorAll('.acol [data-count]')].map((count) => count.textContent),
  day: document.querySelector('#day-words').textContent,
  urgent: [document.title, document.querySelector('#badge').textContent, document.querySelector('#news').textContent],
  waiting: document.querySelector('#fresh').hidden ? '' : document.querySelector('#fresh').textContent,
})"""
"""What a page says of its area, but for how long ago things were."""


def _drawn(page: Page, code: str) -> bool:
    return page.evaluate(
        "code => window.hotlineMap.querySourceFeatures('incidents', { sourceLayer: 'incidents' })"
        ".some((feature) => feature.properties.code === code)",
        code,
    )


def test_a_citizens_report_changes_the_wards_open_page_and_no_other(officer, site) -> None:
    for _ in range(4):  # both web processes have read their streets: what is timed is a site at work
        _send(site, "noise")
    page, other = officer("nay"), officer("kia")
    for each, ward in ((page, WARD), (other, OTHER)):
        each.goto(f"/area/{ward}")
        _ready(each, map_too=each is page)
        each.evaluate("window.notReloaded = true")
    page.mouse.move(1200, 500)  # not over the list, where new rows would wait
    page.evaluate("window.hotlineMap.jumpTo({ center: [106.698, 10.7725], zoom: 16 })")
    _until(page, "window.hotlineMap.loaded()")
    _until(other, "Boolean(document.querySelector('#chart svg'))")  # the day is asked for behind the list
    before, elsewhere = _number(page, "new"), other.evaluate(_SAID)
    page.evaluate(_STOPWATCH)
    sent = time.time()
    code = _send(site, "power_cable")  # an emergency
    row = page.locator(f".ar[data-code='{code}']")
    _until(page, "Object.keys(window.seenAt).length === 4")
    took = {what: at / 1000 - sent for what, at in page.evaluate("window.seenAt").items()}
    assert max(took.values()) < patience(LIVE_SECONDS), took
    assert _number(page, "new") == before + 1 and _drawn(page, code)
    expect(row).to_contain_text("vừa vào")
    expect(page).to_have_title(re.compile(r"^\(1\) Phường Bến Thành"))
    expect(page.locator("#news")).to_contain_text("1 việc khẩn mới")
    assert page.evaluate("window.notReloaded")
    assert not page.evaluate("Boolean(document.querySelector('#bell[aria-pressed=true]'))"), "no sound unasked"
    other.wait_for_timeout(1500)
    assert other.evaluate(_SAID) == elsewhere
    assert code not in other.content() and other.evaluate("window.notReloaded")


def test_the_numbers_equal_the_rows_under_every_filter(officer, site) -> None:
    for category in ("fallen_tree", "road_subsidence", "waste"):
        _send(site, category)
    page = officer("nay")
    page.goto(f"/area/{WARD}")
    _ready(page, map_too=False)
    rows = page.locator("#list .arows").first.locator("> li")
    for state in ("new", "progress", "late", "resolved"):
        button = page.locator(f".counters [data-state={state}]")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(rows).to_have_count(_number(page, state)) if _number(page, state) else expect(
            page.locator("#list")
        ).to_contain_text("Không có việc nào theo lọc này")
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
    total = sum(_number(page, state) for state in ("new", "progress", "late"))
    expect(rows).to_have_count(total)
    tree = page.locator("[data-hero=tree]")
    tree.click()
    expect(rows).to_have_count(int(tree.locator("b").inner_text()))


def test_not_my_area_by_keyboard_alone(officer, site) -> None:
    code = _send(site, "construction_without_permit")
    page = officer("nay")
    page.goto(f"/area/{WARD}?")
    _ready(page, map_too=False)
    first = page.locator("#list .arows > li > a[tabindex='0']").first
    first.focus()
    for _ in range(60):
        if page.evaluate("document.activeElement.parentNode.dataset.code") == code:
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".ar.open .rec")).to_contain_text("Tiếp nhận qua web")
    page.keyboard.press("n")
    dialog = page.locator("#objection")
    expect(dialog).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")  # another reason, which has to be written
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#objection-wrong")).to_contain_text("Ghi rõ lý do")
    page.errors.clear()  # the browser writes the 422 to its console
    page.locator("#objection-note").focus()
    page.keyboard.type("Nhà nằm bên phường bên cạnh, n")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator(f".ar[data-code='{code}']")).to_contain_text("đã trả tổng đài")
    assert site.get(f"/api/v1/reports/{code}")[1]["status"] == "returned"


def test_rows_wait_while_a_pointer_is_over_the_list(officer, site) -> None:
    _send(site)
    page = officer("nay")
    page.goto(f"/area/{WARD}")
    _ready(page, map_too=False)
    page.locator("#list").hover()
    first = page.locator("#list .arows > li").first.get_attribute("data-code")
    code = _send(site)
    expect(page.locator("#fresh")).to_be_visible()
    assert page.locator("#list .arows > li").first.get_attribute("data-code") == first
    assert not page.locator(f".ar[data-code='{code}']").count()
    page.locator("#fresh").click()
    expect(page.locator(f".ar[data-code='{code}']")).to_be_visible()


def test_the_bell_sounds_only_when_allowed(officer, site) -> None:
    page = officer("nay")
    page.goto(f"/area/{WARD}")
    _ready(page, map_too=False)
    bell = page.locator("#bell")
    expect(bell).to_have_attribute("aria-pressed", "false")
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "true")
    expect(bell).to_contain_text("Chuông: khẩn")
    page.reload()
    expect(bell).to_have_attribute("aria-pressed", "true")


def test_the_route_sheet_opens_again_without_a_network(officer, site) -> None:
    code = _send(site)
    page = officer("nay", service_workers="allow")
    page.goto(f"/area/{WARD}/route")
    box = page.locator(f"input[name='{code}.done']")
    box.check()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    deadline = time.monotonic() + 20
    while not page.evaluate("caches.open('area-sheets').then((sheets) => sheets.keys()).then((keys) => keys.length)"):
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)
    page.context.set_offline(True)
    page.reload()
    page.errors.clear()  # what the worker asked the network for in vain
    expect(page.locator("h1")).to_contain_text("Tờ tuyến, Phường Bến Thành")
    expect(box).to_be_checked()
    expect(page.locator("[data-offline]")).to_be_visible()
    page.context.set_offline(False)
    page.errors.clear()
    pages = page.pdf(format="A4", prefer_css_page_size=True)
    assert pages.startswith(b"%PDF") and pages.count(b"/Type /Page\n") in (0, 1)


_PRESSED = """() => {
  const play = document.querySelector('#play');
  window.pressed = [];
  new MutationObserver(() => window.pressed.push(play.getAttribute('aria-pressed')))
    .observe(play, { attributeFilter: ['aria-pressed'] });
}"""
"""Notes in the page itself how the button was: one second may be over before it is asked for."""


def test_the_city_plays_the_last_hour_and_any_day(officer, site) -> None:
    codes = [_send(site, category) for category in ("fallen_tree", "flooding", "road_subsidence")]
    page = officer("thanh")
    page.goto("/area/79")
    _ready(page)
    expect(page.locator("#hour-count")).not_to_have_text("–")
    assert int(page.locator("#hour-count").inner_text()) >= len(codes)
    expect(page.locator("#hour-factor")).to_have_text("Chưa đủ dữ liệu")
    expect(page.locator("#places .sg").first).to_contain_text("Phường")
    page.locator("[data-places=districts]").click()
    expect(page.locator("#places .sg").first).to_contain_text(re.compile("Quận|Huyện|Thành phố"))
    before = int(page.locator("#hour-count").inner_text())
    _send(site)
    expect(page.locator("#hour-count")).to_have_text(str(before + 1))

    page.locator("[data-span=hour]").click()
    head = page.locator("#head")
    expect(head).to_be_visible()
    expect(head).to_have_attribute("aria-valuetext", re.compile(r"\d"))  # the hour's reports have come
    page.keyboard.press("Tab")
    head.focus()
    end = int(head.input_value())
    page.keyboard.press("ArrowLeft")
    assert int(head.input_value()) == end - 1
    expect(page.locator("#past")).to_contain_text("Đang xem")
    page.evaluate(_PRESSED)
    page.keyboard.press(" ")  # one minute more, in a second
    expect(head).to_have_value(str(end))
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("window.pressed") == ["true", "false"]
    expect(page.locator("#past")).to_be_hidden()
    page.fill("#film-day", "2026-01-05")
    expect(page.locator("#past")).to_contain_text("05/01/2026")
    page.locator("#to-live").click()
    expect(page.locator("#past")).to_be_hidden()


def test_with_reduced_motion_the_picture_goes_on_by_steps(officer) -> None:
    page = officer("thanh", reduced_motion="reduce")
    page.goto("/area/79")
    _ready(page, map_too=False)
    page.locator("[data-span=hour]").click()
    expect(page.locator("#head")).to_be_visible()
    play = page.locator("#play")
    expect(play).to_have_attribute("aria-label", "Tiến 5 phút")
    play.click()
    play.click()
    expect(page.locator("#head")).to_have_value("10")
    page.wait_for_timeout(1200)
    assert page.locator("#head").input_value() == "10", "nothing goes on by itself"
    expect(play).to_have_attribute("aria-pressed", "false")


def test_without_a_network_and_after_the_log_out(officer, site) -> None:
    _send(site)
    page = officer("nay")
    page.goto(f"/area/{WARD}")
    _ready(page, map_too=False)
    count = page.locator("#list .arows").first.locator("> li").count()
    page.context.set_offline(True)
    expect(page.locator("#notices")).to_contain_text("Không có mạng.")
    expect(page.locator("#list .arows").first.locator("> li")).to_have_count(count)
    page.context.set_offline(False)
    expect(page.locator("#notices")).not_to_contain_text("Không có mạng.")
    page.context.clear_cookies()
    _send(site)
    # By the stream; without it the list is asked for again every 30 s.
    expect(page.locator("#notices")).to_contain_text("Phiên làm việc đã hết.", timeout=45_000)
    page.errors.clear()


@pytest.mark.parametrize(
    ("screen", "theme", "lang"),
    [(PHONE, "light", "vi"), (PHONE, "dark", "en"), (WIDE, "dark", "vi"), (WIDE, "light", "en")],
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(officer, site, screen, theme, lang) -> None:
    _send(site, "construction_without_permit")
    page = officer("nay", theme=theme, lang=lang, **screen)
    city = officer("thanh", theme=theme, lang=lang, **screen)
    width = screen["viewport"]["width"]

    def look(at: Page, what: str) -> None:
        assert at.evaluate("document.documentElement.scrollWidth") <= width, what
        assert _axe(at) == [], what

    page.goto(f"/area/{WARD}")
    _ready(page, map_too=False)
    page.locator("#list .arows > li > a").first.click()
    expect(page.locator(".rec .hands").first).to_be_visible()
    look(page, "list")
    page.locator(".acts button").first.click()
    expect(page.locator("#objection")).to_be_visible()
    look(page, "objection")
    page.keyboard.press("Escape")
    page.locator("[data-view=diary]").click()
    expect(page.locator("#diary li").first).to_be_visible()
    look(page, "diary")
    for path in (f"/area/{WARD}/route", f"/area/{WARD}/wall"):
        page.goto(path)
        page.wait_for_load_state("load")
        page.wait_for_timeout(500)
        look(page, path)
    city.goto("/area/79")
    _ready(city, map_too=False)
    look(city, "city")
    city.locator("[data-span=hour]").click()
    expect(city.locator("#head")).to_be_visible()
    look(city, "film")
    if screen is WIDE:
        admin = officer("quan-tri-tuong", theme=theme, lang=lang, **screen)
        admin.goto("/admin/walls")
        look(admin, "walls")


@pytest.mark.slow
def test_the_wall_stays_as_large_as_it_was_and_misses_nothing(site, passwords, chromium, open_page) -> None:
    """Half a minute with 60 changes a second; five minutes and an hour are in script/bench wall."""
    import os

    from benchmarks import wall
    from database import engine

    admin = open_page(**WIDE)
    address = wall.make_key(admin, "dia-ban-quan-tri-tuong", passwords["quan-tri-tuong"])
    before = {name: os.environ.get(name) for name in ("DATABASE_URL", "DATA_DIR")}
    os.environ.update({name: site.environment[name] for name in before})
    try:
        wall.populate(60)
        page = wall.open_with_key(open_page(viewport={"width": 1280, "height": 720}), address)
        found = wall.watch(page, seconds=30, rate=60, warm_seconds=15)
    finally:
        engine.dispose()
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
    assert found["in_the_record"] == found["changes"] == found["heard"] > 500, found
    assert found["last_heard_is_last_of_record"], found
    assert 0.9 < found["heap_ratio"] < 1.1, found
    assert found["nodes_after"] == found["nodes_before"], found
    assert found["refreshes"] < 90, "changes that come together are asked for together"
