"""The tables that find places are made ahead, beside the worker, when boundaries are new or have changed."""

from __future__ import annotations

import subprocess
import sys

from database import reference
from database.engine import read
from database.settings import REPOSITORY

_COMMAND = ("nice", "-n", "19", sys.executable, "-m", "flask", "--app", "app", "boundaries", "raster")


class TableMaker:
    """Runs `boundaries raster` in a process of its own, since making a table takes more memory than a worker should
    have, and at the lowest priority. What it has made is known by the boundaries' state, so nothing is made twice."""

    def __init__(self) -> None:
        self._made_for: object = None
        self._making: subprocess.Popen[bytes] | None = None

    def look(self) -> None:
        """Begin where boundaries have changed since the last time; never waits."""
        if self._making is not None:
            ended = self._making.poll()
            if ended is None:
                return
            self._making = None
            if ended != 0:
                self._made_for = None  # killed or out of room: tried again next time
        with read() as connection:
            seen = reference.state(connection)
        state = (seen.database, seen.of("boundaries", "zones"), seen.newest_area)
        if state != self._made_for:
            self._made_for = state
            self._making = subprocess.Popen(
                _COMMAND, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )

    def stop(self) -> None:
        """End what is being made; a table half made is not kept."""
        if self._making is not None and self._making.poll() is None:
            self._making.terminate()
            self._making.wait()
