"""Where the web processes keep the figures that they count together.

In memory (/dev/shm) where there is such a place: the files are mapped, and a process that touches a mapped page of a
full disk is killed for it. Imported before prometheus-client, which decides by the environment.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path

from database.settings import Settings

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_MEMORY = Path("/dev/shm")


def prepare(settings: Settings) -> Path:
    """The folder, of this user alone; made where there is none."""
    name = hashlib.sha256(str(settings.data_dir).encode()).hexdigest()[:12]
    for path in (_MEMORY / f"hotline-1022-{os.getuid()}-{name}", settings.data_dir / "run" / "metrics"):
        if path.parent == _MEMORY and not _MEMORY.is_dir():
            continue
        try:
            path.mkdir(mode=0o700, parents=path.parent != _MEMORY, exist_ok=True)
            found = path.lstat()
        except OSError:
            continue
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
            return path
    raise PermissionError("no folder for the figures of the web processes")


def empty(path: Path) -> None:
    """Begin at nought, as the processes do."""
    for file in path.glob("*.db"):
        file.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """At the end."""
    shutil.rmtree(path, ignore_errors=True)
