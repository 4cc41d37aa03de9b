"""One report end to end: HTTP in, all steps, durable, code out, beside `pgbench` with the bare statements.

A site of its own (supervisor, gunicorn, worker, embedded PostGIS with fsync on) serves 8 keep-alive clients; between
their rounds `pgbench -c 8 -j 2` runs on the same cluster. Only the ratios compare between machines.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _clients, _pgbench, _processor, _site
from database import engine, settings, urls
from etl.demo import fill, generate
from etl.demo.geography import load
from incidents.drafts import Draft
from tests import sites

CLIENTS, THREADS = 8, 2
ROUNDS, SECONDS, WARM_UP = 4, 4, 3
BODIES, ROWS = 2000, 16  # different reports sent; different rows that pgbench writes


def run() -> dict[str, Any]:
    """Rates a second, latencies in milliseconds, ratios of the rates within the same round."""
    with (
        _site.prepared("site-") as (place, environment),
        sites.running(place, PORT=environment["PORT"]) as site,
    ):
        return _measure(site, place)


def _measure(site: sites.Site, folder: Path) -> dict[str, Any]:
    drafts = _drafts(BODIES)
    requests = [_clients.post(f"127.0.0.1:{site.port}", "/api/v1/reports", _body(draft)) for draft in drafts]
    bare, statement = _pgbench.scripts(drafts[:ROWS], folder)
    url = urls.url(settings.current(), "app")
    _clients.drive(site.port, requests, clients=CLIENTS, seconds=WARM_UP)
    roots = _processor.parts(site)
    rounds, peers, wholes = [], [], []
    spent: dict[str, float] = {}
    bare_spent = 0.0
    for _ in range(ROUNDS):
        at = _processor.spent(roots)
        rounds.append(_clients.drive(site.port, requests, clients=CLIENTS, seconds=SECONDS))
        after = _processor.spent(roots)
        spent = {name: spent.get(name, 0.0) + after[name] - at[name] for name in roots}
        peers.append(_pgbench.run(url, bare, clients=CLIENTS, threads=THREADS, seconds=SECONDS))
        bare_spent += _processor.spent(roots)["database"] - after["database"]
        wholes.append(_pgbench.run(url, statement, clients=CLIENTS, threads=THREADS, seconds=SECONDS))
    times = np.concatenate([each.times for each in rounds]) * 1000
    refused = sum(count for each in rounds for status, count in each.statuses.items() if status != 201)
    return {
        "http": {
            "clients": CLIENTS, "reports_per_s": statistics.median(each.rate for each in rounds),
            "p50_ms": float(np.percentile(times, 50)), "p99_ms": float(np.percentile(times, 99)),
            "reports": len(times), "not_201": refused,
        },
        "pgbench": {
            "bare_inserts_tps": statistics.median(peers), "own_statement_tps": statistics.median(wholes),
        },
        "ratio": {
            "to_bare_inserts": statistics.median(h.rate / p for h, p in zip(rounds, peers, strict=True)),
            "to_own_statement": statistics.median(h.rate / w for h, w in zip(rounds, wholes, strict=True)),
            "aim": 0.2,
        },
        "processor_ms_a_report": {
            **{name: 1000 * seconds / len(times) for name, seconds in spent.items()},
            "database_bare": 1000 * bare_spent / (sum(peers) * SECONDS),
        },
        "settings": {"fsync": _ask("SHOW fsync"), "synchronous_commit": _ask("SHOW synchronous_commit"),
                     "rounds": ROUNDS, "seconds_each": SECONDS},
    }  # fmt: skip


def _drafts(count: int) -> list[Draft]:
    """Reports as citizens send them: a pin, a category, a text."""
    run = fill.new_run(seed=1022, months=1, reports=3 * count)
    everything = (planned.draft for batch in generate(run.seed, run.months, run.reports, run.until, load())
                  for planned in batch)  # fmt: skip
    chosen = [draft for draft in everything if draft.lon is not None and draft.category]
    return [
        Draft(channel=("web", "app")[number % 2], category=draft.category, description=draft.description,
              address=draft.address, lon=draft.lon, lat=draft.lat, accuracy_m=draft.accuracy_m)
        for number, draft in enumerate(chosen[:count])
    ]  # fmt: skip


def _body(draft: Draft) -> bytes:
    names = ("channel", "category", "description", "address", "lon", "lat", "accuracy_m")
    body = {name: getattr(draft, name) for name in names if getattr(draft, name) is not None}
    return json.dumps(body, ensure_ascii=False).encode()


def _ask(question: str) -> str:
    from sqlalchemy import text

    with engine.transaction(engine.OPERATOR) as connection:
        return str(connection.execute(text(question)).scalar_one())
