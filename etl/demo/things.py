"""What happens in the street, before anybody reports it: kind, moment and place, as arrays over things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from etl.demo.calendar import LOCAL, Storm, day_weights, days_between, storms
from etl.demo.clusters import Cluster
from etl.demo.geography import Geography
from etl.demo.mix import Kind

DAY = 86400


@dataclass(frozen=True, kw_only=True)
class Things:
    """Arrays over things, in no order."""

    at: np.ndarray
    """float64: seconds since the epoch"""
    kind: np.ndarray
    """int: a place in the habits"""
    point: np.ndarray
    """int: a place in the geography"""
    cluster: np.ndarray
    """int: a place in the clusters, -1 for none"""
    eager: np.ndarray
    """float64: how much readier people are to report it again than on any day"""


@dataclass(frozen=True, kw_only=True)
class World:
    """In which things happen: [since, until), the habits of the categories, the places, the planted clusters."""

    since: datetime
    until: datetime
    habits: tuple[Kind, ...]
    geography: Geography
    clusters: tuple[Cluster, ...]


def happen(count: int, world: World, random: np.random.Generator) -> Things:
    """`count` things: everyday ones, those that storms bring, and those of the clusters."""
    since, until, habits, clusters = world.since, world.until, world.habits, world.clusters
    days = days_between(since, until)
    midnight = np.array([datetime.combine(day, datetime.min.time(), LOCAL).timestamp() for day in days])
    squalls = storms(since, until, world.geography, random)
    weights = day_weights(days, habits, random)
    years = (until - since).days / 365.25
    shares = np.array([1 - sum(cluster.share for cluster in clusters), *(storm.share / years for storm in squalls),
                       *(cluster.share for cluster in clusters)])  # fmt: skip
    numbers = random.multinomial(count, shares / shares.sum()).tolist()
    kind_of = {habit.category: number for number, habit in enumerate(habits)}
    parts = [_everyday(numbers[0], weights, midnight, world, random)]
    parts += [_storm(number, storm, world, random) for storm, number in zip(squalls, numbers[1:], strict=False)]
    for key, (cluster, number) in enumerate(zip(clusters, numbers[1 + len(squalls) :], strict=True)):
        kind = np.full(number, kind_of[cluster.category])
        at = _clustered(
            cluster, kind, weights=weights[kind_of[cluster.category]], midnight=midnight, habits=habits, random=random
        )
        point = random.choice(len(cluster.weights), number, p=cluster.weights)
        parts.append((at, kind, point, np.full(number, key), np.ones(number)))
    at, kinds, point, key_of, eager = (np.concatenate(column) for column in zip(*parts, strict=True))
    at = _within(at, since.timestamp(), until.timestamp())
    return Things(at=at, kind=kinds, point=point, cluster=key_of, eager=eager)


def _everyday(
    count: int, weights: np.ndarray, midnight: np.ndarray, world: World, random: np.random.Generator
) -> tuple[np.ndarray, ...]:
    habits, geography = world.habits, world.geography
    cells = random.multinomial(count, weights.ravel())
    kind, day = np.divmod(np.repeat(np.arange(weights.size), cells), weights.shape[1])
    at = midnight[day] + _time_of_day(kind, habits, random)
    point = np.empty(count, dtype=np.int64)
    for number, habit in enumerate(habits):
        chosen = np.flatnonzero(kind == number)
        point[chosen] = random.choice(len(geography.lon), len(chosen), p=geography.weights(habit.spread))
    return at, kind, point, np.full(count, -1), np.ones(count)


def _storm(count: int, storm: Storm, world: World, random: np.random.Generator) -> tuple[np.ndarray, ...]:
    habits, geography = world.habits, world.geography
    kind = random.choice(len(habits), count, p=[habit.storm for habit in habits])
    hours = np.minimum(random.gamma(2.0, storm.hours / 4, count), 2.5 * storm.hours)
    pull = geography.weights(0.2) * np.exp(-0.5 * (geography.metres_from(storm.lon, storm.lat) / storm.radius_m) ** 2)
    point = random.choice(len(pull), count, p=pull / pull.sum())
    return storm.at.timestamp() + hours * 3600, kind, point, np.full(count, -1), np.full(count, 2.0)


def _clustered(
    cluster: Cluster,
    kind: np.ndarray,
    *,
    weights: np.ndarray,
    midnight: np.ndarray,
    habits: tuple[Kind, ...],
    random: np.random.Generator,
) -> np.ndarray:
    """When the things of a cluster happen: by the days and hours of their kind, within the cluster's span."""
    begin, end = cluster.since.timestamp(), cluster.until.timestamp()
    pull = weights * ((midnight > begin - DAY) & (midnight < end))
    day = random.choice(len(midnight), len(kind), p=pull / pull.sum())
    return _within(midnight[day] + _time_of_day(kind, habits, random), begin, end)


def _time_of_day(kind: np.ndarray, habits: tuple[Kind, ...], random: np.random.Generator) -> np.ndarray:
    """Seconds after midnight, by each kind's profile of hours."""
    profile = np.cumsum([habit.day for habit in habits], axis=1)
    hour = np.minimum((random.random(len(kind))[:, None] > profile[kind]).sum(axis=1), 23)
    return np.asarray((hour + random.random(len(kind))) * 3600)


def _within(at: np.ndarray, since: float, until: float) -> np.ndarray:
    """Times of the first and last, half-covered day are moved by whole days into the span, so that the hour stays."""
    at = np.where(at < since, at + DAY * np.ceil((since - at) / DAY), at)
    at = np.where(at >= until, at - DAY * (np.floor((at - until) / DAY) + 1), at)
    return np.asarray(np.clip(at, since, until - 1))
