"""The proof that every place has exactly one responsible unit, for every category and day, by overlaying the areas.

Not by trying points: for each span of days without a change, the polygons of the areas that have a rule are laid over
the city. What they leave open is a gap; two rules over one area on one day are a double. Borders within the data's own
error are no findings: `locate` gives a gap narrower than 25 m to the nearest area, and an overlap to the lowest code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from district_boundaries.areas import AreaIndex, today
from district_boundaries.exact import GAP_METRES
from geo.crs import from_metres
from incidents.reference.values import Reference, Rule, Tier
from incidents.routing import rule_on

SINCE = date(2015, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A place and span of days with no responsible unit, or with two."""

    kind: str
    """gap or double"""
    categories: tuple[str, ...]
    first: date
    last: date
    lon: float
    lat: float
    place: str
    """the areas concerned, for a person"""
    rules: tuple[str, ...] = ()
    """of a double: the lines that meet"""
    km2: float = 0.0

    def __str__(self) -> str:
        what = ", ".join(self.categories)
        where = f"{self.place} ({self.lat:.5f}, {self.lon:.5f}), {self.first} … {self.last}"
        if self.kind == "gap":
            return f"gap: nobody is responsible for {what} in {where}, {self.km2:.4f} km²"
        return f"double: {' and '.join(self.rules)} both hold for {what} in {where}"


def prove(reference: Reference, index: AreaIndex, since: date = SINCE, until: date | None = None) -> list[Finding]:
    """Every gap and double from `since` to `until` (today), oldest first; none where all is total and single.

    `until` is included. The territory is today's city on every day.
    """
    until = until or today()
    shared: dict[tuple[int, ...], tuple[tuple[Tier, ...], list[str]]] = {}
    for code, category in reference.categories.items():
        if not category.retired:
            tiers = reference.tiers[code]
            shared.setdefault(tuple(id(tier.rules) for tier in tiers), (tiers, []))[1].append(code)
    overlay = _Overlay(index)
    found: list[Finding] = []
    for tiers, categories in shared.values():
        found += _doubles(index, tiers, tuple(categories), since, until)
        for first, last in _spans(index, tiers, since, until):
            found += _gaps(overlay, tiers, tuple(categories), first, last)
    return sorted(_joined(found), key=lambda finding: (finding.first, finding.kind, finding.categories))


class _Overlay:
    """What sets of areas leave open of the city; each set is laid over it once."""

    def __init__(self, index: AreaIndex) -> None:
        self.index = index
        self.city = shapely.union_all([index.metres(area.id) for area in index.of_level("city")])
        self._open: dict[frozenset[int], list[BaseGeometry]] = {}

    def open(self, ids: frozenset[int]) -> list[BaseGeometry]:
        """The pieces of the city (EPSG:9210) that none of the areas holds and that are wider than the tolerance."""
        made = self._open.get(ids)
        if made is None:
            covered = shapely.union_all([self.index.metres(id) for id in ids]) if ids else shapely.Point()
            left = shapely.get_parts(shapely.difference(self.city, covered))
            left = left[shapely.area(left) > 1]
            wide = ~shapely.is_empty(shapely.buffer(left, -GAP_METRES / 2))
            made = self._open[ids] = list(left[wide])
        return made


def _gaps(
    overlay: _Overlay, tiers: Sequence[Tier], categories: tuple[str, ...], first: date, last: date
) -> Iterator[Finding]:
    day = first.toordinal()
    ids = frozenset(
        area.id
        for tier in tiers
        for area in overlay.index.of_level(tier.level, tier.field, first)
        if rule_on(tier.rules.get(area.id, ()), day) is not None
    )
    for piece in overlay.open(ids):
        lon, lat = _inside(piece)
        yield Finding(
            kind="gap",
            categories=categories,
            first=first,
            last=last,
            lon=lon,
            lat=lat,
            place=_names(overlay.index, tiers, piece, first),
            km2=round(piece.area / 1e6, 4),
        )


def _doubles(
    index: AreaIndex, tiers: Sequence[Tier], categories: tuple[str, ...], since: date, until: date
) -> Iterator[Finding]:
    for tier in tiers:
        for area_id, rules in tier.rules.items():
            for number, rule in enumerate(rules):
                for other in rules[number + 1 :]:
                    first = max(rule.first, other.first, since.toordinal())
                    last = min(rule.last, other.last, until.toordinal())
                    if first <= last:
                        lon, lat = _inside(index.metres(area_id))
                        area = index.area(area_id)
                        yield Finding(
                            kind="double",
                            categories=categories,
                            first=date.fromordinal(first),
                            last=date.fromordinal(last),
                            lon=lon,
                            lat=lat,
                            place=f"{area.name} ({area.code})",
                            rules=(rule.name, other.name),
                        )


def _spans(index: AreaIndex, tiers: Sequence[Tier], since: date, until: date) -> list[tuple[date, date]]:
    """The spans without a change of areas or of these rules, from `since` to `until`."""
    starts = {since.toordinal(), *(day.toordinal() for day in index.changes)}
    for rule in _rules(tiers):
        starts |= {rule.first, rule.last + 1}
    cut = sorted(day for day in starts if since.toordinal() <= day <= until.toordinal())
    ends = [day - 1 for day in cut[1:]] + [until.toordinal()]
    return [(date.fromordinal(first), date.fromordinal(last)) for first, last in zip(cut, ends, strict=True)]


def _rules(tiers: Sequence[Tier]) -> Iterable[Rule]:
    return (rule for tier in tiers for rules in tier.rules.values() for rule in rules)


def _joined(found: Sequence[Finding]) -> list[Finding]:
    """The same gap over spans that follow each other is one finding."""
    made: dict[tuple[object, ...], list[Finding]] = {}
    for finding in sorted(found, key=lambda each: each.first):
        key = (finding.kind, finding.categories, finding.lon, finding.lat, finding.place, finding.rules)
        row = made.setdefault(key, [])
        if row and row[-1].last + timedelta(days=1) == finding.first:
            row[-1] = replace(row[-1], last=finding.last)
        else:
            row.append(finding)
    return [finding for row in made.values() for finding in row]


def _inside(shape: BaseGeometry) -> tuple[float, float]:
    point = shape.representative_point()
    lon, lat = from_metres(np.array([point.x]), np.array([point.y]))
    return round(float(lon[0]), 6), round(float(lat[0]), 6)


def _names(index: AreaIndex, tiers: Sequence[Tier], piece: BaseGeometry, day: date) -> str:
    """The areas of the asked layers that the piece lies in, else today's wards."""
    point = piece.representative_point()
    layers = [(tier.level, tier.field) for tier in tiers]
    for level, field in [*layers, ("ward", "")]:
        on = None if (level, field) == ("ward", "") and (level, field) not in layers else day
        for area in index.of_level(level, field, on):
            if index.metres(area.id).intersects(point):
                return f"{area.name} ({area.code})"
    return "the city"
