"""The files of this folder into the database, once for each content of theirs and of the areas they speak of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from database.reference import load_once
from database.sql import queries
from incidents.reference import files
from incidents.reference.committees import SOURCE, AreaRow, Committee, Holders, committees
from incidents.reference.errors import BadLine, BadReference
from incidents.reference.expansion import Responsibility, expand
from incidents.reference.spans import Span, first_day, last_day, span

Q = queries(Path(__file__).with_name("loader.sql"))
NAME = "incidents"
"""the name of this set among the reference versions"""
_FORM = "1"
"""raised when this code makes other rows of the same files"""


def load_reference(connection: Connection, folder: Path = files.FOLDER) -> bool:
    """Put fields, categories, units, committees, responsibilities and deadlines into the database; True if it did.

    Does nothing when neither the files nor the areas changed since the last time. Rows that stay the same keep their
    ids; what incidents already point at is never taken away, only out of force. Raises BadReference, and then nothing
    is changed.
    """
    areas = connection.execute(Q["areas_checksum"]).scalar_one()
    content = hashlib.sha256(f"{_FORM} {files.checksum(folder)} {areas}".encode()).hexdigest()
    return load_once(connection, NAME, content, lambda inside: _load(inside, folder))


def _load(connection: Connection, folder: Path) -> None:
    read = files.read(folder)
    _refuse_moved_fields(connection, read.fields)
    areas = read_areas(connection)
    holders = read_holders(connection, {area.id: area for area in areas})
    made, committee_of = committees(areas, holders)
    responsibilities = expand(read.responsibilities, areas, holders, committee_of)
    _put(connection, "put_fields", [_field(line) for line in read.fields])
    _put(connection, "put_categories", [_category(line) for line in read.categories])
    _put(connection, "retire_categories", [{"code": line.code} for line in read.categories])
    acts_in: dict[str, set[str]] = {}
    for rule in responsibilities:
        acts_in.setdefault(rule.unit, set()).add(rule.field)
    units = [_unit(line) for line in read.units] + [_committee(each, acts_in) for each in made]
    _put(connection, "put_units", units)
    _put(connection, "put_parents", units)
    _put(connection, "retire_units", units)
    connection.execute(Q["drop_contacts"])
    _put(connection, "put_contacts", [_contact(line) for line in read.contacts])
    connection.execute(Q["make_wanted"])
    _put(connection, "put_wanted", [_responsibility(each) for each in responsibilities])
    connection.execute(Q["index_wanted"])
    connection.execute(Q["drop_responsibilities"])
    connection.execute(Q["put_responsibilities"])
    connection.execute(Q["drop_wanted"])
    clocks = [_deadline(line) for line in read.deadlines]
    _put(connection, "retire_deadlines", clocks)
    _put(connection, "put_deadlines", clocks)


def _refuse_moved_fields(connection: Connection, lines: Sequence[files.FieldLine]) -> None:
    """A report's zone ids stand in the order of the fields: once loaded, that order is settled."""
    order = {line.code: line for line in lines}
    moved: list[BadLine] = []
    for code, position in connection.execute(Q["fields"]):
        line = order.get(code)
        if line is None:
            moved.append(BadLine("fields.csv", 1, f"field {code!r} is missing: reports already bear its zones"))
        elif line.position != position:
            moved.append(
                BadLine(
                    "fields.csv",
                    line.line,
                    f"field {code!r} must stay field number {position + 1}: reports bear that order",
                )
            )
    if moved:
        raise BadReference(moved)


def read_areas(connection: Connection) -> list[AreaRow]:
    """The wards, districts and zones in force, lowest code first."""
    return [
        AreaRow(
            id=row.id,
            level=row.level,
            field=row.field,
            code=row.code,
            name=row.name,
            name_en=row.name_en,
            kind=row.kind,
            valid=span(row.first, row.last),
        )
        for row in connection.execute(Q["areas"])
    ]


def read_holders(connection: Connection, areas: Mapping[int, AreaRow]) -> Holders:
    """The wards and districts that hold each area's inner point, lowest code first, whatever the day."""
    holders: dict[tuple[int, str], list[AreaRow]] = {}
    for row in connection.execute(Q["holders"]):
        holder = areas[row.holder_id]
        holders.setdefault((row.area_id, holder.level), []).append(holder)
    return holders


def without_contact(connection: Connection) -> list[str]:
    """Codes of the desk and connected units that have no contact point."""
    return list(connection.execute(Q["without_contact"]).scalars())


def _put(connection: Connection, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(Q[name], {"rows": json.dumps(rows, ensure_ascii=False)})


def _days(valid: Span) -> dict[str, str | None]:
    first, last = first_day(valid), last_day(valid)
    return {"first": first.isoformat() if first else None, "last": last.isoformat() if last else None}


def _field(line: files.FieldLine) -> dict[str, Any]:
    return {"code": line.code, "position": line.position, "name_vi": line.name_vi, "name_en": line.name_en}


def _category(line: files.CategoryLine) -> dict[str, Any]:
    return {
        "code": line.code,
        "field": line.field,
        "group_code": line.group,
        "position": line.position,
        "urgency": line.urgency,
        "name_vi": line.name_vi,
        "name_en": line.name_en,
        "short_vi": line.short_vi,
        "short_en": line.short_en,
    }


def _unit(line: files.UnitLine) -> dict[str, Any]:
    return {
        "code": line.code,
        "name_vi": line.name_vi,
        "name_en": line.name_en,
        "kind": line.kind,
        "fields": line.fields,
        "connected": line.connected,
        "parent": line.parent,
        "area_id": None,
        "head_title": line.head,
        "sample": line.sample,
        "source": line.source,
        **_days(line.valid),
    }


def _committee(each: Committee, fields: Mapping[str, set[str]]) -> dict[str, Any]:
    return {
        "code": each.code,
        "name_vi": each.name_vi,
        "name_en": each.name_en,
        "kind": each.kind,
        "fields": sorted(fields.get(each.code, ())),
        "connected": False,
        "parent": each.parent,
        "area_id": each.area_id,
        "head_title": each.head,
        "sample": False,
        "source": SOURCE,
        **_days(each.valid),
    }


def _contact(line: files.ContactLine) -> dict[str, Any]:
    return {
        "unit": line.unit,
        "label": line.label,
        "channel": line.channel,
        "address": line.address,
        "hours": line.hours,
        "sample": line.sample,
    }


def _responsibility(each: Responsibility) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "field": each.field,
        "category": each.category,
        "area_id": each.area_id,
        "unit": each.unit,
        "told": each.told,
        "sample": each.sample,
        "source": each.source,
        **_days(each.valid),
    }


def _deadline(line: files.DeadlineLine) -> dict[str, Any]:
    return {
        "category": line.category,
        "dispatch_minutes": line.dispatch_minutes,
        "accept_minutes": line.accept_minutes,
        "resolve_minutes": line.resolve_minutes,
        "calendar": line.calendar,
        "sample": line.sample,
        "source": line.source,
        **_days(line.valid),
    }
