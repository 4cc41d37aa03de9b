"""The places on streets that an address may mean: a posterior over pieces of 25 m, and what it is answered with.

Each piece of each candidate street is weighed by name, by the areas named and by the house number. That the street is
not in the files is a hypothesis of its own, so that what is answered with street precision has earned it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.address.parser import Address
from geo.address.streets import StreetMention, StreetParts
from geo.gazetteer.compact import Gazetteer
from geo.gazetteer.keys import IN_FULL, main_number
from geo.gazetteer.near import NearNames
from geo.gazetteer.slips import Slips
from geo.geocoder import places
from geo.geocoder.evidence import code_density, number_density, unknown_number
from geo.geocoder.index import AreaIndex
from geo.geocoder.membership import SIDE_M, Membership
from geo.geocoder.said import SaidAreas, Wordings

Floats = NDArray[np.float64]

KNOWN_SHARE = 0.86  # of the addresses name a street that is in the files
_NEW_NAME = 2e-6  # that a street which is not in the files has this very name, for a name that is in them
_NEW_UNKNOWN = 1e-5  # … for a name that is not
IMPORTANCE = 1.0  # how much a large street is meant before a small one of its name
_ON_A_BRIDGE = 0.03  # that a house number stands on a bridge, a flyover, in a tunnel or a roundabout
_UNNUMBERED = 0.3  # of a street without any number beside one of its name that has some
_SIDE = 0.86  # of the numbers stand on their side
_OTHER_READING = 1.3  # how much a reading of the text is worth against a better one, per point of score
_CUT_SHORT = 0.1  # that words behind a name are no part of it
_MOST_PIECES = 360
_LEAST_OF_MOST = 0.003  # of a street against the one that fits best
_SEEN = 2e-4  # of a piece against the likeliest: less makes no difference to any answer
_STRUCTURES = ("cau ", "ham ", "vong xoai ", "nut giao ", "cau vuot ")
_MOST_READINGS = 7  # of a text that are weighed


@dataclass(eq=False, slots=True)
class Mass:
    """Where the truth may lie: weighted points of streets, and how much is left for streets that are not known."""

    x: Floats
    y: Floats
    weight: Floats  # sums to the probability that the street is known
    street: NDArray[np.int32]
    piece: NDArray[np.int64]
    mention: NDArray[np.int32]
    left: Floats  # probability that the house stands on the left of the street's direction
    unknown: float  # 1 minus the sum of the weights
    wards: Floats  # likelihood of the areas named, per ward of today, at the end outside of all
    parts: StreetParts


class StreetIndex:
    """The gazetteer tied to one version of the areas."""

    def __init__(self, gazetteer: Gazetteer, areas: AreaIndex, table: Membership) -> None:
        self.gazetteer = gazetteer
        self.areas = areas
        self.table = table
        self.near = NearNames(list(gazetteer.streets))
        self.slips = Slips(gazetteer.streets, IN_FULL)
        self.piece_prior = KNOWN_SHARE / max(1, len(gazetteer.pieces.x))
        self._landmark_piece: dict[int, int] = {}
        self._bearing: dict[tuple[int, str], float] = {}
        self.street_count = max(1, len(gazetteer.of_name))
        self._wordings = Wordings(areas, table)
        self._last: tuple[Address, date, SaidAreas] | None = None

    @cached_property
    def phrases(self) -> places.Phrases:
        """The landmarks by words of their names."""
        return places.Phrases(self.gazetteer)

    @cached_property
    def tree(self) -> Any:
        """The pieces by place (scipy's cKDTree, metres): made when it is first asked for."""
        from scipy.spatial import cKDTree

        return cKDTree(np.column_stack([self.gazetteer.pieces.x, self.gazetteer.pieces.y]))

    @cached_property
    def door_pieces(self) -> NDArray[np.int64]:
        """The piece of street nearest to each door."""
        gazetteer = self.gazetteer
        found = self.tree.query(np.column_stack([gazetteer.door_x, gazetteer.door_y]))[1]
        return np.asarray(found, dtype=np.int64)

    @cached_property
    def meeting_tree(self) -> Any:
        """The junctions by place."""
        from scipy.spatial import cKDTree

        return cKDTree(np.column_stack([self.gazetteer.meetings.x, self.gazetteer.meetings.y]))

    def piece_at(self, landmark: int) -> int:
        """The piece of street nearest to a landmark."""
        found = self._landmark_piece.get(landmark)
        if found is None:
            gazetteer = self.gazetteer
            east = gazetteer.pieces.x - gazetteer.landmark_x[landmark]
            north = gazetteer.pieces.y - gazetteer.landmark_y[landmark]
            found = self._landmark_piece[landmark] = int(np.argmin(east * east + north * north))
        return found

    def said(self, address: Address, on: date) -> SaidAreas:
        """What the areas in an address say; of the address that was asked for last it is at hand."""
        if self._last is None or self._last[0] is not address or self._last[1] != on:
            self._last = (address, on, self._wordings.of(address, on))
        return self._last[2]

    def forget(self) -> None:
        """Let go of what is kept by wording: for who changes a setting in between."""
        self._wordings = Wordings(self.areas, self.table)
        self._last = None

    def mass(self, address: Address, parts: StreetParts, on: date) -> Mass | None:
        """The posterior of an address; None where it names no street that could be one."""
        if not parts.mentions:
            return None
        said = self.said(address, on)
        found: list[tuple[int, int, Floats, int]] = []  # street, first piece, weights, mention
        named = places.named(address, parts, self.phrases)
        best_score = parts.mentions[0].score
        unknown = 0.0
        seen: set[tuple[str, str]] = set()
        for rank, mention in enumerate(parts.mentions[:_MOST_READINGS]):
            if (mention.key, mention.number) in seen:
                continue
            seen.add((mention.key, mention.number))
            share = float(np.exp(_OTHER_READING * (mention.score - best_score)))
            if share < 0.004:
                break
            longer = any(not m.known and m.start == mention.start and m.end > mention.end for m in parts.mentions)
            missing = self._mention(mention, longer, rank, share, said, named, found)
            unknown = max(unknown, missing * said.weight)
        whole = sum(float(weight.sum()) for _, _, weight, _ in found)
        if whole <= 0.0:
            return None
        return self._mass(found, whole + unknown, parts, said.wards)

    def _mention(  # noqa: PLR0917
        self,
        mention: StreetMention,
        cut_short: bool,
        rank: int,
        share: float,
        said: SaidAreas,
        named: list[places.Named],
        found: list[tuple[int, int, Floats, int]],
    ) -> float:
        """Adds the streets that a mention may be; the weight of a street that is not known."""
        number = main_number(mention.number) if mention.number else None
        missing = unknown_number(number[0]) if number else 1.0
        names = self.names_of(mention, cut_short)
        total = self._streets(mention, names, number, rank, share, said, named, found)
        bearing = len(self.gazetteer.streets.get(mention.key, ()))
        right = mention.known and mention.likeness == 1.0
        new = 0.5 * bearing / self.street_count + _NEW_NAME if right else _NEW_UNKNOWN
        unknown = (1.0 - KNOWN_SHARE) * new * missing * share
        if right and total < unknown * 0.05 and len(mention.key) > 5:
            # The name is there, but not where it should be: perhaps another was meant.
            near = [(key, _likeness(score)) for key, score in self.near.search(mention.key) if key != mention.key]
            total += self._streets(mention, near, number, rank, share, said, named, found)
        return unknown

    def names_of(self, mention: StreetMention, cut_short: bool = False) -> list[tuple[str, float]]:
        """The keys that a mention may mean, each with how well it fits (0…1), best first."""
        if mention.known:
            return [(mention.key, mention.likeness * (_CUT_SHORT if cut_short else 1.0))]
        doubt = self.slips.doubt(mention.key)
        names = [(key, doubt * _likeness(score)) for key, score in self.near.search(mention.key)]
        words = mention.key.split()
        for length in range(min(len(words) - 1, 4), 1, -1):  # what follows may be no part of the name
            names += [
                (key, 0.5 * _likeness(score)) for key, score in self.near.search(" ".join(words[:length]), 2, 96.0)
            ]
        short = self.near.initials(words[0]) if words else []
        names += [(key, 0.4 / len(short)) for key in short]
        letters = self.near.abbreviated(words)
        names += [(key, 0.6 / len(letters)) for key in letters]
        best: dict[str, float] = {}
        for key, weight in names:
            best[key] = max(best.get(key, 0.0), weight)
        return sorted(best.items(), key=lambda item: -item[1])[:14]

    def _streets(  # noqa: PLR0917
        self,
        mention: StreetMention,
        names: list[tuple[str, float]],
        number: tuple[int, str] | None,
        rank: int,
        share: float,
        said: SaidAreas,
        named: list[places.Named],
        found: list[tuple[int, int, Floats, int]],
    ) -> float:
        gazetteer = self.gazetteer
        total = most = 0.0
        weighed: list[tuple[int, slice, Floats, float, float]] = []
        for key, likeness in names:
            streets = gazetteer.streets.get(key, {})
            spans = [gazetteer.span(street) for street in streets]
            for (street, own), span, (area, peak) in zip(streets.items(), spans, said.fits(spans), strict=True):
                if peak > 0.0:
                    own *= float(gazetteer.importance[street]) ** IMPORTANCE
                    if number is not None:
                        own *= self._may_bear_numbers(street, key)
                    weighed.append((street, span, area, peak, likeness * own * share))
                    most = max(most, peak * likeness * own * share)
        for street, span, area, peak, likeness in weighed:
            if peak * likeness < _LEAST_OF_MOST * most:
                continue
            weight = area * (self.piece_prior * likeness) * (gazetteer.pieces.length[span] / 25.0)
            if named:
                weight *= places.nearness(named, gazetteer, gazetteer.pieces.x[span], gazetteer.pieces.y[span])
            if number is not None:
                weight = weight * number_density(gazetteer, street, gazetteer.pieces.along[span], number[0])
            elif mention.number:
                weight = weight * code_density(gazetteer, street, gazetteer.pieces.along[span], mention.number)
            alleys = self._alleys(street, mention, number)
            whole = float(weight.sum())
            for alley in alleys:
                inner = gazetteer.span(alley)
                size = inner.stop - inner.start
                found.append((alley, inner.start, np.full(size, 3.0 * whole / size / len(alleys)), rank))
                total += 3.0 * whole
            found.append((street, span.start, weight, rank))
            total += whole
        return total

    def _may_bear_numbers(self, street: int, key: str) -> float:
        """How likely house numbers stand on a street, against the others of its name."""
        if street in self.gazetteer.anchors:
            return 1.0
        found = self._bearing.get((street, key))
        if found is None:
            own = self.gazetteer.keys[int(self.gazetteer.of_name[street])]
            found = _ON_A_BRIDGE if own.startswith(_STRUCTURES) and not key.startswith(_STRUCTURES) else 1.0
            if any(other in self.gazetteer.anchors for other in self.gazetteer.streets.get(key, ())):
                found *= _UNNUMBERED
            self._bearing[street, key] = found
        return found

    def _alleys(self, street: int, mention: StreetMention, number: tuple[int, str] | None) -> list[int]:
        """The alleys of a street at a house number, the one farthest in first."""
        if number is None or not (number[1] or mention.relation == "alley"):
            return []
        steps = [str(number[0]), *number[1].split("/")]
        deepest = len(steps) if mention.relation == "alley" else len(steps) - 1
        for depth in range(deepest, 0, -1):
            alleys = self.gazetteer.alleys.get((street, "/".join(steps[:depth])))
            if alleys:
                return alleys
        return []

    def _mass(self, found: list[tuple[int, int, Floats, int]], whole: float, parts: StreetParts, wards: Floats) -> Mass:
        gazetteer = self.gazetteer
        weight = np.concatenate([part for _, _, part, _ in found]) / whole
        total = float(weight.sum())
        kept = np.flatnonzero(weight > _SEEN * weight.max())
        if len(kept) > _MOST_PIECES:
            kept = kept[np.argpartition(-weight[kept], _MOST_PIECES)[:_MOST_PIECES]]
        weight = weight[kept] * (total / float(weight[kept].sum()))
        # Of each stretch in `found`: where it begins there and in the gazetteer, its street, reading, and side.
        ends = np.cumsum([len(part) for _, _, part, _ in found])
        of = np.searchsorted(ends, kept, side="right")
        first = np.array([start for _, start, _, _ in found])
        piece = kept + (first - np.concatenate([[0], ends[:-1]]))[of]
        lefts = np.array([self._left(street, parts.mentions[rank]) for street, _, _, rank in found])
        return Mass(
            gazetteer.pieces.x[piece],
            gazetteer.pieces.y[piece],
            weight,
            np.array([street for street, _, _, _ in found], dtype=np.int32)[of],
            piece,
            np.array([rank for _, _, _, rank in found], dtype=np.int32)[of],
            lefts[of],
            1.0 - total,
            wards,
            parts,
        )

    def _left(self, street: int, mention: StreetMention) -> float:
        number = main_number(mention.number) if mention.number else None
        side = self.gazetteer.sides.get(street, 0)
        if number is None or not side or number[1]:
            return 0.5 if number is None or not side else (0.7 if (number[0] % 2 == 1) == (side > 0) else 0.3)
        odd = number[0] % 2 == 1
        share = _SIDE if odd == (side > 0) else 1.0 - _SIDE
        return 1.0 - share if mention.relation == "opposite" else share


def _likeness(score: float) -> float:
    """What a name of this likeness (0…100) is worth against the name itself."""
    return float(0.02 * np.exp((score - 92.0) / 3.0)) if score < 99.9 else 1.0


def points(index: StreetIndex, mass: Mass) -> tuple[Floats, Floats, NDArray[np.int16], Floats]:
    """Both sides of every piece, left then right: x, y, today's ward (-1 outside), weight."""
    pieces, table = index.gazetteer.pieces, index.table
    dx, dy = pieces.dx[mass.piece], pieces.dy[mass.piece]
    x = np.concatenate([mass.x - SIDE_M * dy, mass.x + SIDE_M * dy])
    y = np.concatenate([mass.y + SIDE_M * dx, mass.y - SIDE_M * dx])
    ward = np.concatenate([table.left[mass.piece], table.right[mass.piece]])
    weight = np.concatenate([mass.weight * mass.left, mass.weight * (1.0 - mass.left)]) * mass.wards[ward]
    weight *= (1.0 - mass.unknown) / float(weight.sum())
    return x, y, ward, weight
