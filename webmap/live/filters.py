"""What a stream wants to hear: an area, some fields, or everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from incidents.record.feed import Standing

Inside = Callable[[int, float, float], bool]
"""whether an area (by its id) holds lon, lat"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """One stream's wishes; streams with equal ones are served together, so it is hashable."""

    ward_id: int | None = None
    """a ward in force today"""
    district_id: int | None = None
    """one of the last districts"""
    area_id: int | None = None
    """any other area (a former ward, a zone): by its polygon"""
    fields: frozenset[str] | None = None

    def admits(self, standing: Standing, inside: Inside) -> bool:
        """Whether a report that stands there is for this stream."""
        if self.fields is not None and standing.field not in self.fields:
            return False
        if self.ward_id is not None:
            return standing.ward_id == self.ward_id
        if self.district_id is not None:
            return standing.district_id == self.district_id
        if self.area_id is not None:
            return (
                standing.lon is not None
                and standing.lat is not None
                and inside(self.area_id, standing.lon, standing.lat)
            )
        return True

    def as_json(self) -> dict[str, Any]:
        return {
            "ward_id": self.ward_id,
            "district_id": self.district_id,
            "area_id": self.area_id,
            "fields": sorted(self.fields) if self.fields is not None else None,
        }

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Filter:
        fields = given.pop("fields")
        return cls(fields=None if fields is None else frozenset(fields), **given)
