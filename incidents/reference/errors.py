"""What can be wrong with the reference files; every message names file and line and says what to mend."""

from __future__ import annotations

from collections.abc import Sequence


class ReferenceError(Exception):
    """Any failure of the reference data."""


class BadLine(ReferenceError):
    """A line of a reference file that cannot be taken."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}, line {line}: {message}")
        self.file = file
        self.line = line


class BadReference(ReferenceError):
    """The reference files were refused as a whole; nothing was changed."""

    def __init__(self, problems: Sequence[BadLine]) -> None:
        shown = "\n".join(str(problem) for problem in problems[:20])
        more = f"\n… and {len(problems) - 20} more" if len(problems) > 20 else ""
        super().__init__(f"{len(problems)} line(s) of the reference files must be mended:\n{shown}{more}")
        self.problems = tuple(problems)


class NotLoaded(ReferenceError):
    """The database holds no reference data yet."""

    def __init__(self) -> None:
        super().__init__("no reference data in the database: run `flask --app app db upgrade`")
