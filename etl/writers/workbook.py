"""Excel, row by row: no more than one row is held. Text is text: nothing becomes a formula or a link.

What looks like a formula also gets Excel's own mark for it (`quotePrefix`), so that it stays text when somebody edits
the cell; the text itself is as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import xlsxwriter

from etl.errors import UnreadableFile
from etl.writers.harmless import looks_like_formula
from etl.writers.shape import Chunk, Shape, Written

MOST_ROWS = 1_048_576
"""Of a sheet, the header included."""
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}


def write_xlsx(path: Path, shape: Shape, chunks: Iterator[Chunk]) -> Written:
    """Write all rows. Raises UnreadableFile where there are more than Excel takes."""
    rows = (row for chunk in chunks for row in shape.rows(chunk))
    return Written(rows=write_rows(path, "reports", shape.columns, rows))


def write_rows(path: Path, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """One sheet of a header and rows; not-a-number is an empty cell. Raises UnreadableFile as above."""
    line = 0
    with xlsxwriter.Workbook(path, {**_OPTIONS, "tmpdir": str(path.parent)}) as book:
        sheet = book.add_worksheet(name)
        quoted = book.add_format()
        quoted.set_quote_prefix()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, columns)
        for row in rows:
            line += 1
            if line >= MOST_ROWS:
                raise UnreadableFile(f"Excel chỉ chứa {MOST_ROWS - 1} dòng (rows at most): csv, gpkg, parquet")
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, column, cell, quoted if looks_like_formula(cell) else None)
                elif cell is not None and cell == cell:  # noqa: PLR0124
                    sheet.write_number(line, column, cell)
    return line
