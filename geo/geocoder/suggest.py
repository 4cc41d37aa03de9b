"""What somebody may be typing: streets, places and areas whose names begin so, without accents."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from geo.crs import from_metres
from geo.gazetteer.keys import words_of
from geo.geocoder import index_of, street_index_of
from geo.geocoder.names import AreaNames
from geo.geos import one_at_a_time
from geo.text import fold, nfc

_KINDS = ("street", "place", "ward", "district")
_STREET, _PLACE = 0, 1
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
    """Everything that can be suggested, sorted by key, in arrays; `rank` says which of several is offered first."""

    def __init__(self, names: AreaNames) -> None:
        found: list[tuple[str, float, str, int, float, float]] = []  # key, weight, name, kind, x, y
        index = index_of(names)
        for number, group in enumerate(index.groups):
            if group.today or group.level == "district":
                key = " ".join(words_of(group.area.name))
                lon, lat, _ = index.centre(number)
                kind = _KINDS.index(group.level)
                found.append((key, 9.0, group.area.name, kind, lon, lat))
                found.append((" ".join(key.split()[1:]) or key, 8.0, group.area.name, kind, lon, lat))
        streets = street_index_of(names)
        if streets is not None:
            gazetteer = streets.gazetteer
            middle = ((gazetteer.starts[:-1] + gazetteer.starts[1:]) // 2).astype(np.int64)
            lon_of, lat_of = from_metres(gazetteer.pieces.x[middle], gazetteer.pieces.y[middle])
            count = np.diff(gazetteer.starts)
            for street, name in enumerate(gazetteer.of_name.tolist()):
                weight = float(np.log1p(count[street]))
                place = (float(lon_of[street]), float(lat_of[street]))
                found.append((gazetteer.keys[name], weight, gazetteer.shown[name], _STREET, *place))
            lon_of, lat_of = from_metres(gazetteer.landmark_x, gazetteer.landmark_y)
            for key, numbers in gazetteer.landmarks.items():
                for k in numbers:
                    found.append((key, 1.5, gazetteer.landmark_names[k], _PLACE, float(lon_of[k]), float(lat_of[k])))
        found.sort(key=lambda one: one[0])
        self.keys = [one[0] for one in found]
        self.names = [one[2] for one in found]
        self.kind = np.array([one[3] for one in found], dtype=np.uint8)
        self.lon, self.lat = np.array([one[4] for one in found]), np.array([one[5] for one in found])
        order = sorted(range(len(found)), key=lambda place: (-found[place][1], len(found[place][2]), found[place][2]))
        self.rank = np.empty(len(found), dtype=np.int32)
        self.rank[order] = np.arange(len(found), dtype=np.int32)

    def beginning(self, prefix: str, streets_only: bool, most: int) -> list[int]:
        """The entries whose keys begin so, best first."""
        first = bisect_left(self.keys, prefix)
        end = bisect_left(self.keys, prefix + "\uffff")
        among = np.arange(first, end)
        if streets_only:
            among = among[self.kind[first:end] == _STREET]
        if len(among) > most:
            among = among[np.argpartition(self.rank[among], most)[:most]]
        return [int(place) for place in among[np.argsort(self.rank[among])]]


_held: tuple[Hashable, _Entries] | None = None  # of the names' last version


def _entries(names: AreaNames) -> _Entries:
    global _held
    version = (names.version, names.gazetteer.version if names.gazetteer is not None else None)
    if _held is None or _held[0] != version:
        _held = (version, _Entries(names))
    return _held[1]


@one_at_a_time
def suggest(text: str, names: AreaNames, *, on: date, limit: int = 8) -> Sequence[Suggestion]:
    """What may be meant by the beginning `text`, best first. A house number before it is kept."""
    folded = fold(nfc(text))
    number = _NUMBER.match(folded)
    rest = text[number.end() :] if number and len(folded) == len(text) else text
    words = words_of(rest)
    if not words:
        return []
    entries = _entries(names)
    if words[0] in ("duong", "d") and len(words) > 1:
        words = words[1:] if not words[1][0].isdigit() else ["so", *words[1:]]
    best = entries.beginning(" ".join(words), bool(number), limit * 3)
    if not best:
        return []
    within = names.within(entries.lon[best], entries.lat[best], on)
    said = number.group(1).upper() + " " if number else ""
    result: dict[str, Suggestion] = {}
    for place, area in zip(best, within, strict=True):
        name, kind = entries.names[place], _KINDS[entries.kind[place]]
        lon, lat = float(entries.lon[place]), float(entries.lat[place])
        areas = [area.ward, area.district] if kind in ("street", "place") else [area.district if kind == "ward" else ""]
        label = ", ".join([said + name, *(part for part in areas if part)])
        result.setdefault(label, Suggestion(text=label, label=label, kind=kind, lon=round(lon, 6), lat=round(lat, 6)))
        if len(result) >= limit:
            break
    return list(result.values())
