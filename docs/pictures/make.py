"""Take the documentation's pictures from a running demo: python docs/pictures/make.py http://127.0.0.1:8022 [NAME …]

Every page and every style of the map, in both themes and both languages, at 1440 × 900 and 360 × 740. Each page becomes
one sheet NAME.webp: light above and dark below, Vietnamese and English side by side, wide and then narrow. The
README's picture is `map-1440-light.png`. Staff pages are opened with the demo's accounts, whose words are read from
DATA_DIR/demo-accounts.json and go nowhere else. Look at each after making them.
"""

from __future__ import annotations

import functools
import io
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

HERE = Path(__file__).parent
WIDE, NARROW = (1440, 900), (360, 740)
SETTLED_MS = 2500  # before asking whether tiles, glyphs and symbols have been drawn
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
QUALITY = 55
SHEET_HEIGHT = 600
"""of a sheet's row; enough to read, small enough for a repository"""


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A page of the site, and what is done on it before it is taken."""

    name: str
    path: str
    act: Callable[[Page], None] = lambda page: None
    role: str = ""
    """whose log-in it needs, an area's officer with the area: area:79; empty: nobody's"""
    moving: bool = False
    """whether it has a map to wait for"""


def open_sheet(page: Page) -> None:
    page.locator("#report-open").click()
    page.wait_for_timeout(2500)
    page.locator("label.cat").nth(4).click()
    page.wait_for_timeout(1500)


def open_filters(page: Page) -> None:
    opener = page.locator(".filter-open")
    if opener.is_visible():
        opener.click()
    else:
        page.locator("[data-do=layers]").click()
    page.wait_for_timeout(800)


def first_report(page: Page) -> None:
    """From the map to the page of its first row."""
    code = page.locator("#list .li[data-code]").first.get_attribute("data-code")
    page.goto(f"/r/{code}")
    page.wait_for_timeout(3000)


def first_place(page: Page) -> None:
    """To the page where the place of a report is corrected."""
    found = page.request.get("/api/v1/reports?limit=1&bbox=106.68,10.76,106.71,10.79").json()
    code = found["features"][0]["properties"]["code"]
    page.goto(f"/admin/reports/{code}/place")
    page.wait_for_timeout(SETTLED_MS)


def ask_plan(page: Page, compare: str = "", method: str = "gi-star", cell: str = "250", months: str = "6") -> None:
    """From the workbench's form to an answer: road subsidence, or all kinds for the history of places."""
    page.select_option("#what", "" if method == "emerging" else "category:road_subsidence")
    page.select_option("#last", months)
    choose(page, "method", method)
    page.select_option("#cell", cell)
    if compare:
        page.select_option("#what", "category:flooding")
        choose(page, "compare", compare)
    page.locator("#question button[type=submit]").click()
    page.locator("#sentence").wait_for(timeout=120_000)
    page.wait_for_timeout(3000)


def choose(page: Page, name: str, value: str) -> None:
    """One of a row of choices, by its words: what is ticked lies under them, one pixel large."""
    page.locator("label", has=page.locator(f"[name={name}][value={value}]")).click()


def compare_plan(page: Page) -> None:
    ask_plan(page, compare="spans", cell="500")


def monthly_plan(page: Page) -> None:
    """The first analysis that runs monthly: somebody started it, and `hotspots schedule run-due --on DAY` ran it."""
    page.goto(str(page.locator(".recents .monthly").first.get_attribute("href")))
    page.wait_for_timeout(1000)


def emerging_plan(page: Page) -> None:
    ask_plan(page, method="emerging", cell="500", months="12")


def repeats_plan(page: Page) -> None:
    ask_plain(page, "repeats")


def closing_plan(page: Page) -> None:
    ask_plain(page, "closing")


def change_plan(page: Page) -> None:
    ask_plain(page, "change")


def ask_plain(page: Page, method: str) -> None:
    """A question without statistics, of the whole traffic field."""
    page.select_option("#what", "field:traffic")
    page.select_option("#last", "12")
    choose(page, "method", method)
    page.locator("#question button[type=submit]").click()
    page.locator("#sentence").wait_for(timeout=120_000)
    page.wait_for_timeout(3000)


PICTURES = (
    Picture(name="map", path="/", moving=True),
    Picture(name="map-streets", path="/?v=15.2/10.77650/106.70080", moving=True),
    Picture(
        name="map-filters", path="/?v=13.20/10.78100/106.70300&group=tree,subsidence", act=open_filters, moving=True
    ),
    Picture(name="report-sheet", path="/?v=16.80/10.77650/106.69300", act=open_sheet, moving=True),
    Picture(name="report-page", path="/", act=first_report, moving=True),
    Picture(name="report-form", path="/report"),
    Picture(name="list", path="/list"),
    Picture(name="find", path="/r"),
    Picture(name="find-lost", path="/r/find"),
    Picture(name="offline", path="/offline"),
    Picture(name="api", path="/api/docs"),
    Picture(name="login", path="/login"),
    Picture(name="area-city", path="/area/79", role="area:79", moving=True),
    Picture(name="area-ward", path="/area/26956", role="area:26956", moving=True),
    Picture(name="area-route", path="/area/26956/route", role="area:26956"),
    Picture(name="wall", path="/area/26956/wall", role="area:26956", moving=True),
    Picture(name="admin-places", path="/admin/places", role="administrator"),
    Picture(name="admin-place", path="/admin/places", act=first_place, role="administrator", moving=True),
    Picture(name="admin-walls", path="/admin/walls", role="administrator"),
    Picture(name="plan", path="/plan", act=ask_plan, role="planner", moving=True),
    Picture(name="plan-comparison", path="/plan", act=compare_plan, role="planner", moving=True),
    Picture(name="plan-monthly", path="/plan", act=monthly_plan, role="planner"),
    Picture(name="plan-emerging", path="/plan", act=emerging_plan, role="planner", moving=True),
    Picture(name="plan-repeats", path="/plan", act=repeats_plan, role="planner", moving=True),
    Picture(name="plan-closing", path="/plan", act=closing_plan, role="planner", moving=True),
    Picture(name="plan-change", path="/plan", act=change_plan, role="planner", moving=True),
    Picture(name="admin-responsible", path="/admin/responsible?at=10.791,106.718", role="administrator", moving=True),
    Picture(name="admin-units", path="/admin/units", role="administrator"),
    Picture(name="admin-held", path="/admin/held", role="administrator"),
    Picture(name="admin-categories", path="/admin/categories", role="administrator"),
    Picture(name="admin-areas", path="/admin/areas", role="administrator"),
    Picture(name="admin-accounts", path="/admin/accounts", role="administrator"),
)
View = tuple[str, str, tuple[int, int]]
"""language, theme, size"""
VIEWS: tuple[tuple[View, ...], ...] = tuple(
    tuple((lang, theme, size) for size in (WIDE, NARROW) for lang in ("vi", "en")) for theme in ("light", "dark")
)
"""a sheet's rows"""


def take(browser: Browser, site: str, picture: Picture, view: View) -> Image.Image:
    """One picture of one page."""
    lang, theme, size = view
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        base_url=site,
        locale="vi-VN" if lang == "vi" else "en-GB",
        color_scheme="dark" if theme == "dark" else "light",
        service_workers="block",
        storage_state=logged_in(browser, site, picture.role) if picture.role else None,
    )
    context.set_default_timeout(60_000)
    context.add_cookies(
        [{"name": name, "value": value, "url": site} for name, value in (("lang", lang), ("theme", theme))]
    )
    page = context.new_page()
    page.goto(picture.path, wait_until="load")
    page.wait_for_timeout(SETTLED_MS if picture.moving else 800)
    picture.act(page)
    drawn(page)
    shot = page.screenshot()
    context.close()
    return Image.open(io.BytesIO(shot)).convert("RGB")


def drawn(page: Page) -> None:
    """Until the map has what it asked for; half a minute at most, since a live map may always ask for more."""
    for _ in range(60):
        if page.evaluate("!window.hotlineMap || (hotlineMap.loaded() && hotlineMap.areTilesLoaded())"):
            return
        page.wait_for_timeout(500)


@functools.cache
def logged_in(browser: Browser, site: str, role: str) -> StorageState:
    """The cookies of a log-in with the demo's account of that role, made once."""
    name, _, area = role.partition(":")
    file = Path(os.environ.get("DATA_DIR", "var")) / "demo-accounts.json"
    accounts = json.loads(file.read_text())
    account = next(each for each in accounts if name in each["roles"] and (not area or each["area"] == area))
    context = browser.new_context(base_url=site, locale="vi-VN")
    page = context.new_page()
    page.goto("/login")
    page.locator("[name=username]").fill(account["username"])
    page.locator("[name=password]").fill(account["password"])
    page.locator("form[action='/login'] button.pri").click()
    page.wait_for_load_state("load")
    state = context.storage_state()
    context.close()
    return state


def sheet(rows: list[list[Image.Image]]) -> Image.Image:
    """Rows of pictures, all of one height, on grey."""
    scaled = [
        [each.resize((round(each.width * SHEET_HEIGHT / each.height), SHEET_HEIGHT), Image.Resampling.LANCZOS)
         for each in row]
        for row in rows
    ]  # fmt: skip
    gap = 12
    wide = max(sum(each.width + gap for each in row) for row in scaled) + gap
    whole = Image.new("RGB", (wide, (SHEET_HEIGHT + gap) * len(scaled) + gap), "#8A8F96")
    for number, row in enumerate(scaled):
        left = gap
        for each in row:
            whole.paste(each, (left, gap + number * (SHEET_HEIGHT + gap)))
            left += each.width + gap
    return whole


def main(site: str, names: list[str]) -> None:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        for picture in PICTURES:
            if names and picture.name not in names:
                continue
            views = [[take(browser, site, picture, view) for view in row] for row in VIEWS]
            sheet(views).save(HERE / f"{picture.name}.webp", quality=QUALITY, method=6)
            if picture.name == "map":
                # A palette of 256 colours is plenty for a map on paper tones and a third of the size.
                views[0][0].quantize(256, dither=Image.Dither.NONE).save(HERE / "map-1440-light.png", optimize=True)
                contrast = take(browser, site, picture, ("vi", "contrast", WIDE))
                sheet([[contrast]]).save(HERE / "map-contrast.webp", quality=QUALITY, method=6)
            print(picture.name, sum(file.stat().st_size for file in HERE.glob(f"{picture.name}*.webp")) // 1024, "KB")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2:])
