"""Reports into a file: which ones, who may, and that it happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyproj

from database.engine import OPERATOR, transaction
from district_boundaries import areas
from etl import report_rows, writers
from etl.report_rows import Filters
from etl.writers import Chunk
from incidents import record
from incidents.record.events import REPORTS_EXPORTED, NewEvent


def take_out(
    path: Path,
    filters: Filters,
    *,
    crs: pyproj.CRS,
    private: bool,
    advance: Callable[[int], object] = lambda count: None,
) -> int:
    """Write the chosen reports to `path` in the order of their ids and return how many there were.

    They are read in one snapshot and no more than a chunk of them is held. With `private` the record says so before
    the first row is read. `advance` hears of every chunk. Raises UnreadableFile.
    """
    kind = writers.format_of(path)
    if private:
        _record(filters, kind)
    with transaction(OPERATOR) as connection:
        index = areas.current(connection)

        def chunks() -> Iterator[Chunk]:
            for chunk in report_rows.select(connection, index, private=private, filters=filters):
                yield chunk
                advance(len(chunk))

        return writers.write(path, report_rows.names(index, private=private), crs, chunks(), private=private)


def _record(filters: Filters, kind: str) -> None:
    """Personal data leave the house: who, when, and which."""
    asked = {
        "private": True,
        "format": kind,
        "since": filters.since.isoformat() if filters.since else None,
        "until": filters.until.isoformat() if filters.until else None,
        "fields": filters.fields,
        "categories": filters.categories,
        "area_id": filters.area_id,
    }
    with transaction(OPERATOR) as connection:
        record.write(
            connection,
            [NewEvent(kind=REPORTS_EXPORTED, actor=OPERATOR.actor, data={k: v for k, v in asked.items() if v})],
        )
