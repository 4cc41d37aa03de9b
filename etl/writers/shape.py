"""What is written: the columns, and where a row lies in the coordinate system that was asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyproj

from database.clock import local

Chunk = Sequence[Mapping[str, object]]
NUMBERS = frozenset({"lat", "lon", "accuracy_m", "x", "y"})
TIMES = frozenset({"reported_at", "closed_at"})
_WGS84 = pyproj.CRS.from_epsg(4326)


@dataclass(frozen=True, kw_only=True)
class Written:
    """How many rows a file has, and what its sidecar has to say of the format."""

    rows: int
    told: dict[str, Any] = field(default_factory=dict)


class Shape:
    """The columns of a file. `lat` and `lon` are WGS 84 always; the geometry is in `crs`, and a format that has none
    (`plane`) gets the columns `x` and `y` instead where `crs` is another."""

    def __init__(self, columns: Sequence[str], crs: pyproj.CRS, *, plane: bool) -> None:
        self.crs = crs
        self.is_wgs84 = crs.equals(_WGS84) or crs.to_epsg() == 4326
        self._change = None if self.is_wgs84 else pyproj.Transformer.from_crs(_WGS84, crs, always_xy=True)
        self.with_xy = plane and not self.is_wgs84
        self.columns = (*columns, "x", "y") if self.with_xy else tuple(columns)

    def xy(self, chunk: Chunk) -> np.ndarray:
        """float64[n, 2]: x (east or longitude), y; NaN where a row has no place."""
        degrees = np.array([(row["lon"], row["lat"]) for row in chunk], dtype=np.float64).reshape(-1, 2)
        if self._change is None:
            return degrees
        x, y = self._change.transform(degrees[:, 0], degrees[:, 1])
        moved = np.column_stack([x, y])
        moved[~np.isfinite(moved).all(axis=1)] = np.nan
        return moved

    def rows(self, chunk: Chunk) -> list[list[object]]:
        """Cells in the order of `columns`; times as ISO 8601 text in the city's time."""
        names = self.columns[:-2] if self.with_xy else self.columns
        rows = [[stamp(row[name]) if name in TIMES else row[name] for name in names] for row in chunk]
        if self.with_xy:
            for row, (x, y) in zip(rows, self.xy(chunk).tolist(), strict=True):
                row += [None, None] if math.isnan(x) else [x, y]
        return rows


def stamp(at: object) -> str | None:
    """A time as text, None where there is none."""
    return local(at).isoformat() if isinstance(at, datetime) else None
