"""A street with a letter wrong is told from one that is not in the files; a number in a name is never changed."""

from __future__ import annotations

import pytest

from geo.address.parser import parse
from geo.address.streets import read
from geo.address.vocabulary import Vocabulary
from geo.gazetteer.keys import IN_FULL, street_key
from geo.gazetteer.slips import SLIP, Slips, likelihood
from geo.geocoder.misspelt import repaired

STREETS = [
    "An Dương Vương", "Nam Kỳ Khởi Nghĩa", "Nam", "Tân Hòa", "Tân Hòa Đông", "Quang Trung", "Đường Quang",
    "Lý Thường Kiệt", "Dương Đình Hội", "Quốc lộ 1A", "Quốc lộ 13", "Tỉnh lộ 15", "Đường số 7", "Đường số 17",
    "3 Tháng 2", "Cách Mạng Tháng 8", "Trần Đại Nghĩa", "Đại Nghĩa", "Hai Bà Trưng", "Nguyễn Huệ",
]  # fmt: skip
KEYS = {street_key(name) for name in STREETS}
SLIPS = Slips(KEYS, IN_FULL)
AREAS = Vocabulary([("district", name) for name in ("1", "3", "5", "Tân Bình", "Gò Vấp", "Củ Chi")])


def best(text):
    address = parse(text, AREAS)
    found = repaired(address, read(address, KEYS), KEYS, SLIPS).mentions
    return (found[0].key, found[0].number, found[0].likeness) if found else None


@pytest.mark.parametrize(
    ("text", "street", "number"),
    [
        ("439 An Dương Vcơng, Quận 5", "An Dương Vương", "439"),
        ("145 Nam Kỳ Kiởi Nghĩa, Quận 3", "Nam Kỳ Khởi Nghĩa", "145"),
        ("243 Tân Hòa Đômg, Quận 1", "Tân Hòa Đông", "243"),
        ("127 quang tnung, go vap", "Quang Trung", "127"),
        ("79B (siêu thị CMC) Lý Thường Kiht, Quận Tân Bình", "Lý Thường Kiệt", "79b"),
        ("214 Dưing Đình Hội, Quận 3", "Dương Đình Hội", "214"),
        ("2945 Quec lộ 1, Quận 1", "Quốc lộ 1A", "2945"),
        ("1329 Tỉoh lộ 15 Củ Chi, Huyện Củ Chi", "Tỉnh lộ 15", "1329"),
        ("1163 Đưeng 3/2, Quận 5", "3 Tháng 2", "1163"),
        ("513 Cuch Mạng Tháng Tám, Quận 3", "Cách Mạng Tháng 8", "513"),
        ("74 Ttần Đại Nghĩa, Quận 5", "Trần Đại Nghĩa", "74"),
        ("423 A Hai Bà Trưcg, Quận 3", "Hai Bà Trưng", "423a"),
        ("166 Đưang số 7, Quận 5", "Đường số 7", "166"),
        ("12 NguyễnHuệ, Quận 1", "Nguyễn Huệ", "12"),
    ],
)
def test_one_letter_wrong(text, street, number):
    key, found, likeness = best(text)
    assert (key, found) == (street_key(street), number)
    assert 0.0 < likeness < 1.0


def test_what_is_right_is_left_alone():
    address = parse("243 Tân Hòa, Quận 1", AREAS)
    parts = read(address, KEYS)
    assert repaired(address, parts, KEYS, SLIPS) is parts


@pytest.mark.parametrize("text", ["12 Phùng Vạn Thông, Quận 3", "5 Đường số 9, Quận 5", "8 Quốc lộ 22, Quận 1"])
def test_another_street_is_not_made_a_slip(text):
    address = parse(text, AREAS)
    assert not any(mention.known for mention in repaired(address, read(address, KEYS), KEYS, SLIPS).mentions)


def test_slips_of_the_ear_are_commoner_and_numbers_are_none():
    assert likelihood("li thuong kiec", "li thuong kiet") > likelihood("li thuong kieb", "li thuong kiet") == SLIP
    assert likelihood("qaung trung", "quang trung") > SLIP  # two letters changed places
    assert likelihood("so 17", "so 7") == likelihood("so 7", "so 17") == likelihood("so 8", "so 7") == 0.0
    assert SLIPS.search("so 77") == []
