"""The incidents of a plain question as arrays, from the public read model; and who of them lies where it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from database.sql import queries
from district_boundaries.areas import AreaIndex
from etl.hotspots import study
from etl.hotspots.question import Question

Q = queries(__file__)
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

_AT_ONCE = 50_000
COARSE = ("ward", "district")


@dataclass(frozen=True, kw_only=True)
class Incidents:
    """n incidents. Times in seconds since 1970 (UTC), NaN where there is none; `lon, lat` in degrees, NaN without a
    place; areas by id, 0 where none holds it: `ward, district` of its own day, `now_ward, now_district` those in force
    today and the last districts."""

    code: NDArray[np.str_]
    opened: Floats
    resolved: Floats
    due: Floats
    done: Booleans
    lon: Floats
    lat: Floats
    accuracy: Floats
    """metres"""
    precision: NDArray[np.str_]
    unit: Integers
    category: NDArray[np.str_]
    place: NDArray[np.str_]
    reports: Integers
    coarsened: Booleans
    """shown within about 100 m only, never at its house (construction violations)"""
    ward: Integers
    district: Integers
    now_ward: Integers
    now_district: Integers

    def __len__(self) -> int:
        return len(self.opened)

    def __getitem__(self, chosen: Booleans | Integers) -> Self:
        return type(self)(**{each.name: getattr(self, each.name)[chosen] for each in fields(self)})

    @property
    def placed(self) -> Booleans:
        """Which have any place at all."""
        return np.isfinite(self.lon)

    @property
    def vague(self) -> Booleans:
        """Which are known to a ward or district alone."""
        return self.placed & np.isin(self.precision, COARSE)


_KINDS = ("U", "f", "f", "f", "?", "f", "f", "f", "U", "i", "U", "U", "i", "?", "i", "i", "i", "i")


def select(connection: Connection, question: Question, *, named: bool = False) -> tuple[Incidents, int]:
    """All that were asked for by kind and time, oldest first, wherever they lie; and how many are void. `named`: with
    their codes and streets, which of millions are most of the memory."""
    asked = words(question)
    streamed = connection.execution_options(stream_results=True, max_row_buffer=_AT_ONCE)
    found = streamed.execute(Q["incidents"], {**asked, "named": named})
    parts = [_columns(rows) for rows in found.partitions(_AT_ONCE)] or [_columns([])]
    columns = [np.concatenate(each) for each in zip(*parts, strict=True)]
    names = [each.name for each in fields(Incidents)]
    whole = Incidents(**dict(zip(names, columns, strict=True)))
    void = int(connection.execute(Q["void"], asked).scalar_one())
    return whole[np.lexsort((whole.code, whole.opened))], void


def words(question: Question) -> dict[str, Any]:
    """A question's what and when as parameters of the statements."""
    return {
        "fields": list(question.field) or None,
        "categories": list(question.category) or None,
        "since": question.since,
        "until": question.until,
    }


def _columns(rows: Any) -> list[NDArray[Any]]:
    cells = list(zip(*rows, strict=True)) or [()] * len(_KINDS)
    return list(_typed(cells))


def _typed(cells: Any) -> Iterator[NDArray[Any]]:
    for kind, column in zip(_KINDS, cells, strict=True):
        if kind == "f":
            yield np.array([np.nan if cell is None else cell for cell in column], dtype=np.float64)
        elif kind == "i":
            yield np.array([cell or 0 for cell in column], dtype=np.int64)
        elif kind == "?":
            yield np.array(column, dtype=np.bool_)
        else:
            yield np.array([cell or "" for cell in column], dtype=np.str_)


def where(question: Question, index: AreaIndex, found: Incidents) -> tuple[Booleans, dict[str, int]]:
    """Which lie where it was asked, bool[n], and how many of the others are left out for which reason.

    The whole city: all of them. An area: those inside of its polygon, whatever their day; what is known to a ward or
    district alone is where that one's middle is. Inside of a drawn line such a place is not known well enough.
    """
    if not question.within and study.area_of(question, index) is None:
        return np.ones(len(found), dtype=np.bool_), {}
    land = study.drawn(question, study.land(index, study.area_of(question, index)))
    shapely.prepare(land)
    inside = np.zeros(len(found), dtype=np.bool_)
    there = found.placed
    inside[there] = shapely.contains_xy(land, found.lon[there], found.lat[there])
    left = {"no_place": int((~there).sum())}
    if question.within:
        left["coarse"] = int(found.vague.sum())
        inside &= ~found.vague
        left["outside"] = int((there & ~found.vague & ~inside).sum())
    else:
        left["outside"] = int((there & ~inside).sum())
    return inside, {name: n for name, n in left.items() if n}
