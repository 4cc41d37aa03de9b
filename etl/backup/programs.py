"""pg_dump, pg_restore and psql: the ones that belong to the site's PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from database.cluster import installed_versions, locate, programs
from database.errors import OperatorError
from database.settings import Settings


def program(name: str, settings: Settings) -> str:
    """Its path. Raises OperatorError where it is not installed."""
    if settings.database_url is None:
        return str(programs(locate(settings)) / name)
    found = shutil.which(name)
    installed = installed_versions()
    if installed:
        found = str(installed[max(installed)] / name)
    if not found or not Path(found).exists():
        raise OperatorError(f"Chưa cài {name}: apt-get install postgresql-client ({name} is not installed)")
    return found


class Running:
    """A program on its way; what it says to stderr is kept for the one line that explains a failure."""

    def __init__(self, command: list[str], *, stdin: int | IO[bytes], stdout: int | IO[bytes]) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the program
        self.name = Path(command[0]).name
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "PGOPTIONS": "-c client_min_messages=warning"}
        self.process = subprocess.Popen(
            command, stdin=stdin, stdout=stdout, stderr=self._said, env=environment, bufsize=0
        )

    def __enter__(self) -> Running:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None and self.process.poll() is None:
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass
        self.process.wait()
        self._said.close()

    def finish(self) -> None:
        """Wait for its end. Raises OperatorError with what it said."""
        code = self.process.wait()
        if code != 0:
            raise OperatorError(f"{self.name}: {self.said() or f'exit {code}'}")

    def said(self) -> str:
        """Its complaint: the first line with an error in it. Never the lines after it, which may quote rows."""
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").splitlines()
        return next((line for line in lines if "error" in line.lower() or "fatal" in line.lower()), "")[:300]
