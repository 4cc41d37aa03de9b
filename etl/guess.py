"""A mapping file, guessed: what the columns of a file of another make are, from their names and from what is in them.

It is a proposal, shown with the first rows as they would land; nobody's file is taken in by a guess alone.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from rapidfuzz import fuzz

from database.engine import OPERATOR, transaction
from etl import mapping as mappings
from etl.columns import KNOWN, Said, read, secret, text
from etl.errors import UnreadableFile
from etl.guess_names import DATES, NAMES, STATUSES
from etl.mapping import PLACED
from etl.opened import opened
from etl.readers import PLAIN, Reading, open_source
from etl.translate import ABOUT, number
from incidents import reference
from incidents.errors import Refusal

SAMPLE = 200
SHOWN = 5
_HEADERS = 25
"""Lines that are looked at for the header."""
_SURE = 80.0

_READ_ANYWAY = frozenset({"%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M",
                          "%d-%m-%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y"})  # fmt: skip
_SYSTEMS = (9210, 32648, 3405, 9209, 9211, 5899, 5898, 5897, 5896, 3857, 3148)
_ENCODINGS = ("utf-8", "cp1258", "cp1252")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


def guessed(path: Path) -> dict[str, Any]:
    """The mapping file's document. Raises UnreadableFile."""
    reading = _reading(path)
    with open_source(path, SAMPLE, reading) as source:
        header = source.header
        rows = [list(row) for row in next(source.batches()).rows if len(row) == len(header)] if header else []
        epoch = source.epoch
    columns = {name: [row[at] for row in rows] for at, name in enumerate(header)}
    found = _columns(header, columns)
    document: dict[str, Any] = {**_said(reading), "columns": found}
    document |= _times(found, columns, epoch)
    document |= _places(found, columns)
    document |= _words(found, columns)
    return document


def preview(path: Path, document: Mapping[str, Any], channel: str) -> Iterator[str]:
    """Lines that say how the first rows would land. Raises UnreadableFile."""
    try:
        dictionary = mappings.understood(document, path)
        with opened(path, dictionary, SAMPLE) as it:
            batch = next(it.source.batches(), None)
            if batch is None:
                yield "không có dòng nào (no rows)"
                return
            rows = batch.rows if batch.meant is None else batch.meant
            read_ = [
                batch.faults.get(pos) or read(row, it.layout, channel=channel, key=secret(), values=it.values)
                for pos, row in enumerate(rows)
            ]
    except UnreadableFile as error:
        yield f"còn thiếu (still missing): {error}"
        return
    if document.get("length_unit") in ("ft", "us-ft"):
        yield 'foot quốc tế "ft" hay foot đo đạc "us-ft"? Lệch nhau ~7 m (which foot? they differ by 7 m here)'
    good = sum(isinstance(each, Said) for each in read_)
    yield f"{good}/{len(read_)} dòng đầu đọc được (of the first rows can be read)"
    for line, each in islice(zip(batch.lines, read_, strict=True), SHOWN):
        yield f"  {line}: {_shown(each)}"
    if unknown := _unknown(read_):
        yield f"chưa biết loại (unknown_category), cần values.category: {', '.join(unknown)}"
    bad = [(line, each) for line, each in zip(batch.lines, read_, strict=True) if isinstance(each, Refusal)]
    for line, refusal in bad[:SHOWN]:
        yield f"  {line}: {refusal.reason} {refusal.field} {refusal.value}"


def _unknown(rows: Sequence[Said | Refusal]) -> list[str]:
    """Words of categories that are no code and that nothing says the meaning of."""
    with transaction(OPERATOR) as connection:
        codes = set(reference.current(connection).categories)
    words = {each.draft.category for each in rows if isinstance(each, Said) and each.draft.category}
    return sorted(words - codes)[:20]


def _shown(said: Said | Refusal) -> str:
    if isinstance(said, Refusal):
        return f"{said.reason} {said.field} {said.value}"
    private = {"reporter_name", "reporter_phone", "reporter_email"}
    return ", ".join(
        f"{name}={'…' if name in private else value[:60]}" for name, value in said.content.items()
    )  # fmt: skip


def _reading(path: Path) -> Reading:
    """Where the header is, how cells are parted, and in which encoding, for a file of text; else the header's row."""
    if path.suffix.lower() in (".csv", ".txt", ".tsv"):
        return _of_text(path)
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        import openpyxl

        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            sheet: Any = book.worksheets[0]
            lines = [[text(cell) for cell in row] for row in islice(sheet.iter_rows(values_only=True), _HEADERS)]
            book.close()
        except Exception:
            return PLAIN
        return Reading(header=_header(lines) + 1)
    return PLAIN


def _of_text(path: Path) -> Reading:
    try:
        raw = path.open("rb").read(200_000)
    except OSError:
        return PLAIN
    encoding = _encoding(raw)
    sample = raw.decode(encoding or "utf-8-sig", "replace")
    lines = sample.splitlines()[:_HEADERS]
    delimiter = max(
        ",;\t|", key=lambda sign: sorted(line.count(sign) for line in lines)[len(lines) // 2] if lines else 0
    )
    cells = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    at = _header(cells)
    taken = cells[at] if cells else []
    usual = bool(taken) and max(",;\t|", key=lines[at].count) == delimiter
    return Reading(header=at + 1, delimiter=None if usual else delimiter, encoding=encoding)


def _encoding(raw: bytes) -> str | None:
    """None where the reader finds it itself (UTF-8, UTF-16 with its mark)."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None
    odd, even = raw[1:2000:2].count(0), raw[0:2000:2].count(0)
    if max(odd, even) > 200:
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        raw[: raw.rfind(b"\n") + 1 or None].decode("utf-8")
        return None
    except UnicodeDecodeError:
        pass
    # cp1258 has the Vietnamese tone marks as signs of their own behind the vowel: 0xCC, 0xD2, 0xDE, 0xEC, 0xF2
    marks = sum(raw.count(bytes([mark])) for mark in (0xCC, 0xD2, 0xDE, 0xEC, 0xF2))
    return "cp1258" if marks else "cp1252"


def _header(lines: Sequence[Sequence[str]]) -> int:
    """Which line names the columns: the one with the most names that we know, among those with several cells."""
    best, at = 0.0, 0
    for number_, line in enumerate(lines):
        names = [cell for cell in line if cell.strip()]
        if len(names) < 2:
            continue
        score: float = sum(max((_likeness(cell, ours) for ours in NAMES), default=0.0) >= _SURE for cell in names)
        score += 0.001 * len(names) - 0.5 * sum(bool(re.fullmatch(r"[\d.,/: -]+", cell)) for cell in names) / len(names)
        if score > best:
            best, at = score, number_
    return at


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.replace("đ", "d").replace("Đ", "D"))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare).split())


def _likeness(theirs: str, ours: str) -> float:
    """0 to 100: how well a column's name fits one of ours."""
    word = _fold(theirs)
    if not word:
        return 0.0
    if word == _fold(ours) or word in NAMES[ours]:
        return 100.0 - 2 * (NAMES[ours].index(word) if word in NAMES[ours] else 0)
    return max(fuzz.token_sort_ratio(word, name) * 0.95 if len(name) > 2 else 0.0 for name in NAMES[ours])


def _columns(header: Sequence[str], columns: Mapping[str, Sequence[object]]) -> dict[str, str | list[str]]:
    """Ours → theirs: the best pairs first, each column once; a name weighs, and the cells must not speak against it."""
    pairs = sorted(
        ((_likeness(name, ours), -at, ours, name) for ours in NAMES for at, name in enumerate(header) if name),
        reverse=True,
    )
    found: dict[str, str | list[str]] = {}
    taken: set[str] = set()
    for likeness, _, ours, name in pairs:
        if likeness < _SURE or ours in found or name in taken or not _fits(ours, columns[name]):
            continue
        found[ours] = name
        taken.add(name)
    if "reported_at" not in found:
        for name in header:
            if name not in taken and _share(columns[name], _is_date) > 0.8:
                found["reported_at"] = name
                taken.add(name)
                break
    _join_hours(found, taken, header, columns)
    if "lat" in found and "lon" in found and not {"x", "y"} <= set(found):
        found = {ours: theirs for ours, theirs in found.items() if ours not in PLACED}
    elif {"x", "y"} <= set(found) and not {"lat", "lon"} <= set(found):
        found = {ours: theirs for ours, theirs in found.items() if ours not in ("lat", "lon")}
    elif {"x", "y", "lat", "lon"} <= set(found):  # both: degrees need no guess
        found = {ours: theirs for ours, theirs in found.items() if ours not in PLACED}
    order = (*KNOWN, *PLACED)
    return dict(sorted(found.items(), key=lambda pair: order.index(pair[0])))


def _join_hours(
    found: dict[str, str | list[str]], taken: set[str], header: Sequence[str], columns: Mapping[str, Sequence[object]]
) -> None:
    """A day in one column and its hour in the next one belong together."""
    day = found.get("reported_at")
    if not isinstance(day, str) or any(":" in text(cell) for cell in columns[day]):
        return
    for name in header:
        if name not in taken and _fold(name) in ("gio", "time", "hour", "gio phan anh", "gio tiep nhan") and _share(
            columns[name], lambda cell: bool(re.match(r"\d{1,2}:\d\d", text(cell)))
        ) > 0.8:  # fmt: skip
            found["reported_at"] = [day, name]
            taken.add(name)
            return


def _fits(ours: str, cells: Sequence[object]) -> bool:
    there = [cell for cell in cells if text(cell)]
    if not there:
        return ours not in ("x", "y", "lat", "lon", "reported_at")
    if ours in ("reported_at", "closed_at"):
        return _share(there, _is_date) > 0.5
    if ours in ("x", "y", "lat", "lon"):
        return _share(there, lambda cell: math.isfinite(number(cell, grouped=ours in PLACED))) > 0.5
    if ours == "reporter_phone":
        return _share(there, lambda cell: len(re.sub(r"\D", "", text(cell))) >= 8) > 0.5
    if ours in ("category", "channel", "status"):
        return len({text(cell) for cell in there}) <= max(30, len(there) // 2)
    return True


def _share(cells: Sequence[object], test: Any) -> float:
    there = [cell for cell in cells if text(cell)]
    return sum(bool(test(cell)) for cell in there) / len(there) if there else 0.0


def _is_date(cell: object) -> bool:
    if isinstance(cell, datetime) or hasattr(cell, "isoformat"):
        return True
    word = text(cell)
    if _ISO.match(word) or re.fullmatch(r"[34]\d{4}(?:[.,]\d+)?", word):
        return True
    return any(_parses(word, pattern) for pattern in DATES)


def _parses(word: str, pattern: str) -> bool:
    try:
        datetime.strptime(" ".join(word.split()), pattern)  # noqa: DTZ007
    except ValueError:
        return False
    return True


def _times(
    found: Mapping[str, str | list[str]], columns: Mapping[str, Sequence[object]], epoch: int | None
) -> dict[str, Any]:
    cells: list[object] = []
    for ours in ("reported_at", "closed_at"):
        theirs = found.get(ours)
        if isinstance(theirs, str):
            cells += columns[theirs]
        elif theirs:
            days = zip(*(columns[name] for name in theirs), strict=True)
            cells += [" ".join(text(part) for part in parts) for parts in days]
    words = [text(cell) for cell in cells if text(cell) and not hasattr(cell, "isoformat")]
    if not words:
        return {}
    if sum(bool(re.fullmatch(r"[34]\d{4}(?:[.,]\d+)?", word)) for word in words) > len(words) / 2:
        return {"excel": epoch or 1900}
    share = {pattern: sum(_parses(word, pattern) for word in words) for pattern in DATES}
    best = max(share, key=lambda pattern: share[pattern])
    if share[best] < len(words) / 2 or best in _READ_ANYWAY or any(_ISO.match(word) for word in words[:3]):
        return {}
    return {"dates": [best]}


def _places(found: dict[str, str | list[str]], columns: Mapping[str, Sequence[object]]) -> dict[str, Any]:
    """The system of x and y in which most points lie in the city, and whether the axes are the wrong way round."""
    names = ("lon", "lat") if {"lat", "lon"} <= set(found) else PLACED
    if not set(names) <= set(found):
        return {}
    xy = np.array(
        [[number(cell, grouped=names == PLACED) for cell in columns[str(found[name])]] for name in names]
    ).T  # fmt: skip
    xy = xy[np.isfinite(xy).all(axis=1)]
    if not len(xy):
        return {}
    best: tuple[float, dict[str, Any], bool] = (0.0, {}, False)
    for given, lonlat in _tries(xy, degrees=names == ("lon", "lat")):
        for turned in (False, True):
            share = _inside(lonlat(xy[:, ::-1] if turned else xy))
            if share > best[0] + 0.05:
                best = (share, given, turned)
    share, given, turned = best
    if turned:
        found[names[0]], found[names[1]] = found[names[1]], found[names[0]]
    return given if share > 0.3 else {}


def _tries(xy: np.ndarray, *, degrees: bool) -> Iterator[tuple[dict[str, Any], Any]]:
    yield {}, lambda points: points
    if degrees and np.abs(xy).max() <= 360:
        return
    for code in _SYSTEMS:
        change = pyproj.Transformer.from_crs(code, 4326, always_xy=True)
        for unit, factor in (("", 1.0), ("ft", mappings.UNITS["ft"]), ("us-ft", mappings.UNITS["us-ft"])):
            given = {"crs": f"EPSG:{code}"} | ({"length_unit": unit} if unit else {})
            yield (
                given,
                lambda points, change=change, factor=factor: np.column_stack(
                    change.transform(points[:, 0] * factor, points[:, 1] * factor)
                ),
            )


def _inside(lonlat: np.ndarray) -> float:
    west, south, east, north = ABOUT
    lon, lat = lonlat.T
    # Two systems may both lie about the city: the middle counts a little more.
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    town = (np.abs(lon - 106.7) < 0.35) & (np.abs(lat - 10.8) < 0.4)
    return float(inside.mean() * 0.5 + town.mean() * 0.5)


def _words(found: Mapping[str, str | list[str]], columns: Mapping[str, Sequence[object]]) -> dict[str, Any]:
    """The file's words for kinds and for what became of it, as far as they can be told by their likeness."""
    theirs = found.get("status")
    values: dict[str, dict[str, str]] = {}
    if isinstance(theirs, str):
        words = sorted({text(cell) for cell in columns[theirs] if text(cell)})[:20]
        mapped = {
            word: STATUSES[_fold(word)] for word in words if _fold(word) in STATUSES and word != STATUSES[_fold(word)]
        }
        if mapped:
            values["status"] = mapped
    theirs = found.get("category")
    if isinstance(theirs, str) and (alike := _categories({text(cell) for cell in columns[theirs] if text(cell)})):
        values["category"] = alike
    return {"values": values} if values else {}


def _categories(words: set[str]) -> dict[str, str]:
    """Their words → the code whose name is alike; the others are left for somebody to say."""
    with transaction(OPERATOR) as connection:
        known = reference.current(connection).categories
    names = [(_fold(name), code) for code, each in known.items() for name in (*each.name.values(), code)]
    alike: dict[str, str] = {}
    for word in sorted(words):
        likeness, code = max((fuzz.token_set_ratio(_fold(word), name), code) for name, code in names)
        if likeness >= _SURE and word not in known:
            alike[word] = code
    return alike


def _said(reading: Reading) -> dict[str, Any]:
    """What of the reading is not as usual."""
    said = {"header": reading.header, "delimiter": reading.delimiter, "encoding": reading.encoding}
    return {name: value for name, value in said.items() if value not in (None, 1)}
