"""The map in a storm of changes: no task of ours holds the page up, and what was not touched is left alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Page

from benchmarks import _million
from database import settings
from tests import sites
from tests.browser.test_map import PHONE, WIDE, open_map, poll, total
from tests.browser.tracing import roam, traced
from webmap.live.process import stats
from webmap.live.rendezvous import socket_path

LONGEST_MS = 200
CENTRE = "/?v=12.00/10.77700/106.70000"


def crowded(new_database, tmp_path_factory, count: int) -> Iterator[sites.Site]:
    url = new_database()
    _million.fill(url, count)
    with sites.running(tmp_path_factory.mktemp("crowded"), DATABASE_URL=url) as running:
        yield running


@pytest.fixture(scope="module")
def busy_site(new_database, tmp_path_factory) -> Iterator[sites.Site]:
    yield from crowded(new_database, tmp_path_factory, 20_000)


def context_of(chromium, site, **options) -> Page:
    context = chromium.new_context(base_url=site.url, locale="vi-VN", **options)
    context.set_default_timeout(60_000)
    return context.new_page()


WATCH = """() => {
  window.renewed = [];
  const renew = hotlineMap.refreshTiles.bind(hotlineMap);
  hotlineMap.refreshTiles = (source, tiles) => {
    renewed.push(tiles ? tiles.map(({ z, x, y }) => `${z}/${x}/${y}`) : [`all of ${source}`]);
    renew(source, tiles);
  };
}"""
"""Which tiles the page has the map ask for again (the library asks in a worker of its own)."""


def renewed(page: Page) -> set[str]:
    return {tile for tiles in page.evaluate("renewed") for tile in tiles}


class Storm:
    """Changes of status at a steady rate, each with its event, as a unit's work would write them."""

    def __init__(self, site: sites.Site, a_second: int) -> None:
        self.url = site.environment["DATABASE_URL"]
        self.a_second = a_second
        self.made = 0

    def __enter__(self) -> Storm:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        batch = self.a_second // 10
        with psycopg.connect(self.url) as connection:
            ids = [row[0] for row in connection.execute("SELECT id FROM public_incident ORDER BY md5(code) LIMIT 4000")]
            began = time.monotonic()
            while not self._ended.is_set():
                some = [ids[(self.made + i) % len(ids)] for i in range(batch)]
                connection.execute(
                    "UPDATE public_incident SET updated_at = now(), status ="
                    " CASE status WHEN 'assigned' THEN 'in_progress' ELSE 'assigned' END WHERE id = ANY(%s)",
                    [some],
                )
                connection.execute(
                    "INSERT INTO event (kind, incident_id, report_id, actor, data)"
                    " SELECT 'incident.status_changed', incident_id, id, 'system', jsonb_build_object('code', code)"
                    " FROM public_report WHERE id = ANY(%s)",
                    [some],
                )
                connection.commit()
                self.made += batch
                self._ended.wait(max(0.0, began + self.made / self.a_second - time.monotonic()))


def test_two_hundred_changes_a_second_leave_the_page_responsive(chromium, busy_site) -> None:
    """Tiles are renewed where something was touched, messages are dealt with a frame at a time."""
    page = context_of(chromium, busy_site, viewport=PHONE)
    open_map(page, "/?v=13.50/10.77700/106.70000")
    poll(lambda: page.locator("#live .dot:not(.lost)").count())
    page.evaluate(WATCH)
    with Storm(busy_site, 200) as storm, traced(chromium, page) as trace:
        began = time.monotonic()
        lags = []
        while time.monotonic() - began < 8:
            at = time.monotonic()
            page.evaluate("new Promise(requestAnimationFrame)")
            lags.append(time.monotonic() - at)
            time.sleep(0.05)
    tiles = renewed(page)
    page.context.close()
    print(f"{storm.made} changes; longest tasks {[round(each[0]) for each in trace.tasks[:5]]} ms; {len(tiles)} tiles")
    assert storm.made > 400
    assert tiles and not any(tile.startswith("all") for tile in tiles), "the map followed, tile by tile"
    assert trace.longest < LONGEST_MS, trace.tasks[:5]


def test_looking_round_leaves_the_page_responsive(chromium, busy_site) -> None:
    """From the whole city to a street and back, dragging on the way; a million of them in `script/bench tiles`."""
    page = context_of(chromium, busy_site, viewport=WIDE)
    open_map(page, "/?v=10.00/10.77700/106.70000")
    with traced(chromium, page) as trace:
        levels = roam(page)
    page.context.close()
    print(f"{levels} zoom levels; longest tasks {[round(each[0]) for each in trace.tasks[:5]]} ms")
    assert levels >= 5
    assert len(trace.tasks) > 100
    assert trace.longest < LONGEST_MS, trace.tasks[:5]


def test_one_stream_a_browser_shared_by_its_tabs(chromium, busy_site) -> None:
    """The tabs share it; closing one leaves the others theirs; each hears everything that comes behind its own list."""
    path = socket_path(settings.current(busy_site.environment))
    poll(lambda: stats(path)["streams"] == 0)  # those of the pages that were closed are gone
    context = chromium.new_context(base_url=busy_site.url, locale="vi-VN", viewport=PHONE)
    tabs = [context.new_page() for _ in range(3)]
    for tab in tabs:
        open_map(tab, "/?v=14.20/10.77700/106.70000")
    for tab in tabs:
        poll(lambda tab=tab: tab.locator("#live .dot:not(.lost)").count())
    assert stats(path)["streams"] == 1
    tabs.pop(0).close()
    counted = [total(tab) for tab in tabs]
    sent = {"channel": "web", "category": "fallen_tree", "lat": 10.777, "lon": 106.70}
    assert busy_site.post("/api/v1/reports", sent)[0] == 201
    for tab, shown in zip(tabs, counted, strict=True):
        poll(lambda tab=tab, shown=shown: total(tab) == shown + 1)
    assert stats(path)["streams"] == 1
    context.close()
    poll(lambda: stats(path)["streams"] == 0)


def test_only_the_touched_tile_is_asked_for_again(chromium, busy_site) -> None:
    page = context_of(chromium, busy_site, viewport=WIDE)
    open_map(page, "/?v=13.50/10.77700/106.70000")
    poll(lambda: page.locator("#live .dot:not(.lost)").count())
    page.evaluate(WATCH)
    sent = {"channel": "web", "category": "fallen_tree", "lat": 10.777, "lon": 106.70}
    poll(lambda: busy_site.post("/api/v1/reports", sent)[0] == 201)  # a busy site may ask to come again
    poll(lambda: renewed(page), 20)
    time.sleep(1.5)
    assert renewed(page) == {"13/6524/3849"}
    page.context.close()
