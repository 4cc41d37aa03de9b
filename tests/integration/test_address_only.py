"""A report that brings an address and no coordinates is put where the address says."""

from __future__ import annotations

import pytest


def post(client, address, **more):
    return client.post(
        "/api/v1/reports", json={"channel": "web", "category": "fallen_tree", "address": address, **more}
    )


@pytest.mark.parametrize(
    ("address", "ward"),
    [
        ("210 Nơ Trang Long, P.12, Q. Bình Thạnh", "26929"),
        ("phuong ben nghe, quan 1", "26740"),
        ("Quận 7, Phường Tân Phú", "27487"),
        ("Phường Sài Gòn", "26740"),
    ],
)
def test_the_ward_named_is_the_reports_ward(client, address, ward):
    answer = post(client, address)
    assert answer.status_code == 201, answer.get_json()
    body = answer.get_json()
    location = body["location"]
    assert body["ward"]["code"] == ward
    assert location["accuracy_m"] > 10 and 0 < location["confidence"] < 1
    assert location["precision"] == ("ward" if "Nơ Trang" not in address else "interpolated")


def test_the_report_lands_where_the_api_says(client):
    address = "Phường 22, Quận Bình Thạnh"
    feature = client.get("/api/v1/geocode", query_string={"q": address}).get_json()["features"][0]
    location = post(client, address).get_json()["location"]
    assert [location["lon"], location["lat"]] == pytest.approx(feature["geometry"]["coordinates"], abs=1e-6)
    assert location["accuracy_m"] == pytest.approx(feature["properties"]["accuracy_m"])
