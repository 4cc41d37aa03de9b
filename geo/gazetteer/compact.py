"""The gazetteer in memory: arrays of pieces, streets by their keys, house numbers, alleys, landmarks.

Made once from the records of all sources, in a few seconds; what is made is kept on disk by its contents
(`geo.gazetteer.store`), so that a process only reads arrays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from geo.address.vocabulary import spelling
from geo.address.words import LANDMARKS
from geo.crs import to_metres
from geo.gazetteer.doors import doors
from geo.gazetteer.junctions import NONE as NO_MEETINGS
from geo.gazetteer.junctions import Meetings, meetings
from geo.gazetteer.keys import alley_of, main_number, street_key, words_of
from geo.gazetteer.lines import NO_STREETS, named_lines
from geo.gazetteer.numbering import Chain, chains
from geo.gazetteer.pieces import Floats, Ints, Pieces, cut
from geo.gazetteer.records import JUNCTION, ROUNDABOUT, Landmark, Records
from geo.text import fold, nfc

_ANCHOR_M = 250.0  # a number is taken to stand on the street it names up to this distance
_NEAREST_M = 30.0  # a number that names no street stands on the nearest, up to this distance
_APART = 1e6
_RENAMED_SHARE = 0.12  # of an old name's stretches that a street has to have to be the one meant by it
_ABSENT = -2
_LARGEST_RING_M = 120.0
# Who names a street and no area means a large one more often.
_CLASS = {
    "motorway": 0.5, "trunk": 1.5, "primary": 3.0, "secondary": 3.0, "tertiary": 2.5, "service": 0.5, "footway": 0.25,
    "path": 0.25, "steps": 0.25, "track": 0.4, "cycleway": 0.25, "pedestrian": 1.0,
}  # fmt: skip
_NOT_FIRST = frozenset(
    {"duong", "lo", "hem", "so", "quan", "phuong", "tinh", "quoc", "huong", "doi", "gan", "truoc", "sau"}
)
_SETTLEMENTS = frozenset(
    {
        "suburb",
        "village",
        "neighbourhood",
        "locality",
        "town",
        "city",
        "hamlet",
        "quarter",
        "state",
        "county",
        "district",
    }
)  # they are areas, known by their lines
PLACE_WORDS = {tuple(spelling(word) for word in words) for words in LANDMARKS} | {
    ("ui", "ban"),
    ("san", "van", "dong"),
    ("nha", "sach"),
    ("khach", "san"),
    ("rap",),
}
_CALLED_JUNCTIONS = (
    *(("nga", many) for many in ("ba", "tu", "nam", "sau", "bai")),
    ("vong", "xoai"), ("bung", "binh"), ("cong", "truong"), ("nut", "giao"),
)  # fmt: skip
_NUMBERED = {"3": "ba", "4": "tu", "5": "nam", "6": "sau", "7": "bai"}


@dataclass(eq=False, slots=True)
class Gazetteer:
    """Everything that is known, ready for looking up. Places in metres are of EPSG:9210."""

    shown: list[str]  # per name: as written
    keys: list[str]  # per name: its key
    pieces: Pieces
    starts: Ints  # per street: its first piece; one more at the end
    of_name: Ints  # per street: its name
    chains: dict[int, list[Chain]]  # per street
    anchors: dict[int, tuple[Ints, Floats, list[str], Floats, Floats]]  # street → number, along, text, x, y
    sides: dict[int, int]  # street → 1 where odd numbers stand on the left as `along` rises, -1 on the right
    streets: dict[str, dict[int, float]]  # key → streets that bear it, with how much it is theirs
    importance: Floats  # per street: how often it is meant, against others of its name
    alleys: dict[tuple[int, str], list[int]]  # (street, number of the mouth) → streets that are its alleys
    landmarks: dict[str, list[int]] = field(default_factory=dict)  # key → landmarks
    landmark_names: list[str] = field(default_factory=list)
    landmark_kinds: list[str] = field(default_factory=list)
    landmark_x: Floats = field(default_factory=lambda: np.zeros(0))
    landmark_y: Floats = field(default_factory=lambda: np.zeros(0))
    landmark_radius: Floats = field(default_factory=lambda: np.zeros(0))
    meetings: Meetings = NO_MEETINGS
    doors: dict[str, list[int]] = field(default_factory=dict)  # key of number and street → doors
    door_x: Floats = field(default_factory=lambda: np.zeros(0))
    door_y: Floats = field(default_factory=lambda: np.zeros(0))
    version: Hashable = None
    areas_copy: tuple[str, bytes] | None = None  # which areas hold the pieces: what it was made from, and as bytes
    corrections: dict[str, tuple[float, float]] = field(default_factory=dict)  # key of an address → lon, lat
    systems: dict[int, Any] = field(default_factory=dict)  # per street asked for: how its numbers run, as lists
    source: str = "gazetteer"

    def span(self, street: int) -> slice:
        """The pieces of a street."""
        return slice(int(self.starts[street]), int(self.starts[street + 1]))

    def megabytes(self) -> float:
        """Memory of the arrays, roughly."""
        arrays: list[Floats | Ints] = [*self.pieces, self.starts, self.of_name]
        total = sum(array.nbytes for array in arrays)
        total += sum(64 + one.number.nbytes + one.along.nbytes for several in self.chains.values() for one in several)
        total += sum(sum(part.nbytes for part in (a, b, d, e)) + 60 * len(c) for a, b, c, d, e in self.anchors.values())
        total += sum(array.nbytes for array in self.meetings)
        total += 120 * (len(self.keys) + len(self.streets) + len(self.landmark_names) + len(self.doors))
        return total / 1e6


def build(records: Records) -> Gazetteer:
    """The compact form of all records."""
    names, shown, lines, line_kinds, also = named_lines(records)
    pieces = cut(lines)
    starts = np.searchsorted(pieces.street, np.arange(int(pieces.street.max(initial=-1)) + 2)).astype(np.int32)
    of_name = pieces.name[starts[:-1]]
    gazetteer = Gazetteer(
        shown=shown,
        keys=list(names),
        pieces=pieces,
        starts=starts,
        of_name=of_name,
        chains={},
        anchors={},
        sides={},
        streets={},
        importance=np.ones(len(of_name)),
        alleys={},
    )
    trees = _Trees(gazetteer, names)
    for street, name in enumerate(of_name.tolist()):
        gazetteer.streets.setdefault(gazetteer.keys[name], {})[street] = 1.0
    street_of_line = dict(zip(pieces.line.tolist(), pieces.street.tolist(), strict=True))
    for key, of_line in also:
        if of_line in street_of_line:
            gazetteer.streets.setdefault(key, {}).setdefault(street_of_line[of_line], 0.7)
    _other_names(gazetteer, records, trees)
    _numbers(gazetteer, records, trees)
    kinds = np.array([_CLASS.get(line_kinds[line], 1.0) for line in pieces.line.tolist()])
    size = np.maximum(np.bincount(pieces.street, minlength=len(of_name)), 1)
    gazetteer.importance = np.bincount(pieces.street, kinds, minlength=len(of_name)) / size
    for street, anchors in gazetteer.anchors.items():
        gazetteer.importance[street] *= 1.0 + 0.4 * np.log1p(len(anchors[0]))
    _landmarks(gazetteer, records)
    gazetteer.doors, at_door = doors(records.numbers, gazetteer.streets)
    gazetteer.door_x, gazetteer.door_y = to_metres([each.lon for each in at_door], [each.lat for each in at_door])
    gazetteer.meetings = meetings(lines, street_of_line, _rings(records), pieces)
    return gazetteer


def _rings(records: Records) -> Floats:
    """Roundabouts: x, y, radius in metres."""
    found = [each for each in records.landmarks if each.kind == ROUNDABOUT and each.radius_m < _LARGEST_RING_M]
    x, y = to_metres([each.lon for each in found], [each.lat for each in found])
    return np.column_stack([x, y, [each.radius_m for each in found]]).reshape(-1, 3)


class _Trees:
    """The nearest piece of a given name, and of any name that is no alley's."""

    def __init__(self, gazetteer: Gazetteer, names: dict[str, int]) -> None:
        from scipy.spatial import cKDTree  # needed only where the gazetteer is made

        pieces = gazetteer.pieces
        self.names = names
        self.by_name = cKDTree(np.column_stack([pieces.x, pieces.y, pieces.name * _APART]))
        alley = np.array([alley_of(key) is not None or key.startswith("hem ") for key in gazetteer.keys], dtype=bool)
        self.main = np.flatnonzero(~alley[pieces.name]) if len(alley) else np.zeros(0, dtype=np.int64)
        self.any = cKDTree(np.column_stack([pieces.x[self.main], pieces.y[self.main]]))

    def named(self, x: Floats, y: Floats, name: Ints) -> tuple[Floats, Ints]:
        distance, piece = self.by_name.query(np.column_stack([x, y, name * _APART]), distance_upper_bound=_ANCHOR_M)
        return distance, piece.astype(np.int32)

    def nearest(self, x: Floats, y: Floats) -> tuple[Floats, Ints]:
        distance, place = self.any.query(np.column_stack([x, y]), distance_upper_bound=_NEAREST_M)
        found = np.where(np.isfinite(distance), place, 0)
        return distance, self.main[found].astype(np.int32) if len(self.main) else found.astype(np.int32)


def _other_names(gazetteer: Gazetteer, records: Records, trees: _Trees) -> None:
    """Former names, by where the street of today runs. A street that keeps a name nearby keeps it."""
    wanted = []
    for other in records.other_names:
        old, now = street_key(other.name), street_key(other.now)
        if old and now and old != now and now in trees.names and alley_of(fold(nfc(other.name))) is None:
            wanted.append((old, trees.names[now], other.lon, other.lat))
    if not wanted:
        return
    x, y = to_metres([each[2] for each in wanted], [each[3] for each in wanted])
    distance, piece = trees.named(x, y, np.array([each[1] for each in wanted], dtype=np.int32))
    whole = Counter(each[0] for each in wanted)
    renamed = Counter(each[:2] for each in wanted)
    for (old, name, *_), off, place in zip(wanted, distance.tolist(), piece.tolist(), strict=True):
        # A street that has a stretch of an old name at a crossing only is not meant by it.
        weight = 0.6 * min(1.0, renamed[old, name] / whole[old] / _RENAMED_SHARE)
        if off < 100.0 and weight > 0.2:
            gazetteer.streets.setdefault(old, {}).setdefault(int(gazetteer.pieces.street[place]), weight)


class _Anchor(NamedTuple):
    """A house number where it was found on its street."""

    number: int  # 0 where it is none (D16/6)
    along: float
    weight: float
    text: str
    x: float
    y: float
    side: int  # 1 left of the street's direction, -1 right, 0 not known


def _numbers(gazetteer: Gazetteer, records: Records, trees: _Trees) -> None:
    by_street: dict[int, list[_Anchor]] = defaultdict(list)
    for street, anchor in _anchors(gazetteer, records, trees):
        by_street[street].append(anchor)
    for street, number, along, px, py in _alleys(gazetteer, trees):
        by_street[street].append(_Anchor(number, along, 1.0, "", px, py, 0))
    for street, several in by_street.items():
        numbers = np.array([each.number for each in several], dtype=np.int32)
        places = np.array([each.along for each in several])
        weights = np.array([each.weight for each in several])
        texts = [each.text for each in several]
        xs, ys = np.array([each.x for each in several]), np.array([each.y for each in several])
        gazetteer.anchors[street] = (numbers, places, texts, xs, ys)
        plain = numbers > 0
        if not plain.any():
            continue
        systems = chains(numbers[plain].astype(np.float64), places[plain], weights[plain])
        gazetteer.chains[street] = systems
        sides = np.array([each.side for each in several])
        vote = float((sides * np.where(numbers % 2 == 1, 1, -1) * plain).sum())
        rising = max(systems, key=lambda one: (one.weight, one.parity)).rising
        usual = 2.5 if rising else -2.5  # odd numbers stand on the left as numbers rise
        gazetteer.sides[street] = 1 if vote + usual > 0 else -1


def _anchors(gazetteer: Gazetteer, records: Records, trees: _Trees) -> Iterator[tuple[int, _Anchor]]:
    """(street, anchor) of every house number that stands on a street."""
    rows = [(_name_of(each.street, gazetteer, trees), each) for each in records.numbers if each.number]
    rows = [row for row in rows if row[0] != _ABSENT]
    if not rows:
        return
    x, y = to_metres([each.lon for _, each in rows], [each.lat for _, each in rows])
    names = np.array([name for name, _ in rows], dtype=np.int32)
    piece = np.full(len(rows), -1, dtype=np.int64)
    known = names >= 0
    for chosen, (distance, found) in (
        (known, trees.named(x[known], y[known], names[known])),
        (~known, trees.nearest(x[~known], y[~known])),
    ):
        piece[chosen] = np.where(np.isfinite(distance), found, -1)
    pieces = gazetteer.pieces
    for (name, each), place, px, py in zip(rows, piece.tolist(), x.tolist(), y.tolist(), strict=True):
        if place < 0:
            continue
        dx, dy = px - pieces.x[place], py - pieces.y[place]
        along = float(pieces.along[place] + np.clip(dx * pieces.dx[place] + dy * pieces.dy[place], -13.0, 13.0))
        cross = pieces.dx[place] * dy - pieces.dy[place] * dx  # positive: left of the rising direction
        side = 0 if abs(cross) < 3.0 else (1 if cross > 0 else -1)
        number, rest = main_number(each.number) or (0, "")
        weight = each.weight * (1.0 if name >= 0 else 0.35)
        weight *= 0.5 if rest and name < 0 else 0.7 if rest else 1.0
        text = fold(nfc(each.number)).strip()
        yield int(pieces.street[place]), _Anchor(number, along, weight, text, px, py, 0 if rest else side)


def _name_of(street: str, gazetteer: Gazetteer, trees: _Trees) -> int:
    """The number of a street's name; -1 where none is said, -2 where it is not among them."""
    key = street_key(street) if street else ""
    if not key or key in NO_STREETS:
        return -1
    if key in trees.names:
        return trees.names[key]
    names = {int(gazetteer.of_name[street]) for street in gazetteer.streets.get(key, ())}  # beside its own
    return next(iter(names)) if len(names) == 1 else _ABSENT


def _alleys(gazetteer: Gazetteer, trees: _Trees) -> list[tuple[int, int, float, float, float]]:
    """Alleys whose names carry number and street, each tied to its street; (street, number, along, x, y) of mouths."""
    mouths = []
    pieces = gazetteer.pieces
    spans = []
    for street, name in enumerate(gazetteer.of_name.tolist()):
        found = alley_of(gazetteer.keys[name])
        if found is None or found[1] not in trees.names:
            continue
        spans.append((street, found[0], trees.names[found[1]]))
    for street, number, of in spans:
        span = gazetteer.span(street)
        x, y = pieces.x[span], pieces.y[span]
        distance, piece = trees.named(x, y, np.full(len(x), of, dtype=np.int32))
        nearest = int(np.argmin(distance))
        if not np.isfinite(distance[nearest]):
            continue
        place = int(piece[nearest])
        parent = int(pieces.street[place])
        gazetteer.alleys.setdefault((parent, number), []).append(street)
        main = main_number(number)
        if main and "/" not in number and distance[nearest] < 60.0:
            mouths.append((parent, main[0], float(pieces.along[place]), float(x[nearest]), float(y[nearest])))
    return mouths


def _landmarks(gazetteer: Gazetteer, records: Records) -> None:
    seen: set[tuple[str, int, int]] = set()
    kept: list[Landmark] = []
    for each in records.landmarks:
        words = words_of(each.name)
        if not words:
            continue  # a roundabout without a name
        for at in range(1, len(words)):  # ngã 4 is ngã tư
            if words[at - 1] == "nga" and words[at] in _NUMBERED:
                words[at] = _NUMBERED[words[at]]
        key = " ".join(words)
        junction = each.kind in (JUNCTION, ROUNDABOUT)
        if tuple(words) in _CALLED_JUNCTIONS:
            continue  # "Vòng xoay" and no more
        if not junction and (
            each.kind in _SETTLEMENTS
            or key in gazetteer.streets
            or street_key(each.name) in gazetteer.streets
            or words[0] in _NOT_FIRST
        ):
            continue  # a stop called after its street
        if each.kind == "bus_stop" and not any(tuple(words[:length]) in PLACE_WORDS for length in (1, 2, 3)):
            continue  # … or after one that it does not stand on
        spot = (key, round(each.lon * 500), round(each.lat * 500))
        if len(words) < 2 or len(words) > 9 or spot in seen:
            continue
        seen.add(spot)
        gazetteer.landmarks.setdefault(key, []).append(len(kept))
        if junction and tuple(words[:2]) in _CALLED_JUNCTIONS and len(words) > 2:
            for phrase in _CALLED_JUNCTIONS:  # Công trường Dân Chủ is vòng xoay Dân Chủ
                if phrase[0] != "nga":
                    gazetteer.landmarks.setdefault(" ".join([*phrase, *words[2:]]), []).append(len(kept))
        kept.append(each)
    gazetteer.landmark_names = [each.name for each in kept]
    gazetteer.landmark_kinds = [each.kind for each in kept]
    gazetteer.landmark_x, gazetteer.landmark_y = to_metres([each.lon for each in kept], [each.lat for each in kept])
    gazetteer.landmark_radius = np.array([each.radius_m for each in kept])
