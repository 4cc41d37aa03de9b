"""Excel, row by row: no more than one row is held. Text is text: nothing becomes a formula or a link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

from etl.errors import UnreadableFile
from etl.writers.shape import Chunk, Shape

MOST_ROWS = 1_048_576
"""Of a sheet, the header included."""
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}


def write_xlsx(path: Path, shape: Shape, chunks: Iterator[Chunk]) -> int:
    """Write all rows and return how many there were. Raises UnreadableFile where there are more than Excel takes."""
    with xlsxwriter.Workbook(path, _OPTIONS) as book:
        sheet = book.add_worksheet("reports")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, shape.columns)
        line = 0
        for chunk in chunks:
            for row in shape.rows(chunk):
                line += 1
                if line >= MOST_ROWS:
                    raise UnreadableFile(f"Excel chỉ chứa {MOST_ROWS - 1} dòng (rows at most): csv, gpkg, parquet")
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(line, column, cell)
                    elif cell is not None:
                        sheet.write_number(line, column, cell)
    return line
