"""A file's rows put into our columns: what a mapping file says beyond names, in front of the import's own reading.

The rows stay what they are (a rejected one is shown as its file had it); beside them go the same rows as they are
meant. A cell that cannot be understood is handed on as it is, so that the import names it like any other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo

import numpy as np
import pyproj

from database.clock import CITY_TIME
from etl.columns import KNOWN, Layout, text
from etl.errors import UnreadableFile
from etl.mapping import BLANK, OTHERS, PLACED, Dictionary
from etl.readers.source import Batch, Source

_EPOCHS = {1900: datetime(1899, 12, 30), 1904: datetime(1904, 1, 1)}  # noqa: DTZ001, a spreadsheet's day has no zone
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_CLOCK = re.compile(r"\d{1,2}:\d\d")
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_TIMES = ("reported_at", "closed_at")
ABOUT = (105.8, 9.8, 107.6, 11.7)
"""West, south, east, north of the city and some way around it: where a place that was understood may lie."""


@dataclass(kw_only=True)
class Noticed:
    """What was seen on the way, for the operator."""

    swapped: int = 0
    """rows whose two coordinates are the wrong way round"""
    mended: int = 0
    lines: list[int] = field(default_factory=list)
    """the first few of them"""


class Translated(Source):
    """A source whose rows also come in our columns. `header` is the file's, `names` are ours, in the order of
    `meant`."""

    def __init__(self, source: Source, dictionary: Dictionary, words: Mapping[str, Mapping[str, str]]) -> None:
        """`words`: column → the file's word → our code, the dictionary's and those that are known anyway. Raises
        UnreadableFile where the file does not have the columns that were named."""
        self._source, self._dictionary = source, dictionary
        self.header, self.size, self.epoch = source.header, source.size, source.epoch
        self.noticed = Noticed()
        self._parts = self._positions()
        self._words = {name: words.get(name, known) for name, known in dictionary.values.items()}
        projected = [name for name in PLACED if name in self._parts]
        if len(projected) == 1:
            raise UnreadableFile(f"x và y đi cùng nhau (x and y come together): {projected[0]}")
        self._projected = bool(projected)
        self._to_degrees = _to_degrees(dictionary) if projected or dictionary.crs else None
        ours = [name for name in KNOWN if name in self._parts or name in dictionary.constants]
        self.names = tuple(ours + [name for name in ("lat", "lon") if self._projected and name not in ours])
        self._zone: tzinfo = dictionary.timezone or CITY_TIME
        self._excel = dictionary.excel or source.epoch

    def batches(self) -> Iterator[Batch]:
        for batch in self._source.batches():
            yield replace(batch, meant=self._meant(batch))

    def close(self) -> None:
        self._source.close()

    def layout(self) -> Layout:
        """Where our columns lie in `meant`."""
        return Layout(self.names)

    def _positions(self) -> dict[str, list[int]]:
        """Our column (also x, y) → the file's positions."""
        plain = [name.strip().lstrip("\ufeff").casefold() for name in self.header]
        wanted: dict[str, tuple[str, ...]] = {name: (name,) for name in KNOWN if name in plain}
        if self._dictionary.crs is not None and not {"x", "y"} & set(self._dictionary.columns):
            wanted |= {name: (name,) for name in PLACED if {"x", "y"} <= set(plain)}
        for ours, theirs in self._dictionary.columns.items():
            wanted[ours] = (theirs,) if isinstance(theirs, str) else theirs
        found: dict[str, list[int]] = {}
        for ours, names in wanted.items():
            keys = [" ".join(text(name).split()).casefold() for name in names]
            spelt = [" ".join(name.split()) for name in plain]
            for name, key in zip(names, keys, strict=True):
                if key not in spelt:
                    raise UnreadableFile(f"không có cột (no column) {name!r}, cần cho (meant as) {ours}")
                if spelt.count(key) > 1:
                    raise UnreadableFile(f"cột lặp lại (column given twice): {name}")
            found[ours] = [spelt.index(key) for key in keys]
        return found

    def _meant(self, batch: Batch) -> list[Sequence[object]]:
        rows: list[dict[str, object]] = []
        for pos, row in enumerate(batch.rows):
            rows.append({} if pos in batch.faults else self._columns(row))
        self._place(batch.lines, rows)
        return [[row.get(name) for name in self.names] for row in rows]

    def _columns(self, row: Sequence[object]) -> dict[str, object]:
        said: dict[str, object] = dict(self._dictionary.constants)
        for ours, positions in self._parts.items():
            cells = [row[at] for at in positions]
            if ours in _TIMES:
                cell = self._moment(cells)
            elif len(cells) == 1:
                cell = cells[0]
            else:
                cell = self._dictionary.separator.join(word for each in cells if (word := text(each))) or None
            if cell is None or cell == "":
                if ours not in self._dictionary.constants:
                    said[ours] = None
            else:
                said[ours] = cell
        for ours, words in self._words.items():
            said[ours] = _word(said.get(ours), words)
        return said

    def _moment(self, cells: Sequence[object]) -> object:
        """One or several cells (a day and an hour) as a moment with its zone, or as they are where that fails."""
        found = [self._part(cell) for cell in cells]
        if len(found) == 2 and isinstance(found[0], date) and isinstance(found[1], time | timedelta):
            day = datetime.combine(found[0], time()) if not isinstance(found[0], datetime) else found[0]
            return (day + _since_midnight(found[1])).replace(tzinfo=self._zone)
        cell: object = found[0]
        if len(cells) > 1:
            words = " ".join(word for each in cells if (word := text(each)))
            cell = self._part(words) if words else None
        if isinstance(cell, datetime):
            return cell if cell.tzinfo is not None else cell.replace(tzinfo=self._zone)
        if isinstance(cell, date):
            return datetime.combine(cell, time(), self._zone)
        return cell

    def _part(self, cell: object) -> object:
        """A cell as a moment, a day, a time of day, or as it is."""
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return self._serial(float(cell)) if math.isfinite(cell) else None
        if not isinstance(cell, str):
            return cell
        word = " ".join(cell.split())
        for pattern in self._dictionary.dates:
            try:
                at = datetime.strptime(word, pattern)  # noqa: DTZ007, the zone comes after
            except ValueError:
                continue
            return at.time() if at.year == 1900 and "%Y" not in pattern and "%y" not in pattern else at
        if self._excel and _SERIAL.fullmatch(word):
            return self._serial(float(word.replace(",", ".")))
        if _CLOCK.match(word):
            for pattern in ("%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M:%S %p"):
                try:
                    return datetime.strptime(word, pattern).time()  # noqa: DTZ007
                except ValueError:
                    continue
        return _usual(word, self._zone)

    def _serial(self, days: float) -> object:
        """A spreadsheet's day; a fraction alone is a time of day. Other numbers are handed on."""
        if 0 <= days < 1:
            return timedelta(days=days)
        if self._excel is None or not 15_000 <= days < 80_000:
            return str(int(days)) if days.is_integer() else str(days)
        return _EPOCHS[self._excel] + timedelta(seconds=round(days * 86_400))

    def _place(self, lines: Sequence[int], rows: list[dict[str, object]]) -> None:
        """Coordinates of the file's system into degrees, all rows at once; swapped ones are noticed, or mended."""
        names = PLACED if self._projected else ("lon", "lat")
        if not self._projected and not {"lon", "lat"} <= set(self._parts):
            return
        xy = np.array([[self._number(row.get(name)) for name in names] for row in rows], dtype=np.float64).reshape(
            -1, 2
        )
        lonlat = xy if self._to_degrees is None else self._to_degrees(xy)
        turned = xy[:, ::-1] if self._to_degrees is None else self._to_degrees(xy[:, ::-1])
        swapped = ~_about(lonlat) & _about(turned)
        mend = self._dictionary.swapped == "mend"
        for pos in np.flatnonzero(swapped).tolist():
            self.noticed.swapped += 1
            if len(self.noticed.lines) < 10:
                self.noticed.lines.append(lines[pos])
        if mend:
            self.noticed.mended += int(swapped.sum())
            lonlat = np.where(swapped[:, None], turned, lonlat)
        for pos, row in enumerate(rows):
            if self._projected or self._to_degrees is not None or (mend and swapped[pos]):
                given = [row.get(name) for name in names]
                lon, lat = lonlat[pos].tolist()
                if swapped[pos] and not mend:  # as the file has them: the import names them as coordinates
                    row["lon"], row["lat"] = xy[pos].tolist()
                elif math.isfinite(lon) and math.isfinite(lat):
                    row["lon"], row["lat"] = lon, lat
                elif any(text(cell) for cell in given):  # handed on, to be named
                    row["lon"], row["lat"] = (text(cell) or "?" for cell in given)
            elif self._dictionary.decimal or any(isinstance(row.get(name), str) for name in names):
                for name, value in zip(names, xy[pos].tolist(), strict=True):
                    if math.isfinite(value):
                        row[name] = value

    def _number(self, cell: object) -> float:
        return number(cell, self._dictionary.decimal, grouped=self._projected)


def number(cell: object, decimal: str | None = None, *, grouped: bool = False) -> float:
    """A cell as a number, NaN where it is none. `decimal`: the sign before the fraction; None: the last of two signs, a
    lone one; `grouped`: a lone sign before three digits stands between thousands."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    word = text(cell).replace("\xa0", "").replace(" ", "").replace("\u202f", "")
    if not word:
        return math.nan
    if decimal is None:
        last = max(word.rfind(","), word.rfind("."))
        signs = [sign for sign in word if sign in ",."]
        thousands = (len(signs) > 1 and len(set(signs)) == 1) or (
            grouped and len(signs) == 1 and len(word) - last == 4 and len(word.lstrip("+-")) <= 7
        )  # fmt: skip
        decimal = None if last < 0 or thousands else word[last]
    for sign in ",.":
        if sign != decimal:
            word = word.replace(sign, "")
    word = word.replace(decimal, ".") if decimal else word
    return float(word) if _PLAIN.fullmatch(word) else math.nan


def _since_midnight(at: time | timedelta) -> timedelta:
    return at if isinstance(at, timedelta) else timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)


def _word(cell: object, words: Mapping[str, str]) -> object:
    word = text(cell)
    if not word:
        return words.get(BLANK)
    return words.get(word) or words.get(word.casefold()) or words.get(OTHERS, word)


def _usual(word: str, zone: tzinfo) -> object:
    """ISO 8601 without an offset is of the file's zone; other forms are the import's to read."""
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", word)
        if found is None:
            return word
        day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
        try:
            return datetime(year, month, day, hour, minute, second, tzinfo=zone)
        except ValueError:
            return word
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _about(lonlat: np.ndarray) -> np.ndarray:
    west, south, east, north = ABOUT
    lon, lat = lonlat.T
    with np.errstate(invalid="ignore"):
        return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


class _to_degrees:
    """x, y of the file (float64[n, 2]) → lon, lat; NaN where there is none."""

    def __init__(self, dictionary: Dictionary) -> None:
        system = dictionary.crs or pyproj.CRS.from_epsg(9210)
        self._change = pyproj.Transformer.from_crs(system, 4326, always_xy=True)
        own = system.axis_info[0].unit_conversion_factor if system.axis_info and not system.is_geographic else 1.0
        self._factor = 1.0 if dictionary.unit_m is None else dictionary.unit_m / (own or 1.0)

    def __call__(self, xy: np.ndarray) -> np.ndarray:
        lon, lat = self._change.transform(xy[:, 0] * self._factor, xy[:, 1] * self._factor)
        found = np.column_stack([lon, lat])
        found[~np.isfinite(found).all(axis=1)] = np.nan
        return found
