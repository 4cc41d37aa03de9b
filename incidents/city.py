"""The whole city at once: how many reports came in lately, how many times the usual that is, and where.

Public rows alone. The usual of an hour is the mean of the same hour of the same weekday in the weeks before; where the
record covers too few weeks, nothing is called usual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from database import clock
from database.sql import queries
from incidents.watch import ENOUGH_WEEKS, WEEKS, weeks_known

Q = queries(Path(__file__).with_suffix(".sql"))

BIN = timedelta(minutes=5)
HOUR_BINS, BINS = 12, 36
LEAST_USUAL = 0.2
"""reports an hour: a quiet place does not jump to four hundred times its usual"""
STORM_FACTOR, STORM_REPORTS = 8.0, 30
"""from so many times the usual on, and so many reports in the hour, the page shows a storm"""
MOST_POINTS = 30_000


@dataclass(frozen=True, kw_only=True)
class Lately:
    """How many reports of something came in during the last hour."""

    n: int
    usual: float | None
    """None where too few weeks are known"""
    bins: list[int]
    """of five minutes, the last one ends now"""

    @property
    def factor(self) -> float | None:
        """How many times the usual."""
        return None if self.usual is None else self.n / max(self.usual, LEAST_USUAL)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A ward or a district in the last hour; `area_id` is its id."""

    area_id: int
    lately: Lately
    category: str
    """the most frequent one of the hour, empty where none is"""
    open: int
    late: int


@dataclass(frozen=True, kw_only=True)
class City:
    """The last hour of the city."""

    until: datetime
    weeks: int
    """so many weeks are behind what is usual"""
    all: Lately
    """its bins are those of three hours"""
    categories: dict[str, Lately]
    wards: list[Place]
    districts: list[Place]

    @property
    def storm(self) -> bool:
        """Whether so much more than usual comes in that the page should show it."""
        factor = self.all.factor
        return factor is not None and factor >= STORM_FACTOR and self.all.n >= STORM_REPORTS


def last_hour(connection: Connection) -> City:
    """The last hour beside the usual, for the city, its categories, its wards of today and the last districts."""
    until = clock.now()
    hour = until - BIN * HOUR_BINS
    lately = connection.execute(Q["lately"], {"since": until - BIN * BINS, "until": until}).all()
    usually = connection.execute(Q["usually"], {"since": hour, "until": until, "weeks": WEEKS}).all()
    standing = connection.execute(Q["open_by_place"], {"now": until}).all()
    weeks = weeks_known(connection, hour)
    return City(
        until=until,
        weeks=weeks,
        all=_lately(lately, usually, weeks, BINS),
        categories={
            code: _lately([r for r in lately if r.category == code], [r for r in usually if r.category == code], weeks)
            for code in {row.category for row in lately if row.category and row.bin >= BINS - HOUR_BINS}
        },
        wards=_places("ward_id", lately, usually, standing, weeks),
        districts=_places("district_id", lately, usually, standing, weeks),
    )


def points(connection: Connection, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """Minute (from `since`), lon, lat, hero and kind of the reports of a span, the newest MOST_POINTS of them."""
    return connection.execute(Q["points"], {"since": since, "until": until, "limit": MOST_POINTS}).all()


def _lately(lately: Sequence[Row[Any]], usually: Sequence[Row[Any]], weeks: int, bins: int = HOUR_BINS) -> Lately:
    counted = [0] * BINS
    for row in lately:
        counted[min(max(row.bin, 0), BINS - 1)] += row.n
    usual = sum(row.n for row in usually if row.week <= weeks) / weeks if weeks >= ENOUGH_WEEKS else None
    return Lately(n=sum(counted[-HOUR_BINS:]), usual=usual, bins=counted[-bins:])


def _places(
    column: str, lately: Sequence[Row[Any]], usually: Sequence[Row[Any]], standing: Sequence[Row[Any]], weeks: int
) -> list[Place]:
    """Every area with a report in the last hour or an open incident, most reports first."""
    now, before = _by(column, lately), _by(column, usually)
    open_ones, late_ones = Counter[int](), Counter[int]()
    for row in standing:
        area = getattr(row, column)
        if area:
            open_ones[area] += row.open
            late_ones[area] += row.late
    made = []
    for area in now.keys() | open_ones.keys():
        rows = now.get(area, [])
        kinds = Counter[str]()
        for row in rows:
            if row.category and row.bin >= BINS - HOUR_BINS:
                kinds[row.category] += row.n
        made.append(
            Place(
                area_id=area,
                lately=_lately(rows, before.get(area, []), weeks),
                category=min(kinds, key=lambda code: (-kinds[code], code)) if kinds else "",
                open=open_ones[area],
                late=late_ones[area],
            )
        )
    return sorted(made, key=lambda each: (-each.lately.n, -each.open, each.area_id))


def _by(column: str, rows: Sequence[Row[Any]]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {}
    for row in rows:
        area = getattr(row, column)
        if area:
            found.setdefault(area, []).append(row)
    return found
