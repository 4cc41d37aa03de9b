"""What somebody may be typing: streets, places and areas whose names begin so, without accents."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np

from geo.crs import from_metres
from geo.gazetteer.keys import words_of
from geo.geocoder import index_of, street_index_of
from geo.geocoder.names import AreaNames
from geo.geos import one_at_a_time
from geo.text import fold, nfc

_LOOKED_AT = 4000  # entries with the same beginning that are weighed
_NUMBER = re.compile(r"^\s*(\d+[a-z]{0,2}(?:/\w+)*)\s+(?=\D)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """One way to go on: `text` for the box, `label` with the area that tells it apart, and where it is."""

    text: str
    label: str
    kind: str  # street, place, ward, district
    lon: float
    lat: float


class _Entries:
    """Everything that can be suggested, sorted by key."""

    def __init__(self, names: AreaNames) -> None:
        found: list[tuple[str, float, str, str, float, float]] = []  # key, weight, name, kind, x, y
        index = index_of(names)
        for number, group in enumerate(index.groups):
            if group.today or group.level == "district":
                key = " ".join(words_of(group.area.name))
                lon, lat, _ = index.centre(number)
                found.append((key, 9.0, group.area.name, group.level, lon, lat))
                found.append((" ".join(key.split()[1:]) or key, 8.0, group.area.name, group.level, lon, lat))
        streets = street_index_of(names)
        if streets is not None:
            gazetteer = streets.gazetteer
            middle = ((gazetteer.starts[:-1] + gazetteer.starts[1:]) // 2).astype(np.int64)
            lon_of, lat_of = from_metres(gazetteer.pieces.x[middle], gazetteer.pieces.y[middle])
            count = np.diff(gazetteer.starts)
            for street, name in enumerate(gazetteer.of_name.tolist()):
                weight = float(np.log1p(count[street]))
                place = (float(lon_of[street]), float(lat_of[street]))
                found.append((gazetteer.keys[name], weight, gazetteer.shown[name], "street", *place))
            lon_of, lat_of = from_metres(gazetteer.landmark_x, gazetteer.landmark_y)
            for key, numbers in gazetteer.landmarks.items():
                for k in numbers:
                    found.append((key, 1.5, gazetteer.landmark_names[k], "place", float(lon_of[k]), float(lat_of[k])))
        found.sort(key=lambda one: one[0])
        self.keys = [one[0] for one in found]
        self.entries = found


_held: WeakKeyDictionary[object, _Entries] = WeakKeyDictionary()


@one_at_a_time
def suggest(text: str, names: AreaNames, *, on: date, limit: int = 8) -> Sequence[Suggestion]:
    """What may be meant by the beginning `text`, best first. A house number before it is kept."""
    folded = fold(nfc(text))
    number = _NUMBER.match(folded)
    rest = text[number.end() :] if number and len(folded) == len(text) else text
    words = words_of(rest)
    if not words:
        return []
    entries = _held.get(names)
    if entries is None:
        entries = _held[names] = _Entries(names)
    if words[0] in ("duong", "d") and len(words) > 1:
        words = words[1:] if not words[1][0].isdigit() else ["so", *words[1:]]
    prefix = " ".join(words)
    first = bisect_left(entries.keys, prefix)
    end = bisect_left(entries.keys, prefix + "\uffff")
    best = sorted(entries.entries[first : min(end, first + _LOOKED_AT)], key=lambda one: (-one[1], len(one[2]), one[2]))
    if number:
        best = [one for one in best if one[3] == "street"]
    best = best[: limit * 3]
    if not best:
        return []
    within = names.within(np.array([one[4] for one in best]), np.array([one[5] for one in best]), on)
    said = number.group(1).upper() + " " if number else ""
    result: dict[str, Suggestion] = {}
    for (_, _, name, kind, lon, lat), area in zip(best, within, strict=True):
        areas = [area.ward, area.district] if kind in ("street", "place") else [area.district if kind == "ward" else ""]
        label = ", ".join([said + name, *(part for part in areas if part)])
        result.setdefault(label, Suggestion(text=label, label=label, kind=kind, lon=round(lon, 6), lat=round(lat, 6)))
        if len(result) >= limit:
            break
    return list(result.values())
