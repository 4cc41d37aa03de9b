"""The boundary files that come with the project, as rows to store: city, wards and districts, each with its days."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from district_boundaries.areas import CITY_CODE
from district_boundaries.rows import AreaRow, named, union

DATA = Path(__file__).parent / "data"

REFORM = date(2025, 7, 1)  # the district level ends, the new wards begin
LAST_DISTRICT_DAY = date(2025, 6, 30)
THU_DUC_BEGINS = date(2021, 1, 1)
LAST_DAY_OF_2020 = date(2020, 12, 31)
LAST_DAY_OF_2024 = date(2024, 12, 31)
THU_DUC = "769"  # the code of Quận 2 before

WARDS = DATA / "wards_2025-07-01.gpkg"
DISTRICTS = DATA / "districts_until_2025-06-30.gpkg"
DISTRICTS_2020 = DATA / "districts_until_2020-12-31.gpkg"
FORMER = DATA / "former_boundaries.gpkg"
FILES = (WARDS, DISTRICTS, DISTRICTS_2020, FORMER)

_REFERENCE_MAP = "vietnamese-provinces-database cd580632 (MIT)"
_OSM = "© OpenStreetMap contributors (ODbL 1.0)"


def checksum(files: Iterable[Path] = FILES) -> str:
    """SHA-256 over the contents of the files, in their order."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def rows() -> list[AreaRow]:
    """Every shipped area but the zones."""
    wards = list(wards_2025())
    city = named(
        level="city",
        code=CITY_CODE,
        name="Thành phố Hồ Chí Minh",
        name_en="Ho Chi Minh City",
        geometry=union([ward.geometry for ward in wards]),
        official_km2=sum(ward.official_km2 or 0 for ward in wards),
        source="union of the wards of 2025-07-01",
    )
    return [city, *wards, *former_wards(), *districts()]


def _features(file: Path, layer: str) -> Iterator[Any]:
    """A layer's features as named tuples. geopandas is imported for it alone: it takes a third of a second, which every
    web process and the stream process would pay each time they come up."""
    import geopandas

    yield from geopandas.read_file(file, layer=layer).itertuples()


def wards_2025() -> Iterator[AreaRow]:
    """The 168 wards, communes and the special zone in force since the reform."""
    for row in _features(WARDS, "wards"):
        yield named(
            level="ward",
            code=row.code,
            name=row.full_name,
            valid_from=REFORM,
            geometry=row.geometry,
            official_km2=row.area_km2,
            source=_OSM if row.corrected else _REFERENCE_MAP,
        )


def former_wards() -> Iterator[AreaRow]:
    """Former wards of which an open polygon exists; the rest of the city had wards too, but nobody's lines."""
    for row in _features(FORMER, "wards_2019"):
        yield named(
            level="ward",
            code=row.code_2019,
            name=row.ward,
            valid_to=LAST_DAY_OF_2024,
            geometry=row.geometry,
            approximate=True,
            source=_OSM,
        )
    for row in _features(FORMER, "wards_until_2025_06_30"):
        yield named(
            level="ward",
            code=row.code,
            name=row.name,
            valid_from=date(2025, 1, 1),
            valid_to=LAST_DISTRICT_DAY,
            geometry=row.geometry,
            approximate=True,
            source=_OSM,
        )


def districts() -> Iterator[AreaRow]:
    """The 38 districts until the reform, and the three that became Thành phố Thủ Đức at the start of 2021."""
    for row in _features(DISTRICTS, "districts"):
        yield named(
            level="district",
            code=row.code,
            name=row.name,
            valid_from=THU_DUC_BEGINS if row.code == THU_DUC else None,
            valid_to=LAST_DISTRICT_DAY,
            geometry=row.geometry,
            source="dissolved from the wards of 2025-07-01 by the crosswalk of 2025",
        )
    for row in _features(DISTRICTS_2020, "districts"):
        yield named(
            level="district",
            code=row.code,
            name=row.name,
            valid_to=LAST_DAY_OF_2020,
            geometry=row.geometry,
            source="dissolved from the wards of 2025-07-01 by the crosswalk of 2019",
        )
