"""The rejects file: every row that did not land, where it stands, why, and the row itself to mend and send again."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from etl.columns import text
from etl.errors import UnreadableFile
from etl.writers.harmless import harmless
from incidents.errors import Refusal

HEADER = ("line", "reason", "field", "value")


class Rejects:
    """An open rejects file (a context manager). It holds what the rows hold, so only its owner may read it.

    It is written beside its final name and takes that name at the end; a killed import leaves the part.
    """

    def __init__(self, path: Path | None, header: Sequence[str]) -> None:
        """`path` None: nothing is written."""
        self._path, self._width = path, len(header)
        self._out: TextIO | None = None
        if path is None:
            return
        self._part = path.with_name(f".{path.name}.part")
        try:
            self._part.unlink(missing_ok=True)
            opened = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise UnreadableFile(f"{path}: không ghi được (cannot write): {error.strerror}") from error
        self._out = out = os.fdopen(opened, "w", encoding="utf-8", errors="replace", newline="")
        self._writer = csv.writer(out, lineterminator="\n")
        self._writer.writerow([*HEADER, *header])

    def add(self, line: int, why: Refusal, row: Sequence[object]) -> None:
        """Put one row down."""
        if self._out is not None:
            cells = [_shown(cell) for cell in row]
            cells += [""] * (self._width - len(cells))
            self._writer.writerow([line, why.reason, why.field, _shown(why.value), *cells])

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._out is not None and self._path is not None:
            self._out.close()
            if kind is None:
                self._part.replace(self._path)


def _shown(cell: object) -> str:
    """A cell as text; a byte that is none is shown by the sign for it."""
    word = text(cell) if not isinstance(cell, str) else harmless(cell)
    return word if word.isascii() else _mended(word)


def _mended(word: str) -> str:
    return "".join("\ufffd" if "\ud800" <= symbol <= "\udfff" else symbol for symbol in word)
