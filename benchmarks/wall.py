"""The screen on the wall in a real Chromium: is it as large at the end as at the beginning, and has it missed nothing?

Five minutes with 60 changes a second, then an hour with 5: on a fixed number of incidents of one ward, whose status
goes back and forth, so that what the screen has to show stays the same and what grows is the screen's own. The heap is
taken after a forced collection. WALL_ROUNDS (seconds@rate, by commas) changes both, as `60@60`.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks import _site
from database import clock, urls
from database.engine import OPERATOR, transaction
from database.settings import current
from incidents.drafts import Draft
from incidents.intake import receive
from incidents.record import feed
from tests import sites
from tests.conftest import CHROMIUM_FLAGS

ROUNDS = os.environ.get("WALL_ROUNDS", "300@60,3600@5")
WARD = "ward:26743"
PLACE = (106.698, 10.7725)
INCIDENTS = 120
WARM_SECONDS = 20.0
SETTLE_SECONDS = 15.0


def run() -> dict[str, Any]:
    """Per round: changes made and heard, the heap before and after (bytes), the counters beside the database's."""
    with (
        _site.prepared("wall-") as (place, environment),
        sites.running(place, PORT=environment["PORT"]) as site,
    ):
        populate()
        with screen(site) as page:
            found = {}
            for each in ROUNDS.split(","):
                seconds, rate = (float(part) for part in each.split("@"))
                found[f"{seconds:.0f}_s_at_{rate:.0f}_a_second"] = watch(page, seconds, rate)
            return found


def populate(count: int = INCIDENTS) -> None:
    """Incidents of one ward, a few metres from each other."""
    lon, lat = PLACE
    drafts = [
        Draft(
            channel="web",
            category="fallen_tree",
            lon=lon + (number % 12 - 6) * 0.0001,
            lat=lat + (number // 12 - 5) * 0.0001,
            reported_at=clock.now(),
        )
        for number in range(count)
    ]
    with transaction(OPERATOR) as connection:
        receive(connection, drafts, actor="operator")


class Changes:
    """Puts incidents in progress and back, one commit a change, at a steady rate in a thread of its own."""

    def __init__(self, rate: float, seconds: float) -> None:
        self._rate, self._seconds = rate, seconds
        self.made = 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Changes:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _run(self) -> None:
        with psycopg.connect(urls.url(current(), "app"), autocommit=True) as connection:
            connection.execute("SELECT set_config('hotline.actor', 'operator', false)")
            connection.execute("SELECT set_config('hotline.roles', 'operator', false)")
            ids = [row[0] for row in connection.execute(_THESE)]
            begun = time.monotonic()
            while (spent := time.monotonic() - begun) < self._seconds:
                if self.made >= spent * self._rate:
                    time.sleep(0.2 / self._rate)
                    continue
                status = "in_progress" if self.made // len(ids) % 2 == 0 else "assigned"
                connection.execute(_CHANGE, {"id": ids[self.made % len(ids)], "status": status})
                self.made += 1


_THESE = """
SELECT public.id FROM public_incident AS public JOIN area ON area.id = public.now_ward_id
WHERE area.level = 'ward' AND area.code = '26743' AND public.status IN ('assigned', 'in_progress') ORDER BY public.id
"""
_CHANGE = """
WITH one AS (UPDATE incident SET status = %(status)s, updated_at = now() WHERE id = %(id)s),
     two AS (UPDATE public_incident SET status = %(status)s, updated_at = now() WHERE id = %(id)s),
     three AS (UPDATE public_report SET status = %(status)s, updated_at = now() WHERE incident_id = %(id)s)
INSERT INTO event (kind, incident_id, actor, data)
SELECT 'incident.status_changed', id, 'operator', jsonb_build_object('code', code, 'status', %(status)s::text)
FROM public_incident WHERE id = %(id)s
"""


_UNSEALED = "SELECT count(*) FROM event WHERE NOT EXISTS (SELECT FROM seal WHERE seal.event_id = event.id)"


@contextmanager
def screen(site: sites.Site) -> Iterator[Page]:
    """A browser that opened the ward's wall with a key made in /admin, and shows its map."""
    name = "man-hinh"
    made = sites.command(site.environment, "users", "create", name, "--role", "administrator")
    password = made.stdout.split()[-1]
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=CHROMIUM_FLAGS)
        page = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 810}).new_page()
        yield open_with_key(page, make_key(browser.new_context(base_url=site.url).new_page(), name, password))
        browser.close()


def make_key(page: Page, name: str, password: str) -> str:
    """The address of a new screen, as an administrator gets it."""
    page.goto("/login")
    page.fill("#username", name)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url("**/admin/**")
    page.goto("/admin/walls")
    page.fill("#area", WARD)
    page.fill("#label", "Phòng trực")
    page.get_by_role("button", name=re.compile("Tạo khoá|Make a key")).click()
    address = page.locator("#made").input_value()
    page.context.close()
    return address


def open_with_key(page: Page, address: str) -> Page:
    """The screen, once its map stands."""
    page.goto(address)
    ends = time.monotonic() + 90
    while not page.evaluate("Boolean(window.hotlineMap && window.hotlineMap.loaded() && window.hotlineWall.counts)"):
        if time.monotonic() > ends:
            raise TimeoutError("the screen does not come up")
        page.wait_for_timeout(200)
    return page


def watch(page: Page, seconds: float, rate: float, warm_seconds: float = WARM_SECONDS) -> dict[str, Any]:
    """Changes for so long; what the page heard, and what it weighs before and after."""
    session = page.context.new_cdp_session(page)
    with Changes(rate, warm_seconds):  # tiles, code and caches have been used by then
        page.wait_for_timeout(warm_seconds * 1000)
    before_seq = _settled(page)
    before_heard = _heard(page)["count"]
    before = _heap(page, session)
    nodes = _nodes(page)
    with Changes(rate, seconds) as changes:
        page.wait_for_timeout(seconds * 1000)
    last = _settled(page)
    heard = _heard(page)
    with transaction(OPERATOR) as connection:
        events = _events(connection, before_seq, last)
        rows = connection.exec_driver_sql("SELECT status, count(*) FROM public_incident GROUP BY status").all()
    standing = {row.status: row.count for row in rows}
    after = _heap(page, session)
    return {
        "changes": changes.made,
        "in_the_record": events,
        "heard": heard["count"] - before_heard,
        "last_heard_is_last_of_record": int(heard["last"]) == last,
        "counters_right": heard["counts"]["progress"] == standing.get("in_progress", 0)
        and heard["counts"]["new"] == standing.get("assigned", 0),
        "refreshes": heard["refreshes"],
        "heap_before": before,
        "heap_after": after,
        "heap_ratio": after / before,
        "nodes_before": nodes,
        "nodes_after": _nodes(page),
    }


def _heard(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("({ ...window.hotlineWall })")
    return found


def _settled(page: Page) -> int:
    """Wait until everything is sealed and heard, and the screen has asked for its figures; the record's last number."""
    ends = time.monotonic() + 60
    last = -1
    while time.monotonic() < ends:
        page.wait_for_timeout(1000)
        with transaction(OPERATOR) as connection:
            waiting = connection.exec_driver_sql(_UNSEALED).scalar()
            now = feed.last_seq(connection)
        if not waiting and now == last and int(_heard(page)["last"] or 0) == now:
            break
        last = now
    page.wait_for_timeout(SETTLE_SECONDS * 1000)
    return last


def _events(connection: Any, after: int, upto: int) -> int:
    """How many messages the record has for everybody between two numbers."""
    found = 0
    while after < upto:
        page = feed.page(connection, after)
        found += len(page.heard)
        after = page.upto
    return found


def _heap(page: Page, session: CDPSession) -> float:
    """Bytes in use after a collection, the smallest of a few: what is on its way is not counted."""
    sizes = []
    for _ in range(4):
        session.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(500)
        sizes.append(session.send("Runtime.getHeapUsage")["usedSize"])
    return float(min(sizes))


def _nodes(page: Page) -> int:
    return int(page.evaluate("document.querySelectorAll('*').length"))
