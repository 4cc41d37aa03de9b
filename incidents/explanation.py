"""Who is responsible at a place, for every field and every category with rules of its own, and why.

The answers are `routing.route`'s, asked for fields as for categories; what stands beside them is the rule's line in
responsibilities.csv, the area that decided, and the nearest border of that layer with what lies beyond it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from district_boundaries.areas import AreaIndex
from district_boundaries.exact import GAP_METRES
from district_boundaries.locate import Located, locate, near
from geo.crs import to_metres
from geo.geos import one_at_a_time
from incidents.reference.values import Reference, Rule, Tier
from incidents.routing import route, rule_on

_REACHES = (200.0, 3_000.0, 60_000.0)
"""metres around a point in which another area is looked for, one after the other"""

_PINHOLE_M2 = GAP_METRES**2
"""a hole in an area that is smaller comes from where the boundaries do not quite meet; nothing lies behind its edge"""

_FIELD = "field:"


@dataclass(frozen=True, kw_only=True)
class Border:
    """The nearest border of the layer that decided, seen from a place."""

    metres: float
    """planar, EPSG:9210"""
    area_id: int
    """what lies beyond it; 0 where that is no area of the layer: the sea, or outside the city"""
    unit_id: int
    """who would be responsible there; 0 where nobody is"""


@dataclass(frozen=True, kw_only=True)
class Responsible:
    """Who is responsible for one field, or for one category with rules of its own."""

    field: str
    category: str | None
    unit_id: int
    """the desk's where no rule applies"""
    told_unit_id: int
    """0: nobody is told"""
    level: str
    """the layer that decided: ward, district, zone; empty where none did"""
    area_id: int
    rule: Rule | None
    border: Border | None
    candidates: tuple[int, ...]
    """units, the responsible one first: two or more where another's area is nearer than the place is sure"""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One place (WGS 84 degrees) on one day, known to `accuracy_m` metres."""

    lon: float
    lat: float
    on: date
    accuracy_m: float
    inside: bool
    """in the city; nothing below is known where it is not"""
    nearest: bool
    """some area is the nearest one, across a gap between two"""
    approximate: bool
    """ward or district is known by approximate boundaries only"""
    ward_id: int
    district_id: int
    ward_border: Border | None
    """the nearest border of the wards of that day; its `unit_id` is always 0"""
    fields: tuple[Responsible, ...]
    """in the order of the fields"""
    categories: tuple[Responsible, ...]
    """those that do not follow their field's zones, in the order of the file"""

    @property
    def unsure(self) -> tuple[Responsible, ...]:
        """Those where a person decides between two units."""
        return tuple(each for each in (*self.fields, *self.categories) if each.candidates)


def explain(  # noqa: PLR0917
    reference: Reference, index: AreaIndex, lon: ArrayLike, lat: ArrayLike, on: date, accuracy_m: ArrayLike = 0.0
) -> list[Explanation]:
    """Each place's answers, in order. `lon`, `lat`: degrees, float64[n]; `accuracy_m`: metres, one or n."""
    lon, lat = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
    accuracy = np.broadcast_to(np.asarray(accuracy_m, np.float64), lon.shape)
    located = locate(index, lon, lat, on)
    asked = questions(reference)
    answers = _answers(reference, index, asked, located, lon, lat, accuracy, on)
    wards = _borders(index, "ward", "", lon, lat, located.ward_id.tolist(), on)
    return [
        Explanation(
            lon=float(lon[row]),
            lat=float(lat[row]),
            on=on,
            accuracy_m=float(accuracy[row]),
            inside=bool(located.inside[row]),
            nearest=bool(located.nearest[row]),
            approximate=bool(located.approximate[row]),
            ward_id=int(located.ward_id[row]),
            district_id=int(located.district_id[row]),
            ward_border=wards[row],
            fields=tuple(each for each in answers[row] if each.category is None),
            categories=tuple(each for each in answers[row] if each.category is not None),
        )
        for row in range(len(lon))
    ]


def questions(reference: Reference) -> dict[str, tuple[Tier, ...]]:
    """What is asked of a place: every field by its zones, then every category in use with rules of its own."""
    asked: dict[str, tuple[Tier, ...]] = {
        _FIELD + field.code: (reference.field_tiers[field.code],) for field in reference.fields
    }
    for code, category in reference.categories.items():
        tiers = reference.tiers.get(code, ())
        if not category.retired and tiers != asked[_FIELD + category.field]:
            asked[code] = tiers
    return asked


def _answers(  # noqa: PLR0917
    reference: Reference,
    index: AreaIndex,
    asked: Mapping[str, tuple[Tier, ...]],
    located: Located,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    accuracy: NDArray[np.float64],
    on: date,
) -> list[list[Responsible]]:
    """Of each place, the answer to each question."""
    places, each = len(lon), len(asked)
    which = np.repeat(np.arange(places), each)
    names = list(asked) * places
    routed = route(
        replace(reference, tiers=asked), index, names, located[which], lon[which], lat[which], accuracy[which], on
    )
    areas, rules = routed.area_id.tolist(), routed.responsibility_id.tolist()
    decided = [_decided(asked[name], area, rule) for name, area, rule in zip(names, areas, rules, strict=True)]
    borders = _borders_of(index, decided, areas, lon[which], lat[which], on)
    made: list[list[Responsible]] = [[] for _ in range(places)]
    for row, name in enumerate(names):
        category = None if name.startswith(_FIELD) else name
        tier, rule = decided[row]
        made[which[row]].append(
            Responsible(
                field=reference.categories[category].field if category else name.removeprefix(_FIELD),
                category=category,
                unit_id=int(routed.unit_id[row]),
                told_unit_id=int(routed.told[row]),
                level=tier.level if tier else "",
                area_id=areas[row],
                rule=rule,
                border=borders[row],
                candidates=tuple(routed.candidates[row]),
            )
        )
    return made


def _decided(tiers: Sequence[Tier], area_id: int, responsibility_id: int) -> tuple[Tier | None, Rule | None]:
    """The layer and the rule behind an answer."""
    for tier in tiers:
        for rule in tier.rules.get(area_id, ()):
            if rule.id == responsibility_id:
                return tier, rule
    return None, None


def _borders_of(  # noqa: PLR0917
    index: AreaIndex,
    decided: Sequence[tuple[Tier | None, Rule | None]],
    area_ids: Sequence[int],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    on: date,
) -> list[Border | None]:
    """Each answer's nearest border, asked layer by layer; beyond it the same rules say who is responsible."""
    layers: dict[tuple[str, str], list[int]] = {}
    for row, (tier, _) in enumerate(decided):
        if tier is not None:
            layers.setdefault((tier.level, tier.field), []).append(row)
    found: list[Border | None] = [None] * len(decided)
    for (level, field), rows in layers.items():
        borders = _borders(index, level, field, lon[rows], lat[rows], [area_ids[row] for row in rows], on)
        for row, border in zip(rows, borders, strict=True):
            tier = decided[row][0]
            if border is not None and tier is not None and border.area_id:
                rule = rule_on(tier.rules.get(border.area_id, ()), on.toordinal())
                border = replace(border, unit_id=rule.unit_id if rule else 0)
            found[row] = border
    return found


@one_at_a_time
def _borders(  # noqa: PLR0917
    index: AreaIndex,
    level: str,
    field: str,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    area_ids: Sequence[int],
    on: date,
) -> list[Border | None]:
    """The nearest border of a layer, of each place in its area (0: none)."""
    found: list[Border | None] = [None] * len(area_ids)
    open_rows = [row for row, area_id in enumerate(area_ids) if area_id]
    if not open_rows:
        return found
    pins = np.asarray(shapely.points(*to_metres(lon, lat)))
    own = {row: float(shapely.distance(_outline(index.metres(area_ids[row])), pins[row])) for row in open_rows}
    for reach in _REACHES:
        around = near(index, level, field, lon[open_rows], lat[open_rows], reach, on)
        missing: list[int] = []
        for row, ids in zip(open_rows, around, strict=True):
            others = [each for each in ids if each != area_ids[row]]
            if not others and own[row] > reach and reach != _REACHES[-1]:
                missing.append(row)
                continue
            metres, beyond = min(
                ((float(shapely.distance(index.metres(each), pins[row])), each) for each in others),
                default=(float("inf"), 0),
            )
            # Where the area's own border is nearer than any other area by more than a gap, nothing lies behind it.
            if metres > own[row] + GAP_METRES:
                metres, beyond = own[row], 0
            found[row] = Border(metres=metres, area_id=beyond, unit_id=0)
        open_rows = missing
        if not open_rows:
            break
    return found


def _outline(area: BaseGeometry) -> BaseGeometry:
    """An area's border (metres in, metres out) without the edges of pinholes."""
    parts = shapely.get_parts(area)
    rings: list[BaseGeometry] = list(shapely.get_exterior_ring(parts))
    for part in parts:
        holes = [shapely.get_interior_ring(part, number) for number in range(shapely.get_num_interior_rings(part))]
        rings += [hole for hole in holes if shapely.area(shapely.polygons(hole)) >= _PINHOLE_M2]
    border: BaseGeometry = shapely.geometrycollections(rings)
    return border
