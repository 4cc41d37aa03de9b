"""A place for each draft: the coordinates it brought, else what its address says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from district_boundaries import areas
from geo.geocoder import geocode
from incidents.drafts import DEFAULT_ACCURACY_M, Draft, FoundPlace


def find(connection: Connection, drafts: Sequence[Draft], days: Sequence[date]) -> list[FoundPlace | None]:
    """A place per draft, None where neither coordinates nor a known address are given. `days` are the days of the
    reports in Asia/Ho_Chi_Minh: an address is read by the names of its own day."""
    places: list[FoundPlace | None] = [_pin(draft) for draft in drafts]
    by_day: dict[date, list[int]] = {}
    for pos, (draft, place) in enumerate(zip(drafts, places, strict=True)):
        if place is None and draft.address:
            by_day.setdefault(days[pos], []).append(pos)
    if by_day:
        names = areas.area_names(connection)
        for day, positions in by_day.items():
            answers = geocode([drafts[pos].address or "" for pos in positions], names, on=day, limit=1)
            for pos, answer in zip(positions, answers, strict=True):
                if answer:
                    best = answer[0]
                    places[pos] = FoundPlace(
                        lon=best.lon,
                        lat=best.lat,
                        precision=best.precision,
                        accuracy_m=best.accuracy_m,
                        confidence=best.confidence,
                        source=best.source,
                        label=best.label,
                    )
    return places


def within_500_m(accuracy_m: float) -> float:
    """The probability that the truth lies within 500 m, where `accuracy_m` is the radius that holds it with
    probability 0.68 and errors are normal in both directions (the distance then follows Rayleigh's distribution)."""
    if accuracy_m <= 0:
        return 1.0
    sigma = accuracy_m / math.sqrt(-2 * math.log(1 - 0.68))
    return 1 - math.exp(-((500 / sigma) ** 2) / 2)


def _pin(draft: Draft) -> FoundPlace | None:
    if draft.lon is None or draft.lat is None:
        return None
    accuracy_m = DEFAULT_ACCURACY_M if draft.accuracy_m is None else draft.accuracy_m
    return FoundPlace(
        lon=draft.lon,
        lat=draft.lat,
        precision=draft.precision or "pin",
        accuracy_m=accuracy_m,
        confidence=round(within_500_m(accuracy_m), 4),
        source=draft.channel,
    )
