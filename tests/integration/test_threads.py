"""A web process answers with sixteen threads at once: what they share has to bear it."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.sites import REPOSITORY

AT_ONCE = """
import datetime, threading
import numpy as np
from database.engine import read
from district_boundaries import areas
from district_boundaries.locate import locate

DAY = datetime.date(2026, 1, 1)

def ask(seed, barrier, index):
    random = np.random.default_rng(seed)
    barrier.wait()
    for _ in range(40):
        locate(index, 106.6 + 0.2 * random.random(1), 10.7 + 0.2 * random.random(1), DAY)

with read() as connection:
    for turn in range(3):
        index, barrier = areas.read(connection), threading.Barrier(16)
        threads = [threading.Thread(target=ask, args=(100 * turn + number, barrier, index)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
print("whole")
"""


def test_threads_that_locate_at_once_do_not_corrupt_memory(database_url) -> None:
    """In a process of its own: GEOS would take this one down with it."""
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE],
        cwd=REPOSITORY,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "whole"), done.stderr[-2000:]
