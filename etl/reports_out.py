"""Reports into a file: which ones, who may, and that it happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyproj

from database.engine import OPERATOR, transaction
from database.sql import queries
from district_boundaries import areas
from district_boundaries.areas import AreaIndex
from etl import publish, report_rows, writers
from etl.report_rows import Filters
from etl.writers import Chunk
from incidents import record
from incidents.record.events import REPORTS_EXPORTED, NewEvent

Q = queries(Path(__file__).with_name("reports_out.sql"))
_LIBRARIES = ("pyogrio", "pyarrow", "shapely", "pyproj", "numpy", "xlsxwriter")


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
    the first row is read. `advance` hears of every chunk. Beside the file stands its sidecar. Raises UnreadableFile.
    """
    started = time.perf_counter()
    kind = writers.format_of(path)
    if private:
        _record(filters, kind)
    with transaction(OPERATOR) as connection:
        index = areas.current(connection)
        asked = _asked(filters, index)
        state = connection.execute(Q["snapshot"]).one()._asdict()

        demo = 0

        def chunks() -> Iterator[Chunk]:
            nonlocal demo
            for chunk in report_rows.select(connection, index, private=private, filters=filters):
                demo += sum(bool(row["demo"]) for row in chunk)
                yield chunk
                advance(len(chunk))

        names = report_rows.names(index, private=private)
        written = writers.write(path, names, crs, chunks(), private=private)
    told = {
        "format": kind,
        "rows": written.rows,
        **({"demo": demo} if demo else {}),
        "columns": list(names),
        "crs": crs.to_string(),
        "query": {**asked, "private": private},
        "command": _command(asked, crs, private=private),
        "state": state,
        "seconds": round(time.perf_counter() - started, 3),
        **written.told,
    }
    publish.write_sidecar(path, told, _LIBRARIES, private=private)
    return written.rows


def _asked(filters: Filters, index: AreaIndex) -> dict[str, Any]:
    """What was asked for, in the words of the command's options."""
    area = index.areas.get(filters.area_id) if filters.area_id is not None else None
    asked = {
        "since": filters.since.isoformat() if filters.since else None,
        "until": filters.until.isoformat() if filters.until else None,
        "field": ",".join(filters.fields or ()),
        "category": ",".join(filters.categories or ()),
        "area": f"{area.level}:{area.code}" if area else None,
    }
    return {name: value for name, value in asked.items() if value}


def _command(asked: Mapping[str, Any], crs: pyproj.CRS, *, private: bool) -> str:
    options = "".join(f" --{name} {value}" for name, value in asked.items())
    return f"flask --app app reports export OUT{options} --crs {crs.to_string()}{' --private' if private else ''}"


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
