"""The shipped boundary files: whole, small enough, and what the README says of them."""

from __future__ import annotations

import hashlib
import itertools
from datetime import date
from pathlib import Path

import pytest
import shapely

from district_boundaries import naming, shipped, zones
from district_boundaries.errors import UnknownMember, UnreadableFile
from district_boundaries.rows import centre

ROOT = Path(__file__).resolve().parents[2]
BYTES_OF_ALL_DATA = 20 * 1024 * 1024


@pytest.fixture(scope="module")
def rows():
    return shipped.rows()


def test_every_file_is_the_one_of_the_manifest():
    lines = (shipped.DATA / "manifest.sha256").read_text().split("\n")
    named = {name: digest for digest, name in (line.split("  ") for line in lines if line)}
    there = {file.name for file in shipped.DATA.iterdir()} - {"manifest.sha256", "README.md"}
    assert set(named) == there
    for name, digest in named.items():
        assert hashlib.sha256((shipped.DATA / name).read_bytes()).hexdigest() == digest, name


def test_data_stays_within_its_allowance():
    data = [
        file
        for package in ("district_boundaries", "geo", "incidents", "etl")
        for file in (ROOT / package).rglob("data/*")
    ]
    assert sum(file.stat().st_size for file in data if file.is_file()) <= BYTES_OF_ALL_DATA


def test_levels_and_spans(rows):
    def on(level, day):
        return [
            row
            for row in rows
            if row.level == level
            and (row.valid_from is None or row.valid_from <= day)
            and (row.valid_to is None or day <= row.valid_to)
        ]

    assert len(on("ward", date(2025, 7, 1))) == 168
    assert len(on("district", date(2025, 6, 30))) == 38
    assert len(on("district", date(2020, 12, 31))) == 40  # Quận 2, Quận 9, Quận Thủ Đức for Thành phố Thủ Đức
    assert on("district", date(2025, 7, 1)) == []
    assert len(on("ward", date(2024, 12, 31))) == 271
    assert len(on("ward", date(2025, 1, 1))) == 193
    assert all(row.approximate for row in on("ward", date(2024, 1, 1)))
    assert len(on("city", date(2015, 1, 1))) == len(on("city", date(2030, 1, 1))) == 1
    assert {row.name for row in on("district", date(2019, 6, 1)) if row.code == "769"} == {"Quận 2"}
    assert {row.name for row in on("district", date(2024, 6, 1)) if row.code == "769"} == {"Thành phố Thủ Đức"}


def test_no_code_is_borne_twice_on_a_day(rows):
    spans = {}
    for row in rows:
        spans.setdefault((row.level, row.field, row.code), []).append(row)
    for several in spans.values():
        several.sort(key=lambda row: row.valid_from or date.min)
        for one, next_one in itertools.pairwise(several):
            assert one.valid_to < next_one.valid_from


def test_kinds_are_all_known(rows):
    kinds = {row.kind for row in rows if row.level != "city"}
    assert kinds == {"phuong", "xa", "thi_tran", "dac_khu", "quan", "huyen", "thanh_pho"}


@pytest.mark.parametrize(
    ("name", "kind", "short", "english"),
    [
        ("Phường Bến Thành", "phuong", "Bến Thành", "Ben Thanh Ward"),
        ("Phường 12", "phuong", "Phường 12", "Ward 12"),
        ("Quận 1", "quan", "Quận 1", "District 1"),
        ("Quận Bình Thạnh", "quan", "Bình Thạnh", "Binh Thanh District"),
        ("Thành phố Thủ Đức", "thanh_pho", "Thủ Đức", "Thu Duc City"),
        ("Đặc khu Côn Đảo", "dac_khu", "Côn Đảo", "Con Dao Special Zone"),
        ("Thị trấn Củ Chi", "thi_tran", "Củ Chi", "Cu Chi Township"),
        ("Khu 1", "", "Khu 1", "Khu 1"),
    ],
)
def test_what_a_name_tells(name, kind, short, english):
    assert naming.kind_of(name) == kind
    assert naming.short_name(name) == short
    assert naming.english_name(name) == english


def test_label_points_lie_inside(rows):
    for row in rows[:60]:
        assert shapely.contains(row.geometry, shapely.Point(centre(row.geometry)))


def test_zones_are_the_union_of_their_members(rows):
    made = zones.rows(rows)
    wards = {row.code: row for row in rows if row.level == "ward" and row.valid_to is None}
    city = next(row for row in rows if row.level == "city")
    assert {row.field for row in made} >= {"traffic", "water", "urban_order"}
    for field in {row.field for row in made}:
        whole = shapely.union_all([row.geometry for row in made if row.field == field])
        assert shapely.area(shapely.symmetric_difference(whole, city.geometry)) < 1e-7
    one = next(row for row in made if row.code == "TT-26743")
    assert one.geometry.equals(wards["26743"].geometry)


def test_a_zone_of_an_unknown_member_is_refused_with_its_line(tmp_path, rows):
    file = tmp_path / "water.csv"
    file.write_text(",".join(zones.COLUMNS) + "\nA,Vùng A,,district,760,,,no,\nA,Vùng A,,district,999,,,no,\n")
    with pytest.raises(UnknownMember, match=r"water\.csv line 3: no district with the code 999"):
        zones.rows(rows, tmp_path)
    file.write_text("code,name\nA,B\n")
    with pytest.raises(UnreadableFile, match="no column"):
        zones.rows(rows, tmp_path)


def test_769_means_what_it_meant_in_the_zones_span(tmp_path, rows):
    (tmp_path / "water.csv").write_text(
        ",".join(zones.COLUMNS) + "\nOLD,Cũ,,district,769,,2020-12-31,no,\nNEW,Mới,,district,769,2021-01-01,,no,\n"
    )
    old, new = zones.rows(rows, tmp_path)
    assert shapely.area(new.geometry) > 3 * shapely.area(old.geometry)
