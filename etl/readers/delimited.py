"""CSV as people have it: commas, semicolons or tabs, a byte order mark or none, a broken row here and there.

A row that is no UTF-8, has too few or too many cells, or a quotation mark that nobody closes is a fault of that row:
the next line is read afresh.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from etl.errors import UnreadableFile
from etl.readers.source import PLAIN, Batch, Reading, Source, grouped
from etl.writers.harmless import original
from incidents.errors import Refusal

MOST_LINES = 500
"""Of one row: more means that a quotation mark was never closed."""
_FIELD_LIMIT = 1 << 20
_DELIMITERS = ",;\t|"
_REJECTS = b"line,reason,field,value,"
_BAD_BYTE = re.compile("[\udc80-\udcff]")


class Delimited(Source):
    """An open CSV file; `size` is in bytes."""

    def __init__(self, path: Path, batch: int, reading: Reading = PLAIN) -> None:
        csv.field_size_limit(_FIELD_LIMIT)
        self._batch = batch
        self._file = path.open("rb")
        self.size = path.stat().st_size
        head = self._file.read(len(_REJECTS))
        self._file.seek(0)
        if head == _REJECTS:
            reading = PLAIN  # a rejects file, mended, comes back with its own file's mapping
        encoding = reading.encoding or ("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        self._encoding = {"utf-8": "utf-8-sig"}.get(encoding, encoding)
        errors = "replace" if self._encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
        self._text = io.TextIOWrapper(self._file, encoding=self._encoding, errors=errors, newline="")
        for _ in range(reading.header - 1):
            self._text.readline(_FIELD_LIMIT)
        above = [self._text.readline(_FIELD_LIMIT) for _ in range(reading.header_lines - 1)]
        first = self._text.readline(_FIELD_LIMIT)
        if not first.strip() or "\0" in first:
            self.close()
            raise UnreadableFile(f"{path}: dòng đầu không phải tên cột (the first line does not name columns)")
        self._delimiter = reading.delimiter or max(_DELIMITERS, key=first.count)
        self._records = _records(first, self._text, self._delimiter)
        _, names, _ = next(self._records)
        if names is None:
            self.close()
            raise UnreadableFile(f"{path}: dòng đầu không đọc được (the first line cannot be read)")
        groups = list(csv.reader(above, delimiter=self._delimiter))
        self.header = grouped([*groups, names])

    def batches(self) -> Iterator[Batch]:
        lines: list[int] = []
        rows: list[Sequence[object]] = []
        faults: dict[int, Refusal] = {}
        width = len(self.header)
        for line, row, raw in self._records:
            if row is None:
                faults[len(rows)] = _fault("bad_quotes", raw, "a quotation mark is not closed, or text follows it")
                row = raw.rstrip("\r\n").split(self._delimiter)
            elif not row:
                continue  # an empty line is no row
            elif len(row) != width:
                reason = "missing_columns" if len(row) < width else "extra_columns"
                faults[len(rows)] = Refusal(
                    field="", reason=reason, value=str(len(row)), message=f"{len(row)} cells, the header has {width}"
                )
            else:
                joined = "".join(row)
                if "'" in joined:
                    row = [original(cell) for cell in row]  # what an export made harmless
                if not joined.isascii() and _BAD_BYTE.search(joined):
                    faults[len(rows)] = self._not_utf8(row)
            lines.append(line)
            rows.append(row)
            if len(rows) >= self._batch:
                yield Batch(lines=lines, rows=rows, faults=faults, done=self._file.tell())
                lines, rows, faults = [], [], {}
        if rows:
            yield Batch(lines=lines, rows=rows, faults=faults, done=self.size)

    def close(self) -> None:
        self._file.close()

    def _not_utf8(self, row: Sequence[str]) -> Refusal:
        where = next(number for number, cell in enumerate(row) if _BAD_BYTE.search(cell))
        return Refusal(
            field=self.header[where],
            reason="invalid_utf8",
            value=row[where][:200],
            message=f"not {self._encoding} text",
        )


def _fault(reason: str, raw: str, message: str) -> Refusal:
    return Refusal(field="", reason=reason, value=raw.strip()[:200], message=message)


def _records(first: str, rest: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str] | None, str]]:
    """Line number, cells, and where there are none the raw line: of every record, the header included."""
    feed = _Feed(first, rest)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    line = 1
    while True:
        feed.taken.clear()
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, _NeverClosed):
            bad, *again = feed.taken
            yield line, None, bad
            feed.ahead.extendleft(reversed(again))
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
            line += 1
        else:
            taken = len(feed.taken)
            yield line, row, ""
            line += taken


class _NeverClosed(Exception):
    """A row goes on for too many lines."""


class _Feed:
    """Lines, one at a time, remembered until their record is whole."""

    def __init__(self, first: str, rest: Iterator[str]) -> None:
        self.ahead = deque([first])
        self.taken: list[str] = []
        self._rest = rest

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise _NeverClosed
        line = self.ahead.popleft() if self.ahead else next(self._rest)
        self.taken.append(line)
        return line
