"""Where the web processes find the stream process: a unix socket in a short folder of the site's own.

A socket's path has 107 bytes at most, whatever the site's data folder is called.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from database.settings import Settings


def socket_path(settings: Settings) -> Path:
    """The stream process's socket; the same for every process of a site."""
    name = hashlib.sha256(str(settings.data_dir.absolute()).encode()).hexdigest()[:12]
    base = Path("/run/hotline-1022") if os.geteuid() == 0 else Path(f"/tmp/hotline-1022-{os.getuid()}")
    return base / f"{name}-live" / "s"


def make_folder(path: Path) -> None:
    """The socket's folder, for this user alone. Raises PermissionError where somebody else made it first."""
    path.parent.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    found = path.parent.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        raise PermissionError(f"{path.parent} does not belong to this user")
    path.parent.chmod(0o700)
