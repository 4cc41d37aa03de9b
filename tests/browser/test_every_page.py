"""Every page that there is, at both sizes: axe-core finds nothing, nothing scrolls sideways, and where there is a map
the page says whose streets it shows. The list is held against the routes, so that a new page cannot be left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests import sites
from tests.pages import PHONE, WIDE, axe, logged_in, until

WARD = "26743"
HERE = {"lat": 10.7725, "lon": 106.6980}
ADDRESS = "117 Hàm Nghi, Quận 1"
VISITOR, ADMINISTRATOR, CITY, SCREEN = "", "administrator", "area:79", "wall"
MAPS = ".maplibregl-map canvas, svg.a4m"
SOURCES = """() => [...document.querySelectorAll('.attr, footer')]
  .filter((each) => each.checkVisibility()).map((each) => each.innerText).join(' ')"""
"""what is seen of the lines that name where things come from"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A page as somebody sees it."""

    endpoint: str
    path: str
    who: str = VISITOR
    map: bool = False
    """whether one has to appear; a page may have one besides"""


PAGES = (
    Seen(endpoint="public.map_page", path="/", map=True),
    Seen(endpoint="public.incident_list", path="/list"),
    Seen(endpoint="public.report_form", path="/report"),
    Seen(endpoint="public.find_report", path="/r"),
    Seen(endpoint="public.lost_code", path="/r/find"),
    Seen(endpoint="public.report_page", path="/r/{code}", map=True),
    Seen(endpoint="public.offline", path="/offline"),
    Seen(endpoint="login.form", path="/login"),
    Seen(endpoint="openapi.page", path="/api/docs"),
    Seen(endpoint="wall.screen", path="/wall", who=SCREEN, map=True),
    Seen(endpoint="area.page", path=f"/area/{WARD}", who=CITY, map=True),
    Seen(endpoint="area.page", path="/area/79", who=CITY, map=True),
    Seen(endpoint="area.route", path=f"/area/{WARD}/route", who=CITY),
    Seen(endpoint="area.wall_of_area", path=f"/area/{WARD}/wall", who=CITY, map=True),
    Seen(endpoint="login.own_account", path="/account", who=ADMINISTRATOR),
    Seen(endpoint="admin.held", path="/admin/held", who=ADMINISTRATOR),
    Seen(endpoint="admin.units", path="/admin/units", who=ADMINISTRATOR, map=True),
    Seen(endpoint="admin.accounts", path="/admin/accounts", who=ADMINISTRATOR),
    Seen(endpoint="admin.categories", path="/admin/categories", who=ADMINISTRATOR),
    Seen(endpoint="admin.area_list", path="/admin/areas", who=ADMINISTRATOR),
    Seen(endpoint="admin.responsible", path="/admin/responsible?at=10.7725,106.698", who=ADMINISTRATOR, map=True),
    Seen(endpoint="admin.reports", path="/admin/reports", who=ADMINISTRATOR),
    Seen(endpoint="admin.change", path="/admin/reports/{code}", who=ADMINISTRATOR),
    Seen(endpoint="admin.places", path="/admin/places", who=ADMINISTRATOR),
    Seen(endpoint="admin.place", path="/admin/reports/{code}/place", who=ADMINISTRATOR, map=True),
    Seen(endpoint="plan.show", path="/plan", who=ADMINISTRATOR),
    Seen(endpoint="plan.monthly", path="/plan/saved/{saved}/monthly", who=ADMINISTRATOR),
    Seen(endpoint="plan.notices", path="/plan/notices", who=ADMINISTRATOR),
    Seen(endpoint="admin.walls", path="/admin/walls", who=ADMINISTRATOR),
)
NO_PAGES = {
    "static", "admin.index", "admin.held_photo", "admin.responsible_json", "area.worker", "area.outline",
    "area.listing", "area.day", "area.record", "area.rate", "area.minutes", "area.figures_of_area", "areas.listing",
    "geocode.forward", "geocode.backward", "geocode.forwards_as_typed", "health.healthz", "health.readyz",
    "hotspots.cells", "incidents.listing", "live.live", "locate.one_point", "metrics.show", "openapi.document",
    "photos.show",
    "public.manifest", "public.service_worker", "public.set_language", "public.set_theme", "reference.categories",
    "reference.fields", "reference.units", "reports.listing", "reports.show", "tiles.announce", "tiles.tile",
    "wall.figures", "wall.own_outline", "plan.file", "plan.state", "plan.cells",
    "public.download_map",  # a file for elsewhere: test_takeaway.py opens it, with axe
}  # fmt: skip
"""files, data, and addresses that lead on"""


SAVED = """
WITH job AS (
  INSERT INTO analysis (hash, parameters, state) VALUES ('x', %(said)s, 'done'), ('x', %(said)s, 'done') RETURNING id
), named AS (
  INSERT INTO saved_analysis (analysis_id, name, saved_by)
  SELECT (SELECT min(id) FROM job), 'Lún nửa năm', (SELECT min(id) FROM account) RETURNING id
), monthly AS (
  INSERT INTO analysis_schedule (saved_id, parameters, started_at) SELECT id, %(said)s, now() FROM named RETURNING id
), run AS (
  INSERT INTO analysis_run (schedule_id, due_on, question, analysis_id, settled_at)
  SELECT id, '2026-07-01', '', (SELECT max(id) FROM job), now() FROM monthly
)
SELECT id FROM named"""


def test_no_page_is_forgotten(application) -> None:
    there = {rule.endpoint for rule in application.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert there - NO_PAGES == {page.endpoint for page in PAGES}


@pytest.fixture(scope="module")
def passwords(site) -> dict[str, str]:
    """An administrator's and a city officer's, of the running site."""
    made = {}
    for who, arguments in {ADMINISTRATOR: ("administrator",), CITY: ("area", "--area", "79")}.items():
        done = sites.command(site.environment, "users", "create", f"moi-trang-{who[:4]}", "--role", *arguments)
        assert done.returncode == 0, done.stderr
        made[who] = done.stdout.split()[-1]
    return made


@pytest.fixture(scope="module")
def code(site) -> str:
    """A report's, with an address."""
    status, answer = site.post(
        "/api/v1/reports", {"channel": "web", "category": "fallen_tree", **HERE, "address": ADDRESS}
    )
    assert status == 201
    return str(answer["code"])


@pytest.fixture(scope="module")
def saved(site, passwords) -> Iterator[int]:
    """An analysis with a name, that ran once and runs every month until the pages were seen."""
    with psycopg.connect(site.environment["DATABASE_URL"]) as owner:
        said = "cell_m=500&since=2026-01-01&until=2026-07-01&tail=exact"
        number = owner.execute(SAVED, {"said": said}).fetchone()[0]
    yield number
    with psycopg.connect(site.environment["DATABASE_URL"]) as owner:
        owner.execute("UPDATE analysis_schedule SET stopped_at = now() WHERE saved_id = %s", (number,))


def _has_map() -> str:
    return f"Boolean(document.querySelector('{MAPS}'))"


def _log_in(page: Page, who: str, password: str) -> None:
    page.goto("/login")
    page.fill("#username", f"moi-trang-{who[:4]}")
    page.fill("#password", password)
    page.press("#password", "Enter")
    logged_in(page)


@pytest.fixture(scope="module")
def key(chromium, site, passwords) -> str:
    """The address that opens a wall screen, as an administrator makes it."""
    page = chromium.new_context(base_url=site.url, locale="vi-VN").new_page()
    _log_in(page, ADMINISTRATOR, passwords[ADMINISTRATOR])
    page.goto("/admin/walls")
    page.fill("#area", f"ward:{WARD}")
    page.fill("#label", "Phòng trực")
    page.get_by_role("button", name=re.compile("Tạo khoá|Make a key")).click()
    address = page.locator("#made").input_value()
    page.context.close()
    return address


@pytest.mark.parametrize(
    ("screen", "theme", "lang"),
    [(PHONE, "light", "vi"), (PHONE, "dark", "en"), (WIDE, "dark", "vi"), (WIDE, "light", "en")],
    ids=["360-light-vi", "360-dark-en", "1440-dark-vi", "1440-light-en"],
)
def test_axe_is_silent_and_every_map_names_its_source(
    open_page: Callable[..., Page], site, passwords, code, key, saved, screen, theme, lang
) -> None:
    for who in (VISITOR, ADMINISTRATOR, CITY, SCREEN):
        page = open_page(**screen, locale="en-GB" if lang == "en" else "vi-VN")
        page.context.add_cookies(
            [{"name": name, "value": value, "url": site.url} for name, value in (("theme", theme), ("lang", lang))]
        )
        if who in passwords:
            _log_in(page, who, passwords[who])
        elif who == SCREEN:
            page.goto(key)
            until(page, _has_map(), 30)  # by then it has changed the key for its cookie
        for seen in (each for each in PAGES if each.who == who):
            page.goto(seen.path.format(code=code, saved=saved))
            if seen.map:
                until(page, _has_map(), 30)
            if seen.path == "/":
                until(page, "document.querySelector('#count').dataset.total !== undefined", 30)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), seen.path
            assert axe(page) == [], seen.path
            if seen.map and not page.locator(MAPS).first.is_visible():  # the list comes first on a telephone
                page.locator("#to-map").click()
                expect(page.locator(MAPS).first).to_be_visible()
            if page.locator(MAPS).count() and page.locator(MAPS).first.is_visible():
                assert "OpenStreetMap" in page.evaluate(SOURCES), seen.path
        page.context.close()
