"""The bulk way of `store`: rows by COPY into a temporary table, then the very statement that a single report takes.

COPY into the tables themselves is refused under row-level security, and would need a statement of its own. The table's
columns are those of the statement's recordset, read off it, so that there is one text for both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
import psycopg
from sqlalchemy import Connection, Row, text

from database.sql import queries

_STATEMENT = queries(Path(__file__).with_name("store.sql")).source("insert_reports")
_RECORDSET = re.compile(r"jsonb_to_recordset\(cast\(:rows AS jsonb\)\) AS row \(([^()]*)\)")


def _split(statement: str) -> tuple[str, list[tuple[str, str]]]:
    """The statement on the temporary table, and the table's columns with their types."""
    found = _RECORDSET.search(statement)
    if found is None:
        raise ValueError("insert_reports has no recordset of its rows")
    columns = [part.split(None, 1) for part in found[1].split(",")]
    return statement.replace(found[0], "new_reports AS row"), [(name, kind.strip()) for name, kind in columns]


_ON_TABLE, _COLUMNS = _split(_STATEMENT)
_MAKE_TABLE = text(
    "CREATE TEMPORARY TABLE IF NOT EXISTS new_reports ("
    + ", ".join(f"{name} {kind}" for name, kind in _COLUMNS)
    + ") ON COMMIT DELETE ROWS"
)
_INSERT = text(_ON_TABLE)
_COPY = "COPY new_reports FROM STDIN"


def insert(connection: Connection, rows: Sequence[dict[str, Any]], actor: str) -> Sequence[Row[Any]]:
    """Run the statement: pos, code, report_id, incident_id of each row, in order."""
    connection.execute(_MAKE_TABLE)
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    with raw.cursor() as cursor:
        cursor.execute("DELETE FROM new_reports")  # of an earlier batch of this transaction
        with cursor.copy(_COPY) as copy:
            for row in rows:
                cells = list(_PICK(row))
                for place, spell in _SPELT:
                    cells[place] = spell(cells[place])
                copy.write_row(cells)
    return connection.execute(_INSERT, {"actor": actor}).all()


def _array(values: Sequence[object]) -> str:
    """An array of numbers or of plain words, as PostgreSQL reads it."""
    return f"{{{','.join(map(str, values))}}}" if values else "{}"


def _json(value: object) -> str | None:
    return None if value is None else "[]" if value == [] else orjson.dumps(value).decode()


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()  # a third of what psycopg's own spelling takes


def _speller(kind: str) -> Callable[[Any], object] | None:
    return _json if kind == "jsonb" else _moment if kind == "timestamptz" else _array if kind.endswith("[]") else None


_PICK = itemgetter(*(name for name, _ in _COLUMNS))
_SPELT = [(place, spell) for place, (_, kind) in enumerate(_COLUMNS) if (spell := _speller(kind)) is not None]
"""Which cells are written otherwise than they are: by their place in the row."""
