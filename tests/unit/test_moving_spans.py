"""Days of a monthly schedule: when a run is due, and which span it has."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from database.clock import CITY_TIME
from etl.analysis import Asked, moving
from etl.analysis.moving import Length
from webmap.plan.asking import months_back


def at(word: str) -> datetime:
    return datetime.fromisoformat(word).replace(tzinfo=CITY_TIME)


@pytest.mark.parametrize(
    ("now", "due", "coming"),
    [
        ("2026-12-01T02:59", date(2026, 11, 1), date(2026, 12, 1)),
        ("2026-12-01T03:00", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-12-31T23:59", date(2026, 12, 1), date(2027, 1, 1)),
        ("2027-01-01T00:00", date(2026, 12, 1), date(2027, 1, 1)),
    ],
)
def test_a_run_is_due_on_the_first_at_three_in_the_city(now: str, due: date, coming: date) -> None:
    for zone in (CITY_TIME, UTC):  # the same moment, however it is told
        moment = at(now).astimezone(zone)
        assert (moving.due_on(moment), moving.next_on(moment)) == (due, coming)


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("2026-01-01", "2026-07-01", Length(months=6)),
        ("2026-05-16", "2026-11-16", Length(months=6)),
        ("2025-12-01", "2026-12-01", Length(months=12)),
        ("2026-01-01", "2026-06-30", Length(days=180)),
        ("2026-01-01", "2026-01-02", Length(days=1)),
        ("2026-01-01", "2026-01-01T08:00", Length(days=1)),
        ("2026-01-01T12:00", "2026-01-15T13:00", Length(days=15)),
    ],
)
def test_how_long_a_span_is(since: str, until: str, found: Length) -> None:
    assert moving.length(at(since), at(until)) == found


def test_what_the_page_calls_so_many_months_is_so_many_on_every_day() -> None:
    """Also at the end of a month, where the month before is shorter."""
    for months in (3, 6, 12):
        for number in range(1, 366):
            today = date.fromordinal(date(2026, 1, 1).toordinal() + number)
            first, last = months_back(months, today)
            until = date.fromordinal(last.toordinal() + 1)
            assert moving.length(at(first.isoformat()), at(until.isoformat())) == Length(months=months), today


@pytest.mark.parametrize(
    ("since", "until", "first", "moved"),
    [
        ("2026-05-16", "2026-11-16", date(2026, 12, 1), ("2026-06-01", "2026-12-01")),
        ("2026-05-16", "2026-11-16", date(2027, 1, 1), ("2026-07-01", "2027-01-01")),
        ("2026-01-01", "2026-01-15", date(2026, 3, 1), ("2026-02-15", "2026-03-01")),
    ],
)
def test_the_span_moves_along_and_the_rest_stays(since: str, until: str, first: date, moved: tuple[str, str]) -> None:
    words = {"since": since, "until": until, "category": "road_subsidence", "tail": "exact", "cell_m": "500"}
    asked = Asked.read(words)
    then = moving.moved(asked, first)
    assert then.parameters() == words | {"since": moved[0], "until": moved[1]}
    assert moving.question(then) == moving.question(asked) and "since" not in moving.question(asked)
    assert moving.moved(then, first) == then


@pytest.mark.parametrize(
    ("more", "may"),
    [
        ({}, True),
        ({"method": "local-moran"}, True),
        ({"method": "emerging"}, True),
        ({"method": "kde"}, False),
        ({"method": "st-dbscan"}, False),
        ({"compare": "spans", "other_since": "2025-01-01", "other_until": "2026-01-01"}, False),
    ],
)
def test_what_can_run_every_month(more: dict[str, str], may: bool) -> None:
    asked = Asked.read({"since": "2026-01-01", "until": "2026-07-01", **more})
    assert moving.can_be_scheduled(asked) is may
