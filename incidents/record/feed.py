"""Reading on in the record: what a consumer with a cursor has not seen yet.

Seals are written one batch after another under a lock, so whatever a snapshot shows of them has no hole that a later
commit could fill: "everything up to seq" is a cursor that never misses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from database.sql import queries
from incidents.record.events import streamed_as

Q = queries(Path(__file__).parent / "feed.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a report stands today, for the filters of those who listen."""

    code: str
    field: str | None = None
    ward_id: int | None = None
    district_id: int | None = None
    lon: float | None = None
    lat: float | None = None
    """WGS 84, None where it has no place"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """One sealed event that the public hears of."""

    seq: int
    message: str
    """report.created, report.updated, incident.updated or reload"""
    report_id: int | None = None
    standing: Standing | None = None
    """of the report; None for `reload`"""


@dataclass(frozen=True, kw_only=True)
class Page:
    """A stretch of the record: everything the public hears of up to and with seq `upto`."""

    heard: list[Heard] = field(default_factory=list)
    upto: int
    full: bool = False
    """whether more may follow at once"""


def last_seq(connection: Connection) -> int:
    """The record's last number, 0 while it is empty. Read it before the rows it is handed out with: then whoever
    goes on from it in the stream may hear of a row twice, but never miss one."""
    return int(connection.execute(Q["last_seq"]).scalar_one())


def page(connection: Connection, after: int, limit: int = 500) -> Page:
    """The next `limit` events behind `after`, those the public hears of, with the reports' standing as of now."""
    rows = connection.execute(Q["sealed_after"], {"after": after, "limit": limit}).all()
    if not rows:
        return Page(upto=after)
    audible = []
    for row in rows:
        if row.kind is None:
            continue
        message = streamed_as(row.kind, bulk=bool(row.data.get("bulk")))
        if message is not None:
            audible.append((row, message))
    firsts = _first_reports(connection, [row.incident_id for row, message in audible if message == "incident.updated"])
    subjects = [
        firsts.get(row.incident_id, row.report_id) if message == "incident.updated" else row.report_id
        for row, message in audible
    ]
    standings = _standings(connection, [subject for subject in subjects if subject is not None])
    heard = []
    for (row, message), subject in zip(audible, subjects, strict=True):
        if message == "reload":
            heard.append(Heard(seq=row.seq, message=message))
            continue
        standing = standings.get(subject) if subject is not None else None
        standing = standing or _last_seen(row.data)
        if standing is not None:  # an event about a report that never was public has no code to tell
            heard.append(Heard(seq=row.seq, message=message, report_id=subject, standing=standing))
    return Page(heard=heard, upto=rows[-1].seq, full=len(rows) == limit)


def _first_reports(connection: Connection, incident_ids: list[int]) -> dict[int, int]:
    if not incident_ids:
        return {}
    rows = connection.execute(Q["first_reports"], {"incident_ids": incident_ids})
    return {row.incident_id: row.id for row in rows}


def _standings(connection: Connection, report_ids: list[int]) -> dict[int, Standing]:
    if not report_ids:
        return {}
    return {
        row.id: Standing(
            code=row.code,
            field=row.field,
            ward_id=row.ward_id,
            district_id=row.district_id,
            lon=row.lon,
            lat=row.lat,
        )
        for row in connection.execute(Q["standings"], {"report_ids": report_ids})
    }


def _last_seen(data: Mapping[str, object]) -> Standing | None:
    """What the event itself says of a report that is no longer among the public ones."""
    code = data.get("code")
    if not isinstance(code, str):
        return None

    def number(name: str) -> int | None:
        value = data.get(name)
        return value if isinstance(value, int) else None

    named = data.get("field")
    return Standing(
        code=code,
        field=named if isinstance(named, str) else None,
        ward_id=number("ward_id"),
        district_id=number("district_id"),
    )
