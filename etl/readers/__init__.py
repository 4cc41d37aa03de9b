"""Files of rows, one way to read them: a header and bounded batches of cells with their line numbers.

The header is line 1. No reader holds more of a file than a batch (and what its library needs besides).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from etl.errors import UnreadableFile
from etl.readers.source import BATCH, PLAIN, Batch, Reading, Source

__all__ = ["BATCH", "FORMATS", "PLAIN", "Batch", "Reading", "Source", "open_source"]

FORMATS = ("csv", "xlsx", "geojson", "gpkg", "parquet")
_ALSO = {"txt": "csv", "tsv": "csv", "json": "geojson", "geoparquet": "parquet", "xlsm": "xlsx"}


@contextmanager
def open_source(path: Path, batch: int = BATCH, reading: Reading = PLAIN) -> Iterator[Source]:
    """Open a file by the ending of its name; `reading`: what it does not say itself. Raises UnreadableFile,
    also while it is read."""
    ending = path.suffix.lower().lstrip(".")
    kind = _ALSO.get(ending, ending)
    if not path.is_file():
        raise UnreadableFile(f"{path}: không có tệp này (no such file)")
    if kind not in FORMATS:
        raise UnreadableFile(f"{path}: chỉ đọc được (only) {', '.join(FORMATS)}")
    try:
        with _open(kind, path, batch, reading) as source:
            yield source
    except OSError as error:
        raise UnreadableFile(f"{error.filename or path}: {error.strerror or error}") from error


def _open(kind: str, path: Path, batch: int, reading: Reading) -> Source:
    """The libraries of a format are loaded when it is asked for."""
    if kind == "csv":
        from etl.readers.delimited import Delimited

        return Delimited(path, batch, reading)
    if kind == "xlsx":
        from etl.readers.workbook import Workbook

        return Workbook(path, batch, reading)
    if kind == "parquet":
        from etl.readers.parquet import Parquet

        return Parquet(path, batch)
    from etl.readers.vector import Vector

    return Vector(path, batch)
