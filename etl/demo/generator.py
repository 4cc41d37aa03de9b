"""The generator: so many reports over so many months, the same ones for the same seed.

What happens is drawn first, as arrays over things in the street. Then each thing is reported once or several times
(the known duplicates), and last each report gets its words. The draws of one stage come from a random stream of
their own, so that another phrase moves no report.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from etl.demo import addresses, progress
from etl.demo.calendar import LOCAL, months_before
from etl.demo.clusters import Cluster, plant
from etl.demo.geography import METRES_PER_DEGREE, Geography
from etl.demo.mix import Kind, kinds
from etl.demo.run import Run
from etl.demo.things import Things, World, happen
from incidents.drafts import Draft

CHANNELS = {"phone": 0.42, "app": 0.24, "web": 0.12, "social": 0.11, "email": 0.06, "sms": 0.05}
REPEATED = 0.08  # of the reports say again what another has said
_ACCURACY_M = {"phone": 60.0, "app": 12.0, "web": 20.0, "social": 50.0, "email": 60.0, "sms": 80.0}
_WITHOUT_PIN = {"phone": 0.08, "sms": 0.45, "email": 0.3, "social": 0.2}
_WITHOUT_CATEGORY = 0.12  # of the last day's reports not taken by a call-taker: nobody has classified them yet
_THING_M, _REPORT_M, _FARTHEST_M = 5.0, 12.0, 60.0
_SINCE = ("từ hôm qua", "mấy ngày nay", "từ sáng nay", "hơn một tuần", "từ đêm qua", "đã lâu")
_CLUSTERS, _THINGS, _REPEATS, _PLACES, _CHANNELS, _WORDS, _PROGRESS = range(1, 8)  # the random streams


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A report to be sent, with what only its author knows."""

    draft: Draft
    number: int
    """its place in the order of time, from 0"""
    thing: int
    """the thing in the street that it is about: reports of one thing bear one number"""
    repeats: int | None
    """the `number` of the first report of the same thing, where this is not it"""
    category: str
    """the true one, also where the draft says none"""
    cluster: str | None
    """the planted cluster that it belongs to"""
    lon: float
    lat: float
    """the true place (WGS 84), also where the draft says none"""


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """All that is decided before a report gets its words; arrays over reports in the order of time."""

    run: Run
    until: datetime
    geography: Geography
    habits: tuple[Kind, ...]
    clusters: tuple[Cluster, ...]
    things: Things
    thing: np.ndarray
    at: np.ndarray
    first: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    channel: np.ndarray


def planted(seed: int, months: int, until: datetime, geography: Geography) -> tuple[Cluster, ...]:
    """The clusters that `generate` of the same arguments plants. Raises ValueError as `generate` does."""
    return plant(geography, *_span(months, until), _stream(seed, _CLUSTERS))


def generate(
    seed: int, months: int, reports: int, until: datetime, geography: Geography, *, batch: int = 1000
) -> Iterator[list[Planned]]:
    """Exactly `reports` reports of the `months` before `until` (aware; not included), in batches, oldest first.
    Raises ValueError on a naive `until` or less than one month."""
    since, end = _span(months, until)
    habits, clusters = kinds(), planted(seed, months, until, geography)
    count = max(1, round(reports * (1 - REPEATED))) if reports else 0
    world = World(since=since, until=end, habits=habits, geography=geography, clusters=clusters)
    things = happen(count, world, _stream(seed, _THINGS))
    thing, at = _reported(things, reports, habits, end, _stream(seed, _REPEATS))
    lon, lat = _places(things, thing, geography, _stream(seed, _PLACES))
    plan = _Plan(
        run=Run(seed=seed, months=months, reports=reports, until=until),
        until=end,
        geography=geography,
        habits=habits,
        clusters=clusters,
        things=things,
        thing=thing,
        at=at,
        first=_first_of_each(thing),
        lon=lon,
        lat=lat,
        channel=_stream(seed, _CHANNELS).choice(list(CHANNELS), reports, p=list(CHANNELS.values())),
    )
    for begin in range(0, reports, batch):
        yield [_report(plan, number) for number in range(begin, min(begin + batch, reports))]


def _span(months: int, until: datetime) -> tuple[datetime, datetime]:
    """[since, until) in local time."""
    if until.tzinfo is None or months < 1:
        raise ValueError("the demo needs an end with a zone and at least one month")
    local = until.astimezone(LOCAL).replace(microsecond=0)
    return months_before(local, months), local


def _stream(*numbers: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(numbers))


def _reported(
    things: Things, reports: int, habits: tuple[Kind, ...], until: datetime, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The thing and the second of each report, sorted by time. A thing is said again within some minutes, at most
    three hours, after it was first said."""
    count = len(things.at)
    extra = max(0, reports - count)
    eager = np.array([habit.repeat for habit in habits])[things.kind] * things.eager
    again = random.choice(count, extra, p=eager / eager.sum()) if extra else np.empty(0, dtype=np.int64)
    later = things.at[again] + np.minimum(30 + random.exponential(1500, extra), 10800)
    thing = np.concatenate([np.arange(count), again])
    at = np.floor(np.minimum(np.concatenate([things.at, later]), until.timestamp() - 1))
    order = np.lexsort((thing, np.arange(len(thing)) >= count, at))
    return thing[order], at[order]


def _first_of_each(thing: np.ndarray) -> np.ndarray:
    """For each report the number of the first one about the same thing."""
    _, first, inverse = np.unique(thing, return_index=True, return_inverse=True)
    return np.asarray(first[inverse])


def _places(
    things: Things, thing: np.ndarray, geography: Geography, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """lon, lat of each report: the thing lies near its street point, each reporter stands some metres from it.
    Never farther than 2 × 60 m from the street point, which is 150 m inside the city."""
    shift = _shift(len(things.at), _THING_M, random)[thing] + _shift(len(thing), _REPORT_M, random)
    point = things.point[thing]
    lat = geography.lat[point] + shift[:, 1] / METRES_PER_DEGREE
    lon = geography.lon[point] + shift[:, 0] / METRES_PER_DEGREE / np.cos(np.radians(lat))
    return np.round(lon, 6), np.round(lat, 6)


def _shift(count: int, metres: float, random: np.random.Generator) -> np.ndarray:
    shift = random.normal(0, metres, (count, 2))
    length = np.hypot(shift[:, 0], shift[:, 1])
    return np.asarray(shift * np.minimum(1, _FARTHEST_M / np.maximum(length, 1e-9))[:, None])


def _report(plan: _Plan, number: int) -> Planned:
    """The words of one report, from a random stream of its own."""
    thing, first = int(plan.thing[number]), int(plan.first[number])
    habit = plan.habits[int(plan.things.kind[thing])]
    point, key = int(plan.things.point[thing]), int(plan.things.cluster[thing])
    channel, at = str(plan.channel[number]), _moment(plan.at[number])
    lon, lat = float(plan.lon[number]), float(plan.lat[number])
    words = _stream(plan.run.seed, _WORDS, number)

    unplaced = words.random() < _WITHOUT_PIN.get(channel, 0.0)
    recent = plan.until - at < timedelta(days=1) and channel != "phone"
    unsorted = recent and words.random() < _WITHOUT_CATEGORY
    description = habit.phrases[int(words.integers(len(habit.phrases)))].format(
        at=addresses.at(plan.geography, point, words),
        since=_SINCE[int(words.integers(len(_SINCE)))],
        cm=5 * int(words.integers(2, 9)),
        m=int(words.integers(1, 5)),
        n=int(words.integers(2, 40)),
    )
    address = None
    if unplaced or channel == "phone" or words.random() < 0.6:
        address = addresses.address(plan.geography, point, habit.category, at.date(), words)
    steps = (
        ()
        if unsorted
        else progress.past(_moment(plan.at[first]), plan.until, habit.hours, _stream(plan.run.seed, _PROGRESS, thing))
    )
    draft = Draft(
        channel=channel,
        category=None if unsorted else habit.category,
        reported_at=at,
        description=unicodedata.normalize("NFC", description),
        address=unicodedata.normalize("NFC", address) if address else None,
        lon=None if unplaced else lon,
        lat=None if unplaced else lat,
        accuracy_m=None if unplaced else round(_ACCURACY_M[channel] * float(words.lognormal(-0.7, 0.5)), 1),
        external_id=plan.run.external_id(number),
        past=tuple(step for step in steps if step.at > at),
        released=True,
        demo=True,
    )
    return Planned(
        draft=draft,
        number=number,
        thing=thing,
        repeats=None if first == number else first,
        category=habit.category,
        cluster=plan.clusters[key].name if key >= 0 else None,
        lon=lon,
        lat=lat,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), LOCAL)
