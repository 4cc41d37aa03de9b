"""Where sockets lie: a folder of a few letters, the same for every process of a site. A socket's path has 107 bytes at
most, whatever the site's own folder is called, and must not follow TMPDIR, which differs from login to login."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_ROOTS = Path("/run/hotline-1022")
_EVERYBODYS = Path("/tmp")


def run_folder(whose: Path, *, suffix: str = "") -> Path:
    """The folder for the sockets of what lies at `whose`; nobody has made it yet."""
    name = hashlib.sha256(str(whose).encode()).hexdigest()[:12] + suffix
    base = _ROOTS if os.geteuid() == 0 else _EVERYBODYS / f"hotline-1022-{os.getuid()}"
    return base / name
