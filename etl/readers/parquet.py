"""Parquet and GeoParquet, row group by row group."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.errors import UnreadableFile
from etl.readers.arrow import Rows
from etl.readers.source import Batch, Source

_BUFFER = 1 << 20


class Parquet(Source):
    """An open Parquet file; `size` is in rows."""

    def __init__(self, path: Path, batch: int) -> None:
        self._path, self._batch = path, batch
        try:
            self._file = pq.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False)
        except (pa.ArrowException, OSError) as error:
            raise UnreadableFile(f"{path}: không phải tệp Parquet (no Parquet file): {error}") from error
        schema = self._file.schema_arrow
        geometry, crs, covering = _geometry(schema)
        try:
            self._rows = Rows(schema, geometry, crs, leave_out=covering)
        except UnreadableFile:
            self.close()
            raise
        self.header = self._rows.header
        self.size = self._file.metadata.num_rows

    def batches(self) -> Iterator[Batch]:
        read = 0
        try:
            for arrow in self._file.iter_batches(self._batch, use_threads=False):
                if len(arrow):
                    yield self._rows.batch(arrow, first_line=read + 2, done=read + len(arrow))
                    read += len(arrow)
        except (pa.ArrowException, OSError) as error:
            raise UnreadableFile(f"{self._path}: bị hỏng giữa chừng (broken in the middle): {error}") from error

    def close(self) -> None:
        self._file.close()


def _geometry(schema: pa.Schema) -> tuple[str | None, object, frozenset[str]]:
    """The column that GeoParquet's metadata name, its coordinate system (None: degrees), and the columns that only
    repeat where it lies (GeoParquet 1.1's covering)."""
    written = (schema.metadata or {}).get(b"geo")
    if written is None:
        return None, None, frozenset()
    try:
        geo = json.loads(written)
        column = geo["primary_column"]
        told = geo["columns"][column]
        covering = frozenset(path[0] for box in (told.get("covering") or {}).values() for path in box.values())
        return column if column in schema.names else None, told.get("crs"), covering
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None, None, frozenset()
