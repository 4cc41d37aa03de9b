"""Every line that bears a street's name, under one number for each name: from the files, and where the files lack it
from what else tells where the street runs."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from geo.crs import to_metres
from geo.gazetteer import gaps
from geo.gazetteer.gaps import Line
from geo.gazetteer.keys import alley_of, street_key
from geo.gazetteer.records import BUS_PATH, Records

NO_STREETS = frozenset({"a", "ks", "viet nam"})
# Names that many streets bear: Đường Nội Bộ, Lô B, D2.
_MANY = re.compile(r"^(?:so |hem |duong |lo |nhanh |noi bo |noi khu |khu |cau |[a-z]{1,2} ?\d)")


class NamedLines(NamedTuple):
    """Lines in metres; `names` are keys with their numbers, `shown` how each is written most often."""

    names: dict[str, int]
    shown: list[str]
    lines: list[Line]
    kinds: list[str]  # of each line: OpenStreetMap's highway, or BUS_PATH where no file has it
    also: list[tuple[str, int]]  # other names' keys, each with the number of a line


def named_lines(records: Records) -> NamedLines:
    """The lines of all records."""
    found = _Names()
    lines: list[Line] = []
    kinds: list[str] = []
    paths: list[Line] = []
    also: list[tuple[str, int]] = []
    lengths = [len(line.lon) for line in records.streets]
    x, y = to_metres(
        np.concatenate([line.lon for line in records.streets] or [np.zeros(0)]),
        np.concatenate([line.lat for line in records.streets] or [np.zeros(0)]),
    )
    for line, length, end in zip(records.streets, lengths, np.cumsum(lengths).tolist(), strict=True):
        part = slice(end - length, end)
        number, key = found.number(line.names[0]), street_key(line.names[0])
        if number < 0:
            continue
        if line.kind == BUS_PATH:
            paths.append((number, x[part], y[part]))
            continue
        for other in line.names[1:]:
            other_key = street_key(other)
            if other_key and other_key != key and not (len(other_key) < 3 and not other_key.isdigit()):
                also.append((other_key, len(lines)))
        lines.append((number, x[part], y[part]))
        kinds.append(line.kind)
    others = {key for key, _ in also}
    stand = [each for each in records.numbers if each.street and street_key(each.street) not in others]
    numbers = np.array([found.number(each.street) for each in stand], dtype=np.int32)
    wx, wy = (np.asarray(part) for part in to_metres([each.lon for each in stand], [each.lat for each in stand]))
    known = numbers >= 0
    few = np.array([_is_borne_by_few(key) for key in found.names], dtype=bool)
    lines += gaps.missing(lines, paths, (numbers[known], wx[known], wy[known]), few)
    kinds += [BUS_PATH] * (len(lines) - len(kinds))
    return NamedLines(found.names, found.shown(), lines, kinds, also)


class _Names:
    def __init__(self) -> None:
        self.names: dict[str, int] = {}
        self._spellings: list[dict[str, int]] = []

    def number(self, name: str) -> int:
        """The number of a name; -1 where it is none."""
        key = street_key(name)
        if not key or key in NO_STREETS:
            return -1
        number = self.names.setdefault(key, len(self.names))
        if number == len(self._spellings):
            self._spellings.append({})
        self._spellings[number][name] = self._spellings[number].get(name, 0) + 1
        return number

    def shown(self) -> list[str]:
        return [max(several, key=lambda name: (several[name], name)) for several in self._spellings]


def _is_borne_by_few(key: str) -> bool:
    return " " in key and not _MANY.match(key) and alley_of(key) is None
