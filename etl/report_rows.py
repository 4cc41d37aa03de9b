"""Reports as the rows of a file: what each column says today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from database.sql import queries
from district_boundaries.areas import AreaIndex
from etl.columns import CODE_PREFIX, COLUMNS, EXACTNESS, REPORTER
from incidents import people

Q = queries(Path(__file__).with_name("report_rows.sql"))
Values = dict[str, object]

AREAS = ("ward_code", "district_code")
_CHUNK = 2000


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which reports. Times are aware; `since` is included, `until` not."""

    since: datetime | None = None
    until: datetime | None = None
    fields: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    area_id: int | None = None


EVERYTHING = Filters()


def names(index: AreaIndex, *, private: bool) -> tuple[str, ...]:
    """The export's columns: the import's, then how well the place is known and its codes."""
    said = COLUMNS if private else tuple(name for name in COLUMNS if name not in REPORTER)
    return (*said, *EXACTNESS, *AREAS, *(f"zone_{field}" for field in index.fields))


def select(
    connection: Connection,
    index: AreaIndex,
    *,
    private: bool,
    filters: Filters = EVERYTHING,
    ids: Sequence[int] | None = None,
) -> Iterator[list[Values]]:
    """Chunks of rows in the order of reports' ids, read as they are asked for.

    Not `private`: without reporters, without reports that were withdrawn, and of a report that nobody has released
    neither its description nor its address: instead the place that the public sees.
    """
    found = connection.execution_options(stream_results=ids is None, max_row_buffer=_CHUNK).execute(
        Q["select_rows"],
        {
            "ids": None if ids is None else list(ids), "private": private, "since": filters.since,
            "until": filters.until, "fields": _list(filters.fields), "categories": _list(filters.categories),
            "area_id": filters.area_id,
        },
    )  # fmt: skip
    codes = {area_id: area.code for area_id, area in index.areas.items()}
    for rows in found.partitions(_CHUNK):
        yield [_values(row, codes, index.fields, private=private) for row in rows]


def _values(row: Row[Any], codes: Mapping[int, str], fields: Sequence[str], *, private: bool) -> Values:
    open_ = private or row.moderation == "released"
    values: Values = {
        "id": row.id,
        "demo": row.demo,
        "external_id": row.external_id or f"{CODE_PREFIX}{row.code}",
        "channel": row.channel,
        "reported_at": row.reported_at,
        "category": row.category,
        "description": row.description if open_ else None,
        "address": row.address if open_ and not row.coarsely else row.place or None,
        "lat": row.lat,
        "lon": row.lon,
        "status": row.status,
        "closed_at": row.closed_at,
        "unit": row.unit,
        "precision": row.precision,
        "accuracy_m": row.accuracy_m,
        "ward_code": codes.get(row.ward_id),
        "district_code": codes.get(row.district_id),
    }
    for field, zone_id in zip(fields, row.zone_ids, strict=False):
        values[f"zone_{field}"] = codes.get(zone_id)
    if private:
        values |= dict.fromkeys(REPORTER)
        if row.key_id is not None:
            known = people.open_sealed(
                people.SealedPerson(
                    key_id=row.key_id, name=row.name, phone=row.phone, email=row.email, phone_lookup=None
                )
            )
            values |= {"reporter_name": known.name, "reporter_phone": known.phone, "reporter_email": known.email}
    return values


def _list(words: Sequence[str] | None) -> list[str] | None:
    return None if words is None else list(words)
