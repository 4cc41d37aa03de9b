"""The editable files of this folder, read and checked line by line; nothing here knows the database."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from geo.text import nfc
from incidents.reference.errors import BadLine, BadReference
from incidents.reference.spans import Span, span

FOLDER = Path(__file__).parent
NAMES = ("fields", "categories", "units", "contacts", "responsibilities", "deadlines")
URGENCIES = ("emergency", "high", "normal", "low")
LEVELS = ("ward", "district", "zone")
COMMITTEES = ("ward", "district")
"""in place of a unit's code: the committee of the ward or district that holds the area on that day"""


@dataclass(frozen=True, kw_only=True)
class FieldLine:
    line: int
    code: str
    position: int
    name_vi: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class CategoryLine:
    line: int
    code: str
    field: str
    group: str | None
    urgency: str
    position: int
    name_vi: str
    name_en: str
    short_vi: str
    short_en: str


@dataclass(frozen=True, kw_only=True)
class UnitLine:
    line: int
    code: str
    name_vi: str
    name_en: str
    kind: str
    fields: tuple[str, ...]
    connected: bool
    parent: str | None
    head: str
    sample: bool
    source: str
    valid: Span


@dataclass(frozen=True, kw_only=True)
class ContactLine:
    line: int
    unit: str
    label: str
    channel: str
    address: str
    hours: str
    sample: bool


@dataclass(frozen=True, kw_only=True)
class ResponsibilityLine:
    line: int
    rule: str
    category: str | None
    """None: every category of the field that has no rule of its own"""
    field: str
    level: str
    area: str
    """an area's code, or * for every area of the level"""
    unit: str
    """a unit's code, or ward / district for that committee"""
    told: str | None
    valid: Span
    sample: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class DeadlineLine:
    line: int
    category: str | None
    dispatch_minutes: int
    accept_minutes: int | None
    resolve_minutes: int | None
    calendar: str
    valid: Span
    sample: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class Files:
    """All lines, and the checksum of the files they came from."""

    sha256: str
    fields: tuple[FieldLine, ...]
    categories: tuple[CategoryLine, ...]
    units: tuple[UnitLine, ...]
    contacts: tuple[ContactLine, ...]
    responsibilities: tuple[ResponsibilityLine, ...]
    deadlines: tuple[DeadlineLine, ...]


class _Line:
    """One line of a file, read column by column; a wrong value raises BadLine."""

    def __init__(self, file: str, number: int, values: dict[str, str]) -> None:
        self.file = file
        self.number = number
        self.values = values

    def wrong(self, message: str) -> BadLine:
        return BadLine(self.file, self.number, message)

    def text(self, column: str) -> str:
        return self.values[column]

    def need(self, column: str) -> str:
        if not (value := self.values[column]):
            raise self.wrong(f"column `{column}` is empty")
        return value

    def one_of(self, column: str, allowed: tuple[str, ...]) -> str:
        if (value := self.need(column)) not in allowed:
            raise self.wrong(f"`{column}` is {value!r}; it may be {', '.join(allowed)}")
        return value

    def yes(self, column: str) -> bool:
        return self.one_of(column, ("yes", "no")) == "yes"

    def minutes(self, column: str) -> int | None:
        if not (value := self.values[column]):
            return None
        if not value.isdigit() or int(value) < 1:
            raise self.wrong(f"`{column}` is {value!r}; it must be a whole number of minutes above 0, or empty")
        return int(value)

    def day(self, column: str) -> date | None:
        if not (value := self.values[column]):
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.wrong(f"`{column}` is {value!r}; it must be a day like 2025-07-01, or empty") from None

    def valid(self) -> Span:
        days = span(self.day("valid_from"), self.day("valid_to"))
        if days[0] > days[1]:
            raise self.wrong("`valid_to` (the last day) is before `valid_from`")
        return days


COLUMNS = {
    "fields": "code name_vi name_en",
    "categories": "code field group urgency name_vi name_en short_vi short_en",
    "units": "code name_vi name_en kind fields connected parent head sample source valid_from valid_to",
    "contacts": "unit label channel address hours sample",
    "responsibilities": "rule category field layer area unit told valid_from valid_to sample source",
    "deadlines": "category dispatch_minutes accept_minutes resolve_minutes calendar valid_from valid_to sample source",
}


def _lines(folder: Path, name: str) -> Iterator[_Line]:
    path = folder / f"{name}.csv"
    columns = COLUMNS[name].split()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadLine(path.name, 1, f"the file is missing from {folder}") from None
    except UnicodeDecodeError as error:
        raise BadLine(path.name, 1, f"the file is not UTF-8 (byte {error.start})") from None
    reader = csv.reader(text.splitlines())
    header = next(reader, [])
    if missing := [column for column in columns if column not in header]:
        raise BadLine(path.name, 1, f"the header lacks {', '.join(missing)}")
    for values in reader:
        if not any(values):
            continue
        line = _Line(path.name, reader.line_num, {})
        if len(values) != len(header):
            raise line.wrong(f"{len(values)} values under {len(header)} columns (is a comma unquoted?)")
        line.values = {column: nfc(value.strip()) for column, value in zip(header, values, strict=True)}
        yield line


class _Reading:
    """One reading of all files; problems are gathered so that a person mends them in one go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[BadLine] = []
        self.fields: dict[str, FieldLine] = {}
        self.categories: dict[str, CategoryLine] = {}
        self.units: dict[str, UnitLine] = {}
        self.contacts: list[ContactLine] = []
        self.rules: dict[str, ResponsibilityLine] = {}
        self.deadlines: list[DeadlineLine] = []

    def read(self) -> None:
        for name in NAMES:
            take = getattr(self, f"_{name}")
            try:
                for line in _lines(self.folder, name):
                    try:
                        take(line)
                    except BadLine as problem:
                        self.problems.append(problem)
            except BadLine as problem:
                self.problems.append(problem)
        for unit in self.units.values():
            if unit.parent and unit.parent not in self.units:
                self.problems.append(BadLine("units.csv", unit.line, f"parent {unit.parent!r} is no unit of this file"))
        if not any(unit.kind == "desk" for unit in self.units.values()):
            self.problems.append(BadLine("units.csv", 1, "no unit is of kind `desk`"))
        if self.problems:
            raise BadReference(self.problems)

    @staticmethod
    def _once(line: _Line, taken: dict[str, object] | dict[str, UnitLine], column: str = "code") -> str:
        if (code := line.need(column)) in taken:
            raise line.wrong(f"{column} {code!r} stands twice in this file")
        return code

    def _known(self, line: _Line, column: str, known: dict[str, object], file: str) -> str:
        if (code := line.need(column)) not in known:
            raise line.wrong(f"{column} {code!r} is not in {file}")
        return code

    def _fields(self, line: _Line) -> None:
        code = self._once(line, dict[str, object](self.fields))
        self.fields[code] = FieldLine(
            line=line.number,
            code=code,
            position=len(self.fields),
            name_vi=line.need("name_vi"),
            name_en=line.need("name_en"),
        )

    def _categories(self, line: _Line) -> None:
        code = self._once(line, dict[str, object](self.categories))
        if code in self.fields:
            raise line.wrong(f"code {code!r} is a field's already")
        self.categories[code] = CategoryLine(
            line=line.number,
            code=code,
            field=self._known(line, "field", dict(self.fields), "fields.csv"),
            group=line.text("group") or None,
            urgency=line.one_of("urgency", URGENCIES),
            position=len(self.categories),
            name_vi=line.need("name_vi"),
            name_en=line.need("name_en"),
            short_vi=line.text("short_vi") or line.need("name_vi"),
            short_en=line.text("short_en") or line.need("name_en"),
        )

    def _units(self, line: _Line) -> None:
        code = self._once(line, self.units)
        if code in COMMITTEES or code.startswith("UBND-"):
            raise line.wrong(f"code {code!r} is kept for committees, which are made from the areas")
        fields = tuple(line.need("fields").split())
        if unknown := [field for field in fields if field not in self.fields]:
            raise line.wrong(f"fields {', '.join(unknown)} are not in fields.csv")
        self.units[code] = UnitLine(
            line=line.number,
            code=code,
            name_vi=line.need("name_vi"),
            name_en=line.need("name_en"),
            kind=line.need("kind"),
            fields=fields,
            connected=line.yes("connected"),
            parent=line.text("parent") or None,
            head=line.need("head"),
            sample=line.yes("sample"),
            source=line.need("source"),
            valid=line.valid(),
        )

    def _contacts(self, line: _Line) -> None:
        self.contacts.append(
            ContactLine(
                line=line.number,
                unit=self._known(line, "unit", dict(self.units), "units.csv"),
                label=line.need("label"),
                channel=line.one_of("channel", ("phone", "sms", "email", "app", "web", "social")),
                address=line.text("address"),
                hours=line.text("hours"),
                sample=line.yes("sample"),
            )
        )

    def _responsibilities(self, line: _Line) -> None:
        rule = self._once(line, dict[str, object](self.rules), "rule")
        category = line.text("category") or None
        if category is None:
            field = self._known(line, "field", dict(self.fields), "fields.csv")
        else:
            field = self.categories[self._known(line, "category", dict(self.categories), "categories.csv")].field
            if line.text("field") not in ("", field):
                raise line.wrong(f"category {category!r} belongs to {field}, not to {line.text('field')}")
        level = line.one_of("layer", LEVELS)
        if category is None and level != "zone":
            raise line.wrong("a rule of a whole field goes by its zones: layer `zone`")
        unit, told = line.need("unit"), line.text("told") or None
        for column, code in (("unit", unit), ("told", told)):
            if code is not None and code not in self.units and code not in COMMITTEES:
                raise line.wrong(f"{column} {code!r} is not in units.csv, nor `ward` or `district`")
        self.rules[rule] = ResponsibilityLine(
            line=line.number,
            rule=rule,
            category=category,
            field=field,
            level=level,
            area=line.need("area"),
            unit=unit,
            told=told,
            valid=line.valid(),
            sample=line.yes("sample"),
            source=line.need("source"),
        )

    def _deadlines(self, line: _Line) -> None:
        category = line.text("category") or None
        if category is not None:
            self._known(line, "category", dict(self.categories), "categories.csv")
        dispatch = line.minutes("dispatch_minutes")
        if dispatch is None:
            raise line.wrong("column `dispatch_minutes` is empty")
        read = DeadlineLine(
            line=line.number,
            category=category,
            dispatch_minutes=dispatch,
            accept_minutes=line.minutes("accept_minutes"),
            resolve_minutes=line.minutes("resolve_minutes"),
            calendar=line.one_of("calendar", ("always",)),
            valid=line.valid(),
            sample=line.yes("sample"),
            source=line.need("source"),
        )
        for other in self.deadlines:
            if other.category == category and other.valid[0] <= read.valid[1] and read.valid[0] <= other.valid[1]:
                raise line.wrong(
                    f"line {other.line} already sets the clocks of {category or 'no category'} on those days"
                )
        self.deadlines.append(read)


def checksum(folder: Path = FOLDER) -> str:
    """SHA-256 over the files' bytes, hexadecimal."""
    digest = hashlib.sha256()
    for name in NAMES:
        path = folder / f"{name}.csv"
        digest.update(name.encode() + b"\0" + (path.read_bytes() if path.exists() else b""))
    return digest.hexdigest()


def read(folder: Path = FOLDER) -> Files:
    """All lines of the reference files. Raises BadReference with every line that must be mended."""
    reading = _Reading(folder)
    reading.read()
    return Files(
        sha256=checksum(folder),
        fields=tuple(reading.fields.values()),
        categories=tuple(reading.categories.values()),
        units=tuple(reading.units.values()),
        contacts=tuple(reading.contacts),
        responsibilities=tuple(reading.rules.values()),
        deadlines=tuple(reading.deadlines),
    )
