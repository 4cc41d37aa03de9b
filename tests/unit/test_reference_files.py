"""The reference files: what they hold, and what a broken line says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from incidents.reference import BadReference, files

CATEGORIES = {
    "traffic": "road_subsidence road_damage traffic_signal traffic_sign bridge_damage",
    "drainage": "drain_subsidence blocked_drain flooding manhole_cover",
    "water": "burst_pipe no_water water_quality",
    "trees": "fallen_tree dangerous_tree",
    "lighting": "light_out light_burning_by_day light_damaged",
    "electricity": "power_cable power_pole power_leak power_outage",
    "telecoms": "telecom_cable telecom_pole",
    "transport": "bus_quality bus_stop",
    "environment": "waste air_pollution water_pollution noise",
    "urban_order": "construction_without_permit construction_against_permit street_encroachment public_order",
}
GROUPS = {
    "road_subsidence": "road_subsidence",
    "fallen_tree": "fallen_trees",
    "dangerous_tree": "fallen_trees",
    "construction_without_permit": "construction",
    "construction_against_permit": "construction",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the reference files to break."""
    for name in files.NAMES:
        shutil.copy(files.FOLDER / f"{name}.csv", tmp_path)
    return tmp_path


def replace(folder: Path, name: str, pattern: str, by: str) -> None:
    path = folder / f"{name}.csv"
    text, count = re.subn(pattern, by, path.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count == 1
    path.write_text(text, encoding="utf-8")


def test_fields_and_categories_of_the_interface() -> None:
    read = files.read()
    assert [line.code for line in read.fields] == [
        "traffic", "water", "drainage", "trees", "lighting", "electricity", "telecoms", "transport", "environment",
        "urban_order",
    ]  # fmt: skip
    by_field: dict[str, set[str]] = {}
    for line in read.categories:
        by_field.setdefault(line.field, set()).add(line.code)
        assert line.group == GROUPS.get(line.code)
    assert by_field == {field: set(codes.split()) for field, codes in CATEGORIES.items()}


def test_84_connected_units_beside_the_desk() -> None:
    units = files.read().units
    assert sum(unit.connected for unit in units) == 84
    assert [unit.code for unit in units if not unit.connected] == ["1022"]
    assert all(unit.sample == unit.source.startswith("sample") for unit in units)
    assert {field for unit in units for field in unit.fields} == set(CATEGORIES)


def test_every_unit_can_be_reached_and_is_named_by_a_rule_or_told() -> None:
    read = files.read()
    contacts = {line.unit for line in read.contacts}
    named = {line.unit for line in read.responsibilities} | {line.told for line in read.responsibilities}
    assert {unit.code for unit in read.units} == contacts
    assert {unit.code for unit in read.units if unit.connected} <= named


def test_every_category_has_clocks() -> None:
    read = files.read()
    clocks = {line.category: line for line in read.deadlines}
    assert set(clocks) == {None} | {line.code for line in read.categories}
    assert {line.dispatch_minutes for line in read.deadlines} == {5}
    urgency = {line.code: line.urgency for line in read.categories}
    emergencies = [clocks[code].resolve_minutes for code in urgency if urgency[code] == "emergency"]
    assert max(minutes or 0 for minutes in emergencies) <= 24 * 60


@pytest.mark.parametrize(
    ("name", "pattern", "by", "message"),
    [
        ("units", "^HTKT-K1,", "HTKT-K2,", r"units.csv, line \d+: code 'HTKT-K2' stands twice"),
        ("units", "^PE0100,", "UBND-1,", r"kept for committees"),
        ("categories", "^waste,environment", "waste,litter", r"categories.csv, line \d+: field 'litter' is not in"),
        ("categories", ",emergency,", ",asap,", r"`urgency` is 'asap'; it may be emergency, high, normal, low"),
        (
            "responsibilities",
            "^trees-cx-1,,trees,zone,CX-1,CX-1",
            "trees-cx-1,,trees,zone,CX-1,CX-9",
            "'CX-9' is not in",
        ),
        ("responsibilities", "2025-06-30", "30/06/2025", r"`valid_to` is '30/06/2025'; it must be a day like"),
        ("responsibilities", "2024-01-01,,", "2024-01-01,2023-01-01,", r"is before `valid_from`"),
        ("deadlines", r"^fallen_tree,5,", "fallen_tree,five,", r"`dispatch_minutes` is 'five'"),
        ("deadlines", r"^fallen_tree,", "dangerous_tree,", r"already sets the clocks of dangerous_tree"),
        ("contacts", r"^PE0100,", "PE9999,", r"unit 'PE9999' is not in units.csv"),
        ("fields", "^code,name_vi", "kode,name_vi", r"the header lacks code"),
        ("units", "^HTKT,", 'HTKT,"extra",', r"values under 12 columns"),
    ],
)
def test_a_broken_line_is_named(folder: Path, name: str, pattern: str, by: str, message: str) -> None:
    replace(folder, name, pattern, by)
    with pytest.raises(BadReference, match=message):
        files.read(folder)


def test_a_missing_file_and_a_wrong_encoding_are_named(folder: Path) -> None:
    (folder / "contacts.csv").unlink()
    (folder / "deadlines.csv").write_bytes("category\ncây".encode("utf-16"))
    with pytest.raises(BadReference, match=r"contacts.csv, line 1: the file is missing") as error:
        files.read(folder)
    assert "not UTF-8" in str(error.value)


def test_the_checksum_follows_the_content(folder: Path) -> None:
    before = files.checksum(folder)
    assert before == files.checksum()
    replace(folder, "units", "Gia Định", "Gia Dinh")
    assert files.checksum(folder) != before
