"""Where demo reports may lie: points along real streets, weighted by how many people live around them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import district_boundaries

if TYPE_CHECKING:
    import pandas as pd

_POINTS = Path(__file__).with_name("data") / "street_points.parquet"
_BOUNDARIES = Path(district_boundaries.__file__).with_name("data")

# People per km² where no census by ward is at hand (the two merged provinces): assumed, by kind of ward.
_ASSUMED_DENSITY = {"Phường": 2500.0, "Xã": 350.0, "Đặc khu": 100.0}
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, kw_only=True)
class FormerWard:
    """A ward until 30 June 2025, as its people still write it."""

    code: str
    name: str
    district: str


@dataclass(frozen=True, kw_only=True)
class Geography:
    """Street points and the wards they lie in. Arrays over points unless said otherwise."""

    lon: np.ndarray
    """float64[points], WGS 84"""
    lat: np.ndarray
    """float64[points], WGS 84"""
    street: np.ndarray
    """str[points], empty where the street is not known"""
    ward: np.ndarray
    """int[points], a place in `ward_names`"""
    former: np.ndarray
    """int[points], a place in `former_wards`, -1 where none is known"""
    ward_codes: tuple[str, ...]
    ward_names: tuple[str, ...]
    """full names of the wards in force since 1 July 2025"""
    former_wards: tuple[FormerWard, ...]
    people: np.ndarray
    """float64[wards]: the census of 2019 carried over, or an assumed density times the area"""
    area_km2: np.ndarray
    """float64[wards], official"""

    def weights(self, spread: float) -> np.ndarray:
        """How likely a report falls on each point, summing to 1: by the ward's people (`spread` 0), by its area (1),
        or between; even over the points of one ward."""
        ward = self.people ** (1 - spread) * self.area_km2**spread
        each = (ward / np.bincount(self.ward, minlength=len(ward)).clip(1))[self.ward]
        return np.asarray(each / each.sum())

    def metres_from(self, lon: float, lat: float) -> np.ndarray:
        """float64[points]: distance in metres from a place, good to 1% within the city."""
        x = (self.lon - lon) * METRES_PER_DEGREE * np.cos(np.radians(lat))
        return np.asarray(np.hypot(x, (self.lat - lat) * METRES_PER_DEGREE))


@lru_cache(maxsize=1)
def load() -> Geography:
    """The geography that ships with the project."""
    import pandas as pd  # 100 MB that every other command does without
    import pyogrio

    points = pd.read_parquet(_POINTS)
    wards = pyogrio.read_dataframe(
        _BOUNDARIES / "wards_2025-07-01.gpkg", read_geometry=False, columns=["code", "full_name", "level", "area_km2"]
    )
    wards = wards.sort_values("code", ignore_index=True)
    place = {code: number for number, code in enumerate(wards.code)}
    former = _former_wards()
    former_place = {ward.code: number for number, ward in enumerate(former)}
    return Geography(
        lon=points.lon.to_numpy() / 1e5,
        lat=points.lat.to_numpy() / 1e5,
        street=points.street.astype(str).to_numpy(dtype=object),
        ward=points.ward.astype(str).map(place).to_numpy(dtype=np.int64),
        former=points.former_ward.astype(str).map(former_place).fillna(-1).to_numpy(dtype=np.int64),
        ward_codes=tuple(wards.code),
        ward_names=tuple(wards.full_name),
        former_wards=former,
        people=_people(wards),
        area_km2=wards.area_km2.to_numpy(dtype=float),
    )


def _people(wards: pd.DataFrame) -> np.ndarray:
    """float64[wards]: the census of 2019, shared out by area over today's wards; assumed where there is none."""
    import pandas as pd

    census = pd.read_csv(_BOUNDARIES / "wards_2019.csv", dtype={"code_2019": str}).set_index("code_2019").pop_2019
    links = pd.read_csv(_BOUNDARIES / "ward_crosswalk_2019_2025.csv", dtype={"code_2019": str, "new_code": str})
    counted = (links.share * links.code_2019.map(census)).groupby(links.new_code).sum()
    assumed = wards.level.map(_ASSUMED_DENSITY).astype(float) * wards.area_km2
    people = wards.code.map(counted)
    return np.asarray(people.where(people > 0, assumed), dtype=float)


def _former_wards() -> tuple[FormerWard, ...]:
    with (_BOUNDARIES / "wards_until_2025-06-30.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            FormerWard(code=row["code"], name=row["name"], district=row["district_name"])
            for row in csv.DictReader(file)
        )
