"""Which areas an address may mean, and how likely each is.

A posterior over groups of names: each part of the address speaks for the areas that bear its name or lie in one that
does, and only by mistake for the others. That no area in the list is meant is a hypothesis of its own, so that what
the list does not know costs certainty instead of being made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from geo.address.parser import Address, Part
from geo.address.vocabulary import spelling
from geo.geocoder.confidence import (
    ERA_BEFORE,
    ERA_OLD,
    FAR_PROVINCE,
    MISTAKE,
    NUMBERED,
    OLD_WITHOUT_DISTRICT,
    PROVINCE_NAME,
    TODAY_WITH_DISTRICT,
)
from geo.geocoder.index import AreaIndex, Group

REFORM = date(2025, 7, 1)
_AS_WARD = 0.5  # a bare name that is both is a district's more often than a ward's
_PROVINCE_KEYS = {"brvt": "ba ria vung tau", "br vt": "ba ria vung tau"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One group, and how likely it is what was meant."""

    group: int
    probability: float


def candidates(address: Address, index: AreaIndex, on: date) -> list[Candidate]:
    """The areas that `address` may name, likeliest first; empty where it names none, or one of another city.

    The probabilities sum to less than one: what is missing says that none of them is meant."""
    if elsewhere(address, index):
        return []
    mentions = mentions_of(address, index)
    if not mentions:
        return []
    weights, nothing = _weigh(mentions, address, index, on)
    total = sum(weights.values()) + nothing
    if total <= 0.0:
        return []
    found = [Candidate(number, weight / total) for number, weight in weights.items()]
    return sorted(found, key=lambda candidate: -candidate.probability)


def mentions_of(address: Address, index: AreaIndex) -> list[Mention]:
    """What each part of the address that names an area speaks for."""
    return [mention for part in address.areas() if (mention := _mention(part, index))]


def _weigh(mentions: list[Mention], address: Address, index: AreaIndex, on: date) -> tuple[dict[int, float], float]:
    """The weight of each group that is named, and that of none."""
    groups = sorted({number for mention in mentions for number in mention.fits})
    after = on >= REFORM
    of_city = any(part.levels[0] == "city" for part in address.parts)
    # "Tân Phú" by itself may be a ward or a district: it is no ward with its district.
    district_named = any(
        mention.level(index) == "district" or (mention.level(index) == "both" and len(mentions) > 1)
        for mention in mentions
    )
    weights: dict[int, float] = {}
    nothing = 1.0
    for mention in mentions:
        nothing *= mention.mistake
    for number in groups:
        group = index.groups[number]
        weight = group.mass / index.total * _era(group, on, after, district_named)
        if of_city and _is_far(group):
            weight *= FAR_PROVINCE if after else ERA_BEFORE
        for mention in mentions:
            weight *= mention.says(number, index)
        weights[number] = weight
    return weights, nothing


def raw_weights(mentions: list[Mention], address: Address, index: AreaIndex, on: date) -> float:
    """How likely it is that a place anywhere in the city is said with these areas: 1 where none is named."""
    if not mentions:
        return 1.0
    weights, nothing = _weigh(mentions, address, index, on)
    return sum(weights.values()) + nothing


def era(group: Group, on: date, district_named: bool) -> float:
    """How usual a group's name was on that day, against the names of its time."""
    return _era(group, on, on >= REFORM, district_named)


def elsewhere(address: Address, index: AreaIndex) -> bool:
    """Whether the address says that it lies in another province, or in a district that this city never had."""
    levels = [part.levels for part, former in _with_former(address) if part.known and not _goes_on(part, former)]
    if any(found[0] == "city" or ("province" in found and "elsewhere" not in found) for found in levels):
        return False
    if any(found == ("elsewhere",) for found in levels):
        return True
    return any(
        part.levels[0] == "district" and not part.known and not part.initials and not index.named(part, "district")
        for part in address.parts
    )


def _with_former(address: Address) -> Iterator[tuple[Part, Part | None]]:
    """Each part with the one before it."""
    return zip(address.parts, (None, *address.parts), strict=False)


def _goes_on(part: Part, former: Part | None) -> bool:
    """Whether a name goes on that began in the part before it, misspelt: Phường Hinp Bình Phước."""
    return former is not None and not former.known and part.manner != "marked" and part.start - former.end <= 1


@dataclass(frozen=True, slots=True)
class Mention:
    """A part of the address with the groups whose name it may be."""

    fits: dict[int, float]  # group → how well the name fits
    share: float  # how often such a name is meant
    mistake: float  # how likely this very name is by mistake
    province: str

    def level(self, index: AreaIndex) -> str:
        """ward, district or both: what its name may be the name of."""
        levels = {index.groups[number].level for number in self.fits}
        return "both" if len(levels) > 1 else next(iter(levels), "")

    def says(self, number: int, index: AreaIndex) -> float:
        """How likely this part is if the address lies in the group."""
        best = 0.0
        for named, fit in self.fits.items():
            if fit > best:
                best = max(best, fit * index.share(number, named))
        if self.province and index.groups[number].province == self.province:
            best = 1.0
        return best * self.share + self.mistake


def _mention(part: Part, index: AreaIndex) -> Mention | None:
    fits: dict[int, float] = {}
    for level in part.levels:
        if level in ("ward", "district"):
            weight = _AS_WARD if level == "ward" and len(part.levels) > 1 and not part.kinds else 1.0
            for number, fit in index.named(part, level):
                fits[number] = max(fits.get(number, 0.0), fit * weight)
    level = "district" if "district" in part.levels else "ward"
    wrong, names = MISTAKE[(part.manner, level)]
    if part.key.isdigit():
        names = min(names, NUMBERED)
    province = ""
    if "province" in part.levels:
        province = _PROVINCE_KEYS.get(part.key, spelling(part.key))
        wrong, names = PROVINCE_NAME
    elif not fits:
        return None
    return Mention(fits=fits, share=1.0 - wrong, mistake=wrong / names, province=province)


def _era(group: Group, on: date, after: bool, district_named: bool) -> float:
    if group.level == "district":
        return 1.0
    if group.today:
        return (TODAY_WITH_DISTRICT if district_named else 1.0) * (1.0 if after else ERA_BEFORE)
    last = group.area.valid_to
    weight = 1.0 if last is None or last >= date(2025, 6, 30) else ERA_OLD
    return weight * (OLD_WITHOUT_DISTRICT if after and not district_named else 1.0)


def _is_far(group: Group) -> bool:
    province = group.province
    return province not in ("", "ho chi minh")
