"""A mapping file: what somebody else's file is like, what its columns are called, and its words for our codes."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyproj

from etl.columns import KNOWN
from etl.errors import UnreadableFile
from etl.readers.source import PLAIN, Reading

_LINE = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[^=:,;\t]+?)\s*[=:,;\t]\s*(.+?)\s*")

PLACED = ("x", "y")
"""Columns of coordinates in the file's own system: `x` east, `y` north (surveyors in Vietnam call north X)."""
OTHERS = "*"
"""Of a table of words: what every word that is not in it means."""
BLANK = ""
"""…: what an empty cell means."""
UNITS = {"m": 1.0, "km": 1000.0, "ft": 0.3048, "us-ft": 1200 / 3937}
"""Metres of one unit: of the international and of the US survey foot too."""
_KEYS = {
    "columns", "values", "crs", "length_unit", "header", "header_lines", "delimiter", "encoding", "sheet", "dates",
    "timezone", "excel", "decimal", "swapped", "duplicates", "constants", "separator",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Dictionary:
    """Our column → the file's column (or several, joined); column → the file's word → our code; and what else has to be
    known to read the file."""

    columns: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    """our column → what every row says there"""
    reading: Reading = PLAIN
    crs: pyproj.CRS | None = None
    unit_m: float | None = None
    """metres of one unit of x and y, where it is not the system's own"""
    dates: tuple[str, ...] = ()
    """strptime's patterns, tried in this order before our own forms"""
    timezone: ZoneInfo | None = None
    excel: int | None = None
    """1900 or 1904: bare numbers are days counted from there"""
    decimal: str | None = None
    separator: str = " "
    """between joined columns"""
    swapped: str | None = None
    """`mend`: rows whose coordinates are swapped are taken the other way round"""
    duplicates: str | None = None

    @property
    def plain(self) -> bool:
        """Whether names and words are all there is to it."""
        names_and_words = Dictionary(columns=self.columns, values=self.values, duplicates=self.duplicates)
        return (
            self == names_and_words
            and not any(isinstance(theirs, tuple) for theirs in self.columns.values())
            and not set(PLACED) & set(self.columns)
            and not any({OTHERS, BLANK} & set(words) for words in self.values.values())
        )


def read(path: Path) -> Dictionary:
    """JSON `{"reported_at": "Ngày", …}` or `{"columns": {…}, "values": {"category": {"Cây đổ": "fallen_tree"}}, …}`, or
    lines `reported_at = Ngày` (also with `:` or a comma between). Either side may be ours. docs/files.md tells the
    other keys. Raises UnreadableFile."""
    try:
        written = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableFile(f"{path}: không phải UTF-8 (not UTF-8 text)") from None
    document = _json(written, path) if written.lstrip().startswith("{") else _lines(written, path)
    return understood(document, path)


def understood(document: Mapping[str, Any], path: Path) -> Dictionary:
    """The document's meaning; `path` names it in messages and is where tables of words lie. Raises UnreadableFile."""
    columns = document.get("columns")
    if isinstance(columns, dict):
        pairs, besides = columns, {name: value for name, value in document.items() if name != "columns"}
        if odd := sorted(set(document) - _KEYS):
            raise UnreadableFile(f"{path}: không biết khoá (unknown key) {_listed(odd)}; có (known): {_listed(_KEYS)}")
    else:  # one flat list: our columns, and what else is said of the file
        besides = {n: to for n, to in document.items() if n in _KEYS and not (isinstance(to, str) and to in KNOWN)}
        pairs = {n: to for n, to in document.items() if n not in besides and isinstance(to, str | list)}
    several = {name.casefold(): _names(name, to, path) for name, to in pairs.items() if isinstance(to, list)}
    single = _ours_first({str(n): str(to) for n, to in pairs.items() if not isinstance(to, list)}, path)
    found = Dictionary(
        columns={**single, **several},
        values={str(name): _words(words, path) for name, words in _tables(besides, path).items()},
    )
    return replace(found, **_besides(besides, path))


def _besides(document: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """What a full document says of the file itself."""
    try:
        dates = document.get("dates") or ()
        unit = document.get("length_unit")
        excel = document.get("excel")
        reading = Reading(
            header=int(document.get("header", 1)),
            header_lines=int(document.get("header_lines", 1)),
            delimiter=_delimiter(document.get("delimiter")),
            encoding=_encoding(document.get("encoding")),
            sheet=document.get("sheet"),
        )
        if reading.header < 1 or not 1 <= reading.header_lines <= 5:
            raise ValueError("header: 1, 2, …; header_lines: 1 … 5")
        return {
            "constants": {_ours(name): str(value) for name, value in (document.get("constants") or {}).items()},
            "reading": reading,
            "crs": pyproj.CRS.from_user_input(document["crs"]) if document.get("crs") else None,
            "unit_m": UNITS[unit] if unit in UNITS else float(unit) if unit is not None else None,
            "dates": (dates,) if isinstance(dates, str) else tuple(str(each) for each in dates),
            "timezone": ZoneInfo(document["timezone"]) if document.get("timezone") else None,
            "excel": _one_of(excel if excel is None else int(excel), (None, 1900, 1904), "excel"),
            "decimal": _one_of(document.get("decimal"), (None, ".", ","), "decimal"),
            "separator": str(document.get("separator", " ")),
            "swapped": _one_of(document.get("swapped"), (None, "mend", "reject"), "swapped"),
            "duplicates": _one_of(document.get("duplicates"), (None, "ignore", "tell", "reject"), "duplicates"),
        }
    except (ValueError, KeyError, TypeError, LookupError, pyproj.exceptions.CRSError) as error:
        raise UnreadableFile(f"{path}: {error}") from None


def _tables(document: Mapping[str, Any], path: Path) -> dict[str, Any]:
    values = document.get("values") or {}
    if not isinstance(values, dict) or not all(isinstance(words, dict | str) for words in values.values()):
        raise UnreadableFile(f"{path}: values: {{cột: {{từ: mã}}}} (column, then word and code, or a CSV file's name)")
    return {name: _table(path.parent / words) if isinstance(words, str) else words for name, words in values.items()}


def _table(path: Path) -> dict[str, str]:
    """A table of words in a CSV of two columns; a first line that is a heading does no harm."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return {row[0].strip(): row[1].strip() for row in csv.reader(lines) if len(row) > 1}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(f"{path}: {error}") from None


def _json(written: str, path: Path) -> dict[str, object]:
    try:
        document = json.loads(written)
    except ValueError as error:
        raise UnreadableFile(f"{path}: không phải JSON (not JSON): {error}") from None
    return dict(document)


def _lines(written: str, path: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for number, line in enumerate(written.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(("#", "[")):
            continue
        pair = _LINE.fullmatch(line)
        if pair is None:
            raise UnreadableFile(f"{path}, dòng (line) {number}: cần (expected) cột_của_ta = cột trong tệp")
        found[_unquoted(pair[1])] = _unquoted(pair[2])
    return found


def _ours_first(pairs: Mapping[str, str], path: Path) -> dict[str, str]:
    """Our name → theirs, whichever side ours are written on; a line that is a heading of the two is left out."""
    ours = (*KNOWN, *PLACED)
    if all(name.casefold() in ours for name in pairs):
        return {name.casefold(): to for name, to in pairs.items()}
    if all(to.casefold() in ours for to in pairs.values()):
        return {to.casefold(): name for name, to in pairs.items()}
    first, *rest = pairs.items()
    if rest and first[0].casefold() not in ours and first[1].casefold() not in ours:
        return _ours_first(dict(rest), path)
    unknown = [name for name, to in pairs.items() if name.casefold() not in ours and to.casefold() not in ours]
    raise UnreadableFile(f"{path}: không biết cột (unknown column) {', '.join(unknown or pairs)}")


def _ours(name: object) -> str:
    word = str(name).casefold()
    if word not in KNOWN:
        raise ValueError(f"không biết cột (unknown column) {name}")
    return word


def _names(name: str, names: list[Any], path: Path) -> tuple[str, ...]:
    if name.casefold() not in (*KNOWN, *PLACED) or not names or not all(isinstance(each, str) for each in names):
        raise UnreadableFile(f"{path}: không biết cột (unknown column) {name}")
    return tuple(names)


def _words(words: Mapping[str, object], path: Path) -> dict[str, str]:
    if not all(isinstance(code, str | int) for code in words.values()):
        raise UnreadableFile(f"{path}: values: {{cột: {{từ: mã}}}} (column, then word and code)")
    return {str(word): str(code) for word, code in words.items()} | {
        str(word).casefold(): str(code) for word, code in words.items()
    }


def _delimiter(word: object) -> str | None:
    if word is None:
        return None
    text = {"tab": "\t", "\\t": "\t"}.get(str(word), str(word))
    if len(text) != 1:
        raise ValueError("delimiter: một ký tự (one character)")
    return text


def _encoding(word: object) -> str | None:
    return None if word is None else codecs.lookup(str(word)).name  # raises LookupError where there is none


def _one_of(value: Any, allowed: tuple[Any, ...], name: str) -> Any:
    if value not in allowed:
        raise ValueError(f"{name}: {', '.join(str(each) for each in allowed if each is not None)}")
    return value


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word
