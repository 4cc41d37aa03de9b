"""CSV: UTF-8, commas, a line feed a row; what would be a formula is made harmless."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from etl.writers.harmless import harmless
from etl.writers.shape import Chunk, Shape, Written


def write_csv(path: Path, shape: Shape, chunks: Iterator[Chunk]) -> Written:
    """Write all rows."""
    return Written(rows=write_rows(path, shape.columns, (row for chunk in chunks for row in shape.rows(chunk))))


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a header and rows, and return how many there were. Not-a-number is an empty cell."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(cell) for cell in row])
            count += 1
    return count


def _cell(cell: object) -> object:
    if isinstance(cell, str):
        return harmless(cell)
    return None if cell != cell else cell  # noqa: PLR0124
