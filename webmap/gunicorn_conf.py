"""gunicorn's settings: threads for everything short. Event streams leave these processes by the hand-over."""

from __future__ import annotations

import ctypes
import os
import signal
from pathlib import Path
from types import FrameType

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from database.settings import REPOSITORY, current
from webmap import metrics_folder

bind = f"127.0.0.1:{current().port}"
chdir = str(REPOSITORY)
wsgi_app = "app:create_app()"
worker_class = "gthread"
workers = 2
threads = 16
worker_connections = 1000
keepalive = 15
timeout = 60
graceful_timeout = 10
control_socket_disable = True  # its default path is shared by two sites of one user
http_protocols = "h1"  # the hand-over needs a socket of its own for each stream
if Path("/dev/shm").is_dir():  # the heartbeat file must not wait for a disk
    worker_tmp_dir = "/dev/shm"
loglevel = "warning"
errorlog = "-"
accesslog = None
logger_class = "webmap.gunicorn_log.Log"

_M_MMAP_THRESHOLD = -3  # of <malloc.h>
_figures = metrics_folder.prepare(current())
os.environ[metrics_folder.VARIABLE] = str(_figures)  # before the application imports prometheus-client


def on_starting(_: Arbiter) -> None:
    """Counting begins with the site."""
    metrics_folder.empty(_figures)


def post_fork(_: Arbiter, __: Worker) -> None:
    """Let large pieces of memory (a photo's pixels) come from the kernel and go back to it: by itself the C library
    keeps them, in an arena for each thread, and a crowd of photos is never forgotten."""
    try:
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 1 << 20)
    except (OSError, AttributeError):
        pass  # another C library has other habits


def child_exit(_: Arbiter, worker: Worker) -> None:
    """What a process that is gone had in use is in use no more; what it counted stays."""
    for file in _figures.glob(f"gauge_live*_{worker.pid}.db"):
        file.unlink(missing_ok=True)


def on_exit(_: Arbiter) -> None:
    """Nothing is left behind in memory."""
    metrics_folder.remove(_figures)


def post_worker_init(worker: Worker) -> None:
    """Say on SIGTERM that this process is draining, then let gunicorn's own handler do its work; read what the first
    requests need.

    The worker's class sets its handlers before this hook, so the old one is chained, not replaced.
    """
    from webmap import health, warm_up

    before = signal.getsignal(signal.SIGTERM)

    def drain(number: int, frame: FrameType | None) -> None:
        health.draining.set()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, drain)
    signal.siginterrupt(signal.SIGTERM, False)
    warm_up.begin()
