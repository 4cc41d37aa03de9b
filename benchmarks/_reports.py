"""Very many reports of a benchmark's own site, invented, marked as demo data, written straight into the tables that an
export reads: the door and the record know nothing of them, and the indexes that nobody needs here are gone."""

from __future__ import annotations

import psycopg
from sqlalchemy import create_engine, text

from database.sql import queries

Q = queries(__file__)
_BATCH = 250_000


def fill(url: str, count: int) -> None:
    """`count` reports, each with its incident and its public row. `url`: of the database, for
    somebody who may do all."""
    engine = create_engine("postgresql+psycopg" + url[url.index("://") :])
    with engine.connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("SET synchronous_commit = off"))
        for statement in connection.execute(Q["bare"]).scalars().all():
            connection.execute(text(statement))
        known = connection.execute(Q["references"]).one()
        for first in range(1, count + 1, _BATCH):
            span = {"first": first, "last": min(first + _BATCH - 1, count)}
            connection.execute(Q["incidents"], {**span, "codes": known.codes})
            connection.execute(
                Q["reports"], {**span, "ward": known.ward, "district": known.district, "zones": known.zones}
            )
            connection.execute(Q["shown"], span)
            connection.commit()
    engine.dispose()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) report, incident, public_report")
