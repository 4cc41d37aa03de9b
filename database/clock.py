"""The one clock. Code asks `now()` and never the system, so that a year can be played in minutes.

SQL asks `app_now()`: the engine's begin event hands a frozen time over as `hotline.now`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

CITY_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
"""Days and hours are the city's: time is stored in UTC and shown, and cut into days, in this zone."""


class NoOffset(ValueError):
    """An instant that does not say where on earth its clock hangs."""


_frozen: ContextVar[datetime | None] = ContextVar("hotline_frozen", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def local(at: datetime) -> datetime:
    """The same moment on the city's clocks."""
    return at.astimezone(CITY_TIME)


def moment(word: str) -> datetime:
    """What somebody wrote: a day, which is its beginning in the city, or an instant with its offset. Aware.

    A plus sign that an address did not escape, and that arrives as a space, is understood. Raises NoOffset on an
    instant without one, ValueError on anything else.
    """
    if len(word) == len("2026-11-24"):
        return datetime.combine(date.fromisoformat(word), time(), CITY_TIME)
    at = datetime.fromisoformat(word.replace(" ", "+"))
    if at.tzinfo is None:
        raise NoOffset(word)
    return at


def frozen_at() -> datetime | None:
    """The moment the clock is held at, or None when it runs."""
    return _frozen.get()


@contextmanager
def frozen(at: datetime) -> Iterator[datetime]:
    """Hold the clock at `at` (aware) inside this block, in this thread. Raises ValueError on a naive time."""
    if at.tzinfo is None:
        raise ValueError("a frozen clock needs a time with a zone")
    token = _frozen.set(at.astimezone(UTC))
    try:
        yield at.astimezone(UTC)
    finally:
        _frozen.reset(token)
