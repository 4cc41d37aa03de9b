"""The one clock."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest

from database import clock


def test_it_runs_in_utc() -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().utcoffset() == timedelta(0)


def test_it_is_held_inside_the_block_alone() -> None:
    at = datetime(2025, 6, 30, 23, 59, tzinfo=timezone(timedelta(hours=7)))
    with clock.frozen(at) as held:
        assert clock.now() == held == at
        assert clock.now().tzinfo is UTC
        with clock.frozen(at + timedelta(minutes=1)):
            assert clock.now() == at + timedelta(minutes=1)
        assert clock.now() == at
    assert clock.now() - at > timedelta(days=1)


def test_another_thread_keeps_its_own_time() -> None:
    seen: list[datetime | None] = []
    with clock.frozen(datetime(2020, 1, 1, tzinfo=UTC)):
        thread = threading.Thread(target=lambda: seen.append(clock.frozen_at()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"), clock.frozen(datetime(2020, 1, 1)):  # noqa: DTZ001
        pass


def test_a_written_day_begins_in_the_city_and_an_instant_says_its_offset() -> None:
    assert clock.moment("2026-11-24") == datetime(2026, 11, 23, 17, tzinfo=UTC)
    escaped, not_escaped = "2026-11-24T10:00+07:00", "2026-11-24T10:00 07:00"
    assert clock.moment(escaped) == clock.moment(not_escaped) == datetime(2026, 11, 24, 3, tzinfo=UTC)
    with pytest.raises(clock.NoOffset):
        clock.moment("2026-11-24T10:00")
    for wrong in ("", "2026-13-01", "hôm qua", "2026-11-2"):
        with pytest.raises(ValueError) as raised:
            clock.moment(wrong)
        assert not isinstance(raised.value, clock.NoOffset)
