"""The embedded PostGIS: a private cluster of one site, on a unix socket, made and started when it is needed.

`hold()` is what a process calls that wants the database: it makes and starts the cluster when nobody else has,
and the last holder to leave stops it. Who holds is said by a shared file lock, which dies with its process, so a
`kill -9` leaves nothing behind that the next start would stumble over.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from database import initdb, postmaster
from database.cluster import Cluster, locate
from database.errors import ClusterError
from database.settings import Settings

START_SECONDS = 60
STOP_SECONDS = 60
_LOG_LIMIT = 10_000_000


def ensure(settings: Settings, *, durable: bool = True) -> Cluster:
    """The site's cluster, made where there is none and running. Raises ClusterError with one clear line."""
    cluster = locate(settings)
    with _only_one(cluster):
        if not cluster.made:
            initdb.make(cluster, settings, durable=durable)
        _start(cluster, durable=durable)
    return cluster


def start(cluster: Cluster) -> None:
    """Start a cluster that exists; does nothing when it runs. Raises ClusterError."""
    with _only_one(cluster):
        _start(cluster, durable=None)


def stop(cluster: Cluster) -> None:
    """Stop it, ending open connections; does nothing when it does not run. Raises ClusterError."""
    with _only_one(cluster):
        if postmaster.running(cluster) is None:
            return
        done = cluster.run("pg_ctl", "stop", "-D", str(cluster.data), "-m", "fast", "-w", "-t", str(STOP_SECONDS))
        if done.returncode != 0 and postmaster.running(cluster) is not None:
            raise ClusterError(f"PostgreSQL không dừng được (does not stop): {done.stdout.strip()[-300:]}")


def running(cluster: Cluster) -> int | None:
    """The process id of the cluster's postmaster, or None."""
    return postmaster.running(cluster)


@contextmanager
def hold(settings: Settings, *, durable: bool = True) -> Iterator[Cluster]:
    """Use the cluster inside this block: started if need be, and stopped at the end by its last user."""
    holder = Holder(settings, durable=durable)
    try:
        yield holder.cluster
    finally:
        holder.release()


class Holder:
    """One process's use of the cluster; `release()` stops the cluster when nobody else uses it."""

    def __init__(self, settings: Settings, *, durable: bool = True) -> None:
        cluster = locate(settings)
        initdb.make_folder(cluster, settings)
        self._users = _open_lock(cluster.folder / "users.lock")
        fcntl.flock(self._users, fcntl.LOCK_SH)  # waits for one who is just stopping it
        self._process = os.getpid()
        try:
            self.cluster = ensure(settings, durable=durable)
        except BaseException:
            self._users.close()
            raise

    def release(self) -> None:
        """Leave. Safe to call twice, and in a forked child, where it only closes the inherited file."""
        if self._users.closed:
            return
        try:
            if os.getpid() == self._process:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop(self.cluster)
        except BlockingIOError:
            pass  # somebody else still uses it
        finally:
            self._users.close()


def _start(cluster: Cluster, *, durable: bool | None) -> None:
    if postmaster.running(cluster) is not None:
        _wait_until_ready(cluster)
        return
    initdb.configure(cluster, durable=durable)
    postmaster.clear_stale(cluster)
    if cluster.log.exists() and cluster.log.stat().st_size > _LOG_LIMIT:
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    deadline = time.monotonic() + 15
    while True:
        size = cluster.log.stat().st_size if cluster.log.exists() else 0
        done = cluster.run(
            "pg_ctl", "start", "-D", str(cluster.data), "-l", str(cluster.log), "-w", "-t", str(START_SECONDS), "-s"
        )
        if done.returncode == 0:
            return
        said = _tail(cluster.log, size) or done.stdout
        # After a kill -9 the orphaned backends hold the shared memory for a moment longer.
        if "shared memory block" in said and time.monotonic() < deadline:
            time.sleep(0.3)
            continue
        raise ClusterError(_explain(cluster, said))


def _wait_until_ready(cluster: Cluster) -> None:
    """Wait for one that another process started a moment ago, or that is still recovering."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if postmaster.status(cluster) == "ready":
            return
        if postmaster.running(cluster) is None:
            raise ClusterError(_explain(cluster, _tail(cluster.log, 0)))
        time.sleep(0.05)
    raise ClusterError(f"PostgreSQL chưa sẵn sàng sau {START_SECONDS} giây, xem {cluster.log} (not ready, see the log)")


def _explain(cluster: Cluster, said: str) -> str:
    """One line an operator can act on, out of what the server wrote before it gave up."""
    if "No space left on device" in said:
        return f"Hết chỗ trên đĩa, PostgreSQL không chạy được: {cluster.folder} (the disk is full)"
    if "Read-only file system" in said:
        return f"Đĩa chỉ cho đọc, PostgreSQL không chạy được: {cluster.folder} (the disk is read-only)"
    lines = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line or "could not" in line]
    reason = (lines or said.splitlines() or ["?"])[-1].strip()[:300]
    return f"PostgreSQL không khởi động được: {reason}; xem {cluster.log} (PostgreSQL does not start, see the log)"


def _tail(log: Path, offset: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(offset, file.seek(0, os.SEEK_END) - 20_000))
            return file.read().decode(errors="replace")
    except OSError:
        return ""


@contextmanager
def _only_one(cluster: Cluster) -> Iterator[None]:
    """Making, starting and stopping go one after the other, whoever asks."""
    cluster.folder.mkdir(parents=True, exist_ok=True)
    with _open_lock(cluster.folder / "start.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _open_lock(path: Path) -> IO[str]:
    try:
        return path.open("a")
    except OSError as error:
        raise ClusterError(f"Không ghi được {path}: {error.strerror} (cannot write it)") from error


__all__ = ["Cluster", "Holder", "ensure", "hold", "locate", "running", "start", "stop"]
