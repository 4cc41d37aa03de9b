"""Processor time of a site's parts: unlike a rate it hardly depends on what else the machine does meanwhile."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from database.cluster import locate
from database.settings import current
from tests import sites

_TICK = os.sysconf("SC_CLK_TCK")


def parts(site: sites.Site) -> dict[str, int]:
    """The root process of each part: web, stream, worker and the database."""
    found = {}
    for process, command in site.children().items():
        for name, word in (("web", "gunicorn"), ("stream", "webmap.live.process"), ("worker", "webmap.worker")):
            if word in command:
                found[name] = process
    found["database"] = database()
    return found


def database() -> int:
    """The root process of the embedded database."""
    pid_file = locate(current()).data / "postmaster.pid"
    return int(pid_file.read_text().split("\n", 1)[0])


def spent(roots: Mapping[str, int]) -> dict[str, float]:
    """Seconds of processor time that each part has used so far, children that ended included."""
    parents: dict[int, list[int]] = {}
    for process, parent, _ in sites.processes():
        parents.setdefault(parent, []).append(process)

    def of(process: int) -> float:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return sum(map(int, fields[11:15])) / _TICK + sum(of(child) for child in parents.get(process, []))

    return {name: of(process) for name, process in roots.items()}
