"""Excel: the first sheet of a workbook, row by row."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from etl.errors import UnreadableFile
from etl.readers.source import PLAIN, Batch, Reading, Source, grouped

_BROKEN = (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, EOFError)


class Workbook(Source):
    """An open workbook; `size` is in rows, 0 where the file does not say."""

    def __init__(self, path: Path, batch: int, reading: Reading = PLAIN) -> None:
        self._path, self._batch = path, batch
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about styles and extensions that no cell needs
                self._book = openpyxl.load_workbook(path, read_only=True, data_only=True)
                sheet = self._sheet(reading.sheet)
        except (*_BROKEN, IndexError) as error:
            raise UnreadableFile(f"{path}: không phải tệp Excel (no workbook): {error}") from error
        self.size = sheet.max_row or 0
        sheet.reset_dimensions()  # some programs write wrong ones
        self._rows: Iterator[tuple[object, ...]] = sheet.iter_rows(values_only=True)
        for _ in range(reading.header - 1):
            next(self._rows, ())
        above = [next(self._rows, ()) for _ in range(reading.header_lines - 1)]
        names = next(self._rows, ())
        while names and names[-1] is None:
            names = names[:-1]
        if not any(names):
            self.close()
            raise UnreadableFile(f"{path}: dòng đầu không phải tên cột (the first row does not name columns)")
        self.header = grouped([*above, names])
        self.epoch = 1904 if self._book.epoch.year == 1904 else 1900

    def _sheet(self, name: str | None) -> Any:
        """The sheet of that name, else the first. Raises UnreadableFile."""
        if name is None:
            return self._book.worksheets[0]
        if name not in self._book.sheetnames:
            known = ", ".join(self._book.sheetnames)
            self.close()
            raise UnreadableFile(f"{self._path}: không có trang (no sheet) {name!r}; có (there are): {known}")
        return self._book[name]

    def batches(self) -> Iterator[Batch]:
        lines: list[int] = []
        rows: list[Sequence[object]] = []
        width, blank = len(self.header), (None,) * len(self.header)
        for line, row in enumerate(self._checked(), start=2):
            cells = (row + blank)[:width]
            if cells == blank:
                continue  # formatted, and empty
            lines.append(line)
            rows.append(cells)
            if len(rows) >= self._batch:
                yield Batch(lines=lines, rows=rows, done=line)
                lines, rows = [], []
        if rows:
            yield Batch(lines=lines, rows=rows, done=max(self.size, lines[-1]))

    def close(self) -> None:
        self._book.close()

    def _checked(self) -> Iterator[tuple[object, ...]]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a date out of range comes as #VALUE!, which the row's check names
                yield from self._rows
        except _BROKEN as error:
            raise UnreadableFile(f"{self._path}: bị hỏng giữa chừng (broken in the middle): {error}") from error
