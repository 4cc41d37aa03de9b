"""What the reference data is made of: fields, categories, units, rules; and the copy of it that answers in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

HEROES = {"fallen_trees": "tree", "road_subsidence": "subsidence", "construction": "construction"}
"""the category groups that are map layers of their own, and their symbol"""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One of the ten fields of the city's regulation."""

    code: str
    position: int
    """its place in a report's zone ids, from 0"""
    name: Mapping[str, str]
    """vi, en"""


@dataclass(frozen=True, kw_only=True)
class Category:
    """A kind of incident."""

    code: str
    field: str
    group: str | None
    """fallen_trees, road_subsidence, construction or None"""
    kind: str
    """the map's symbol: tree, subsidence, construction or the field"""
    hero: str
    """the map's layer: tree, subsidence, construction or other"""
    urgency: str
    """emergency, high, normal or low"""
    position: int
    name: Mapping[str, str]
    short_name: Mapping[str, str]
    """for a button: vi, en"""
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Somebody who acts: a connected unit, a committee, or the desk."""

    id: int
    code: str
    name: Mapping[str, str]
    kind: str
    fields: tuple[str, ...]
    connected: bool
    """one of the 84"""
    parent_id: int | None
    area_id: int | None
    """a committee's own ward or district"""
    head: str
    """a role, never a person's name"""
    sample: bool
    source: str
    valid_from: date | None
    valid_to: date | None
    """last day"""

    def in_force(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


class Rule(NamedTuple):
    """A responsibility in one area over one span: small and plain, since routing reads millions of them."""

    first: int
    """first day in force, ordinal"""
    last: int
    """last day in force, ordinal"""
    unit_id: int
    id: int
    version: int
    told_unit_id: int
    """0: nobody is told"""
    name: str
    """the line of the editable file"""
    sample: bool
    source: str


class Tier(NamedTuple):
    """One layer of areas asked for a category, before the next one."""

    level: str
    """ward, district or zone"""
    field: str
    """the zone's field, empty on other levels"""
    position: int
    """the field's place in the zone ids, -1 on other levels"""
    rules: Mapping[int, tuple[Rule, ...]]
    """area id → its rules, in order of time"""


class DeadlineRule(NamedTuple):
    """The clocks of a category over one span, in minutes."""

    first: int
    last: int
    id: int
    version: int
    dispatch_minutes: int
    accept_minutes: int | None
    resolve_minutes: int | None
    calendar: str
    sample: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A category that a text speaks of."""

    category: str
    confidence: float
    """the share of such suggestions that are right, 0 to 1"""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The whole reference data of one moment, as it answers in memory."""

    fields: tuple[Field, ...]
    """in the order of a report's zone ids"""
    field_by_code: Mapping[str, Field]
    categories: Mapping[str, Category]
    units: Mapping[int, Unit]
    unit_by_code: Mapping[str, Unit]
    desk: Unit
    """who has a report until a unit is found: the call centre 1022"""
    tiers: Mapping[str, tuple[Tier, ...]]
    """category → the layers asked, in order. A category with rules of its own never falls back to its field's"""
    field_tiers: Mapping[str, Tier]
    """field → its zones' own rules, where no category has a rule of its own"""
    deadlines: Mapping[str | None, tuple[DeadlineRule, ...]]
    """category (None: no category yet) → rules, the newest version first"""
