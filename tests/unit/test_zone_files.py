"""The ten zone layouts, as files: each tiles the city exactly, and no two are the same."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import geopandas
import pytest

from incidents.reference import files

ROOT = Path(files.__file__).parents[2]
ZONES = ROOT / "district_boundaries" / "zones"
DATA = ROOT / "district_boundaries" / "data"
FIELDS = [line.code for line in files.read().fields]


@pytest.fixture(scope="module")
def district_of() -> dict[str, str]:
    """Every ward of 2025 and the former district that its inner point lies in."""
    wards = geopandas.read_file(DATA / "wards_2025-07-01.gpkg", layer="wards").to_crs(9210)
    districts = geopandas.read_file(DATA / "districts_until_2025-06-30.gpkg", layer="districts").to_crs(9210)
    wards.geometry = wards.representative_point()
    joined = wards.sjoin(districts[["code", "geometry"]], predicate="within", lsuffix="ward", rsuffix="district")
    found = dict(zip(joined.code_ward, joined.code_district, strict=True))
    assert len(found) == 168
    return found


def layout(field: str, district_of: dict[str, str]) -> list[tuple[str, str]]:
    """(ward, zone) for every ward that a field's file puts into a zone, directly or with its whole district."""
    pairs = []
    with (ZONES / f"{field}.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            assert row["valid_from"] == row["valid_to"] == ""
            if row["level"] == "ward":
                pairs.append((row["member"], row["code"]))
            else:
                assert row["level"] == "district"
                held = [ward for ward, district in district_of.items() if district == row["member"]]
                assert held, f"{field}: {row['member']} is no former district"
                pairs += [(ward, row["code"]) for ward in held]
    return pairs


def test_a_file_for_every_field() -> None:
    assert {file.stem for file in ZONES.glob("*.csv")} == set(FIELDS)
    assert len(FIELDS) == 10


@pytest.mark.parametrize("field", FIELDS)
def test_every_ward_is_in_exactly_one_zone(field: str, district_of: dict[str, str]) -> None:
    counts = Counter(ward for ward, _ in layout(field, district_of))
    assert set(counts) == set(district_of)
    assert set(counts.values()) == {1}


def test_no_two_fields_share_a_layout(district_of: dict[str, str]) -> None:
    layouts = {}
    for field in FIELDS:
        zones: dict[str, set[str]] = {}
        for ward, zone in layout(field, district_of):
            zones.setdefault(zone, set()).add(ward)
        layouts[field] = frozenset(frozenset(wards) for wards in zones.values())
    assert len(set(layouts.values())) == 10


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_invented_says_so(field: str) -> None:
    with (ZONES / f"{field}.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            assert row["source"]
            assert (row["sample"] == "yes") == row["source"].startswith("sample")


def test_power_zones_are_the_companies_districts() -> None:
    districts = geopandas.read_file(DATA / "districts_until_2025-06-30.gpkg", layer="districts")
    names = dict(zip(districts.code, districts.name, strict=True))
    with (ZONES / "electricity.csv").open(encoding="utf-8") as lines:
        real = {(row["code"], names[row["member"]]) for row in csv.DictReader(lines) if row["sample"] == "no"}
    with (DATA / "power_companies_by_district_2023.csv").open(encoding="utf-8") as lines:
        assert real == {(row["code"], row["district"]) for row in csv.DictReader(lines)}
    assert len({code for code, _ in real}) == 15
