"""A place for each draft: the coordinates it brought, else what its address says; and how the public hears of it.

Addresses go to `geo.geocoder`, as /api/v1/geocode does: one door, so that the map, a file and a report agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from sqlalchemy import Connection

from district_boundaries import areas
from geo.geocoder import Place, geocode
from geo.geocoder.resolve import CORRECTION
from geo.reverse import street_names
from incidents.drafts import DEFAULT_ACCURACY_M, Draft, FoundPlace

_ON_A_STREET = frozenset({"pin", "rooftop", "interpolated", "street"})


def find(
    connection: Connection, drafts: Sequence[Draft], days: Sequence[date], *, in_words: bool = True
) -> list[FoundPlace | None]:
    """A place per draft, None where neither coordinates nor a known address are given. `days` are the days of the
    reports in Asia/Ho_Chi_Minh: an address is read by the names of its own day. `in_words`: also how the public hears
    of each; a large file of pins does without, and needs no gazetteer then."""
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
                    places[pos] = of_answer(answer[0])
    return worded(connection, places) if in_words else places


def of_answer(best: Place) -> FoundPlace:
    """What the geocoder answered, as the place of a report."""
    return FoundPlace(
        lon=best.lon,
        lat=best.lat,
        precision=best.precision,
        accuracy_m=best.accuracy_m,
        confidence=best.confidence,
        source=best.source,
        label=_public_words(best),
    )


def worded(connection: Connection, places: Sequence[FoundPlace | None]) -> list[FoundPlace | None]:
    """The same, those that lie in a street with its name."""
    wanted = [(pos, place) for pos, place in enumerate(places) if place is not None and not place.label]
    if not wanted:
        return list(places)
    lon, lat = (np.array([getattr(place, name) for _, place in wanted], np.float64) for name in ("lon", "lat"))
    made = list(places)
    for (pos, place), street in zip(wanted, street_names(lon, lat, areas.area_names(connection)), strict=True):
        if place.precision in _ON_A_STREET or place.source == CORRECTION:
            made[pos] = replace(place, label=street)
    return made


def _public_words(best: Place) -> str:
    """A street without its number, a junction, a landmark, an area: what may be told of a place where somebody lives.
    Nothing for what was corrected: its name is the text as somebody typed it."""
    if best.source == CORRECTION:
        return ""
    if best.precision in _ON_A_STREET:
        return best.street
    return best.name if best.precision in ("intersection", "place") else best.label


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
