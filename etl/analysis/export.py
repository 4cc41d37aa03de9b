"""A stored answer as a file: one way for all formats of `etl.formats`."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection


def write(content: bytes, path: Path, format: str, crs: str, *, connection: Connection, lang: str) -> Path:
    """Write what `kept.pack` gave to `path`; the path of the sidecar beside it. `crs`: of data. Raises
    UnreadableFile."""
    from etl.analysis import kept
    from etl.hotspots import files

    return files.write(kept.unpack(content), path, format, crs, connection=connection, lang=lang)
