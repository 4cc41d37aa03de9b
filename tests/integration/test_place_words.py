"""How the public hears of a place: the street, never a house, never a text that somebody typed."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from database.engine import OPERATOR, transaction
from district_boundaries.area_names import area_names
from geo.geocoder.corrections import learn


def sent(client, **report):
    answer = client.post("/api/v1/reports", json={"channel": "web", "category": "fallen_tree", **report})
    assert answer.status_code == 201, answer.get_json()
    return client.get(f"/api/v1/reports/{answer.get_json()['code']}").get_json()


def test_a_pin_is_in_its_street(client) -> None:
    assert sent(client, lat=10.7710, lon=106.7032)["place"] == "Hàm Nghi"
    far = sent(client, lat=10.4275, lon=106.8900)  # in the mangroves of Cần Giờ
    assert far["place"] == "" and far["ward"]


@pytest.mark.parametrize("category", ["fallen_tree", "construction_without_permit"])
def test_an_address_is_told_without_its_house(client, category) -> None:
    shown = sent(client, address="84 Hàm Nghi, Quận 1", category=category)
    assert shown["place"] == "Hàm Nghi"
    assert "84 " not in json.dumps(shown, ensure_ascii=False)


def test_a_junction_by_its_names(client) -> None:
    shown = sent(client, address="ngã tư Trần Quang Khải - Hai Bà Trưng")
    assert shown["place"] == "Trần Quang Khải – Hai Bà Trưng" and shown["location"]["precision"] == "intersection"


def test_what_was_corrected_is_not_told_as_it_was_typed(client) -> None:
    with transaction(OPERATOR) as connection:
        number = learn(connection, "117 Hàm Nghi, Quận 1", 106.7032, 10.7710, area_names(connection))
        assert number is not None
    try:
        shown = sent(client, address="nhà cô Bảy 0908123456, 117 ham nghi q1")
        assert "0908" not in json.dumps(shown) and "Bảy" not in json.dumps(shown, ensure_ascii=False)
        assert shown["place"] == "Hàm Nghi"
    finally:
        with transaction(OPERATOR) as connection:
            connection.execute(text("DELETE FROM gazetteer_correction"))


def test_the_list_of_the_map_says_the_street(client) -> None:
    shown = sent(client, lat=10.7710, lon=106.7032)
    box = "106.7030,10.7708,106.7034,10.7712"
    found = client.get("/api/v1/incidents", query_string={"bbox": box}).get_json()["features"]
    (mine,) = [each["properties"] for each in found if each["properties"]["code"] == shown["code"]]
    assert mine["place"] == "Hàm Nghi" and mine["ward"]["short_name"]
