"""The incidents or reports that were asked for, from the public read model, as arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from database.sql import queries
from etl.hotspots.question import Question
from geo import crs

Q = queries(Path(__file__).with_name("events.sql"))
Floats = NDArray[np.float64]

_AT_ONCE = 50_000


@dataclass(frozen=True, kw_only=True)
class Events:
    """m events: `x, y` metres (EPSG:9210), `at` seconds since 1970 (UTC), float64[m]; the counts of `left_out`."""

    x: Floats
    y: Floats
    at: Floats
    void: int
    no_place: int
    coarse: int
    reports: int
    demo: int
    """how many of those asked for are demo data"""
    channels: tuple[tuple[str, int], ...]

    def __len__(self) -> int:
        return len(self.x)


def select(connection: Connection, question: Question) -> Events:
    """All of them in one snapshot of the read model; three numbers an event are held."""
    asked: dict[str, Any] = {
        "fields": list(question.field) or None,
        "categories": list(question.category) or None,
        "since": question.since,
        "until": question.until,
    }
    parts = [np.empty((0, 3)), *_rows(connection, question.count, asked)]
    lon, lat, at = np.concatenate(parts).T
    x, y = crs.to_metres(lon, lat)
    left = connection.execute(Q[f"left_out_{question.count}"], asked).one()
    channels = tuple((row.channel, row.n) for row in connection.execute(Q["channels"], asked))
    return Events(
        x=x, y=y, at=at, void=left.void, no_place=left.no_place, coarse=left.coarse, reports=int(left.reports),
        demo=left.demo, channels=channels,
    )  # fmt: skip


def _rows(connection: Connection, count: str, asked: dict[str, Any]) -> Iterator[Floats]:
    found = connection.execution_options(stream_results=True, max_row_buffer=_AT_ONCE).execute(Q[count], asked)
    for rows in found.partitions(_AT_ONCE):
        yield np.array([tuple(row) for row in rows], dtype=np.float64)
