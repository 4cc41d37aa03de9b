"""A program's peak of memory, as the kernel says it: what `wait4` says of a child begins with its parent's size."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.sites import REPOSITORY

_TICK_S = 0.05
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def run(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float]:
    """Seconds and MiB at the peak, looked at twenty times a second: the peak only rises, so a look can miss only what
    the last twentieth adds. Raises RuntimeError where the program fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=REPOSITORY, env=dict(environment), stdout=subprocess.DEVNULL)
    status = Path(f"/proc/{process.pid}/status")
    peak = 0
    while process.poll() is None:
        try:
            if found := _PEAK.search(status.read_text()):
                peak = max(peak, int(found[1]))
        except OSError:
            pass
        time.sleep(_TICK_S)
    if process.returncode:
        raise RuntimeError(f"{command[0]}: exit {process.returncode}")
    return time.perf_counter() - began, peak / 1024
