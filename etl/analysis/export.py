"""A stored answer as a file: one way for all formats of `etl.formats`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from etl.formats import FORMATS

TABLES = ("csv", "xlsx", "gpkg", "parquet", "pdf", "png")
"""what can hold rows that have no place"""


def possible(summary: Mapping[str, Any]) -> tuple[str, ...]:
    """The formats in which an answer can be taken away, by its stored summary."""
    return tuple(name for name in FORMATS if summary.get("geometry", True) or name in TABLES)


def write(content: bytes, path: Path, format: str, crs: str, *, connection: Connection, lang: str) -> Path:
    """Write what `kept.pack` gave to `path`; the path of the sidecar beside it. `crs`: of data. Raises
    UnreadableFile."""
    from etl.plain import kept as plain_kept

    if plain_kept.is_plain(content):
        from etl.plain import files as plain_files

        return plain_files.write(plain_kept.unpack(content), path, format, crs, connection=connection, lang=lang)
    from etl.analysis import kept
    from etl.hotspots import files

    return files.write(kept.unpack(content), path, format, crs, connection=connection, lang=lang)
