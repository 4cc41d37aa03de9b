"""Rows into files, chunk by chunk: CSV, Excel, GeoJSON, GeoPackage, GeoParquet.

A file appears under its name when it is whole; it is readable by its owner alone where it holds personal data.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyproj

from etl.errors import UnreadableFile
from etl.writers.shape import Chunk, Shape

__all__ = ["FORMATS", "Chunk", "Shape", "format_of", "write"]

FORMATS = ("csv", "xlsx", "geojson", "gpkg", "parquet")


def format_of(path: Path) -> str:
    """The format that a file's name asks for. Raises UnreadableFile."""
    ending = path.suffix.lower().lstrip(".")
    if ending not in FORMATS:
        raise UnreadableFile(f"{path}: chỉ ghi được (only) {', '.join(FORMATS)}")
    if path.is_dir() or not path.parent.is_dir():
        raise UnreadableFile(f"{path.parent}: không có thư mục này (no such folder)")
    return ending


def write(path: Path, columns: Sequence[str], crs: pyproj.CRS, chunks: Iterator[Chunk], *, private: bool) -> int:
    """Write all chunks and return how many rows there were. Raises UnreadableFile where that cannot be."""
    kind = format_of(path)
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    shape = Shape(columns, crs, plane=kind in ("csv", "xlsx"))
    try:
        part.touch(0o600 if private else 0o644, exist_ok=True)
        count = _writer(kind)(part, shape, chunks)
        part.chmod(0o600 if private else 0o644)
        part.replace(path)
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
        Path(f"{part}-journal").unlink(missing_ok=True)
    return count


def _writer(kind: str) -> Callable[[Path, Shape, Iterator[Chunk]], int]:
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
    from etl.writers.arrow import write_parquet

    return write_parquet
