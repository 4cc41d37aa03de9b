"""Rows into files, chunk by chunk, in every format of data.

A file appears under its name when it is whole; it is readable by its owner alone where it holds personal data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyproj

from etl import formats, publish
from etl.writers.shape import Chunk, Shape, Written

__all__ = ["FORMATS", "Chunk", "Shape", "Written", "format_of", "write"]

FORMATS = formats.DATA


def format_of(path: Path) -> str:
    """The format that a file's name asks for. Raises UnreadableFile."""
    kind = formats.of(path, FORMATS)
    formats.check_folder(path)
    return kind.name


def write(path: Path, columns: Sequence[str], crs: pyproj.CRS, chunks: Iterator[Chunk], *, private: bool) -> Written:
    """Write all chunks and return how many rows there are in the file. Raises UnreadableFile where that cannot be."""
    kind = format_of(path)
    shape = Shape(columns, crs, plane=not formats.FORMATS[kind].geometry)
    with publish.published(path, private=private) as part:
        return _writer(kind)(part, shape, chunks)


def _writer(kind: str) -> Callable[[Path, Shape, Iterator[Chunk]], Written]:
    """The libraries of a format are loaded when it is asked for."""
    if kind == "csv":
        from etl.writers.delimited import write_csv

        return write_csv
    if kind == "xlsx":
        from etl.writers.workbook import write_xlsx

        return write_xlsx
    if kind == "geojson":
        from etl.writers.geojson import write_geojson

        return write_geojson
    if kind == "gpkg":
        from etl.writers.arrow import write_gpkg

        return write_gpkg
    if kind == "fgb":
        from etl.writers.arrow import write_fgb

        return write_fgb
    if kind == "shp":
        from etl.writers.arrow import write_shp

        return write_shp
    from etl.writers.arrow import write_parquet

    return write_parquet
