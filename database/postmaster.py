"""Is the cluster's server alive? What its pid file says, checked against the processes of this machine.

A pid file outlives a `kill -9` or a restarted container, where its number may by now belong to anything; PostgreSQL
itself then refuses to start ("lock file already exists"), so a file that is proven stale is taken away here.
"""

from __future__ import annotations

import os
from pathlib import Path

from database.cluster import Cluster


def running(cluster: Cluster) -> int | None:
    """The process id of this cluster's postmaster, or None where it does not run."""
    process = _noted(cluster.data / "postmaster.pid")
    return process if process is not None and _is_postmaster(process, cluster.data) else None


def status(cluster: Cluster) -> str:
    """The server's own word in its pid file: `starting`, `ready`, `stopping`, or empty."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return ""
    return lines[7].strip() if len(lines) > 7 else ""


def clear_stale(cluster: Cluster) -> None:
    """Take away the pid file and the socket of a server that is gone. Call only when `running()` is None."""
    for path in (cluster.data / "postmaster.pid", *cluster.sockets.glob(".s.PGSQL.*")):
        path.unlink(missing_ok=True)


def _noted(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _is_postmaster(process: int, data: Path) -> bool:
    """Whether `process` lives and works in `data`, as a postmaster does (a zombie works nowhere)."""
    folder = Path(f"/proc/{process}")
    if not Path("/proc/self").exists():
        return _alive(process)
    try:
        name = (folder / "comm").read_text().strip()
        return name in ("postgres", "postmaster") and os.path.samefile(folder / "cwd", data)
    except OSError:
        return False


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
