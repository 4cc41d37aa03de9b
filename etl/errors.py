"""What can go wrong when many reports move at once; the docstring is the message."""

from __future__ import annotations

from database.errors import OperatorError


class UnreadableFile(OperatorError):
    """A file that as a whole cannot be read, or written."""


class EtlError(Exception):
    """Không nạp hoặc xuất được dữ liệu. (Data could not be moved in or out.)"""


class DemoRefused(EtlError):
    """Phản ánh mẫu bị từ chối. (A demo report was refused.)"""


class TooManyJobs(OperatorError):
    """Somebody's analyses wait already; the message says how many."""
