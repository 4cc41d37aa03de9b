"""The list's numbers equal the tiles' marks, whatever the filter; tiles hold public columns alone."""

from __future__ import annotations

import math
import random

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
    x, y = column(106.7015, z), row(10.774, z)
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


@pytest.mark.parametrize("z", [9, 10, 11, 12, 13])
def test_the_list_of_any_view_equals_the_marks_in_it(client, empty_database, z) -> None:
    """Also where a cell straddles the view's edge: its disc stands on one side of it, with all its members."""
    generator = random.Random(z)
    for _ in range(60):
        place = {"lat": 10.72 + generator.random() * 0.1, "lon": 106.62 + generator.random() * 0.1}
        sent = {"channel": "web", "category": generator.choice(CATEGORIES), "accuracy_m": 0, **place}
        assert client.post("/api/v1/reports", json=sent).status_code == 201
    everything = marks_at(client, z)
    assert sum(n for _, _, n in everything) == 60
    for _ in range(40):
        west, south = 106.60 + generator.random() * 0.1, 10.70 + generator.random() * 0.1
        east, north = west + 0.01 + generator.random() * 0.08, south + 0.01 + generator.random() * 0.08
        inside = sum(n for lon, lat, n in everything if west <= lon <= east and south <= lat <= north)
        answer = client.get(f"/api/v1/incidents?bbox={west},{south},{east},{north}&zoom={z}&limit=1000").json
        step = 360 / 2**z / 4096  # a tile's coordinates are whole numbers: on the very edge they cannot tell
        near_edge = any(
            min(abs(lon - west), abs(lon - east), abs(lat - south), abs(lat - north)) < step
            for lon, lat, _ in everything
        )
        assert near_edge or answer["counts"]["total"] == len(answer["features"]) == inside


def marks_at(client, z):
    """Every mark of the tiles around the city's middle: longitude, latitude, how many incidents it stands for."""
    west, north = 106.60, 10.84
    first_x, first_y = column(west, z), row(north, z)
    found = []
    for x in range(first_x, column(106.74, z) + 1):
        for y in range(first_y, row(10.70, z) + 1):
            layer = tile(client, "incidents", z, x, y).get("incidents", {"features": [], "extent": 4096})
            for feature in layer["features"]:
                east, up = feature["geometry"]["coordinates"]
                world_x = (x + east / layer["extent"]) / 2**z
                world_y = (y + 1 - up / layer["extent"]) / 2**z
                lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * world_y))))
                found.append((world_x * 360 - 180, lat, feature["properties"].get("count", 1)))
    return found


def column(lon, z):
    return int((lon + 180) / 360 * 2**z)


def row(lat, z):
    return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)


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
