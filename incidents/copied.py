"""The bulk way of `store`: rows by COPY into a temporary table, then the very statement that a single report takes.

COPY into the tables themselves is refused under row-level security, and would need a statement of its own. The table's
columns are those of the statement's recordset, read off it, so that there is one text for both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
import psycopg
from sqlalchemy import Connection, Row, text

from database.sql import queries

_STATEMENT = queries(Path(__file__).with_name("store.sql")).source("insert_reports")
_RECORDSET = re.compile(r"jsonb_to_recordset\(cast\(:rows AS jsonb\)\) AS row \(([^()]*)\)\s+ORDER BY row\.pos")


def _split(statement: str) -> tuple[str, list[tuple[str, str]]]:
    """The statement on the temporary table, which gives its rows in the order in which they came, and the table's
    columns with their types."""
    found = _RECORDSET.search(statement)
    if found is None:
        raise ValueError("insert_reports has no recordset of its rows")
    columns = [part.split(None, 1) for part in found[1].split(",")]
    return statement.replace(found[0], "new_reports AS row"), [(name, kind.strip()) for name, kind in columns]


_ON_TABLE, _COLUMNS = _split(_STATEMENT)
_WRITES, _SELECTS, _ROWS = _ON_TABLE.rpartition("\nSELECT pos, ")
_TOLD = text(_ON_TABLE)
_SILENT = text(f"{_WRITES}\nSELECT count(*) FROM incoming") if _SELECTS else _TOLD
_READY = (
    "SET LOCAL client_min_messages = warning; "  # that the table is there already is no news
    "CREATE TEMPORARY TABLE IF NOT EXISTS new_reports ("
    + ", ".join(f"{name} {kind}" for name, kind in _COLUMNS)
    + ") ON COMMIT DELETE ROWS; DELETE FROM new_reports"  # of an earlier batch of this transaction
)
_COPY = "COPY new_reports FROM STDIN"
_AT_ONCE = 200
"""Rows that are spelt together: what they take stays in the processor's cache, and no heap grows and shrinks for it."""


def insert(connection: Connection, rows: Iterable[dict[str, Any]], actor: str, *, told: bool) -> Sequence[Row[Any]]:
    """Run the statement; `told`: pos, code, report_id, incident_id of each row, in order, else nothing is fetched.
    `rows` are taken a few at a time."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    with raw.cursor() as cursor:
        cursor.execute(_READY)
        with cursor.copy(_COPY) as copy:
            waiting = iter(rows)
            while some := list(islice(waiting, _AT_ONCE)):
                copy.write(as_lines(some))
    if told:
        return connection.execute(_TOLD, {"actor": actor}).all()
    connection.execute(_SILENT, {"actor": actor})
    return []


def as_lines(rows: Sequence[dict[str, Any]]) -> bytes:
    """The rows in COPY's text format. Spelt column by column and as bytes, so that the loops are those of libraries: a
    cell at a time they took a quarter of an import's time in Python."""
    columns = zip(*map(_PICK, rows), strict=True)
    spelt = [
        spell(cells[:1]) * len(cells) if cells[0] == cells[-1] and cells.count(cells[0]) == len(cells) else spell(cells)
        for spell, cells in zip(_SPELLERS, columns, strict=True)
    ]  # many a column says the same in every row
    return b"\n".join([*map(b"\t".join, zip(*spelt, strict=True)), b""])


def _plain(cells: Sequence[object]) -> list[bytes]:
    """Numbers, truth values and moments; none of them is spelt with a comma."""
    return _dumped(cells).replace(b'"', b"").replace(b"null", _NULL).split(b",")


def _arrays(cells: Sequence[object]) -> list[bytes]:
    """Arrays of numbers or of plain words, as PostgreSQL reads them."""
    return _dumped(cells).replace(b"[", b"{").replace(b"]", b"}").replace(b"},{", b"}\t{").split(b"\t")


def _dumped(cells: Sequence[object]) -> bytes:
    """The cells as JSON has them, between its brackets."""
    return orjson.dumps(cells, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1]


def _texts(cells: Sequence[str | None]) -> list[bytes]:
    if _SPECIAL("\0".join(filter(None, cells))):
        cells = [cell and cell.translate(_ESCAPED) for cell in cells]
    return "\t".join(["\\N" if cell is None else cell for cell in cells]).encode().split(b"\t")


def _documents(cells: Sequence[object]) -> list[bytes]:
    return [
        _NULL if cell is None else b"[]" if cell == [] else orjson.dumps(cell).replace(b"\\", b"\\\\") for cell in cells
    ]


def _speller(kind: str) -> Callable[[Any], list[bytes]]:
    if kind.endswith("[]"):
        return _arrays
    return {"text": _texts, "jsonb": _documents}.get(kind, _plain)


_NULL = b"\\N"
_SPECIAL = re.compile(r"[\\\t\n\r]").search
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_PICK = itemgetter(*(name for name, _ in _COLUMNS))
_SPELLERS = [_speller(kind) for _, kind in _COLUMNS]
