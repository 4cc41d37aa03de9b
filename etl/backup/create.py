"""Making a backup: one snapshot of the database, the attachments it names, the record's head."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from database import engine, urls
from database.errors import OperatorError
from database.settings import Settings
from database.sql import queries
from etl.backup.archive import Sink, Writer
from etl.backup.cipher import Encrypting, Keys
from etl.backup.programs import Running, program
from incidents import people, photos
from incidents.drafts import Reporter
from incidents.record import head

Q = queries(Path(__file__).with_name("backup.sql"))

DUMP, REPORTS, TEXTS, EVENTS = "database.dump", "report.copy", "text.copy.gz.aes", "event.copy"
HEAD, LOST, KEYS, SECRET, PHOTOS = head.FILE_NAME, head.FILE_NAME + ".lost", "keys/", "secret.key", "photos/"
PRIVATE = ("description", "address", "text_salt", "content_hash")
"""columns of a report that stay out of the clear part"""
OWN_WAY = ("report", "event")
"""their rows travel beside pg_dump's: texts are encrypted, and events leave the ids of this cluster's transactions"""
ENDED = ("account_session", "login_attempt", "rate_count")
"""whoever is logged in, and what is counted, ends with the site"""
_POSTGIS = "spatial_ref_sys"  # laid down by PostGIS itself and by `db upgrade`

Advance = Callable[[str], None]
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a backup holds."""

    counts: dict[str, int]
    """rows by table"""
    photos: int
    missing_photos: int
    """named by the database, not on the disk"""
    sealed: int
    bytes: int
    seconds: float
    with_keys: bool


def create(settings: Settings, path: Path, *, with_keys: bool = False, say: Advance = lambda step: None) -> Summary:
    """Write the site's backup to `path`; the site may be running. Raises OperatorError."""
    began = time.monotonic()
    engine.engine("owner")  # holds the embedded database
    if not path.parent.is_dir():
        raise OperatorError(f"Không có thư mục {path.parent} (no such folder)")
    known = head.read(settings.data_dir / head.FILE_NAME)  # before the snapshot: never younger than it
    try:
        with psycopg.connect(urls.url(settings, "owner")) as connection, Writer(path) as writer:
            if settings.database_url is not None:
                connection.execute("SET ROLE hotline_owner")
                connection.commit()
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            facts = _database(settings, connection, writer, say)
            last = connection.execute(Q.source("last_seal")).fetchone()
            if known is None and last is not None:
                known = head.Head(seq=last[0], hash=bytes(last[1]))
            _small(writer, HEAD, f"{known}\n".encode() if known else b"")
            lost = settings.data_dir / LOST
            if lost.exists():
                _small(writer, LOST, lost.read_bytes())
            if with_keys:
                _keys(settings, writer)
            say("ảnh (photos)")
            stored, missing = _photos(connection, writer)
            facts |= {
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "photos": stored,
                "missing_photos": missing,
                "sealed": last[0] if last else 0,
                "with_keys": with_keys,
            }
            size = writer.finish(facts)
    except psycopg.Error as error:
        raise OperatorError(f"Không sao lưu được: {str(error).splitlines()[0][:300]} (no backup)") from error
    except OSError as error:
        raise OperatorError(f"Không ghi được {path}: {error.strerror} (cannot write it)") from error
    return Summary(
        counts=facts["counts"],
        photos=stored,
        missing_photos=missing,
        sealed=facts["sealed"],
        bytes=size,
        seconds=time.monotonic() - began,
        with_keys=with_keys,
    )


def _database(settings: Settings, connection: Connection, writer: Writer, say: Advance) -> dict[str, Any]:
    """Everything of the database, all of it out of one snapshot; the manifest's facts about it."""
    snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
    assert snapshot is not None
    revision = connection.execute(Q.source("schema_revision")).fetchone()
    key_id = people.seal(Reporter()).key_id  # the one in use
    keys = Keys(settings.data_dir / "keys")
    say("cơ sở dữ liệu (database)")
    command = [
        program("pg_dump", settings),
        "--format=custom",
        "--schema=public",
        "--no-unlogged-table-data",
        f"--snapshot={snapshot[0]}",
        *(f"--exclude-table-data=public.{name}" for name in (*OWN_WAY, *ENDED, _POSTGIS)),
        *(["--role=hotline_owner"] if settings.database_url else []),
        urls.url(settings, "owner"),
    ]
    with writer.member(DUMP) as sink, Running(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as dump:
        assert dump.process.stdout is not None
        while piece := dump.process.stdout.read(1 << 20):
            sink.write(piece)
        dump.finish()
    columns = {name: _columns(connection, name) for name in OWN_WAY}
    columns["event"].remove("xid")
    say("phản ánh (reports)")
    with writer.member(REPORTS) as sink:
        _copy(connection, sink, _reports(columns["report"]))
    with writer.member(TEXTS) as sink:
        encrypting = Encrypting(sink, keys.key(key_id))
        _copy(connection, encrypting, _texts())
        encrypting.close()
    say("nhật ký (record)")
    with writer.member(EVENTS) as sink:
        _copy(connection, sink, _rows("event", columns["event"]))
    used = {name for (name,) in connection.execute(Q.source("key_ids"))} | {key_id}
    return {
        "schema": revision[0] if revision else None,
        "columns": columns,
        "counts": count(connection),
        "text_key": key_id,
        "keys": {name: keys.fingerprint(name) for name in sorted(used) if name in keys.ids()},
    }


def count(connection: Connection) -> dict[str, int]:
    """Rows of every table that a backup keeps."""
    found = connection.execute(Q.source("tables"), {"skipped": list(ENDED)}).fetchall()
    counts = {}
    for (name,) in found:
        row = connection.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))).fetchone()
        counts[name] = row[0] if row else 0
    return counts


def _columns(connection: Connection, table: str) -> list[str]:
    return [name for (name,) in connection.execute(Q.source("columns"), {"table": table})]


def _rows(table: str, columns: list[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY (SELECT {} FROM public.{} ORDER BY id) TO STDOUT").format(names, sql.Identifier(table))


def _reports(columns: list[str]) -> sql.Composed:
    """A report without what its sender wrote, save texts that everybody may read."""
    shown = [
        sql.SQL("CASE WHEN moderation = 'released' THEN description END")
        if name == "description"
        else sql.SQL("NULL")
        if name in PRIVATE
        else sql.Identifier(name)
        for name in columns
    ]
    return sql.SQL("COPY (SELECT {} FROM public.report ORDER BY id) TO STDOUT").format(sql.SQL(", ").join(shown))


def _texts() -> sql.SQL:
    return sql.SQL(
        "COPY (SELECT id, CASE WHEN moderation <> 'released' THEN description END, address, text_salt, content_hash "
        "FROM public.report ORDER BY id) TO STDOUT"
    )


def _copy(connection: Connection, sink: Sink | Encrypting, statement: sql.SQL | sql.Composed) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        for piece in rows:
            sink.write(bytes(piece))


def _photos(connection: Connection, writer: Writer) -> tuple[int, int]:
    stored = missing = 0
    for (sha256,) in connection.execute(Q.source("photos")).fetchall():
        for small in (False, True):
            file = photos.path(sha256, small=small)
            if not file.exists():
                missing += not small
                continue
            with writer.member(f"{PHOTOS}{file.name}") as sink, file.open("rb") as handle:
                while piece := handle.read(1 << 20):
                    sink.write(piece)
            stored += not small
    return stored, missing


def _keys(settings: Settings, writer: Writer) -> None:
    for file in sorted((settings.data_dir / "keys").glob("*.key")):
        _small(writer, f"{KEYS}{file.name}", file.read_bytes())
    if settings.given_secret is None:
        _small(writer, SECRET, settings.secret_key)


def _small(writer: Writer, name: str, content: bytes) -> None:
    with writer.member(name) as sink:
        sink.write(content)
