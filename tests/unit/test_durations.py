"""Lengths of time and moments in words; outside of a request in the source language, Vietnamese."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webmap.public.durations import deadline, duration, moment

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # 14:00 in the city


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=20), "dưới 1 phút"),
        (timedelta(minutes=12), "12 phút"),
        (timedelta(hours=3, minutes=25), "3 giờ 25 phút"),
        (timedelta(hours=11), "11 giờ"),
        (timedelta(hours=-52), "2 ngày 4 giờ"),
        (timedelta(days=2, minutes=5), "2 ngày"),
        (timedelta(days=12, hours=5), "12 ngày"),
        (timedelta(hours=3, minutes=59, seconds=58), "4 giờ"),
    ],
)
def test_the_two_largest_units(length, words):
    assert duration(length) == words


def test_a_deadline_is_said_with_its_weekday():
    assert deadline(datetime(2026, 11, 27, 3, 20, tzinfo=UTC), NOW) == "thứ Sáu 27/11, 10:20"
    assert deadline(datetime(2026, 11, 22, 3, 20, tzinfo=UTC), NOW) == "Chủ nhật 22/11, 10:20"
    assert deadline(datetime(2027, 1, 4, 3, 0, tzinfo=UTC), NOW) == "thứ Hai 04/01/2027, 10:00"


def test_today_is_the_city_s_today():
    assert deadline(datetime(2026, 11, 24, 16, 59, tzinfo=UTC), NOW) == "23:59 hôm nay"
    assert deadline(datetime(2026, 11, 24, 17, 0, tzinfo=UTC), NOW) == "thứ Tư 25/11, 00:00"


def test_the_year_is_said_only_where_it_is_another_one():
    assert moment(datetime(2026, 11, 23, 4, 20, tzinfo=UTC), NOW) == "23/11 11:20"
    assert moment(datetime(2025, 12, 31, 18, 0, tzinfo=UTC), NOW) == "01/01 01:00"
    assert moment(datetime(2025, 12, 31, 16, 0, tzinfo=UTC), NOW) == "31/12/2025 23:00"
