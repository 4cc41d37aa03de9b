"""What can go wrong with boundaries, each said in one line an operator can act on."""

from __future__ import annotations

from database.errors import OperatorError


class BoundaryError(OperatorError):
    """Something about boundaries that a person has to mend: commands print it and exit 1."""


class UnreadableFile(BoundaryError):
    """A file is missing, is no vector or CSV file, or lacks a column."""


class InvalidPolygons(BoundaryError):
    """A file holds polygons that are empty or cross themselves; they are named."""


class AreasInTheWay(BoundaryError):
    """A file overlaps areas of its level in space and time, and `--replace` was not given."""


class UnknownMember(BoundaryError):
    """A zone is composed from an area that does not exist."""
