"""What a column of a file of reports is called and how its cells are read.

The import's columns, in this order, are also the export's. A cell may be text (CSV) or a value that the file's format
knows (a number, a time); both read the same. Times are ISO 8601 with an offset, or `dd/mm/yyyy hh:mm` in
Asia/Ho_Chi_Minh; a time cell without a zone (Excel has none) is the city's.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from operator import itemgetter

from database import settings
from database.clock import CITY_TIME
from etl.errors import UnreadableFile
from incidents.checking import clean
from incidents.drafts import CHANNELS, PRECISIONS, Draft, Reporter
from incidents.errors import Refusal
from incidents.history import ENDED, past_steps
from incidents.workflow import STATUSES

REPORTER = ("reporter_name", "reporter_phone", "reporter_email")
COLUMNS = (
    "external_id", "channel", "reported_at", "category", "description", "address", "lat", "lon", *REPORTER,
    "status", "closed_at", "unit",
)  # fmt: skip
EXACTNESS = ("precision", "accuracy_m")
"""How well the place is known: exports have them, imports may."""
KNOWN = (*COLUMNS, *EXACTNESS)
CODE_PREFIX = "code:"
"""Of the external id of a report that came without one: its public code follows."""

UNSAID = frozenset({"status", "closed_at", "unit", "lat", "lon", *EXACTNESS, "channel"})
"""Where these are empty a row says nothing about them, rather than that there is nothing."""

FIRST_YEAR = 1990
"""A report before this year is a slip of the pen, or a spreadsheet's zero."""
_LONGEST_ID = 200
_LONGEST_NAME = 200

_LOCAL = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_NUMBER = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{1,30})?(?:[eE][+-]?\d{1,2})?")

Cells = Sequence[object]


@dataclass(slots=True)
class Said:
    """One row as it was understood."""

    draft: Draft
    content: Mapping[str, str]
    """column → its value in one canonical form, for all columns of the file that say something"""
    key: bytes
    """the content's keyed hash: the row's identity where it has no external id"""


class Fault(Exception):
    """A cell that cannot be read."""

    def __init__(self, reason: str, field: str, value: object, message: str) -> None:
        super().__init__(message)
        shown = "" if field in REPORTER else text(value)[:200]
        self.refusal = Refusal(field=field, reason=reason, value=shown, message=message)


class Layout:
    """Which of a file's columns are which of ours."""

    def __init__(self, header: Sequence[str], mapping: Mapping[str, str] | None = None) -> None:
        """`mapping`: our name → the file's. Raises UnreadableFile where the header cannot do."""
        names = [_plain(name) for name in header]
        doubled = sorted({name for name in names if name and names.count(name) > 1})
        wanted = {ours: _plain(ours) for ours in KNOWN} | {ours: _plain(name) for ours, name in (mapping or {}).items()}
        for ours in mapping or {}:
            if wanted[ours] not in names:
                raise UnreadableFile(f"không có cột (no column) {(mapping or {})[ours]!r}, cần cho (meant as) {ours}")
        self.positions = {ours: names.index(name) for ours, name in wanted.items() if name in names}
        if clash := [name for name in doubled if name in {wanted[ours] for ours in self.positions}]:
            raise UnreadableFile(f"cột lặp lại (column given twice): {', '.join(clash)}")
        self.columns = frozenset(self.positions)
        self.tells_places = "precision" in self.columns
        """whether the file says of every row how well its place is known: then nothing means that it is not known yet,
        which the door takes from the channels that may bring the place later"""
        self.width = len(header)
        self._require()
        self._pick = itemgetter(*(self.positions[name] for name in self.positions))

    def _require(self) -> None:
        missing = [] if "reported_at" in self.columns else ["reported_at"]
        if not {"category", "description"} & self.columns:
            missing.append("category | description")
        if not ("address" in self.columns or {"lat", "lon"} <= self.columns):
            missing.append("address | lat + lon")
        if missing:
            raise UnreadableFile(f"thiếu cột (no column) {', '.join(missing)}")

    def cells(self, row: Cells) -> dict[str, object]:
        """Our columns of one row that are not blank."""
        picked = self._pick(row)
        return {
            name: cell for name, cell in zip(self.positions, picked, strict=True) if cell is not None and cell != ""
        }


def secret() -> bytes:
    """What `read` hashes rows with: the site's secret."""
    return settings.current().secret_key[:64]


def read(
    row: Cells, layout: Layout, *, channel: str, key: bytes, values: Mapping[str, Mapping[str, str]] | None = None
) -> Said | Refusal:
    """What a row says. `channel` is the one of rows that name none; `key`: the `secret`; `values`: column → the file's
    word → ours."""
    try:
        return _read(layout, layout.cells(row), channel, key, values or {})
    except Fault as fault:
        return fault.refusal


def _read(
    layout: Layout, cells: Mapping[str, object], channel: str, key: bytes, values: Mapping[str, Mapping[str, str]]
) -> Said:
    words = {}
    for name, cell in cells.items():
        if name not in _TYPED:
            if type(cell) is str:  # as `text`, without a call for each
                word = cell.strip()
                words[name] = word if word.isascii() else unicodedata.normalize("NFC", word)
            else:
                words[name] = text(cell)
            if not words[name]:
                del words[name]
    for name, known in values.items():
        if given := words.get(name, ""):
            words[name] = known.get(given) or known.get(given.casefold(), given)
    reported_at = _moment("reported_at", cells.get("reported_at"))
    if reported_at is None:
        raise Fault("missing", "reported_at", "", "reported_at is required")
    lat, lon = (_number(name, cells.get(name)) for name in ("lat", "lon"))
    if lat is None and lon is None and "address" not in words and not layout.tells_places:
        raise Fault("no_place", "address", "", "an address, or lat and lon, is required")
    category, status = words.get("category"), words.get("status")
    category, status = category and category.lower(), status and status.lower()
    said = words.get("channel", "").lower()
    closed_at = _ended(status, reported_at, cells.get("closed_at"))
    if closed_at is not None and status is None:
        status = "closed"
    first, past = (None, ()) if status is None else past_steps(status, reported_at=reported_at, ended_at=closed_at)
    reporter = {name: _reporter(name, words.get(name)) for name in REPORTER if name in words}
    description, address = clean(words.get("description")), clean(words.get("address"))
    precision, accuracy_m = _precision(words.get("precision")), _number("accuracy_m", cells.get("accuracy_m"))
    unit = words.get("unit")
    content = canonical(
        {
            "channel": said or None, "reported_at": reported_at, "category": category, "description": description,
            "address": address, "lat": lat, "lon": lon, **reporter, "status": status, "closed_at": closed_at,
            "unit": unit, "precision": precision, "accuracy_m": accuracy_m,
        }
    )  # fmt: skip
    hashed = content_key(content, key)
    draft = Draft(
        channel=said or channel,
        reported_at=reported_at,
        category=category,
        description=description,
        address=address,
        lon=lon,
        lat=lat,
        precision=precision,
        accuracy_m=accuracy_m,
        reporter=Reporter(
            name=reporter.get("reporter_name"),
            phone=reporter.get("reporter_phone"),
            email=reporter.get("reporter_email"),
        )
        if reporter
        else None,
        external_id=_external_id(words.get("external_id")),
        first_status=first,
        past=past,
        unit=unit,
        content_hash=hashed,
    )
    return Said(draft, content, hashed)


def canonical(values: Mapping[str, object]) -> dict[str, str]:
    """Values of columns in the one form in which they are compared: times to the millisecond in UTC, degrees to nine
    places (a tenth of a millimetre); nothing where there is nothing."""
    return {
        name: value if type(value) is str else _canonical(value)
        for name, value in values.items()
        if value is not None and value != ""
    }


def _canonical(value: object) -> str:
    if isinstance(value, datetime):
        spelt = value if value.tzinfo is UTC else value.astimezone(UTC)
        return spelt.isoformat(timespec="milliseconds")
    if isinstance(value, float):
        return f"{value:.9f}".rstrip("0").rstrip(".")
    return str(value)


def content_key(content: Mapping[str, str], key: bytes) -> bytes:
    """A hash of the content under the site's secret: who holds the database alone cannot try out telephone numbers."""
    spelt = "\x1e".join([f"{name}\x1f{content[name]}" for name in KNOWN if name in content])
    return hashlib.blake2b(spelt.encode(), key=key, digest_size=20).digest()


def text(value: object) -> str:
    """A cell as text: NFC, without blank ends; a whole number as people write it."""
    if isinstance(value, str):
        word = value.strip()
        return word if word.isascii() else unicodedata.normalize("NFC", word)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape").strip()
    return str(value)


def _moment(name: str, cell: object) -> datetime | None:
    """A cell as a time in UTC, None where it is blank. Raises Fault."""
    try:
        found = _datetime(cell)
        if found is not None and found.year < FIRST_YEAR:
            raise ValueError("too long ago")
        return None if found is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        expected = "ISO 8601 with offset, or dd/mm/yyyy hh:mm"
        raise Fault("bad_date", name, cell, f"{error}; expected {expected}") from None


def _datetime(cell: object) -> datetime | None:
    if isinstance(cell, datetime):
        return cell if cell.tzinfo is not None else cell.replace(tzinfo=CITY_TIME)
    if isinstance(cell, date):
        return datetime.combine(cell, time(), CITY_TIME)
    word = text(cell)
    if not word:
        return None
    if (local := _LOCAL.fullmatch(word)) is not None:
        day, month, year, hour, minute, second = (int(part or 0) for part in local.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=CITY_TIME)
    if not _ISO.match(word):
        raise ValueError("not a time")
    found = datetime.fromisoformat(word)
    if found.tzinfo is None:
        raise ValueError("the offset is missing")
    return found


def _number(name: str, cell: object) -> float | None:
    """A cell as a finite number, None where it is blank; a decimal comma is read too. Raises Fault."""
    if type(cell) is not str:
        if cell is None or (isinstance(cell, float) and math.isnan(cell)):
            return None
        if isinstance(cell, float | int) and not isinstance(cell, bool) and math.isfinite(cell):
            return float(cell)
    word = text(cell)
    if not word:
        return None
    if not _NUMBER.fullmatch(word):
        reason = "bad_accuracy" if name == "accuracy_m" else "bad_coordinates"
        raise Fault(reason, name, cell, f"{name} is not a number")
    return float(word.replace(",", "."))


def _ended(status: str | None, reported_at: datetime, cell: object) -> datetime | None:
    """When the work on it ended. Raises Fault where that cannot be."""
    if status is not None and status not in STATUSES:
        raise Fault("unknown_status", "status", status, f"one of {', '.join(STATUSES)}")
    ended = _moment("closed_at", cell)
    if ended is None:
        return None
    if status is not None and status not in ENDED:
        raise Fault("bad_status", "closed_at", cell, f"a report with closed_at cannot be {status}")
    if ended < reported_at:
        raise Fault("bad_date", "closed_at", cell, "closed_at lies before reported_at")
    return ended


def _external_id(word: str | None) -> str | None:
    if word is None:
        return None
    if len(word) > _LONGEST_ID or not word.isprintable():
        raise Fault("bad_external_id", "external_id", word, f"at most {_LONGEST_ID} printable characters")
    return word


def _precision(word: str | None) -> str | None:
    if word is not None and word not in PRECISIONS:
        raise Fault("bad_precision", "precision", word, f"one of {', '.join(PRECISIONS)}")
    return word


def _reporter(name: str, word: str | None) -> str | None:
    word = clean(word)
    if word is not None and len(word) > _LONGEST_NAME:
        raise Fault("too_long", name, "", f"at most {_LONGEST_NAME} characters")
    return word


def _plain(name: object) -> str:
    return str(name or "").strip().lstrip("\ufeff").casefold()


_TYPED = frozenset({"reported_at", "closed_at", "lat", "lon", "accuracy_m"})

__all__ = ["CHANNELS", "COLUMNS", "EXACTNESS", "REPORTER", "Layout", "Said", "canonical", "content_key", "read"]
