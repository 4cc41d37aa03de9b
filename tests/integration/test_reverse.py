"""From a point to what a crew would say: at house numbers, junctions and places that are known."""

from __future__ import annotations

import random
from datetime import date

import numpy as np
import pytest

from district_boundaries.area_names import area_names
from geo.crs import from_metres
from geo.gazetteer.keys import street_key
from geo.reverse import around

NOW = date(2026, 8, 1)


@pytest.fixture
def names(app_connection):
    return area_names(app_connection)


def test_a_house_is_called_by_its_number_or_by_one_beside_or_opposite(names):
    gazetteer = names.gazetteer
    streets = [
        street
        for street, anchors in sorted(gazetteer.anchors.items())
        if sum(text.isdigit() for text in anchors[2]) >= 20
    ]
    said = []
    for street in random.Random(3).sample(streets, 60):
        numbers, _, texts, x, y = gazetteer.anchors[street]
        plain = [k for k in range(len(texts)) if texts[k].isdigit() and numbers[k] > 0]
        k = plain[len(plain) // 2]
        lon, lat = from_metres(x[k], y[k])
        place, metres = around(float(lon), float(lat), names, on=NOW)[0]
        same = street_key(place.street) == street_key(gazetteer.shown[int(gazetteer.of_name[street])])
        said.append(same and bool(place.housenumber))
        if same and place.housenumber == texts[k]:
            assert metres <= 5 and place.label.startswith((f"{texts[k]} ", f"đối diện {texts[k]} "))
        assert f"cách {metres:.0f} m" in place.label
    assert sum(said) >= 0.8 * len(said)


def test_a_junction_is_called_by_both_streets(names):
    gazetteer = names.gazetteer
    table = gazetteer.meetings
    right = 0
    rows = random.Random(5).sample(range(len(table.x)), 40)
    for row in rows:
        lon, lat = from_metres(table.x[row], table.y[row])
        found = [place for place, metres in around(float(lon), float(lat), names, on=NOW) if metres <= 20]
        right += any(place.precision == "intersection" and " – " in place.name for place in found)
    assert right >= 0.9 * len(rows)


@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [
        (106.6980, 10.7725, "Bến Thành"),
        (106.68774, 10.79124, "giao lộ"),
        (106.7032, 10.7710, "Hàm Nghi"),
        (106.6705, 10.7925, "Lê Văn Sỹ"),
        (106.69374, 10.78652, "Điện Biên Phủ"),
        (106.6956, 10.7769, "Dinh Độc Lập"),
    ],
)
def test_known_spots(names, lon, lat, said):
    labels = [place.label for place, _ in around(lon, lat, names, on=NOW)]
    assert any(said in label for label in labels), labels


def test_nothing_is_said_of_a_point_outside(names):
    assert around(105.85, 21.03, names, on=NOW) == []
    assert np.isfinite([metres for _, metres in around(106.6980, 10.7725, names, on=NOW)]).all()
