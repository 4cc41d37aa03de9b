"""What can go wrong in the incidents package, a class a failure; the docstring is the message's meaning."""

from __future__ import annotations

from dataclasses import dataclass


class IncidentsError(Exception):
    """Any failure that this package raises on purpose."""


class UnknownCode(IncidentsError):
    """A report code that was never given: its symbols or its check symbol do not fit."""

    def __init__(self, typed: str) -> None:
        super().__init__(f"{typed!r} is not a report code: a symbol is wrong or two are swapped")
        self.typed = typed


class NoSuchReport(IncidentsError):
    """A well-formed code that no report bears, or one that left the public."""

    def __init__(self, code: str) -> None:
        super().__init__(f"there is no report {code}")
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why one draft of a batch was not taken: the others are."""

    field: str
    """the draft's field that has to be mended"""
    reason: str
    """a stable word: unknown_channel, unknown_category, outside_city, no_place, no_content, bad_coordinates, …"""
    message: str
    """what is wrong and how to mend it, for a person"""
    value: str = ""
    """what was given, shortened; never a reporter's data"""
