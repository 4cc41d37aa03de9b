"""The list's numbers equal the tiles' marks, whatever the filter; tiles hold public columns alone."""

from __future__ import annotations

import mapbox_vector_tile
import pytest

PLACES = [(10.7725 + row * 0.0007, 106.7005 + column * 0.0007) for row in range(4) for column in range(5)]
CATEGORIES = ("fallen_tree", "road_subsidence", "construction_without_permit", "burst_pipe")


@pytest.fixture
def twenty(client, empty_database):
    for number, (lat, lon) in enumerate(PLACES):
        answer = client.post(
            "/api/v1/reports",
            json={"channel": "web", "category": CATEGORIES[number % 4], "lat": lat, "lon": lon, "accuracy_m": 0},
        )
        assert answer.status_code == 201
    return empty_database


def tile(client, layer, z, x, y, query=""):
    answer = client.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt{query}")
    return mapbox_vector_tile.decode(answer.data) if answer.status_code == 200 else {}


def marks(client, z, query=""):
    """Every mark of the city's tiles around the market at a zoom: how many incidents they stand for."""
    import math

    lat, lon = 10.774, 106.7015
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.log(math.tan(math.radians(lat)) + 1 / math.cos(math.radians(lat))) / math.pi) / 2 * 2**z)
    total, late = 0, 0
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            decoded = tile(client, "incidents", z, x + dx, y + dy, query)
            for feature in decoded.get("incidents", {}).get("features", []):
                properties = feature["properties"]
                total += properties.get("count", 1)
                late += properties.get("late", 0)
    return total


@pytest.mark.parametrize("z", [9, 11, 12, 13, 15])
def test_every_zoom_stands_for_the_same_incidents(client, twenty, z) -> None:
    assert marks(client, z) == 20
    assert marks(client, z, "?group=tree") == 5
    assert marks(client, z, "?group=tree&field=water") == 10
    assert marks(client, z, "?state=late") == 0


def test_counts_equal_the_list(client, twenty) -> None:
    answer = client.get("/api/v1/incidents?limit=50").json
    assert answer["counts"]["total"] == len(answer["features"]) == 20
    assert answer["counts"]["heroes"] == {"tree": 5, "subsidence": 5, "construction": 5}
    assert answer["counts"]["fields"] == {"water": 5}
    assert answer["counts"]["states"] == {"new": 20, "progress": 0, "late": 0, "resolved": 0}
    some = client.get("/api/v1/incidents?group=tree&state=new,late&limit=3").json
    assert some["counts"]["total"] == 5 and len(some["features"]) == 3
    assert some["counts"]["heroes"]["construction"] == 5  # a switch shows its number while it is off
    rest = client.get(some["next"]).json
    assert len(rest["features"]) == 2 and rest["next"] is None
    assert {f["properties"]["hero"] for f in some["features"] + rest["features"]} == {"tree"}
    assert client.get("/api/v1/incidents?bbox=106.75,10.77,106.80,10.78").json["counts"]["total"] == 0


def test_clusters_lead_with_what_most_of_them_are(client, twenty) -> None:
    features = tile(client, "incidents", 9, 407, 240).get("incidents", {}).get("features", [])
    (cluster,) = [f["properties"] for f in features if f["properties"]["state"] == "cluster"]
    assert cluster["count"] == 20 and cluster["size"] == "m" and cluster["late8"] == 0
    assert cluster["lead"] == ""  # a quarter each: nothing leads
    only = tile(client, "incidents", 9, 407, 240, "?group=tree")["incidents"]["features"]
    assert only[0]["properties"]["lead"] == "tree"


def test_public_tiles_hold_public_columns_alone(client, twenty) -> None:
    point = tile(client, "incidents", 15, 26096, 15397)["incidents"]["features"][0]["properties"]
    assert set(point) == {"code", "kind", "hero", "state", "n", "rank", "precision"}
    report = tile(client, "reports", 15, 26096, 15397)["reports"]["features"][0]["properties"]
    assert set(report) == {"code", "category", "field", "state"}


def test_a_tile_is_not_sent_twice(client, twenty) -> None:
    address = "/tiles/incidents/9/407/240.mvt"
    first = client.get(address)
    assert first.status_code == 200 and first.mimetype == "application/vnd.mapbox-vector-tile"
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert client.get("/tiles/incidents/9/0/0.mvt").status_code == 204
    for address in ("/tiles/incidents/3/0/0.mvt", "/tiles/incidents/20/0/0.mvt", "/tiles/incidents/9/512/0.mvt"):
        assert client.get(address).status_code == 404
    assert client.get("/tiles/dragons.json").status_code == 404


@pytest.mark.parametrize(
    ("layer", "inside"),
    [
        ("wards", {"wards", "ward_lines", "ward_labels"}),
        ("districts", {"districts", "district_lines", "district_labels"}),
        ("zones", {"zones"}),
        ("basemap", {"roads", "water", "parks", "urban"}),
    ],
)
def test_the_still_layers_have_what_the_style_draws(client, layer, inside) -> None:
    announced = client.get(f"/tiles/{layer}.json").json
    assert announced["tilejson"] == "3.0.0"
    assert {each["id"] for each in announced["vector_layers"]} >= inside
    decoded = tile(client, layer, 11, 1631, 962)
    assert set(decoded) >= inside
    if layer == "wards":
        named = decoded["wards"]["features"][0]["properties"]
        assert set(named) == {"code", "name", "full_name", "level", "area"}
