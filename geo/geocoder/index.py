"""The areas' names made ready for looking up: by key, by initials, by near spelling; one group a name and place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from rapidfuzz import fuzz, process
from shapely import STRtree

from geo.address.parser import Address, Part, parse
from geo.address.tokens import tokens
from geo.address.vocabulary import Vocabulary, spelling
from geo.geocoder.names import NamedArea
from geo.geocoder.spread import Spread, mass, mixture, spread
from geo.text import accent_key, nfc

_NEAR_SPELLING = 84.0  # of 100, rapidfuzz ratio, for a marked name that no list has
_INSIDE = 0.8  # a former ward lies in a ward of today where this much of it does
_SAME = 0.85  # of two lines' common land, of the larger: they are one
_MEMBER_SHARE = 0.4  # an older line of a renamed or merged ward against the last one


@dataclass(eq=False, slots=True)
class Group:
    """The areas of one level that bore one name in one place, through time: one thing that an address can name."""

    level: str
    key: str
    district_key: str
    members: list[NamedArea]  # the last one first
    mass: float = 0.0
    accents: str = ""
    today: bool = False  # one of them is in force
    province: str = ""  # key of the former province
    _spread: Spread | None = None
    _centre: tuple[int, float] | None = None

    @property
    def area(self) -> NamedArea:
        return self.members[0]

    def spread(self) -> Spread:
        """Where an address in it may lie; the lines of several days each have their share."""
        if self._spread is None:
            parts = [(_MEMBER_SHARE**rank, spread(member.shape)) for rank, member in enumerate(self.members)]
            self._spread = mixture(parts)
        return self._spread


@dataclass(eq=False)
class AreaIndex:
    """Everything the geocoder keeps of one version of the names."""

    groups: list[Group] = field(default_factory=list)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    def __init__(self, areas: Sequence[NamedArea]) -> None:
        self.vocabulary = Vocabulary((area.level, _bare(area.name)) for area in areas)
        self.groups = _groups(areas)
        self._by_key: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._by_initials: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, group in enumerate(self.groups):
            self._by_key[(group.level, group.key)].append(number)
            words = group.key.split()
            if len(words) > 1:
                self._by_initials[(group.level, "".join(word[0] for word in words))].append(number)
        self._spelt = {level: [key for found, key in self._by_key if found == level] for level in ("ward", "district")}
        self.wards = [area for area in areas if area.level == "ward" and area.valid_to is None]
        places = {area.code: number for number, area in enumerate(self.wards)}
        self.went_into = [
            np.array(sorted(places[code] for area in group.members for code in area.wards_today if code in places))
            for group in self.groups
        ]
        """Per group: today's wards (numbers in `wards`) that hold parts of it; empty where not known."""
        self._tree = STRtree([area.shape for area in self.wards])
        for area in areas:
            shapely.prepare(area.shape)
        self._shares: dict[tuple[int, int], float] = {}
        # What was asked before in the same words: a file of reports names the same ward over and over.
        self.answers: dict[Hashable, list[Any]] = {}
        self.total = sum(group.mass for group in self.groups if group.level == "ward" and group.today) or 1.0

    def parse(self, text: str) -> Address:
        return parse(text, self.vocabulary)

    def named(self, part: Part, level: str) -> list[tuple[int, float]]:
        """The groups of `level` that `part` may name, each with how well the name fits (0…1)."""
        key = spelling(part.key)
        if part.known:
            return [(number, self._fit(part, number)) for number in self._by_key.get((level, key), ())]
        if part.initials:
            return [(number, 0.5) for number in self._by_initials.get((level, key), ())]
        if len(key) < 5:
            return []
        near = process.extract(key, self._spelt[level], scorer=fuzz.ratio, score_cutoff=_NEAR_SPELLING, limit=3)
        result = []
        for name, score, _ in near:
            result += [(number, float(np.exp((score - 100.0) / 4.0))) for number in self._by_key[(level, name)]]
        return result

    def has_initials(self, level: str, letters: str) -> bool:
        """Whether an area of that level has these initials."""
        return (level, letters) in self._by_initials

    def _fit(self, part: Part, number: int) -> float:
        group = self.groups[number]
        fit = 1.0
        if part.accents and spelling(part.accents) != group.accents:
            fit *= 0.05
        kinds = {member.kind for member in group.members}
        if part.kinds and not kinds.intersection(part.kinds):
            # A commune became a ward (P. Tân Kiên), a district a city: people call them by either.
            fit *= 0.4
        return fit

    def share(self, inner: int, outer: int) -> float:
        """How much of a group lies in another (0…1)."""
        found = self._shares.get((inner, outer))
        if found is None:
            one, other = self.groups[inner], self.groups[outer]
            if inner == outer or (
                one.level == "ward" and other.level == "district" and one.district_key == other.key and one.district_key
            ):
                found = 1.0
            elif one.level == "district" and other.level == "ward":
                found = 0.0
            else:
                found = max(one.spread().share_in(member.shape) for member in other.members)
                if one.level == other.level == "ward" and found < _INSIDE:
                    found = 0.0  # who is in the rest of it would not name this part
            self._shares[(inner, outer)] = found
        return found

    def centre(self, number: int) -> tuple[float, float, float]:
        """(lon, lat, share): the point that stands for a group, in the ward of today that holds most of it, and how
        much of the group that ward holds."""
        group = self.groups[number]
        own = group.spread()
        if group._centre is None:
            wards = self._ward_of(own)
            totals = np.bincount(wards + 1, weights=own.weight, minlength=len(self.wards) + 1)
            best = int(np.argmax(totals[1:])) if totals[1:].any() else -1
            among = wards == best
            group._centre = (own.centre(among), float(totals[best + 1]))
        place, share = group._centre
        return float(own.lon[place]), float(own.lat[place]), share

    def share_in_ward_of(self, lon: float, lat: float, number: int) -> float:
        """How much of a group lies in today's ward at a point."""
        found = self._tree.query(shapely.Point(lon, lat), predicate="within")
        if not len(found):
            return 0.0
        key = (number, -1 - int(min(found)))
        share = self._shares.get(key)
        if share is None:
            share = self.groups[number].spread().share_in(self.wards[int(min(found))].shape)
            self._shares[key] = share
        return share

    def _ward_of(self, own: Spread) -> np.ndarray:
        wards = np.full(len(own.lon), -1, dtype=np.int64)
        points, found = self._tree.query(shapely.points(own.lon, own.lat), predicate="within")
        wards[points] = found
        return wards


def _groups(areas: Sequence[NamedArea]) -> list[Group]:
    """Areas by level, name and the district they belonged to. Several days' lines of one ward become one group."""
    found: dict[tuple[str, str, str], list[NamedArea]] = defaultdict(list)
    for area in areas:
        district = _key(_bare(area.district_name)) if area.level == "ward" else ("" if area.kind != "quan" else "quan")
        found[(area.level, _key(_bare(area.name)), district)].append(area)
    result = []
    for (level, key, district), members in found.items():
        members.sort(
            key=lambda area: (area.valid_to is None, area.valid_to.toordinal() if area.valid_to else 0), reverse=True
        )
        if len(members) > 1:  # the same line on several days is one member
            kept = [members[0]]
            for member in members[1:]:
                if not any(_same(member, other) for other in kept):
                    kept.append(member)
            members = kept
        group = Group(
            level=level,
            key=key,
            district_key=district if level == "ward" else "",
            members=members,
            mass=mass(members[0].shape),
            accents=spelling(accent_key(nfc(_bare(members[0].name)))),
            today=any(member.valid_to is None for member in members),
            province=_key(_bare(members[0].province)),
        )
        result.append(group)
    return result


def _same(one: NamedArea, other: NamedArea) -> bool:
    """Nearly the same shape."""
    small, large = sorted((one.shape.area, other.shape.area))
    if small <= _SAME * large:
        return False  # without the intersection, which costs milliseconds
    if shapely.equals_exact(one.shape, other.shape):
        return True
    return bool(one.shape.intersection(other.shape).area > _SAME * large)


def _key(name: str) -> str:
    return spelling(" ".join(token.key for token in tokens(nfc(name))))


_KINDS = ("Thành phố ", "Thị xã ", "Quận ", "Huyện ", "Phường ", "Xã ", "Thị trấn ", "Đặc khu ", "Tỉnh ")


def _bare(name: str) -> str:
    for kind in _KINDS:
        if name.startswith(kind):
            return name[len(kind) :]
    return name
