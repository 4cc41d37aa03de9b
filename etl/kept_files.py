"""What is reckoned once and kept in DATA_DIR/kept: a folder a kind, in it one file a key.

A key says all that the content depends on, so a file is right for ever; the ones that were asked for longest ago go
when there are too many. A disk that is full or cannot be written keeps nothing, and nothing is wrong for it.
"""

from __future__ import annotations

import hashlib
import os
import threading
from contextlib import suppress
from pathlib import Path

from database import settings


def key(*parts: object) -> str:
    """One key of everything that the content depends on."""
    made = hashlib.sha256()
    for part in parts:
        made.update(part if isinstance(part, bytes) else repr(part).encode())
        made.update(b"\0")
    return made.hexdigest()


def read(kind: str, name: str) -> bytes | None:
    """The content; None where it has not been made."""
    path = _folder(kind) / name
    try:
        content = path.read_bytes()
    except OSError:
        return None
    with suppress(OSError):
        os.utime(path)
    return content


def keep(kind: str, name: str, content: bytes, *, most: int) -> None:
    """Write it beside its name and rename it: nobody ever reads half of it. `most`: files of the kind that stay."""
    path = _folder(kind) / name
    draft = path.with_name(f".{name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        return
    with suppress(OSError):
        there = sorted((each for each in path.parent.iterdir() if each.name[0] != "."), key=lambda e: e.stat().st_mtime)
        for old in there[:-most]:
            old.unlink(missing_ok=True)


def _folder(kind: str) -> Path:
    return settings.current().data_dir / "kept" / kind
