"""Where the two streets that an address names meet, however each of them is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.address import street_words as w
from geo.address.parser import Address
from geo.address.sides import Words, sides
from geo.address.streets import StreetParts
from geo.gazetteer.keys import key_of
from geo.geocoder.evidence import AreaEvidence
from geo.geocoder.spots import Spot
from geo.geocoder.streets import StreetIndex

Names = Sequence[tuple[str, float]]
Meet = Callable[[StreetIndex, Names, Names, AreaEvidence], list[Spot]]

_NEAR_M = (
    110.0  # two streets whose pieces come so near meet, if nothing nearer does: over a bridge, a square, a service road
)
_FAR_M = 260.0  # … and so near, where the files may lack the stretch between
_FARTHEST_M = 600.0  # … and so near, where one is named by a short form that nothing but a street bears (TCH 13)
# That two streets do not meet where they do, or nearly, in the files.
_UNKNOWN, _UNKNOWN_FAR, _UNKNOWN_FARTHEST = 0.04, 0.35, 0.5
_SAME_M = 120.0
_STRAY_M = 18.0
_MOST_NAMES = 16
_LEAST = 0.02  # of what is no more than a near spelling
_WITHOUT_NUMBER = (
    0.9  # of a name whose last number is the camera's (Tây Hòa 2), where no street bears it with the number
)
_PREFIX, _SUFFIX, _INITIALS = 0.3, 0.15, 0.6
_CODED = re.compile(r"^[a-z]{2,4} ?\d{1,3}[a-z]?$")  # the short form of a numbered street


def junctions(address: Address, parts: StreetParts, index: StreetIndex, on: date) -> tuple[list[Spot], float]:
    """The junctions that an address may mean, and how likely it is none of them; empty where it names none, or the two
    come nowhere near each other."""
    pairs_said = sides(address, parts)
    readings = [[(_names(index, one, other), _names(index, other, one)) for one, other in pairs_said]]
    if parts.junction:
        several = sorted((m for m in parts.mentions if m.known or len(m.key) > 3), key=lambda mention: mention.start)[
            :4
        ]
        readings.append([(index.names_of(one)[:6], index.names_of(other)[:6]) for one, other in pairwise(several)])
    if not any(readings):
        return [], 1.0
    evidence = index.said(address, on).evidence
    steps: list[tuple[Meet, float]] = [(_meetings, _UNKNOWN), (_near, _UNKNOWN), (_far, _UNKNOWN_FAR)]
    if any(_CODED.match(" ".join(side)) for pair in pairs_said for side in pair):
        steps.append((_farthest, _UNKNOWN_FARTHEST))
    for meet, unknown in steps:
        for pairs in readings:
            best: list[Spot] = []
            for ones, others in pairs:
                found = meet(index, ones, others, evidence)
                if sum(spot.weight for spot in found) > sum(spot.weight for spot in best):
                    best = found
            if best:
                return best, unknown
    return [], 1.0


def _names(index: StreetIndex, side: Words, other: Words) -> list[tuple[str, float]]:
    """The keys of streets that one side may mean, each with how well it fits (0…1), best first."""
    streets = index.gazetteer.streets
    found: dict[str, float] = {}

    def add(key: str, fit: float) -> None:
        if key in streets:
            found[key] = max(found.get(key, 0.0), fit)

    words = list(side)
    if words[0] in w.ALLEYS and len(words) == 2:
        add(key_of([*words, *other]), 1.0)  # Lê Văn Sỹ - hẻm 51
    whole, marked = key_of(words), key_of(["duong", *words])
    add(whole, 1.0)
    add(marked, 1.0 if whole not in streets else 0.5)
    exact = bool(found)
    shorter = words[:-1] if len(words) > 1 and words[-1].isdigit() and len(words[-1]) < 3 and words[-2] != "so" else []
    if shorter:
        add(key_of(shorter), 0.3 if exact else _WITHOUT_NUMBER)
    short = index.near.initials(" ".join(words))
    for key in short:
        add(key, _INITIALS)
    if not exact:
        for name in (whole, key_of(shorter)) if shorter else (whole,):
            for key, fit in index.slips.search(name):
                add(key, max(0.3, fit))
            for key, score in index.near.search(name, 8, 80.0):
                add(key, float(np.exp((score - 100.0) / 6.0)))
        for length in range(len(words) - 1, 1, -1):
            before = len(found)
            add(key_of(words[:length]), _PREFIX)
            add(key_of(words[-length:]), _SUFFIX)
            if len(found) > before:
                break
    return sorted(found.items(), key=lambda item: -item[1])[:_MOST_NAMES]


def _streets(index: StreetIndex, names: Names) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Streets that bear the names, each once, with how well its name fits."""
    best: dict[int, float] = {}
    for key, fit in names:
        for street, own in index.gazetteer.streets.get(key, {}).items():
            best[street] = max(best.get(street, 0.0), fit * own)
    return np.array(list(best), dtype=np.int32), np.array(list(best.values()))


def _meetings(index: StreetIndex, ones: Names, others: Names, evidence: AreaEvidence) -> list[Spot]:
    """Junctions that the gazetteer knows."""
    gazetteer = index.gazetteer
    one, fit = _streets(index, ones)
    other, other_fit = _streets(index, others)
    if not len(one) or not len(other):
        return []
    table = gazetteer.meetings
    at, at_other, row = table.of(one, other, len(gazetteer.of_name))
    weight = fit[at] * other_fit[at_other] * np.exp(-((np.maximum(0.0, table.gap[row] - 8.0) / 10.0) ** 2))
    weight *= np.sqrt(gazetteer.importance[one[at]] * gazetteer.importance[other[at_other]])
    order = np.argsort(-weight, kind="stable")[:300]
    spots = []
    for k in order.tolist():
        if fit[at[k]] * other_fit[at_other[k]] < _LEAST:
            continue
        place = int(row[k])
        named = _named(evidence, int(table.piece[place]), int(table.other[place]))
        names = [gazetteer.shown[int(gazetteer.of_name[street])] for street in (one[at[k]], other[at_other[k]])]
        spots.append(_spot(index, (table.x[place], table.y[place]), float(weight[k]) * named, names, _STRAY_M))
    return spots


def _far(index: StreetIndex, ones: Names, others: Names, evidence: AreaEvidence) -> list[Spot]:
    """Where two streets come as near as they ever do, if the stretch between may be missing in the files."""
    return _near(index, ones, others, evidence, _FAR_M)


def _farthest(index: StreetIndex, ones: Names, others: Names, evidence: AreaEvidence) -> list[Spot]:
    """The same of streets whose names fit, the farthest off: nobody names a house so."""
    one, other = ([name for name in names if name[1] >= _INITIALS] for names in (ones, others))
    return _near(index, one, other, evidence, _FARTHEST_M)


def _near(
    index: StreetIndex, ones: Names, others: Names, evidence: AreaEvidence, reach_m: float = _NEAR_M
) -> list[Spot]:
    """Where two streets come near each other without meeting in the files."""
    from scipy.spatial import cKDTree  # 20 MB that most addresses do not need

    gazetteer = index.gazetteer
    pieces = gazetteer.pieces
    spots: list[Spot] = []
    first, fit = _pieces(index, [name for name in ones if name[1] >= _PREFIX])
    second, other_fit = _pieces(index, [name for name in others if name[1] >= _PREFIX])
    if not len(first) or not len(second):
        return []
    tree = cKDTree(np.column_stack([pieces.x[first], pieces.y[first]]))
    distance, place = tree.query(np.column_stack([pieces.x[second], pieces.y[second]]), distance_upper_bound=reach_m)
    near = np.flatnonzero(np.isfinite(distance))
    taken: list[tuple[float, float]] = []
    for k in near[np.argsort(distance[near], kind="stable")][:400].tolist():
        a, b = int(first[place[k]]), int(second[k])
        if pieces.street[a] == pieces.street[b]:
            continue  # one street under two names
        x, y = _crossing(pieces, a, b)
        if any(np.hypot(x - tx, y - ty) < _SAME_M for tx, ty in taken):
            continue
        taken.append((x, y))
        weight = fit[place[k]] * other_fit[k] * _named(evidence, a, b)
        weight *= float(np.exp(-((max(0.0, distance[k] - 18.0) / (0.41 * reach_m)) ** 2)))
        names = [gazetteer.shown[int(pieces.name[piece])] for piece in (a, b)]
        spots.append(_spot(index, (x, y), float(weight), names, max(25.0, float(distance[k]))))
    return spots


def _named(evidence: AreaEvidence, a: int, b: int) -> float:
    """How likely the areas named are of a junction of two pieces."""
    return float(np.sqrt(evidence.of(a, a + 1)[0] * evidence.of(b, b + 1)[0]))


def _spot(index: StreetIndex, at: tuple[float, float], weight: float, names: Sequence[str], stray_m: float) -> Spot:
    return Spot(
        x=float(at[0]),
        y=float(at[1]),
        weight=weight,
        name=f"{names[0]} – {names[1]}",
        precision="intersection",
        stray_m=stray_m,
        source=index.gazetteer.source,
    )


def _pieces(index: StreetIndex, names: Names) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    streets, fit = _streets(index, names)
    spans = [index.gazetteer.span(street) for street in streets.tolist()]
    if not spans:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    return (
        np.concatenate([np.arange(span.start, span.stop) for span in spans]),
        np.repeat(fit, [span.stop - span.start for span in spans]),
    )


def _crossing(pieces: object, a: int, b: int) -> tuple[float, float]:
    """Where the lines of two pieces cross, if that is near both; else the middle between them."""
    x, y, dx, dy = (getattr(pieces, name) for name in ("x", "y", "dx", "dy"))
    middle = ((x[a] + x[b]) / 2, (y[a] + y[b]) / 2)
    cross = dx[a] * dy[b] - dy[a] * dx[b]
    if abs(cross) < 0.25:
        return float(middle[0]), float(middle[1])
    way = ((x[b] - x[a]) * dy[b] - (y[b] - y[a]) * dx[b]) / cross
    px, py = x[a] + way * dx[a], y[a] + way * dy[a]
    if np.hypot(px - middle[0], py - middle[1]) > 40.0:
        return float(middle[0]), float(middle[1])
    return float(px), float(py)
