"""The one step alone that finds a name among many, by others: `rapidfuzz`, and PostgreSQL's pg_trgm by both indexes.

The database is a bare cluster of the benchmark's own; its statements run over one open connection, prepared, so that
what is measured is the search and one round trip over a unix socket.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from rapidfuzz import fuzz, process

from database import embedded
from database.initdb import SUPERUSER
from database.settings import current

_TRGM = {
    "pg_trgm GIN, % and similarity": (
        "CREATE INDEX ON street_name USING gin (key gin_trgm_ops)",
        "SELECT key FROM street_name WHERE key %% %(key)s ORDER BY similarity(key, %(key)s) DESC, key LIMIT 1",
    ),
    "pg_trgm GiST, nearest": (
        "CREATE INDEX ON street_name USING gist (key gist_trgm_ops (siglen = 256))",
        "SELECT key FROM street_name ORDER BY key <-> %(key)s LIMIT 1",
    ),
}


def measured(keys: Sequence[str], typed: Sequence[tuple[str, str]]) -> dict[str, dict[str, float]]:
    """For each way: names a second (wall time), p50 and p99 in ms, and the share of `typed` (typed, meant) found."""
    result = {
        "rapidfuzz WRatio": timed(lambda key: process.extractOne(key, keys), typed[:100]),
        "rapidfuzz ratio": timed(lambda key: process.extractOne(key, keys, scorer=fuzz.ratio), typed),
    }
    folder = current().data_dir / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="trgm-", dir=folder) as place:
        Path(place).chmod(0o755)  # the database's own user has to enter
        settings = replace(current(), data_dir=Path(place), database_url=None)
        with (
            embedded.hold(settings, durable=False) as cluster,
            psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as connection,
        ):
            connection.execute("CREATE EXTENSION pg_trgm")
            for name, (index, statement) in _TRGM.items():
                connection.execute("DROP TABLE IF EXISTS street_name")
                connection.execute("CREATE TABLE street_name (key text NOT NULL)")
                with connection.cursor().copy("COPY street_name FROM STDIN") as copy:
                    for key in keys:
                        copy.write_row((key,))
                connection.execute(index)  # type: ignore[arg-type]
                connection.execute("VACUUM ANALYZE street_name")

                def search(key: str, statement: str = statement) -> Any:
                    return connection.execute(statement, {"key": key}, prepare=True).fetchone()  # type: ignore[arg-type]

                result[name] = timed(search, typed)
    return result


def timed(search: Callable[[str], Any], typed: Sequence[tuple[str, str]]) -> dict[str, float]:
    """One after the other, as `measured` says."""
    times, right = [], 0
    for key, meant in typed:
        started = time.perf_counter()
        found = search(key)
        times.append(time.perf_counter() - started)
        right += found is not None and found[0] == meant
    times.sort()
    return {
        "per_s": round(1 / statistics.mean(times)),
        "p50_ms": round(statistics.median(times) * 1000, 2),
        "p99_ms": round(times[int(len(times) * 0.99) - 1] * 1000, 2),
        "found": round(right / len(typed), 3),
    }
