"""What every reader gives: a header, and batches of rows."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from incidents.errors import Refusal

BATCH = 1500
"""Rows: 1,000 take a sixteenth more processor time each, 2,000 no less and more memory (docs/decisions/0019)."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file is to be opened where it does not say so itself (a mapping file's word)."""

    header: int = 1
    """the line of the header, 1 the first: what stands above is no table"""
    header_lines: int = 1
    """a header of several lines: groups above, names below"""
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None


PLAIN = Reading()


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some rows of a file, in its order."""

    lines: list[int]
    """where each row begins; the header is line 1"""
    rows: list[Sequence[object]]
    """cells in the order of the header, as many as it has, save where there is a fault"""
    meant: list[Sequence[object]] | None = None
    """the same rows in our own columns and words, where a mapping file had to put them so; None: `rows` are"""
    faults: dict[int, Refusal] = field(default_factory=dict)
    """position in `rows` → why the row as such cannot be read"""
    done: int
    """how far the file is read, in the units of `Source.size`"""


class Source(ABC):
    """An open file of rows: a context manager that closes it."""

    header: tuple[str, ...]
    epoch: int | None = None
    """1900 or 1904 where a bare number may be a day of a spreadsheet, counted from there"""
    size: int
    """the file's size in units of its own (bytes or rows), for a progress bar"""

    @abstractmethod
    def batches(self) -> Iterator[Batch]:
        """All rows, once."""

    @abstractmethod
    def close(self) -> None:
        """Let the file go."""

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()


def grouped(lines: Sequence[Sequence[object]]) -> tuple[str, ...]:
    """The names that a header of several lines gives: groups above (a merged cell's name counts to its right), then the
    column's own."""
    width = len(lines[-1])
    names = [""] * width
    for depth, line in enumerate(lines):
        last = ""
        for at in range(width):
            word = str(line[at] if at < len(line) and line[at] is not None else "").strip()
            last = word or (last if depth < len(lines) - 1 else "")
            names[at] = f"{names[at]} {last}".strip()
    return tuple(name if name.isascii() else unicodedata.normalize("NFC", name) for name in names)
