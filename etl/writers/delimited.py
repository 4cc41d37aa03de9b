"""CSV: UTF-8, commas, a line feed a row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from etl.writers.shape import Chunk, Shape


def write_csv(path: Path, shape: Shape, chunks: Iterator[Chunk]) -> int:
    """Write all rows and return how many there were."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(shape.columns)
        for chunk in chunks:
            writer.writerows(shape.rows(chunk))
            count += len(chunk)
    return count
