"""The street part of addresses, by a few known names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.address.parser import parse
from geo.address.streets import read
from geo.address.vocabulary import Vocabulary
from geo.gazetteer.keys import main_number, street_key

VOCABULARY = Vocabulary(
    [("district", name) for name in ("1", "3", "7", "12", "Bình Tân", "Bình Thạnh", "Phú Nhuận", "Gò Vấp")]
    + [("ward", name) for name in ("5", "12", "Tân Phú", "Bến Nghé", "Thảo Điền")]
)
KNOWN = {
    street_key(name)
    for name in (
        "Lê Lợi", "Nguyễn Văn Quá", "Đường số 7", "Cách Mạng Tháng 8", "Ba Tháng Hai", "Quốc lộ 1A", "Tỉnh lộ 10",
        "Nguyễn Cư Trinh", "Hai Bà Trưng", "Trần Quang Khải", "Trần Khắc Chân", "Nguyễn Thị Minh Khai", "Đồng Khởi",
        "Đào Trí", "Đường 50A", "Điện Biên Phủ", "Nguyễn Huệ", "Liên Ấp 123", "Phạm Hữu Lầu", "Đường D5", "Cộng Hòa",
    )
}  # fmt: skip


def first(text):
    parts = read(parse(text, VOCABULARY), KNOWN)
    return (parts.mentions[0].key, parts.mentions[0].number, parts.mentions[0].relation) if parts.mentions else None


@pytest.mark.parametrize(
    ("text", "key", "number", "relation"),
    [
        ("12 Lê Lợi, Quận 1", "le loi", "12", "at"),
        ("12 le loi q1", "le loi", "12", "at"),
        ("số 12 đường Lê Lợi, P. Bến Nghé, Q.1", "le loi", "12", "at"),
        ("Quận 1, 12 Lê Lợi", "le loi", "12", "at"),
        ("đối diện 205 Nguyễn Văn Quá, quận 12", "nguien van qua", "205", "opposite"),
        ("gần 205 Nguyễn Văn Quá", "nguien van qua", "205", "near"),
        ("173b nguyen cu trinh q1", "nguien cu trinh", "173b", "at"),
        ("173 - 173B Nguyễn Cư Trinh", "nguien cu trinh", "173-173b", "at"),
        ("173-173B Nguyễn Cư Trinh", "nguien cu trinh", "173-173b", "at"),
        ("hẻm 51 đường số 7, Bình Tân", "so 7", "51", "alley"),
        ("123/45/6A Lê Lợi", "le loi", "123/45/6a", "at"),
        ("60 CMT8, Quận 3", "cach mang thang 8", "60", "at"),
        ("60-62 Cách Mạng Tháng Tám, Quận 3", "cach mang thang 8", "60-62", "at"),
        ("968 Ba Tháng Hai", "3 thang 2", "968", "at"),
        ("968 đường 3/2", "3 thang 2", "968", "at"),
        ("968 3 Tháng 2", "3 thang 2", "968", "at"),
        ("15 QL1A", "quoc lo 1a", "15", "at"),
        ("200 TL10, Bình Tân", "tinh lo 10", "200", "at"),
        ("BHX 35 Phạm Hữu Lầu (35 - 37 Phạm Hữu Lầu, Khu phố 2)", "pham huu lau", "35", "at"),
        ("số 4 Đào Trí, Quận 7", "dao tri", "4", "at"),
        ("50-52 đường 50A, Bình Tân", "so 50a", "50-52", "at"),
        ("Tầng 1, tòa nhà CII Tower - số 152 Điện Biên Phủ, Q. Bình Thạnh", "dien bien phu", "152", "at"),
        ("A5/6/1 Liên Ấp 123", "lien ap 123", "a5/6/1", "at"),
        ("25 Nguyen Hue St., District 1", "nguien hue", "25", "at"),
        ("14 đường D5, Bình Thạnh", "d5", "14", "at"),
        ("364 Cộng Hoà", "cong hoa", "364", "at"),
        ("Lê Lợi", "le loi", "", "at"),
    ],
)
def test_the_street_and_its_number(text, key, number, relation):
    assert first(text) == (key, number, relation)
    assert first(unicodedata.normalize("NFD", text)) == (key, number, relation)


@pytest.mark.parametrize(
    "text",
    [
        "ngã tư Trần Quang Khải - Hai Bà Trưng",
        "Trần Quang Khải - Trần Khắc Chân",
        "Trần Quang Khải giao Hai Bà Trưng",
        "góc Trần Quang Khải và Hai Bà Trưng, Quận 1",
        "Trần Quang Khải & Hai Bà Trưng",
    ],
)
def test_junctions(text):
    parts = read(parse(text, VOCABULARY), KNOWN)
    assert parts.junction and len({mention.key for mention in parts.mentions}) == 2


@pytest.mark.parametrize("text", ["Thảo Điền, Quận 1", "Phường 12, Bình Thạnh", "KP. 3", "", "P. Tân Phú, Q.7"])
def test_areas_are_no_streets(text):
    assert first(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("173 - 173B", (173, "")), ("51/7/3", (51, "7/3")), ("D16/6", None), ("", None), ("634bis", (634, ""))],
)
def test_house_numbers(text, expected):
    assert main_number(text) == expected


@settings(deadline=500)
@given(st.text(max_size=300))
def test_no_text_raises(text):
    parts = read(parse(text, VOCABULARY), KNOWN)
    for mention in parts.mentions:
        assert 0 <= mention.start < mention.end <= len(text.encode()) + 300
