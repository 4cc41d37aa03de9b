"""What every reader gives: a header, and batches of rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from incidents.errors import Refusal

BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some rows of a file, in its order."""

    lines: list[int]
    """where each row begins; the header is line 1"""
    rows: list[Sequence[object]]
    """cells in the order of the header, as many as it has, save where there is a fault"""
    faults: dict[int, Refusal] = field(default_factory=dict)
    """position in `rows` → why the row as such cannot be read"""
    done: int
    """how far the file is read, in the units of `Source.size`"""


class Source(ABC):
    """An open file of rows: a context manager that closes it."""

    header: tuple[str, ...]
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
