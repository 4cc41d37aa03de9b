"""The reference data in memory: one copy a process, compared with the database before every answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from database.reference import Held, State, state
from database.sql import queries
from district_boundaries import areas
from district_boundaries.areas import AreaIndex
from incidents.reference.errors import NotLoaded
from incidents.reference.spans import span
from incidents.reference.values import HEROES, Category, DeadlineRule, Field, Reference, Rule, Tier, Unit

Q = queries(__file__)

_ORDER = ("ward", "district", "zone")
"""The layers that a category's own rules are asked in: the nearest authority first."""


def current(connection: Connection, seen: State | None = None) -> Reference:
    """The reference data, from memory while nothing has changed; one cheap query says whether, or `seen`, the state
    that the caller has asked for in this transaction. Raises NotLoaded."""
    return _held.current(connection, seen)


def current_with_areas(connection: Connection) -> tuple[Reference, AreaIndex]:
    """The reference data and the areas, both compared with the database by one query. Raises NotLoaded."""
    seen = state(connection)
    return _held.current(connection, seen), areas.current(connection, seen)


def read(connection: Connection) -> Reference:
    """The reference data, read now. Raises NotLoaded."""
    fields = tuple(
        Field(code=row.code, position=row.position, name={"vi": row.name_vi, "en": row.name_en})
        for row in connection.execute(Q["fields"])
    )
    categories = {row.code: _category(row) for row in connection.execute(Q["categories"])}
    units = {row.id: _unit(row) for row in connection.execute(Q["units"])}
    desk = next((unit for unit in units.values() if unit.kind == "desk"), None)
    if desk is None or not fields:
        raise NotLoaded()
    own, of_field = _rules(connection)
    field_by_code = {field.code: field for field in fields}
    field_tiers = {
        field.code: Tier("zone", field.code, field.position, of_field.get(field.code, {})) for field in fields
    }
    return Reference(
        fields=fields,
        field_by_code=field_by_code,
        categories=categories,
        units=units,
        unit_by_code={unit.code: unit for unit in units.values()},
        desk=desk,
        tiers={
            code: _tiers(own.get(code), category, field_by_code, field_tiers) for code, category in categories.items()
        },
        field_tiers=field_tiers,
        deadlines=_deadlines(connection),
    )


_ByArea = dict[int, tuple[Rule, ...]]


def _rules(connection: Connection) -> tuple[dict[str, dict[str, _ByArea]], dict[str, _ByArea]]:
    """Rules of categories by level and area, and rules of fields by area."""
    own: dict[str, dict[str, _ByArea]] = {}
    of_field: dict[str, _ByArea] = {}
    for row in connection.execute(Q["responsibilities"]):
        first, last = span(row.first, row.last)
        rule = Rule(first, last, row.unit_id, row.id, row.version, row.told_unit_id, row.rule, row.sample, row.source)
        if row.category is None:
            table = of_field.setdefault(row.field, {})
        else:
            table = own.setdefault(row.category, {}).setdefault(row.level, {})
        table[row.area_id] = (*table.get(row.area_id, ()), rule)
    return own, of_field


def _tiers(
    own: dict[str, _ByArea] | None, category: Category, fields: dict[str, Field], field_tiers: dict[str, Tier]
) -> tuple[Tier, ...]:
    """The layers asked for a category.

    With rules of its own it never falls back to its field's, so that a gap shows as a gap.
    """
    if own is None:
        return (field_tiers[category.field],)
    position = fields[category.field].position
    return tuple(
        Tier(level, category.field if level == "zone" else "", position if level == "zone" else -1, own[level])
        for level in _ORDER
        if level in own
    )


def _deadlines(connection: Connection) -> dict[str | None, tuple[DeadlineRule, ...]]:
    found: dict[str | None, tuple[DeadlineRule, ...]] = {}
    for row in connection.execute(Q["deadlines"]):
        first, last = span(row.first, row.last)
        rule = DeadlineRule(
            first,
            last,
            row.id,
            row.version,
            row.dispatch_minutes,
            row.accept_minutes,
            row.resolve_minutes,
            row.calendar,
            row.sample,
            row.source,
        )
        found[row.category] = (*found.get(row.category, ()), rule)
    return found


def _category(row: Any) -> Category:
    hero = HEROES.get(row.group_code or "")
    return Category(
        code=row.code,
        field=row.field,
        group=row.group_code,
        kind=hero or row.field,
        hero=hero or "other",
        urgency=row.urgency,
        position=row.position,
        name={"vi": row.name_vi, "en": row.name_en},
        short_name={"vi": row.short_vi or row.name_vi, "en": row.short_en or row.name_en},
        retired=row.retired,
    )


def _unit(row: Any) -> Unit:
    return Unit(
        id=row.id,
        code=row.code,
        name={"vi": row.name_vi, "en": row.name_en},
        kind=row.kind,
        fields=tuple(row.fields),
        connected=row.connected,
        parent_id=row.parent_id,
        area_id=row.area_id,
        head=row.head_title,
        sample=row.sample,
        source=row.source,
        valid_from=row.first,
        valid_to=row.last,
    )


_held: Held[Reference] = Held(
    lambda seen: (seen.database, seen.of("incidents", "zones", "boundaries")),
    lambda connection, seen, former: read(connection),
)
