"""Days of a schedule, in Asia/Ho_Chi_Minh: when a run is due, and the span of it, which moves along."""

from __future__ import annotations

import math
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from database.clock import CITY_TIME, local
from etl.analysis.asked import Asked
from etl.hotspots.question import Question

HOUR = 3
"""in the morning of a month's first day: the day before is whole by then, and nobody waits for the machine"""
MOST_MONTHS = 1200


@dataclass(frozen=True, kw_only=True)
class Length:
    """How long a span is: so many whole months, else so many days."""

    months: int = 0
    days: int = 0


def due_on(now: datetime) -> date:
    """The first of a month for which a run was due last. `now`: aware."""
    first = local(now).date().replace(day=1)
    return first if now >= due_at(first) else months_before(first, 1)


def due_at(first: date) -> datetime:
    """The moment from which the run of a month's first day is due, in UTC."""
    return datetime.combine(first, time(HOUR), CITY_TIME).astimezone(UTC)


def next_on(now: datetime) -> date:
    """The first of a month for which a run will be due next. `now`: aware."""
    return months_before(due_on(now), -1)


def months_before(day: date, months: int) -> date:
    """So many months earlier (later where negative); a month that has no such day gives its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def length(since: datetime, until: datetime) -> Length:
    """Of the span from `since` to before `until` (aware). Whole months are those that the page means by "the last six
    months" (from the day after that day six months ago), or from one day of a month to before the same day of another;
    anything else counts in days, a part of one as a whole."""
    first, end = local(since), local(until)
    if first.time() == end.time() == time():
        between = end.year * 12 + end.month - first.year * 12 - first.month
        last_day = end.date() - timedelta(days=1)
        for months in (between, between - 1, between + 1):
            starts = (months_before(end.date(), months), months_before(last_day, months) + timedelta(days=1))
            if 0 < months <= MOST_MONTHS and first.date() in starts:
                return Length(months=months)
    return Length(days=max(1, math.ceil((until - since) / timedelta(days=1))))


def moved(asked: Asked, first: date) -> Asked:
    """The same question, its span as long and ending with the day before `first`. Raises BadQuestion."""
    since, until = asked.question.since, asked.question.until
    assert since is not None and until is not None
    how_long = length(since, until)
    begins = months_before(first, how_long.months) - timedelta(days=how_long.days)
    words = asked.parameters() | {"since": begins.isoformat(), "until": first.isoformat()}
    return Asked.read(words)


def question(asked: Asked) -> str:
    """What is asked apart from when, in one spelling: runs with the same one are compared."""
    return urlencode({name: word for name, word in asked.parameters().items() if name not in ("since", "until")})


def can_be_scheduled(asked: Asked) -> bool:
    """Whether it finds hot places month by month: a test of one span. Comparisons bring a span of before with them, a
    density tests nothing, clusters of ST-DBSCAN have no cells to be found again by, and plain questions have no hot
    places."""
    return asked.other is None and asked.plain is None and _tests(asked.question)


def _tests(asked: Question) -> bool:
    return asked.method in ("gi-star", "local-moran", "emerging")
