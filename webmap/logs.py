"""What the site's processes write down: one JSON object a line, in DATA_DIR/log/{web,worker,stream}.log.

A line says what was done, never for whom: the route's rule and not the address that was asked (addresses bear codes,
searches and secrets), of an error its kind and place and not its message beyond the first line (messages quote what
was sent). Nobody's network address is in it.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from database import settings
from database.settings import REPOSITORY

MOST_BYTES = 20_000_000
KEPT_FILES = 5
FRAMES = 8
_LONGEST = 300

_file: LogFile | None = None


class LogFile:
    """A file that several processes append whole lines to, and that whoever finds it full moves aside."""

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES, kept: int = KEPT_FILES) -> None:
        self._path, self._most, self._kept = path, most_bytes, kept
        self._lock = threading.Lock()
        self._descriptor = -1

    def write(self, line: str) -> None:
        """A disk that is full or gone loses the line, and nothing else."""
        try:
            with self._lock:
                self._turn()
                os.write(self._descriptor, line.encode("utf-8", "backslashreplace") + b"\n")
        except OSError:
            pass

    def _turn(self) -> None:
        """Open the file that bears the name now; a full one is moved aside first."""
        if self._descriptor >= 0:
            ours = os.fstat(self._descriptor)
            try:
                there = os.stat(self._path)
            except FileNotFoundError:
                there = None
            if there is not None and (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino):
                if ours.st_size < self._most:
                    return
                self._rotate(ours.st_ino)
            os.close(self._descriptor)
            self._descriptor = -1
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def _rotate(self, inode: int) -> None:
        with self._alone():
            if os.stat(self._path).st_ino != inode:
                return  # another process was first
            for number in range(self._kept - 1, 0, -1):
                older = self._path.with_name(f"{self._path.name}.{number}")
                if older.exists():
                    older.replace(self._path.with_name(f"{self._path.name}.{number + 1}"))
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with open(self._path.with_name(f".{self._path.name}.lock"), "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class _Lines:
    """What structlog writes to: the file, and from warnings on the screen of whoever started the site."""

    def msg(self, line: str) -> None:
        assert _file is not None
        _file.write(line)

    debug = info = msg

    def warning(self, line: str) -> None:
        self.msg(line)
        print(line, file=sys.stderr, flush=True)

    warn = error = critical = exception = fatal = failure = warning


def configured() -> bool:
    """Whether this process writes into a file; tests and commands do not."""
    return _file is not None


def configure(process: str) -> None:
    """Write into DATA_DIR/log/<process>.log from now on: structlog's lines, and the standard library's from
    warnings on."""
    global _file
    _file = LogFile(settings.current().data_dir / "log" / f"{process}.log")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _nothing_quoted,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=_only_its_kind),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: _Lines(),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [Handler()]
    root.setLevel(logging.WARNING)


def _nothing_quoted(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of every text its first line: what follows in a database's message quotes rows and statements."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = value.split("\n", 1)[0][:_LONGEST]
    return event


def _only_its_kind(value: object) -> str:
    return type(value).__name__


class Handler(logging.Handler):
    """Lines of libraries: their wording and their numbers, not the texts they put into it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            found: dict[str, Any] = {"logger": record.name}
            if record.exc_info and record.exc_info[0]:
                found |= failure(record.exc_info[0], record.exc_info[2])
            structlog.get_logger().log(max(record.levelno, logging.INFO), _wording(record), **found)
        except Exception:
            pass  # a log that cannot be written stops nobody


def _wording(record: logging.LogRecord) -> str:
    """The message with its numbers filled in and everything else left open."""
    if not record.args:
        return "" if "\n" in str(record.msg) else str(record.msg)
    given = record.args.values() if isinstance(record.args, dict) else record.args
    text = str(record.msg)
    for value in given:
        text = re.sub(r"%[-#0 +]*[\d.]*[a-zA-Z]", str(value) if isinstance(value, int) else "…", text, count=1)
    return text


def failure(kind: type[BaseException], where: TracebackType | None) -> dict[str, Any]:
    """An error by its kind and its place."""
    frames = traceback.extract_tb(where)[-FRAMES:]
    return {
        "error": kind.__name__,
        "where": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _short(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(REPOSITORY) and ".venv" not in path.parts:
        return str(path.relative_to(REPOSITORY))
    return "/".join(path.parts[-2:])
