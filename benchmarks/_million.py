"""Very many incidents on the map of a benchmark's or a test's own site: invented, marked as demo data, written straight
into the public read model. The door and the record know nothing of them."""

from __future__ import annotations

from datetime import datetime

import psycopg
from sqlalchemy import create_engine, text

from database import clock
from database.sql import queries

Q = queries(__file__)
_BATCH = 100_000


def filled(url: str, count: int) -> bool:
    """Whether so many are there already, in a site that was kept (benchmarks/_site.py)."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM public_incident").fetchone()
    return row is not None and row[0] >= count


def fill(url: str, count: int, *, now: datetime | None = None) -> None:
    """`count` incidents and as many reports. `url`: of the database, as somebody who may do all."""
    at = now or clock.now()
    engine = create_engine("postgresql+psycopg" + url[url.index("://") :])
    with engine.connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))  # no incident and no report behind them
        connection.execute(Q["places"])
        connection.execute(Q["numbers"])
        indexes = connection.execute(Q["indexes"]).all() if count > _BATCH else []
        for index in indexes:
            connection.execute(text(f"DROP INDEX {index.name}"))
        for first in range(1, count + 1, _BATCH):
            span = {"first": 10_000_000 + first, "last": 10_000_000 + min(first + _BATCH - 1, count)}
            connection.execute(Q["incidents"], {**span, "now": at})
            connection.execute(Q["reports"], span)
            connection.execute(text("SELECT fold_map_changes(:now)"), {"now": at})
            connection.commit()
        for index in indexes:
            connection.exec_driver_sql(index.made_by)
        connection.commit()
    engine.dispose()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) public_incident, public_report, map_count, map_change")
