"""Addresses as people write them: in full or short, with wards of today or of before July 2025."""

from __future__ import annotations

import re
from datetime import date

import numpy as np

from etl.demo.geography import Geography

REFORM = date(2025, 7, 1)
_PRIVATE = frozenset({"construction_without_permit", "construction_against_permit"})
"""Kinds that would accuse an owner: no invented number on a real street."""
_HAS_NUMBER = re.compile(r"(?i)(hẻm|ngõ|quốc lộ|xa lộ|cao tốc)\b")
"""Alleys named by a number, and roads that are not numbered by houses."""
_STILL_OLD = 0.25  # of the people, who write the former ward and district after the reform
_KIND = re.compile(r"^(Phường|Xã|Thị trấn|Đặc khu|Quận|Huyện|Thành phố|Thị xã) ")
_SHORT = {"Phường": "P.", "Xã": "X.", "Thị trấn": "TT.", "Quận": "Q.", "Huyện": "H.", "Thành phố": "TP."}


def address(geography: Geography, point: int, category: str | None, on: date, random: np.random.Generator) -> str:
    """An address for a street point: number, street, ward, and before the reform (or by habit) the district."""
    street = str(geography.street[point])
    number = "" if category in _PRIVATE or _HAS_NUMBER.match(street) else _number(random)
    parts = [f"{number} {street}".strip()] if street else []
    former = int(geography.former[point])
    if former >= 0 and (on < REFORM or random.random() < _STILL_OLD):
        ward = geography.former_wards[former]
        names = [ward.name, ward.district]
    else:
        names = [geography.ward_names[int(geography.ward[point])]]
    short = random.random() < 0.3
    parts += [_shorten(name) if short else name for name in names]
    if random.random() < 0.35:
        parts.append("TP.HCM" if short else "Thành phố Hồ Chí Minh")
    return ", ".join(parts)


def at(geography: Geography, point: int, random: np.random.Generator) -> str:
    """Where it is, inside a sentence: "trên đường Nguyễn Trãi", "ở phường Tân Định"."""
    street = str(geography.street[point])
    if not street:
        ward = geography.ward_names[int(geography.ward[point])]
        return f"ở {ward[0].lower()}{ward[1:]}"
    named = street if re.match(r"(?i)(đường|hẻm|đại lộ|quốc lộ|tỉnh lộ|xa lộ|ngõ)\b", street) else f"đường {street}"
    named = named[0].lower() + named[1:]
    return f"{('tại', 'trên', 'gần')[int(random.integers(3))]} {named}"


def _number(random: np.random.Generator) -> str:
    number = str(int(random.geometric(0.005)))
    draw = random.random()
    if draw < 0.18:
        return f"{number}/{int(random.integers(1, 90))}"
    return f"{number}{'ABC'[int(random.integers(3))]}" if draw < 0.24 else number


def _shorten(name: str) -> str:
    kind = _KIND.match(name)
    if kind is None or kind[1] not in _SHORT:
        return name
    rest = name[kind.end() :]
    return f"{_SHORT[kind[1]]}{rest}" if rest.isdigit() else f"{_SHORT[kind[1]]} {rest}"
