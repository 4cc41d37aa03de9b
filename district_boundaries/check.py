"""Whether the areas of every level and day fit together: invalid rings, overlaps, gaps, official area.

By overlaying the areas themselves, in EPSG:9210, never by sampling points. A finding breaks a tolerance or is a note: a
sliver of overlap, a pinhole and a gap narrower than the data's own error are answered by the rules of `exact`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from district_boundaries.areas import Area, AreaIndex
from district_boundaries.exact import GAP_METRES
from district_boundaries.files import SLIVER_M2

AREA_NOTED = 0.05  # of the official figure: how water is counted explains as much
AREA_BROKEN = 0.5  # nothing explains as much
_SQUARE_KM = 1e6


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing about a level in a span of days; `broken` when a tolerance is."""

    layer: str  # ward, district, zone:water …
    since: date | None
    until: date | None  # the last day
    kind: str  # invalid, overlap, gap, area, responsibility …
    text: str
    broken: bool


@dataclass(frozen=True, kw_only=True)
class Layer:
    """The areas of a level over a span of days in which they do not change."""

    level: str
    field: str
    since: date | None
    until: date | None
    areas: tuple[Area, ...]

    @property
    def name(self) -> str:
        """ward, district, zone:water …"""
        return f"{self.level}:{self.field}" if self.field else self.level


FURTHER: list[Callable[[Connection, AreaIndex], Iterable[Finding]]] = []
"""Checks of other packages on the same areas, such as the proof that responsibility is total and single."""


def layers(index: AreaIndex) -> list[Layer]:
    """Every level and field over every span in which its areas stay the same."""
    starts: list[date | None] = [None, *index.changes]
    found: list[Layer] = []
    for level, field in index.layers:
        spans: list[Layer] = []
        for start, following in zip(starts, [*index.changes, None], strict=True):
            day = start or (index.changes[0] - timedelta(days=1) if index.changes else date.max)
            areas = tuple(area for area in index.of_level(level, field, day) if area.valid_on(day))
            until = following - timedelta(days=1) if following else None
            if spans and spans[-1].areas == areas:
                spans[-1] = Layer(level=level, field=field, since=spans[-1].since, until=until, areas=areas)
            else:
                spans.append(Layer(level=level, field=field, since=start, until=until, areas=areas))
        found += spans
    return [layer for layer in found if layer.areas]


def check(index: AreaIndex, layer: Layer) -> Iterator[Finding]:
    """What there is to say of one layer."""
    shapes = np.empty(len(layer.areas), dtype=object)
    shapes[:] = [index.metres(area.id) for area in layer.areas]

    def finding(kind: str, text: str, *, broken: bool = False) -> Finding:
        return Finding(layer=layer.name, since=layer.since, until=layer.until, kind=kind, text=text, broken=broken)

    for area in layer.areas:
        shape = index.geometry(area.id)
        if not shape.is_valid:
            yield finding("invalid", f"{area.name}: {shapely.is_valid_reason(shape)}", broken=True)
    yield from _overlaps(layer, shapes, finding)
    yield from _gaps(index, layer, shapes, finding)
    yield from _official(layer, shapes, finding)


_Finder = Callable[..., Finding]


def _overlaps(layer: Layer, shapes: NDArray[np.object_], finding: _Finder) -> Iterator[Finding]:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    shared = np.asarray(shapely.area(shapely.intersection(shapes[one], shapes[other])))
    for k in np.flatnonzero(shared >= SLIVER_M2):
        names = f"{layer.areas[one[k]].name} – {layer.areas[other[k]].name}"
        yield finding("overlap", f"{names}: {shared[k]:,.0f} m²", broken=True)
    slivers = shared[(shared > 0.01) & (shared < SLIVER_M2)]
    if len(slivers):
        yield finding("overlap", f"{len(slivers)} slivers, at most {slivers.max():.0f} m²: the lowest code answers")


def _gaps(index: AreaIndex, layer: Layer, shapes: NDArray[np.object_], finding: _Finder) -> Iterator[Finding]:
    """What of the city no area of the layer holds; the city is meant without its own pinholes."""
    city = index.by_code("city:79")
    if city is None:
        return
    whole = _filled(index.metres(city.id))
    empty = shapely.get_parts(shapely.difference(whole, shapely.union_all(shapes)))
    size = np.asarray(shapely.area(empty))
    empty, size = empty[size > 0.01], size[size > 0.01]
    wide = np.asarray(~shapely.is_empty(shapely.buffer(empty, -GAP_METRES, quad_segs=2)), dtype=np.bool_)
    known_in_part = any(area.approximate for area in layer.areas)
    if wide.any():
        text = f"{wide.sum()} parts of the city, {size[wide].sum() / _SQUARE_KM:,.2f} km², in no area"
        yield finding("gap", text + (": their lines are not known" if known_in_part else ""), broken=not known_in_part)
    if (~wide).any():
        narrow = size[~wide]
        yield finding("gap", f"{len(narrow)} narrow ones, at most {narrow.max():,.0f} m²: the nearest area answers")


def _official(layer: Layer, shapes: NDArray[np.object_], finding: _Finder) -> Iterator[Finding]:
    measured = np.asarray(shapely.area(shapes)) / _SQUARE_KM
    for area, km2 in zip(layer.areas, measured.tolist(), strict=True):
        if area.official_km2:
            off = km2 / area.official_km2 - 1
            if abs(off) > AREA_NOTED:
                text = f"{area.name}: {km2:.2f} km², official {area.official_km2:.2f} ({off:+.1%})"
                yield finding("area", text, broken=abs(off) > AREA_BROKEN)


def _filled(shape: BaseGeometry) -> BaseGeometry:
    parts = shapely.get_parts(shape)
    return MultiPolygon([shapely.Polygon(part.exterior) for part in parts])
