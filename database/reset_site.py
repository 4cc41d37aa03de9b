"""Back to a fresh state: the site's folder and its cluster are taken away, nothing else."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

from database import embedded
from database.cluster import locate
from database.errors import OperatorError
from database.settings import Settings

# What a site makes under DATA_DIR. Anything else there belongs to somebody else and stays.
OURS = (
    "cluster",
    "cluster.path",
    "secret.key",
    "keys",
    "record.head",
    "record.head.lost",
    "photos",
    "bench",
    "demo-accounts.json",
    "site.pid",
    "run",
    "log",
)


def reset(settings: Settings) -> None:
    """Stop the embedded database and delete the site's data. Raises OperatorError while the site runs."""
    running = settings.data_dir / "site.pid"
    if running.exists():
        with running.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OperatorError("Trang đang chạy, hãy dừng trước (the site is running, stop it first)") from None
    if not settings.data_dir.exists():
        return
    cluster = locate(settings)
    if cluster.made:
        embedded.stop(cluster)
    for path in (cluster.folder, cluster.sockets, *(settings.data_dir / name for name in OURS)):
        _take_away(path)


def _take_away(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
