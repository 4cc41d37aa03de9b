"""A site of a benchmark's own: a folder, a port, a migrated database, and this process pointed at it. With BENCH_SITE,
a folder that is left where it is: whoever works at a benchmark need not fill its database each time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from database import engine, settings
from tests import sites

_UPGRADE_SECONDS = 600


@contextmanager
def prepared(prefix: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """The folder and environment of a migrated site that does not run yet; fresh, and taken away at the end, unless
    BENCH_SITE names one."""
    before = dict(os.environ)
    folder = settings.current().data_dir / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    kept = os.environ.get("BENCH_SITE")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
    with nullcontext(kept) if kept else tempfile.TemporaryDirectory(prefix=prefix, dir=folder) as place:
        Path(place).chmod(0o755)  # the database's own user has to enter
        environment = sites.site_environment(Path(place), sites.free_port())
        upgraded = sites.command(environment, "db", "upgrade", seconds=_UPGRADE_SECONDS)
        if upgraded.returncode:
            raise RuntimeError(upgraded.stderr)
        os.environ.clear()
        os.environ.update(environment)
        try:
            yield Path(place), environment
        finally:
            engine.dispose()
            os.environ.clear()
            os.environ.update(before)
