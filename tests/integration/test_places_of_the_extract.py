"""What OpenStreetMap's extract holds is found again where it lies: junctions, and house numbers with their street."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from itertools import combinations

import numpy as np
import osmium
import pytest

from district_boundaries.area_names import area_names
from geo.crs import to_metres
from geo.gazetteer import shipped
from geo.gazetteer.keys import street_key, words_of
from geo.geocoder import geocode
from geo.text import fold, nfc

NOW = date(2026, 8, 1)
NOT_ROADS = {"proposed", "construction", "platform", "bus_stop"}


@pytest.fixture(scope="module")
def extract():
    """(nodes that streets of several names share, with the names; house numbers with street and place)."""
    nodes, numbers = defaultdict(dict), []
    filtered = osmium.FileProcessor(str(shipped.EXTRACT)).with_locations()
    for thing in filtered.with_filter(osmium.filter.EmptyTagFilter()):
        tags = thing.tags
        if isinstance(thing, osmium.osm.Way):
            points = [(node.ref, node.lon, node.lat) for node in thing.nodes if node.location.valid()]
            if "highway" in tags and "name" in tags and tags["highway"] not in NOT_ROADS:
                for reference, lon, lat in points:
                    nodes[reference][nfc(tags["name"])] = (lon, lat)
            elif points and "highway" not in tags:
                low, high = np.min(points, axis=0), np.max(points, axis=0)
                _number(numbers, tags, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2)
        elif isinstance(thing, osmium.osm.Node) and thing.location.valid():
            _number(numbers, tags, thing.lon, thing.lat)
    return [names for names in nodes.values() if len(names) > 1], numbers


def _number(numbers, tags, lon, lat):
    number, street = tags.get("addr:housenumber", ""), tags.get("addr:street", "")
    if any(char.isdigit() for char in number) and street:
        numbers.append((nfc(number), nfc(street), lon, lat))


def _meetings(nodes):
    """Pairs of names that meet at one place only, with it: of two places nobody could know which is meant."""
    places = defaultdict(list)
    shown = {}
    for names in nodes:
        for one, other in combinations(sorted(names), 2):
            keys = tuple(sorted((street_key(one), street_key(other))))
            if keys[0] != keys[1] and not any(fold(name).startswith(("hem", "kiet", "ngo ")) for name in (one, other)):
                places[keys].append(names[one])
                shown[keys] = (one, other)
    result = []
    for keys, several in sorted(places.items()):
        x, y = to_metres([lon for lon, _ in several], [lat for _, lat in several])
        if np.ptp(x) < 100 and np.ptp(y) < 100:
            result.append((*shown[keys], x, y))
    return result


@pytest.mark.parametrize("form", ["ngã tư {} - {}", "{} giao {}", "góc {} và {}"])
def test_junctions_are_found_to_within_30_m(app_connection, extract, form):
    drawn = random.Random(17).sample(_meetings(extract[0]), 300)
    answers = geocode(
        [form.format(one, other) for one, other, _, _ in drawn], area_names(app_connection), on=NOW, limit=1
    )
    near = 0
    for (_, _, x, y), found in zip(drawn, answers, strict=True):
        if found and found[0].precision == "intersection":
            px, py = to_metres(found[0].lon, found[0].lat)
            near += bool(np.hypot(x - px, y - py).min() <= 30.0)
    assert near >= 0.97 * len(drawn)


def test_every_house_number_with_a_street_is_found_to_within_30_m(app_connection, extract):
    names = area_names(app_connection)
    numbers = extract[1]
    lon, lat = np.array([n[2] for n in numbers]), np.array([n[3] for n in numbers])
    # The same number may stand at several places of a street, in one spelling or two: any of them is right.
    with_ward, alone = defaultdict(list), defaultdict(list)
    asked = {}
    x, y = to_metres(lon, lat)
    for (number, street, _, _), area, east, north in zip(numbers, names.within(lon, lat, NOW), x, y, strict=True):
        if not area.ward:
            continue
        key = " ".join(words_of(f"{number} {street}"))
        for place, kept, parts in (
            ((key, area.ward), with_ward, (f"{number} {street}", area.ward, area.district)),
            (key, alone, (f"{number} {street}",)),
        ):
            kept[place].append((east, north))
            asked[place] = ", ".join(part for part in parts if part)
    assert len(with_ward) > 5_000
    far = _far(with_ward, asked, names)
    assert not far
    far = _far(alone, asked, names)
    assert len(far) <= 0.005 * len(alone), f"{len(far)} of {len(alone)}: {far}"


def _far(places, asked, names):
    """The texts of those that are not answered within 30 m of any of their places."""
    far = []
    answers = geocode([asked[key] for key in places], names, on=NOW, limit=1)
    for (key, several), found in zip(places.items(), answers, strict=True):
        px, py = to_metres(found[0].lon, found[0].lat) if found else (0.0, 0.0)
        if min(np.hypot(east - px, north - py) for east, north in several) > 30.0:
            far.append(asked[key])
    return far


@pytest.mark.parametrize(
    ("said", "names", "lon", "lat"),
    [
        ("Tô Ngọc Vân - TX25", "Tô Ngọc Vân – Thạnh Xuân 25", 106.6775, 10.8787),
        ("Xa lộ Hà Nội - Tây Hòa 2", "Xa Lộ Hà Nội – Tây Hòa", 106.7608, 10.8265),
        ("Trần Quang Khải - Trần Khắc Chân", "Trần Quang Khải – Trần Khắc Chân", 106.6915, 10.7919),
        ("Linh Trung - Kha Vạn Cân", "Linh Trung – Kha Vạn Cân", 106.7609, 10.8635),
        ("QL1A - TL10", "Quốc lộ 1A – Tỉnh lộ 10", 106.5919, 10.7564),
        ("cột điện số 137 Nguyễn Văn Linh", "137 Nguyễn Văn Linh", 106.6546, 10.7182),
        ("ngã tư Bảy Hiền", "Ngã Tư Bảy Hiền", 106.6533, 10.7929),
        ("ngã tư Hàng Xanh", "Ngã tư Hàng Xanh", 106.7113, 10.8016),
        ("vòng xoay Dân Chủ, quận 3", "Công trường Dân Chủ", 106.6818, 10.7780),
        ("ngã tư An Sương", "Ngã tư An Sương", 106.6154, 10.8425),
    ],
)
def test_junctions_as_cameras_and_callers_name_them(app_connection, said, names, lon, lat):
    found = geocode([said], area_names(app_connection), on=NOW, limit=1)[0]
    x, y = to_metres([found[0].lon, lon], [found[0].lat, lat])
    assert np.hypot(*np.diff([x, y])[:, 0]) < 150
    assert found[0].precision == ("rooftop" if said.startswith("cột") else "intersection")
    assert found[0].name.lower() == names.lower()


@pytest.mark.parametrize("said", ["12 N.V.Linh, Quận 7", "12 N. V. Linh, Q7", "12 NV Linh, quận 7", "12 nv linh q7"])
def test_a_street_may_be_said_by_first_letters_and_its_last_word(app_connection, said):
    found = geocode([said], area_names(app_connection), on=NOW, limit=1)[0]
    assert (found[0].street, found[0].precision) == ("Nguyễn Văn Linh", "interpolated")


@pytest.mark.parametrize("said", ["Tô Ký - TCH 13", "to ky - tch 13", "Tô Ký - TCH13, Quận 12"])
def test_a_short_name_and_its_number_behind_a_dash_are_no_house_number(app_connection, said):
    found = geocode([said], area_names(app_connection), on=NOW, limit=1)[0]
    assert found[0].name == "Đường Tô Ký – Đường Huỳnh Thị Hai"  # Tân Chánh Hiệp 13 today
    # The files lack the 500 m between the two: it is said how little is known.
    assert (found[0].precision, found[0].housenumber) == ("intersection", "") and found[0].confidence < 0.5


@pytest.mark.parametrize("said", ["XLHN - Đường D400", "Hà Huy Giáp - TL15", "XVNT - Đinh Bộ Lĩnh"])
def test_streets_that_end_short_of_each_other_meet_but_less_surely(app_connection, said):
    found = geocode([said], area_names(app_connection), on=NOW, limit=1)[0]
    assert found[0].precision == "intersection" and found[0].confidence < 0.75


def test_what_names_no_place_is_answered_with_none(app_connection):
    said = ["chỗ cũ, gần nhà ông Tư", "gần nhà bà Năm", "chỗ hôm qua", "đối diện nhà tôi"]
    assert geocode(said, area_names(app_connection), on=NOW) == [[], [], [], []]


def test_a_batch_is_answered_as_its_texts_are_one_by_one(app_connection, extract):
    names = area_names(app_connection)
    said = [f"{number} {street}" for number, street, _, _ in random.Random(5).sample(extract[1], 200)]
    said += said[:3]
    assert geocode(said, names, on=NOW) == [geocode([text], names, on=NOW)[0] for text in said]


def test_the_first_answer_is_the_same_however_many_are_asked_for(app_connection, extract):
    names = area_names(app_connection)
    drawn = random.Random(6).sample(extract[1], 200)
    said = [f"{number} {street}" for number, street, _, _ in drawn] + [street for _, street, _, _ in drawn]
    one, several = (geocode(said, names, on=NOW, limit=limit) for limit in (1, 5))
    assert one == [found[:1] for found in several]
    assert sum(len(found) > 1 for found in several) > 50
