"""Tiles of a million incidents: sizes, times, and how much the kept counts save; beside tipg on the same table.

A site of its own with invented incidents, all of them on the map, written straight into the public read model
(`benchmarks/_million.sql`). The same tiles for everybody: half of them where a random incident is, half among the
fullest of their zoom. INCIDENTS changes the number.

- `statement_*`: the site's own statement, as the site's own role, on one prepared connection.
- `rows_*`, below zoom 13: the same content made from the rows (the statement that the site takes where a filter by time
  leaves the counts out). From zoom 13: a plain ST_AsMVT of what our tile says, ungathered: the points, with the same
  columns, and the circles.
- `points_*`, from zoom 13: of the points alone, and of stored columns alone.
- `http_*`: through the site, one client, keep-alive.
- `in_the_browser`: a person looks round on the map from the city to a street and back; the longest tasks in the
  browser's trace that run a script of ours, in milliseconds of its main thread's processor time.
- Throughput: the same addresses, as many clients and processes on both sides, rounds in turn. tipg runs as its makers
  say (uvicorn with uvloop), on `public_incident`, with the columns that our marks bear and its own limit of 10,000
  features a tile, which ours does not have: below zoom 13 it leaves out what ours counts.
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import numpy as np
from playwright.sync_api import sync_playwright
from sqlalchemy import Connection, create_engine, text

from benchmarks import _clients, _million, _site
from database import clock, cluster, engine, settings
from database.sql import queries
from geo import cells
from tests import sites
from tests.browser.tracing import roam, traced
from tests.conftest import CHROMIUM_FLAGS
from tests.pages import map_ready
from webmap import tiles

INCIDENTS = int(os.environ.get("INCIDENTS", "1000000"))
ZOOMS = (8, 9, 10, 11, 12, 13, 14, 15, 16)
COMPARED = (10, 12, 14)
"""zooms of the comparison with tipg"""
TILES = 24
"""different ones a zoom"""
ROWS_OF = 6
"""of them made from the rows too below zoom 13, where one takes seconds"""
ROUNDS = 3
SECONDS = 4
CLIENTS = 4
PEER = Path(__file__).with_name("tipg.txt")

Q = queries(__file__)
ONE_PLAN, ANY_PLAN = text("SET plan_cache_mode = force_generic_plan"), text("RESET plan_cache_mode")
"""as `read(one_plan=True)` has it, and as everybody has it"""


def run() -> dict[str, Any]:
    """Milliseconds, bytes, answers a second."""
    with _site.prepared("tiles-") as (place, environment):
        here = cluster.locate(settings.current())
        engine.engine("public").connect().close()  # the embedded database runs from here on
        began = time.perf_counter()
        if not _million.filled(here.url("postgres"), INCIDENTS):
            _million.fill(here.url("postgres"), INCIDENTS)
        filled = time.perf_counter() - began
        with sites.running(place, PORT=environment["PORT"]) as site:
            return {"incidents": INCIDENTS, "filled_in_s": filled} | measure(
                site, here.url("public"), here.url("owner")
            )


def measure(site: sites.Site, public_url: str, owner_url: str) -> dict[str, Any]:
    """All of it, on a site that runs and is full. `public_url`, `owner_url`: of its database, as these roles."""
    made = create_engine("postgresql+psycopg" + public_url[public_url.index("://") :])
    with made.connect() as connection:
        chosen = {zoom: _tiles(connection, zoom) for zoom in ZOOMS}
        found = {f"z{zoom}": _one_zoom(connection, site, zoom, chosen[zoom]) for zoom in ZOOMS}
    made.dispose()
    return {"tiles": found, "in_the_browser": _looked_round(site), "beside_tipg": _beside(site, owner_url, chosen)}


def _looked_round(site: sites.Site) -> dict[str, Any]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=CHROMIUM_FLAGS)
        page = browser.new_context(
            base_url=site.url, viewport={"width": 1440, "height": 900}, service_workers="block"
        ).new_page()
        page.goto("/?v=10.00/10.77700/106.70000")
        map_ready(page)
        with traced(browser, page) as trace:
            levels = roam(page)
        browser.close()
    return {
        "zoom_levels": levels,
        "tasks_of_ours": len(trace.tasks),
        "longest_ms": [round(spent, 1) for spent, _ in trace.tasks[:3]],
    }


def _tiles(connection: Connection, zoom: int) -> list[tuple[int, int]]:
    """Columns and rows: half of them of random incidents, half the fullest."""
    rows = connection.execute(Q["some_tiles"], {"z": zoom, "half": TILES // 2})
    return [(row.x, row.y) for row in rows]


def _one_zoom(connection: Connection, site: sites.Site, zoom: int, chosen: list[tuple[int, int]]) -> dict[str, Any]:
    low = zoom < cells.CLUSTERS_BELOW
    common = {"kinds": None, "states": ["new", "progress", "late"], "categories": None, "now": clock.now()}
    common |= {"z": zoom, "apart": cells.apart(zoom)}
    rows = tiles.Q["incidents_gathered"] if low else Q["plain"]
    own = tiles.Q["incidents_counted" if low else "incidents_gathered"]
    statement: list[float] = []
    by_rows: list[float] = []
    points: list[float] = []
    sizes: list[int] = []
    for number, (x, y) in enumerate(chosen):
        given = common | {"x": x, "y": y, "since": None, "until": None}
        given["grain"] = "hero"
        given["first"] = cells.number(cells.level(zoom), 8 * x, 8 * y)
        connection.execute(ONE_PLAN)
        statement.append(_best(connection, own, given, sizes))
        connection.execute(ANY_PLAN)
        if not low or number < ROWS_OF:
            by_rows.append(_best(connection, rows, given, None))
        if not low:
            points.append(_best(connection, Q["bare"], given, None))
    http = _over_http(site, zoom, chosen)
    return {
        "tiles": len(chosen),
        "bytes_largest": max(sizes),
        "bytes_median": float(np.median(sizes)),
        **_spread("statement", statement),
        **_spread("rows", by_rows),
        **(_spread("points", points) if points else {}),
        **_spread("http", http),
        "rows_to_statement_median": float(np.median(by_rows) / np.median(statement)),
        "http_p95_to_1.2_rows_p95_plus_1.5": float(np.percentile(http, 95) / (1.2 * np.percentile(by_rows, 95) + 1.5)),
    }


def _best(connection: Connection, statement: Any, given: dict[str, Any], sizes: list[int] | None) -> float:
    """Milliseconds of the quickest of fifteen, so that the pages are in memory, the statement is prepared, and what
    else the machine does is left out; of fewer where one takes long."""
    given = {name: given[name] for name in statement.compile().params}
    times: list[float] = []
    while len(times) < 15 and sum(times) < 800:
        began = time.perf_counter()
        content = connection.execute(statement, given).scalar()
        times.append((time.perf_counter() - began) * 1000)
    if sizes is not None:
        sizes.append(len(content or b""))
    return min(times)


def _over_http(site: sites.Site, zoom: int, chosen: list[tuple[int, int]]) -> list[float]:
    wire = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    best = []
    for x, y in chosen:
        times: list[float] = []
        while len(times) < 15 and sum(times) < 800:
            began = time.perf_counter()
            wire.request("GET", _address(zoom, x, y))
            wire.getresponse().read()
            times.append((time.perf_counter() - began) * 1000)
        best.append(min(times))
    wire.close()
    return best


def _address(zoom: int, x: int, y: int) -> str:
    return f"/tiles/incidents/{zoom}/{x}/{y}.mvt?state=new,progress,late"


def _spread(name: str, times: list[float]) -> dict[str, float]:
    return {f"{name}_p50_ms": float(np.percentile(times, 50)), f"{name}_p95_ms": float(np.percentile(times, 95))}


def _beside(site: sites.Site, owner_url: str, chosen: dict[int, list[tuple[int, int]]]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    with tipg(owner_url) as port:
        for zoom in COMPARED:
            ours, theirs = [], []
            mine = [_get(_address(zoom, x, y)) for x, y in chosen[zoom]]
            path = "/collections/public.public_incident/tiles/WebMercatorQuad"
            query = "geom-column=geom_3857&properties=code,kind,hero,status,reports,precision"
            peers = [_get(f"{path}/{zoom}/{x}/{y}?{query}") for x, y in chosen[zoom]]
            for _ in range(ROUNDS):
                ours.append(_clients.drive(site.port, mine, clients=CLIENTS, seconds=SECONDS))
                theirs.append(_clients.drive(port, peers, clients=CLIENTS, seconds=SECONDS))
            assert {status for each in ours for status in each.statuses} <= {200, 204}, ours[0].statuses
            assert {status for each in theirs for status in each.statuses} <= {200, 204}, theirs[0].statuses
            answers[f"z{zoom}"] = {
                "ours_per_s": float(np.median([each.rate for each in ours])),
                "tipg_per_s": float(np.median([each.rate for each in theirs])),
                "ratio": float(np.median([a.rate / b.rate for a, b in zip(ours, theirs, strict=True)])),
                "ours_p95_ms": float(np.percentile(np.concatenate([each.times for each in ours]), 95) * 1000),
                "tipg_p95_ms": float(np.percentile(np.concatenate([each.times for each in theirs]), 95) * 1000),
            }
    return answers


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


@contextmanager
def tipg(owner_url: str) -> Iterator[int]:
    """tipg in an environment of its own (its requirements are not ours), with uvloop and two processes as our site has;
    its port."""
    folder = settings.current().data_dir.parent / "tipg-environment"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", "-r", PEER], check=True)
        (folder / "ready").touch()
    port = sites.free_port()
    # Its settings want a host where ours is a folder of the query: the same folder, where a host would stand.
    where = urlsplit(owner_url)
    folder_of_socket = parse_qs(where.query).get("host", [where.hostname or "localhost"])[0]
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{where.username}@{quote(folder_of_socket, safe='')}:5432{where.path}",
        "TIPG_DB_SCHEMAS": '["public"]',
        "TIPG_DB_TABLES": '["public.public_incident"]',
    }
    command = [folder / "bin/uvicorn", "tipg.main:app", "--loop", "uvloop", "--workers", "2", "--port", str(port)]
    log = (settings.current().data_dir / "tipg.log").open("wb")
    with (
        log,
        subprocess.Popen(
            [*map(str, command), "--log-level", "warning"], env=environment, stdout=log, stderr=log
        ) as peer,
    ):
        try:
            _wait(port)
            yield port
        finally:
            peer.send_signal(signal.SIGINT)
            peer.wait(20)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            wire = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            wire.request("GET", "/collections/public.public_incident")
            if wire.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError("tipg does not answer; see tipg.log", sys.platform)
