"""What the browser tests share: screens, axe-core, waiting for the map, the report sheet."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

AXE = Path(__file__).parent / "browser" / "vendor" / "axe.min.js"
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2,
}  # fmt: skip
WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
SENT = "[data-done]:not([hidden])"
LISTED = """(() => {
  if (!window.hotlineMap || document.querySelector('#list').hasAttribute('aria-busy')) return false;
  const bounds = hotlineMap.getBounds();
  const sides = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
  const lists = performance.getEntriesByType('resource').map(({ name }) => new URL(name))
    .filter(({ pathname, searchParams }) => pathname === '/api/v1/incidents' && searchParams.has('zoom'));
  return lists.at(-1)?.searchParams.get('bbox') === sides.map((side) => side.toFixed(6)).join();
})()"""
"""Whether the public map's list is that of the view as it stands: on a phone the map gets another height with its first
rows, and the list is asked for again."""
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


def axe(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.0 to 2.2, A and AA; the map's canvas aside."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        """tags => axe.run({ exclude: [['.maplibregl-canvas-container']] }, { runOnly: tags })""", list(WCAG)
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def until(page: Page, expression: str, seconds: float = 30) -> None:
    """Wait until it is true in the page; asked from outside, since the pages' policy knows no eval."""
    ends = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < ends, f"not within {seconds} s: {expression}"
        page.wait_for_timeout(50)


def patience(seconds: float) -> float:
    """The time allowed, which is meant for a machine with nothing else to do."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def map_ready(page: Page) -> None:
    until(page, "Boolean(window.hotlineMap && window.hotlineMap.loaded())")


def walk(page: Page, key: str, *, over: str = "hotlineMap") -> None:
    """An arrow key on the canvas that has the focus, and the whole way that it goes."""
    centre = f"window.{over}.getCenter().toArray().join()"
    before = page.evaluate(centre)
    page.keyboard.press(key)
    until(page, f"!window.{over}.isMoving() && {centre} !== '{before}'")


def logged_in(page: Page) -> None:
    """Wait for the page behind the log-in, with its scripts: going elsewhere before that would call the log-in off."""
    page.wait_for_url(lambda url: urlsplit(url).path != "/login")


def open_sheet(page: Page, place: tuple[float, float], *, zoom: float = 17) -> None:
    """The report sheet over the map at a place (lat, lon), with the pin there."""
    lat, lon = place
    page.goto(f"/?v={zoom}/{lat}/{lon}")
    map_ready(page)
    page.locator("#report-open").click()
    expect(page.locator("#report-sheet")).to_be_visible()
    expect(page.locator("[data-place-line]")).to_contain_text("±")


def sent_code(page: Page) -> str:
    """The code that the sheet shows after sending."""
    page.wait_for_selector(SENT)
    shown = page.locator(f"{SENT} [data-code]").inner_text()
    assert re.fullmatch(r"[2-9A-Z]{3}-[2-9A-Z]{3}", shown)
    return shown.replace("-", "")
