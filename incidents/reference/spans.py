"""Spans of days as pairs of ordinals, both ends in force: what rules and areas are cut into."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
"""first and last day as proleptic ordinals; FIRST and LAST where an end is open"""

FIRST = 0
LAST = 10_000_000
ALWAYS: Span = (FIRST, LAST)


def span(first: date | None, last: date | None) -> Span:
    """A span from its first and last day; None is open."""
    return (first.toordinal() if first else FIRST, last.toordinal() if last else LAST)


def first_day(value: Span) -> date | None:
    return None if value[0] <= FIRST else date.fromordinal(value[0])


def last_day(value: Span) -> date | None:
    return None if value[1] >= LAST else date.fromordinal(value[1])


def common(one: Span, other: Span) -> Span | None:
    """The days in both, or None."""
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first <= last else None


def without(value: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of a span when others are taken out of it, in order."""
    left = [value]
    for begin, end in taken:
        rest: list[Span] = []
        for first, last in left:
            if end < first or begin > last:
                rest.append((first, last))
                continue
            if first < begin:
                rest.append((first, begin - 1))
            if end < last:
                rest.append((end + 1, last))
        left = rest
    return sorted(left)


def words(value: Span) -> str:
    """A span for a person: `2015-01-01 … 2020-12-31`, open ends as `…`."""
    first, last = first_day(value), last_day(value)
    return f"{first.isoformat() if first else ''} … {last.isoformat() if last else ''}".strip()
