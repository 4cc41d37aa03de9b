"""Putting a backup in the place of a site: attachments, then the database in one transaction, then the record's head.

A restore that breaks off before the transaction's end leaves the database as it was; started again it is complete.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from database import engine, migrate, urls
from database.errors import OperatorError
from database.settings import Settings
from database.sql import queries
from etl.backup.archive import Reader, UnusableBackup
from etl.backup.cipher import Keys, decrypted
from etl.backup.create import DUMP, EVENTS, HEAD, KEYS, LOST, PHOTOS, PRIVATE, REPORTS, SECRET, TEXTS, count
from etl.backup.programs import Running, program
from incidents import people, photos
from incidents.record import head
from incidents.record import verify as verification

Q = queries(Path(__file__).with_name("backup.sql"))
_PHOTO = re.compile(r"([0-9a-f]{64})(-s)?\.jpg")
_KEY = re.compile(r"[a-z]+-[0-9]{4,}\.key")

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What a restore brought back."""

    counts: dict[str, int]
    differing: dict[str, tuple[int, int]]
    """tables with another number of rows than the backup counted: said, found"""
    photos: int
    texts: bool
    """whether the key was there and what people wrote is back"""
    people_readable: bool
    verdict: verification.Verdict
    seconds: float


def restore(settings: Settings, path: Path, *, replace: bool = False, say: Say = lambda step: None) -> Restored:
    """Put the backup at `path` in place of this site, which must not run, and be empty unless `replace`.

    Raises OperatorError: the site runs or is not empty, the file is damaged or from a newer schema.
    """
    began = time.monotonic()
    with Reader(path) as backup, _nobody_else(settings):
        say("kiểm tra tệp (checking the file)")
        backup.check()
        schema = str(backup.manifest["schema"])
        if schema > migrate.head():
            raise UnusableBackup(
                f"bản sao lưu của lược đồ {schema}, chương trình này là {migrate.head()} (newer schema)"
            )
        say("cơ sở dữ liệu (database)")
        migrate.upgrade()  # the cluster, the roles and the extensions, where there are none
        if not replace:
            _refuse_unless_empty(settings)
        say("ảnh (photos)")
        stored = _photos(backup)
        _keys(settings, backup, replace=replace)
        readable = _readable(settings, backup)
        texts = backup.manifest["text_key"] in readable
        head_path = settings.data_dir / head.FILE_NAME
        say("phản ánh và nhật ký (reports and record)")
        _database(settings, backup, texts=texts, head_path=head_path)
        _head(backup, head_path)
        counts = _counted(settings)
        migrate.upgrade()  # grants and policies anew, and newer migrations
        all_readable = set(backup.manifest["keys"]) <= readable
        if not all_readable:
            _key_beyond(set(backup.manifest["keys"]) - readable)
    say("kiểm tra nhật ký (verifying the record)")
    with engine.transaction(engine.OPERATOR) as connection:
        verdict = verification.verify(connection, head_path)
    said: dict[str, int] = backup.manifest["counts"]
    return Restored(
        counts=counts,
        differing={name: (rows, counts.get(name, 0)) for name, rows in said.items() if counts.get(name, 0) != rows},
        photos=stored,
        texts=texts,
        people_readable=all_readable,
        verdict=verdict,
        seconds=time.monotonic() - began,
    )


class _nobody_else:
    """The site's own lock, so that it can neither run nor be started meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.data_dir / "site.pid"

    def __enter__(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock: IO[str] = self._path.open("a")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError("Trang đang chạy, hãy dừng trước (the site is running, stop it first)") from None
        except OSError as error:
            raise OperatorError(f"Không ghi được {self._path}: {error.strerror} (cannot write it)") from error

    def __exit__(self, *_: object) -> None:
        self._lock.close()


def _owner(settings: Settings) -> psycopg.Connection[tuple[object, ...]]:
    connection = psycopg.connect(urls.url(settings, "owner"))
    if settings.database_url is not None:
        connection.execute("SET ROLE hotline_owner")
    return connection


def _refuse_unless_empty(settings: Settings) -> None:
    with _owner(settings) as connection:
        there = [
            name
            for name in ("report", "event", "person", "account")
            if connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(name))).fetchone() is not None
        ]
    if there:
        raise OperatorError(
            f"Trang này không trống ({', '.join(there)}); thêm --replace để thay tất cả bằng bản sao lưu "
            "(this site is not empty; --replace puts the backup in place of all of it)"
        )


def _photos(backup: Reader) -> int:
    """Lay the attachments down, each whole and on the disk before it bears its name; how many."""
    stored = 0
    folders: set[Path] = set()
    for name in backup.named(PHOTOS):
        match = _PHOTO.fullmatch(name.removeprefix(PHOTOS))
        if match is None:
            raise UnusableBackup(f"{name}: no photo's name")
        target = photos.path(match[1], small=match[2] is not None)
        stored += match[2] is None
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(target, backup.pieces(name), mode=0o644)
        folders.add(target.parent)
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    return stored


def _write(target: Path, pieces: Iterable[bytes], *, mode: int) -> None:
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        raise OperatorError(f"Không ghi được {target}: {error.strerror} (cannot write it)") from error
    finally:
        draft.unlink(missing_ok=True)


def _keys(settings: Settings, backup: Reader, *, replace: bool) -> None:
    """Keys that came along. One of the same name that is another key is never lost: it stays beside."""
    for name in (*backup.named(KEYS), *backup.named(SECRET)):
        if name != SECRET and not _KEY.fullmatch(name.removeprefix(KEYS)):
            raise UnusableBackup(f"{name}: no key's name")
        target, content = settings.data_dir / name, backup.content(name)
        if target.exists():
            if target.read_bytes().strip() == content.strip():
                continue
            if not replace and name != SECRET:
                raise OperatorError(f"{target} là khoá khác (is another key); --replace để thay (replaces it)")
            target.rename(target.with_name(f"{target.name}.before-{int(time.time())}"))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(target, [content], mode=0o600)


def _readable(settings: Settings, backup: Reader) -> set[str]:
    """Which of the keys that the backup needs are here, and are the same keys."""
    keys = Keys(settings.data_dir / "keys")
    there = set(keys.ids())
    wanted: dict[str, str] = backup.manifest["keys"]
    return {name for name, mark in wanted.items() if name in there and keys.fingerprint(name) == mark}


def _key_beyond(lost: set[str]) -> None:
    """People who report from now on get a key whose name no unreadable row bears."""
    while people.add_key() <= max(lost):
        pass


def _database(settings: Settings, backup: Reader, *, texts: bool, head_path: Path) -> None:
    """One psql session, one transaction: out with the old, in with the new."""
    psql = [program("psql", settings), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-", urls.url(settings, "owner")]
    columns: dict[str, list[str]] = backup.manifest["columns"]
    with Running(psql, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as session:
        say = _Sayer(session)
        if settings.database_url is not None:
            say.line("SET ROLE hotline_owner;")
        say.line(Q.source("begin") + ";")
        _section(settings, backup, session, "pre-data")
        _section(settings, backup, session, "data")
        say.line(Q.source("texts_table") + ";")
        say.line(Q.source("reports_table") + ";")
        say.rows("backup_report", columns["report"], backup.pieces(REPORTS))
        if texts:
            key = Keys(settings.data_dir / "keys").key(backup.manifest["text_key"])
            say.rows("backup_text", ["id", *PRIVATE], decrypted(backup.pieces(TEXTS), key))
        say.line(Q.source("lay_together") + ";")
        names = _names(columns["report"])
        say.line(f"INSERT INTO public.report ({names}) SELECT {names} FROM pg_temp.backup_report ORDER BY id;")
        # Without the ids of the old cluster's transactions: each event gets this transaction's, or the sequencer would
        # look at all of them again and again until the new cluster has counted as far.
        say.rows("public.event", columns["event"], backup.pieces(EVENTS))
        _section(settings, backup, session, "post-data")
        head.restore(head_path, None)  # no anchor of another site beside the rows that are just coming
        say.line("COMMIT;\nANALYZE;")
        say.close()
        session.finish()


class _Sayer:
    """Writes to psql; where psql has given up, its own words are the error."""

    def __init__(self, session: Running) -> None:
        assert session.process.stdin is not None
        self._session, self._pipe = session, session.process.stdin

    def line(self, text: str) -> None:
        self._put(f"{text}\n".encode())

    def rows(self, table: str, columns: list[str], pieces: Iterable[bytes]) -> None:
        self.line(f"COPY {table} ({_names(columns)}) FROM STDIN;")
        for piece in pieces:
            self._put(piece)
        self.line("\\.")

    def close(self) -> None:
        self._pipe.close()

    def _put(self, piece: bytes) -> None:
        try:
            view = memoryview(piece)
            while view:
                view = view[self._pipe.write(view) :]
        except BrokenPipeError:
            self._session.finish()
            raise


def _names(columns: list[str]) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in columns)


def _section(settings: Settings, backup: Reader, session: Running, section: str) -> None:
    """What pg_restore makes of one section of the dump, as SQL into the session."""
    command = [
        program("pg_restore", settings),
        "--format=custom",
        f"--section={section}",
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        "--schema=public",  # and not the schema itself, which is there
        "--file=-",
    ]
    assert session.process.stdin is not None
    with Running(command, stdin=subprocess.PIPE, stdout=session.process.stdin) as restoring:
        assert restoring.process.stdin is not None
        try:
            for piece in backup.pieces(DUMP):
                view = memoryview(piece)
                while view:
                    view = view[restoring.process.stdin.write(view) :]
        except BrokenPipeError:
            pass  # it has read what it needs, or given up: its exit code says which
        try:
            restoring.process.stdin.close()
        except BrokenPipeError:
            pass
        if restoring.process.wait() == -signal.SIGPIPE or session.process.poll() is not None:
            session.finish()  # psql gave up first: its words tell why
        restoring.finish()


def _head(backup: Reader, head_path: Path) -> None:
    """The anchor that belongs to these rows, and what was already known to be lost then."""
    content = backup.content(HEAD).decode().split()
    head.restore(head_path, head.Head(seq=int(content[0]), hash=bytes.fromhex(content[1])) if content else None)
    for name in backup.named(LOST):
        head_path.with_name(LOST).write_bytes(backup.content(name))


def _counted(settings: Settings) -> dict[str, int]:
    with _owner(settings) as connection:
        return count(connection)
