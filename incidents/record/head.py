"""The record's head: `seq hash` of the last seal in a file outside of the database.

It is the anchor against a cut tail: whoever owns the database can remove the last events and their seals without a
trace inside it, but not what this file says. An anchor that the database no longer bears out is kept in `<head>.lost`
and never overwritten; `reports verify` reads both.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "record.head"


@dataclass(frozen=True, kw_only=True)
class Head:
    """One anchor: the number of a seal and its hash."""

    seq: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.seq} {self.hash.hex()}"


def _parse(line: str) -> Head:
    seq, digest = line.split()
    return Head(seq=int(seq), hash=bytes.fromhex(digest))


def _lost(path: Path) -> Path:
    return path.with_name(path.name + ".lost")


def read(path: Path) -> Head | None:
    """The anchor in the file; None where there is none. A file that is no anchor raises ValueError."""
    try:
        line = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    return _parse(line)


def lost(path: Path) -> list[Head]:
    """Anchors that were once written and that the database did not bear out when the sequencer met them."""
    try:
        lines = _lost(path).read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return []
    return [_parse(line) for line in lines if line.strip()]


def write(path: Path, head: Head) -> None:
    """Put the anchor in the file's place at once: whoever reads, and whoever comes up after a power cut, finds the
    old anchor or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.new")
    with fresh.open("w", encoding="ascii") as file:
        file.write(f"{head}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def keep_lost(path: Path, head: Head) -> None:
    """Remember an anchor that the database contradicts, as evidence for `verify`."""
    if head in lost(path):
        return
    with _lost(path).open("a", encoding="ascii") as file:
        file.write(f"{head}\n")
        file.flush()
        os.fsync(file.fileno())


def restore(path: Path, head: Head | None) -> None:
    """Take over the anchor that belongs to a restored database, in place of all that stood here before."""
    with contextlib.suppress(FileNotFoundError):
        _lost(path).unlink()
    if head is None:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
    else:
        write(path, head)
