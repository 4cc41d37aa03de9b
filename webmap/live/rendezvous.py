"""Where the web processes find the stream process: a unix socket in a short folder of the site's own."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from database.run_folder import run_folder
from database.settings import Settings


def socket_path(settings: Settings) -> Path:
    """The stream process's socket; the same for every process of a site."""
    return run_folder(settings.data_dir.absolute(), suffix="-live") / "s"


def make_folder(path: Path) -> None:
    """The socket's folder, for this user alone. Raises PermissionError where somebody else made it first."""
    path.parent.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    found = path.parent.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
        raise PermissionError(f"{path.parent} does not belong to this user")
    path.parent.chmod(0o700)
