"""Which unit is responsible: category, place and day in; unit and the rule that says so out.

A category with rules of its own asks the ward, then the district, then the zone; any other asks its field's zone. The
first layer whose area has a rule on that day decides. Nobody found, no category, or no place: the desk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from district_boundaries.areas import AreaIndex
from district_boundaries.locate import Days, Located, near_in_layers
from incidents.reference.values import Reference, Rule, Tier, Unit


@dataclass(frozen=True, kw_only=True)
class Routed:
    """Who is responsible for `n` reports: arrays and lists of length n, ids, 0 where there is none."""

    unit_id: NDArray[np.int32]
    """the desk's where no rule applies"""
    area_id: NDArray[np.int32]
    """the area that decided"""
    responsibility_id: NDArray[np.int32]
    rule_version: NDArray[np.int32]
    told: NDArray[np.int32]
    """who is told at once without having to act"""
    candidates: list[list[int]]
    """unit ids, the responsible one first: two or more where another unit's area is nearer than the place is sure"""


def route(  # noqa: PLR0917
    reference: Reference,
    index: AreaIndex,
    categories: Sequence[str | None],
    located: Located,
    lon: ArrayLike,
    lat: ArrayLike,
    accuracy_m: ArrayLike,
    on: Days,
) -> Routed:
    """The responsible unit of each report.

    `lon`, `lat`: degrees, float64[n] (NaN: no place); `accuracy_m`: metres, one or n; `on`: one day or n days.
    `located` is what `locate` said of the same points and days.
    """
    count = len(categories)
    days = _ordinals(on, count)
    nobody = (reference.desk.id, 0, 0, 0, 0)
    answers = [nobody] * count
    none: list[int] = []
    candidates = [none] * count  # one empty list for most: a new one each would wake the collector on a large batch
    wards, districts = located.ward_id.tolist(), located.district_id.tolist()
    zones, inside = located.zone_ids.tolist(), located.inside.tolist()
    unsure = np.broadcast_to(np.asarray(accuracy_m, np.float64), (count,))
    asked: list[tuple[int, Tier]] = []
    for row, category in enumerate(categories):
        if category is None or not inside[row]:
            continue
        for tier in reference.tiers.get(category, ()):
            if tier.level == "ward":
                area = wards[row]
            elif tier.level == "district":
                area = districts[row]
            else:
                area = zones[row][tier.position]
            if area and (rule := rule_on(tier.rules.get(area, ()), days[row])) is not None:
                answers[row] = (rule.unit_id, area, rule.id, rule.version, rule.told_unit_id)
                if unsure[row] > 0:
                    asked.append((row, tier))
                break
    if asked:
        which = np.array([row for row, _ in asked])
        layers = [index.layers.index((tier.level, tier.field)) for _, tier in asked]
        dates = on if isinstance(on, date) else np.array([days[row] - _EPOCH for row, _ in asked], "datetime64[D]")
        lon, lat = np.asarray(lon, np.float64)[which], np.asarray(lat, np.float64)[which]
        around = near_in_layers(index, layers, lon, lat, unsure[which], dates)
        for (row, tier), areas in zip(asked, around, strict=True):
            if len(areas) > 1 or (areas and areas[0] != answers[row][1]):
                candidates[row] = _candidates(answers[row][0], tier, areas, days[row])
    table = np.array(answers, np.int32).reshape(-1, 5).T
    return Routed(
        unit_id=table[0],
        area_id=table[1],
        responsibility_id=table[2],
        rule_version=table[3],
        told=table[4],
        candidates=candidates,
    )


def rule_on(rules: Iterable[Rule], day: int) -> Rule | None:
    """The rule in force on that day (ordinal)."""
    for rule in rules:
        if rule.first <= day <= rule.last:
            return rule
    return None


def zone_unit(reference: Reference, zone_area_id: int, on: date) -> Unit:
    """Who is responsible for a zone's field where no category has a rule of its own; the desk where nobody is."""
    day = on.toordinal()
    for tier in reference.field_tiers.values():
        if (rules := tier.rules.get(zone_area_id)) is not None:
            rule = rule_on(rules, day)
            return reference.units[rule.unit_id] if rule else reference.desk
    return reference.desk


def _candidates(unit_id: int, tier: Tier, areas: Sequence[int], day: int) -> list[int]:
    found = [unit_id]
    for area in areas:
        rule = rule_on(tier.rules.get(area, ()), day)
        if rule is not None and rule.unit_id not in found:
            found.append(rule.unit_id)
    return found if len(found) > 1 else []


def _ordinals(on: Days, count: int) -> list[int]:
    """One day or n days as ordinals, n of them."""
    if isinstance(on, date):
        return [on.toordinal()] * count
    if isinstance(on, np.ndarray):
        return [int(day) + _EPOCH for day in on.astype("datetime64[D]").astype(np.int64).tolist()]
    return [day.toordinal() for day in on]


_EPOCH = date(1970, 1, 1).toordinal()
