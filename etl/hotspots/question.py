"""What a planner asks: what, where, when, how. A question has one spelling, so that an address holds all of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, time
from typing import Any, Literal, Self
from urllib.parse import urlencode

from database.clock import local, moment
from database.errors import OperatorError

Method = Literal["gi-star", "local-moran", "kde", "st-dbscan", "emerging"]
METHODS: tuple[Method, ...] = ("gi-star", "local-moran", "kde", "st-dbscan", "emerging")
COUNTS = ("incidents", "reports")
EXPOSURES = ("road", "area")
SLICES = ("month", "week")
ENGINES = ("own", "esda")
TAILS = ("normal", "exact")
AREAS = ("ward", "district", "zone", "road")
OF_AREAS: tuple[Method, ...] = ("gi-star", "local-moran")
"""The other methods take every cell for equally large, or have none."""
MOST_CELLS = 2_000_000
MOST_CORNERS = 60


class BadQuestion(OperatorError):
    """A question that cannot be asked: which part of it, and how to mend it."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(f"{part}: {message}")
        self.part, self.reason = part, message


@dataclass(frozen=True, kw_only=True)
class Question:
    """One analysis. Times are aware, `since` included, `until` not; `area` is a code or `level:code`, "" the city."""

    method: str = "gi-star"
    count: str = "incidents"
    cell_m: float = 250.0
    h3: int | None = None
    """H3's resolution: hexagons instead of squares."""
    since: datetime | None = None
    until: datetime | None = None
    field: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    area: str = ""
    neighbours: str = "queen"
    """`queen`, `band:METRES` or `nearest:K`."""
    permutations: int = 0
    """0: p from the normal distribution."""
    seed: int = 1022
    per: str = ""
    """Rates: per kilometre of `road`, per `area`; "" counts."""
    bandwidth_m: float | None = None
    """Of the density; None: by the rule of thumb."""
    reach_m: float = 150.0
    reach_days: float = 14.0
    minimum: int = 5
    slices: str = "month"
    """Of emerging hot spots."""
    engine: str = "own"
    """`esda`: the reference, slow."""
    tail: str = "normal"
    """Where p comes from without permutations: `normal`, or `exact`, the binomial distribution of a window's count,
    which also holds where few events are expected (gi-star of counts only)."""
    within: str = ""
    """A polygon drawn on the map, `lon,lat lon,lat …` in degrees; "" none. Besides `area`."""
    cells: str = ""
    """Areas instead of squares: `ward` (of today), `district` (the last ones), `zone:FIELD`; or pieces of `road`; "" a
    grid's cells."""

    def __post_init__(self) -> None:
        """Raises BadQuestion."""
        for part, allowed in (
            ("method", METHODS),
            ("count", COUNTS),
            ("per", ("", *EXPOSURES)),
            ("slices", SLICES),
            ("engine", ENGINES),
            ("tail", TAILS),
        ):
            if getattr(self, part) not in allowed:
                raise BadQuestion(part, f"phải là một trong (is one of) {', '.join(filter(None, allowed))}")
        for part, low, high in (
            ("cell_m", 10, 100_000),
            ("permutations", 0, 99_999),
            ("reach_m", 1, 10_000),
            ("reach_days", 0, 3_650),
            ("minimum", 1, 10_000),
        ):
            if not low <= getattr(self, part) <= high:
                raise BadQuestion(part, f"phải từ {low} đến {high} (is {low} to {high})")
        if self.h3 is not None and not 5 <= self.h3 <= 11:
            raise BadQuestion("h3", "phải từ 5 đến 11 (is 5 to 11)")
        if self.since and self.until and self.since >= self.until:
            raise BadQuestion("until", "phải sau since (must come after since)")
        self.neighbourhood()
        self.drawn()
        self._of_areas()
        if self.per and self.method != "gi-star" and not self.cells:
            raise BadQuestion("per", "chỉ dùng với gi-star (rates are for gi-star only)")
        if self.engine == "esda" and (self.method not in ("gi-star", "local-moran") or self.per):
            raise BadQuestion("engine", "esda chỉ có gi-star và local-moran (has these two only)")
        if self.tail == "exact" and (self.method != "gi-star" or self.per or self.permutations or self.engine != "own"):
            raise BadQuestion("tail", "exact: gi-star theo số đếm, không hoán vị (of counts, without permutations)")
        if self.method == "kde" and self.h3 is not None:
            raise BadQuestion("h3", "mật độ cần ô vuông (density needs square cells)")

    def _of_areas(self) -> None:
        if not self.cells:
            return
        level, _, field = self.cells.partition(":")
        if level not in AREAS or bool(field) != (level == "zone"):
            raise BadQuestion("cells", "ward, district, zone:FIELD, road")
        if self.h3 is not None or self.cell_m != 250:
            raise BadQuestion("cells", "không đi cùng cell_m, h3 (goes without these)")
        if self.method not in OF_AREAS:
            raise BadQuestion("cells", f"khu vực chỉ đi với {', '.join(OF_AREAS)} (areas go with these methods only)")
        if self.cells == "road" and self.per == "area":
            raise BadQuestion("per", "đoạn đường: theo km đường (pieces of road go by road)")
        if self.tail == "exact":
            raise BadQuestion(
                "tail",
                "exact coi các ô bằng nhau: với khu vực hãy dùng per (takes cells for equal: give per for areas)",
            )

    def neighbourhood(self) -> tuple[str, float]:
        """The kind of neighbours and its number. Raises BadQuestion."""
        kind, _, number = self.neighbours.partition(":")
        try:
            size = float(number or 0)
        except ValueError:
            size = -1
        if (kind == "queen" and not number) or (kind == "band" and 0 < size <= 20_000):
            return kind, size
        if kind == "nearest" and 1 <= size <= 100 and size == int(size):
            return kind, size
        raise BadQuestion("neighbours", "queen, band:METRES, nearest:K")

    def drawn(self) -> tuple[tuple[float, float], ...]:
        """The corners (lon, lat) of the polygon that was drawn; none where none was. Raises BadQuestion."""
        if not self.within:
            return ()
        try:
            corners = tuple((float(lon), float(lat)) for lon, lat in (each.split(",") for each in self.within.split()))
        except ValueError:
            corners = ()
        if not 3 <= len(corners) <= MOST_CORNERS or not all(
            104 <= lon <= 110 and 7 <= lat <= 13 for lon, lat in corners
        ):
            raise BadQuestion("within", f"3–{MOST_CORNERS} góc lon,lat ở gần thành phố (corners near the city)")
        return corners

    def parameters(self) -> dict[str, str]:
        """What differs from the defaults, as words in a fixed order: the same question has the same ones."""
        said: dict[str, str] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if value == each.default:
                continue
            if isinstance(value, datetime):
                value = _moment_word(value)
            elif isinstance(value, tuple):
                value = ",".join(value)
            elif isinstance(value, float):
                value = f"{value:g}"
            said[each.name] = str(value)
        return said

    def address(self) -> str:
        """The parameters as a query string."""
        return urlencode(self.parameters())

    @classmethod
    def read(cls, words: Mapping[str, str]) -> Self:
        """From words (a query string's, a form's, a saved file's). Unknown names are left alone. Raises BadQuestion."""
        given: dict[str, Any] = {}
        for each in fields(cls):
            word = words.get(each.name, "").strip()
            if word:
                given[each.name] = _value(each.name, word)
        return cls(**given)


def _value(name: str, word: str) -> Any:
    try:
        if name in ("since", "until"):
            return moment(word)
        if name in ("field", "category"):
            return tuple(sorted({each.strip() for each in word.split(",") if each.strip()}))
        if name in ("h3", "permutations", "seed", "minimum"):
            return int(word)
        if name in ("cell_m", "bandwidth_m", "reach_m", "reach_days"):
            number = float(word)
            if not math.isfinite(number):
                raise ValueError
            return number
    except ValueError:
        raise BadQuestion(name, f"{word[:40]!r} không đọc được (cannot be read)") from None
    return word


def _moment_word(at: datetime) -> str:
    here = local(at)
    return here.date().isoformat() if here.time() == time() else here.isoformat()
