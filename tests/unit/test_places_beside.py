"""What an address names beside its street, numbers that begin with their hamlet, old names at a crossing."""

from __future__ import annotations

import numpy as np
from shapely import box

from geo.address.parser import Address, parse
from geo.address.streets import read
from geo.address.vocabulary import Vocabulary
from geo.gazetteer.compact import build
from geo.gazetteer.records import HouseNumber, Landmark, OtherName, Records, StreetLine
from geo.geocoder.areas import with_coded_ward
from geo.geocoder.evidence import code_density
from geo.geocoder.index import AreaIndex
from geo.geocoder.names import NamedArea
from geo.geocoder.places import Phrases, named, nearness

WEST, EAST, NORTH = 106.60, 106.65, 10.80


def street(name, lat=NORTH):
    return StreetLine(names=(name,), kind="primary", lon=np.array([WEST, EAST]), lat=np.full(2, lat))


def landmark(name, lon, lat=NORTH):
    return Landmark(name=name, kind="building", lon=lon, lat=lat, radius_m=30.0)


GAZETTEER = build(
    Records(
        streets=[street("Nguyễn Văn Linh"), street("Lê Đức Anh", 10.82), street("Tô Ký", 10.84)],
        numbers=[
            *(HouseNumber(number=f"A2/{k}", street="Lê Đức Anh", lon=WEST + 0.001 * k, lat=10.82) for k in range(1, 6)),
            HouseNumber(number="B7/1", street="Lê Đức Anh", lon=EAST - 0.001, lat=10.82),
        ],
        landmarks=[
            landmark("Sky Garden 3", 106.61),
            landmark("Pizza Hut Sky Garden", 106.611),
            landmark("Chung cư Celadon", 106.64),
            landmark("Khu phố 3", 106.63),
        ],
        other_names=[
            *(OtherName(name="Quốc lộ 1A", now="Lê Đức Anh", lon=WEST + 0.001 * k, lat=10.82) for k in range(40)),
            OtherName(name="Quốc lộ 1A", now="Tô Ký", lon=106.62, lat=10.84),
        ],
    )
)
PHRASES = Phrases(GAZETTEER)


def words(text):
    address: Address = parse(text, Vocabulary([]))
    return named(address, read(address, GAZETTEER.streets), PHRASES)


def test_some_words_of_a_place_name_it():
    (found,) = words("1016/28 Khu Sky Garden 2-R1")
    assert {GAZETTEER.landmark_names[k] for k in found.landmarks} == {"Sky Garden 3", "Pizza Hut Sky Garden"}
    (found,) = words("HCM - Celadon")
    assert [GAZETTEER.landmark_names[k] for k in found.landmarks] == ["Chung cư Celadon"]


def test_usual_words_and_the_street_itself_name_no_place():
    assert words("tầng trệt chung cư, 12 Nguyễn Văn Linh, khu phố 3") == []


def test_pieces_beside_the_place_are_likelier():
    pieces = GAZETTEER.pieces
    (one,) = GAZETTEER.streets["nguien van linh"]
    span = GAZETTEER.span(one)
    weight = nearness(words("Sky Garden, 12 Nguyễn Văn Linh"), GAZETTEER, pieces.x[span], pieces.y[span])
    beside = pieces.x[span][int(np.argmax(weight))]
    assert np.abs(beside - GAZETTEER.landmark_x[[0, 1]]).min() < 60.0
    assert weight.min() >= 1.0


def test_numbers_of_one_hamlet_lie_together():
    (one,) = GAZETTEER.streets["le duc anh"]
    along = GAZETTEER.pieces.along[GAZETTEER.span(one)]
    near = GAZETTEER.anchors[one][1][:5].mean()
    for number, close in (("A2/30", True), ("B7/9", False)):
        density = code_density(GAZETTEER, one, along, number)
        assert (abs(along[int(np.argmax(density))] - near) < 400.0) == close
        assert np.isclose(density.mean(), 1.0)
    assert (code_density(GAZETTEER, one, along, "C1/2") == 1.0).all()


def test_an_old_name_is_not_that_of_a_street_that_only_crosses():
    (now,) = GAZETTEER.streets["quoc lo 1a"]
    assert GAZETTEER.keys[int(GAZETTEER.of_name[now])] == "le duc anh"


def test_what_stands_in_brackets_before_the_street_is_an_aside():
    for text in ("849 (280) Nguyễn Văn Linh", "849 (Tiệm Duyên) Nguyễn Văn Linh", "849 (đối diện 12) Nguyễn Văn Linh"):
        first = read(parse(text, Vocabulary([])), GAZETTEER.streets).mentions[0]
        assert (first.key, first.number) == ("nguien van linh", "849")


def test_a_street_coded_by_a_wards_initials_names_the_ward():
    areas = AreaIndex(
        [
            NamedArea(
                level="ward", kind="phuong", code="1", name="Phường Tân Thới Hiệp", shape=box(WEST, 10.8, EAST, 10.9)
            ),
            NamedArea(level="ward", kind="phuong", code="2", name="Phường Cát Lái", shape=box(EAST, 10.8, 106.7, 10.9)),
        ]
    )
    for text, ward in (
        ("458 Đường TTH02", "tan thoi hiep"),
        ("458 đường QL13", ""),
        ("12 TTH2, Phường Cát Lái", "cat lai"),
    ):
        named_areas = [part for part in with_coded_ward(areas.parse(text), areas).areas() if "ward" in part.levels]
        keys = {areas.groups[number].key for part in named_areas for number, _ in areas.named(part, "ward")}
        assert keys == ({ward} if ward else set()), text
