"""The city's year: rainy season, storms, weekends and Tết, over local days (Asia/Ho_Chi_Minh, UTC+7 all year)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

import holidays
import numpy as np

from etl.demo.geography import Geography
from etl.demo.mix import Kind

LOCAL = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
RAINY_MONTHS = range(5, 12)  # May to November
STORMS_A_YEAR = 7
STORM_SHARE = 0.013  # of a year's reports, in one storm

_WEEKDAY = (1.10, 1.08, 1.05, 1.05, 1.06, 0.86, 0.80)  # Monday first
_RAINY_DAYS = {5: 0.45, 6: 0.5, 7: 0.55, 8: 0.55, 9: 0.65, 10: 0.6, 11: 0.35}  # share of days with heavy rain
_TET, _AROUND_TET = 0.35, 0.7


@dataclass(frozen=True, kw_only=True)
class Storm:
    """A few hours that bring trees down over a part of the city."""

    at: datetime
    """when it begins, local"""
    hours: float
    lon: float
    lat: float
    radius_m: float
    share: float
    """of a year's reports"""


def months_before(moment: datetime, months: int) -> datetime:
    """The same time of day `months` calendar months earlier, on the month's last day where there is no such day."""
    years, month = divmod(moment.month - 1 - months, 12)
    first = moment.replace(year=moment.year + years, month=month + 1, day=1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(moment.day, last.day))


def days_between(start: datetime, until: datetime) -> list[date]:
    """Every local day that the span touches; `until` is outside of it."""
    first, last = start.date(), (until - timedelta(microseconds=1)).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def tet_days(years: set[int]) -> frozenset[date]:
    """The days of the Lunar New Year's holiday."""
    calendar = holidays.country_holidays("VN", years=sorted(years), language="en_US")
    return frozenset(day for day, name in calendar.items() if "Lunar New Year" in name)


def day_weights(days: list[date], kinds: tuple[Kind, ...], random: np.random.Generator) -> np.ndarray:
    """float64[kinds, days], summing to 1: how many of all reports outside of storms fall on a kind and a day.
    Rainy days come in spells; Tết is quiet; volumes grow by a quarter a year."""
    tet = tet_days({day.year for day in days})
    around = {day + timedelta(days=shift) for day in tet for shift in range(-3, 4)} - tet
    base = np.array([
        _WEEKDAY[day.weekday()] * (_TET if day in tet else _AROUND_TET if day in around else 1.0) for day in days
    ])  # fmt: skip
    base *= 1.25 ** (np.arange(len(days)) / 365.25)
    base *= random.lognormal(0, 0.08, len(days))
    wet = _wet_days(days, random)
    rain = np.array([kind.rain for kind in kinds])[:, None]
    weights = np.array([kind.share for kind in kinds])[:, None] * base * np.where(wet, rain, 1.0)
    return np.asarray(weights / weights.sum())


def storms(start: datetime, until: datetime, geography: Geography, random: np.random.Generator) -> list[Storm]:
    """The storms of the span, oldest first. Within the rainy season one has always passed two days before `until`,
    so that the map shows what a storm leaves behind."""
    days = [day for day in days_between(start, until) if day.month in RAINY_MONTHS]
    count = round(STORMS_A_YEAR * len(days) / 214)
    chosen = {days[number] for number in random.permutation(len(days))[:count]}
    if until.month in RAINY_MONTHS and (latest := (until - timedelta(days=2)).date()) in days:
        chosen = {day for day in chosen if abs((day - latest).days) > 2} | {latest}
    centres = random.choice(len(geography.lon), len(chosen), p=geography.weights(0.2))
    return [
        Storm(at=datetime.combine(day, datetime.min.time(), LOCAL) + timedelta(hours=float(random.uniform(13, 18.5))),
              hours=float(random.uniform(2, 5)), lon=float(geography.lon[centre]), lat=float(geography.lat[centre]),
              radius_m=float(random.uniform(4000, 9000)), share=STORM_SHARE * float(random.lognormal(0, 0.25)))
        for day, centre in zip(sorted(chosen), centres, strict=True)
    ]  # fmt: skip


def _wet_days(days: list[date], random: np.random.Generator) -> np.ndarray:
    """bool[days]: a day of heavy rain; a wet day makes the next one likelier to be wet."""
    wet, today = np.zeros(len(days), dtype=bool), False
    for number, (day, draw) in enumerate(zip(days, random.random(len(days)), strict=True)):
        share = _RAINY_DAYS.get(day.month, 0.04)
        today = bool(draw < share * (1.3 if today else 0.8))
        wet[number] = today
    return wet
