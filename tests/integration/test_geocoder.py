"""The first geocoder on the real names and boundaries."""

from __future__ import annotations

import csv
import unicodedata
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from district_boundaries.area_names import area_names
from geo.geocoder import geocode
from geo.reverse import reverse
from geo.text import search_key

FIXTURES = Path(__file__).parents[1] / "fixtures"
NOW = date(2026, 8, 1)


@pytest.fixture
def names(app_connection):
    return area_names(app_connection)


@pytest.fixture
def find(names):
    def one(text, on=NOW, limit=5):
        return geocode([text], names, on=on, limit=limit)[0]

    return one


@pytest.mark.parametrize(
    "text",
    [
        "P.12, Q. Bình Thạnh",
        "phuong 12 quan binh thanh",
        "PHƯỜNG 12, BÌNH THẠNH",
        "Quận Bình Thạnh, Phường 12",
        "Bình Thạnh P12",
        "Ward 12, Binh Thanh District, HCMC",
        unicodedata.normalize("NFD", "Phường 12, Quận Bình Thạnh"),
    ],
)
def test_one_ward_in_its_spellings(find, text):
    best = find(text)[0]
    assert (best.name, best.precision) == ("Phường 12", "ward")
    assert best.label == "Phường 12, Quận Bình Thạnh (nay là Phường Bình Thạnh)"
    assert (best.ward_code, best.district_code) == ("26929", "765")
    assert best.lon == pytest.approx(106.7014, abs=0.006) and best.lat == pytest.approx(10.8117, abs=0.006)
    assert 300 <= best.accuracy_m <= 900 and 0.4 <= best.confidence <= 0.8


@pytest.mark.parametrize(
    ("text", "name", "ward_code", "district_code"),
    [
        ("P.BN Q1", "Phường Bến Nghé", "26740", "760"),
        ("Phường Tân Phú, Quận 7", "Phường Tân Phú", "27487", "778"),
        ("X. Phước Kiển, H. Nhà Bè", "Xã Phước Kiển", "27655", "786"),
        ("TT. Củ Chi, Huyện Củ Chi", "Thị trấn Củ Chi", None, "783"),
        ("Thảo Điền, Quận 2", "Phường Thảo Điền", "27094", "769"),
        ("Phường Sài Gòn", "Phường Sài Gòn", "26740", "760"),
        ("Đặc khu Côn Đảo", "Đặc khu Côn Đảo", "26732", None),
        ("Phường 7, TP. Vũng Tàu", "Phường 7", None, "747"),
        ("Dĩ An, Bình Dương", "Thành phố Dĩ An", None, "724"),
        ("Quận 9", "Quận 9", None, "769"),
        ("Hóc Môn", "Huyện Hóc Môn", None, "784"),
        ("Phường Tân Qúy, Tân Phú", "Phường Tân Quý", "27022", "767"),
        ("phuong tan quy quan 7", "Phường Tân Quy", "27475", "778"),
        ("Phường Thảo Điềm, Quận 2", "Phường Thảo Điền", "27094", "769"),
    ],
)
def test_names_old_and_new(find, text, name, ward_code, district_code):
    best = find(text)[0]
    assert best.name == name
    assert best.ward_code == ward_code or ward_code is None
    assert best.district_code == district_code or district_code is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12 Quách Hữu Đằng",
        "đường Phùng Vạn Thông",
        "KP. 3",
        "Hà Nội",
        "TP.HCM",
        "12 Lê Lợi, Quận Hải Châu, Đà Nẵng",
        "Phường 5, TP. Mỹ Tho, Tiền Giang",
        "xyz",
    ],
)
def test_nothing_is_made_up(find, text):
    assert find(text) == []


def test_an_ambiguous_name_gives_several_with_what_tells_them_apart(find):
    found = find("Phường 1", limit=30)
    assert len(found) >= 10 and len({place.label for place in found}) == len(found)
    assert all("Phường 1, " in place.label for place in found)
    assert found[0].ward_confidence < 0.5 and found[0].accuracy_m > 2000
    both = find("Tân Phú")
    assert {place.precision for place in both} == {"ward", "district"}
    assert find("Phường Tân Phú, Quận 7")[0].confidence > both[0].confidence


def test_a_former_ward_with_its_district_beats_a_name_of_today(find):
    best = find("Phường Tân Định, Quận 1")[0]
    assert best.label.startswith("Phường Tân Định, Quận 1")
    assert find("Phường Phú Nhuận, TP.HCM")[0].name == "Phường Phú Nhuận"


def test_an_area_that_contradicts_lowers_the_confidence(find):
    assert find("Phường 5, Quận Tân Phú")[0].confidence < find("Phường 5, Quận 3")[0].confidence / 2


def test_the_point_lies_in_the_ward_that_is_answered(names):
    texts = [area.name + (f", {area.district_name}" if area.district_name else "") for area in names.areas()]
    answers = geocode(texts, names, on=NOW, limit=1)
    assert sum(bool(answer) for answer in answers) >= 0.99 * len(texts)
    places = [answer[0] for answer in answers if answer]
    within = names.within(np.array([p.lon for p in places]), np.array([p.lat for p in places]), NOW)
    assert [p.ward_code for p in places] == [w.ward_code for w in within]
    assert all(w.ward_code for w in within)
    assert all(0.0 < p.confidence <= 1.0 and p.accuracy_m > 0 for p in places)


def test_the_ward_of_its_own_day(find):
    text = "Phường Bến Nghé, Quận 1"
    assert find(text, on=date(2025, 6, 30))[0].ward == "Phường Bến Nghé"
    assert find(text, on=date(2025, 7, 1))[0].ward == "Phường Sài Gòn"


def test_reverse_names_the_ward_and_nothing_outside(names):
    inside, outside = reverse(np.array([106.6980, 105.85]), np.array([10.7725, 21.03]), names, on=NOW)
    assert inside is not None and outside is None
    assert (inside.ward_code, inside.district_code, inside.precision) == ("26743", "760", "ward")


def test_a_batch_keeps_the_order(names):
    texts = ["Phường 12, Quận 10", "nothing", "Quận 3"] * 200
    answers = geocode(texts, names, on=NOW)
    assert [answer[0].name if answer else None for answer in answers] == ["Phường 12", None, "Quận 3"] * 200


def disguises(text):
    """The same address as other people type it."""
    plain = search_key(text)
    return {
        "no accents": plain,
        "capitals": text.upper(),
        "decomposed": unicodedata.normalize("NFD", text),
        "no commas": text.replace(", ", " ").replace(" - ", " "),
        "abbreviated": text.replace("Phường ", "P.").replace("Quận ", "Q.").replace("Thành phố ", "TP."),
        "reversed": ", ".join(reversed(text.split(", "))),
    }


def test_disguised_addresses_lose_next_to_nothing(names):
    lines = list(csv.DictReader((FIXTURES / "bus_stop_addresses.csv").open(encoding="utf-8")))
    texts = [line["address"] for line in lines]
    known = [answer[0].name if answer else None for answer in geocode(texts, names, on=NOW, limit=1)]
    for kind in disguises(""):
        told = geocode([disguises(text)[kind] for text in texts], names, on=NOW, limit=1)
        same = sum((answer[0].name if answer else None) == name for answer, name in zip(told, known, strict=True))
        assert same >= 0.97 * len(texts), kind
