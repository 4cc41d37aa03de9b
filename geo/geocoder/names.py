"""What the geocoder needs to know of areas. It is handed in: `geo` knows no boundary files and no tables."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.gazetteer.compact import Gazetteer

AreaLevel = Literal["ward", "district"]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class NamedArea:
    """One area under the name it bore in one span of days. The same code may come again with another name."""

    level: AreaLevel
    kind: str  # phuong xa thi_tran dac_khu quan huyen thanh_pho thi_xa
    code: str
    name: str  # in full: Phường 12, Quận Bình Thạnh
    district_code: str = ""  # of the former district a former ward belonged to; empty for the wards of today
    district_name: str = ""
    province: str = ""  # the former province: Thành phố Hồ Chí Minh, Tỉnh Bình Dương, …; empty where not known
    valid_from: date | None = None
    valid_to: date | None = None  # the last day in force; None: in force today
    shape: BaseGeometry  # polygon, lon/lat (EPSG:4326); a box cut to its surroundings where no line is known
    approximate: bool = False  # the shape is a box or was composed
    source: str = ""
    wards_today: frozenset[str] = frozenset()  # codes of today's wards that hold parts of it; empty where not known


class Within(NamedTuple):
    """The areas that hold a point: codes and full names, empty outside."""

    ward_code: str
    ward: str
    district_code: str
    district: str


class AreaNames(Protocol):
    """All names of areas, old and new, and which area holds a point."""

    @property
    def version(self) -> Hashable:
        """Equal as long as nothing changed: an index built from one version serves until it differs."""

    @property
    def gazetteer(self) -> Gazetteer | None:
        """The streets and places of the same state of the database; None where there are none."""

    def areas(self) -> Sequence[NamedArea]:
        """Every ward and district that has or had a name, of every span of days that is known."""

    def within(self, lon: NDArray[np.float64], lat: NDArray[np.float64], on: date) -> Sequence[Within]:
        """The ward in force on `on` at each point, and the district then (or the last former one)."""
