"""/api/v1/geocode and /reverse, and the command `gazetteer geocode`."""

from __future__ import annotations

import csv

import pytest


def get(client, address, **query):
    return client.get(f"/api/v1/{address}", query_string=query)


def test_a_collection_best_first(client):
    answer = get(client, "geocode", q="Phường 12, Quận Bình Thạnh, TP.HCM")
    assert answer.status_code == 200 and answer.mimetype == "application/geo+json"
    body = answer.get_json()
    assert body["type"] == "FeatureCollection" and body["geocoding"]["query"].startswith("Phường 12")
    best = body["features"][0]
    lon, lat = best["geometry"]["coordinates"]
    assert 106.69 < lon < 106.71 and 10.80 < lat < 10.82
    properties = best["properties"]
    assert {
        "label",
        "name",
        "housenumber",
        "street",
        "ward",
        "district",
        "precision",
        "accuracy_m",
        "confidence",
        "source",
    } <= set(properties)
    assert properties["precision"] == "ward" and 0 < properties["confidence"] < 1 and properties["accuracy_m"] > 100
    assert (properties["name"], properties["ward"]) == ("Phường 12", "Phường Bình Thạnh")
    confidences = [feature["properties"]["confidence"] for feature in body["features"]]
    assert confidences[0] == max(confidences)


def test_nothing_found_is_an_empty_collection(client):
    assert get(client, "geocode", q="xyz").get_json()["features"] == []


def test_limit(client):
    assert len(get(client, "geocode", q="Phường 1", limit=3).get_json()["features"]) == 3
    assert len(get(client, "geocode", q="Phường 1").get_json()["features"]) == 5


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": ""},
        {"q": "   "},
        {"q": "x" * 1001},
        {"q": "P1", "limit": "0"},
        {"q": "P1", "limit": "many"},
        {"q": "P\x001"},
        {"q": "P1", "on": "yesterday"},
    ],
)
def test_what_cannot_be_read_is_refused(client, query):
    answer = get(client, "geocode", **query)
    assert answer.status_code == 400 and answer.mimetype == "application/problem+json"
    assert answer.get_json()["errors"]


def test_reverse_names_street_and_ward(client):
    features = get(client, "reverse", lat=10.7725, lon=106.6980).get_json()["features"]
    street = features[0]["properties"]
    assert street["street"] and street["distance_m"] < 150 and "cách" in street["label"]
    assert {feature["properties"]["ward_code"] for feature in features} == {"26743"}
    feature = features[-1]
    assert feature["geometry"]["coordinates"] == [106.698, 10.7725]
    properties = feature["properties"]
    assert (properties["ward_code"], properties["district_code"]) == ("26743", "760")
    assert (properties["precision"], properties["distance_m"]) == ("ward", 0)


def test_reverse_says_it_as_a_crew_would(client):
    found = get(client, "geocode", q="205 Nguyễn Văn Quá, Quận 12").get_json()["features"][0]
    lon, lat = found["geometry"]["coordinates"]
    street = get(client, "reverse", lat=lat, lon=lon).get_json()["features"][0]["properties"]
    assert street["street"] == "Nguyễn Văn Quá" and street["distance_m"] <= 40
    assert any(char.isdigit() for char in street["label"].split(" cách ")[0])


def test_suggestions_by_the_beginning(client):
    said = [one["label"] for one in get(client, "suggest", q="nguyen van qu").get_json()["suggestions"]]
    assert any(label.startswith("Nguyễn Văn Quá") for label in said)
    said = get(client, "suggest", q="205 Nguyễn Văn Qu").get_json()["suggestions"]
    assert said[0]["label"].startswith("205 Nguyễn Văn Qu") and said[0]["kind"] == "street"
    assert len(get(client, "suggest", q="le", limit=3).get_json()["suggestions"]) == 3
    assert get(client, "suggest", q="").status_code == 400


def test_reverse_outside_and_without_numbers(client):
    assert get(client, "reverse", lat=21.03, lon=105.85).status_code == 422
    assert get(client, "reverse", lat="abc", lon=106).status_code == 400
    assert get(client, "reverse").status_code == 400


@pytest.fixture
def run(application, database_url):
    runner = application.test_cli_runner()
    return lambda *arguments: runner.invoke(args=["gazetteer", *map(str, arguments)])


def test_a_file_of_addresses(run, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text('id,address,note\n1,"P.12, Q. Bình Thạnh",a\n2,không đâu cả,b\n3,,c\n', encoding="utf-8-sig")
    result = run("geocode", source, target)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "3 read, 1 found"
    rows = list(csv.DictReader(target.open(encoding="utf-8")))
    assert list(rows[0]) == [
        "id",
        "address",
        "note",
        "lat",
        "lon",
        "precision",
        "accuracy_m",
        "confidence",
        "ward_code",
        "matched",
    ]
    assert rows[0]["precision"] == "ward" and rows[0]["ward_code"] == "26929" and rows[0]["note"] == "a"
    assert rows[0]["matched"].startswith("Phường 12, Quận Bình Thạnh")
    assert [rows[1][name] for name in ("lat", "lon", "precision", "confidence", "matched")] == [""] * 5
    assert rows[2]["id"] == "3" and rows[2]["lat"] == ""


@pytest.mark.parametrize(
    "content", [b"", b"id;address\n1;P1\n", b"id,place\n1,P1\n", b"id,address\n1,\xff\xfe\n", None], ids=str
)
def test_a_bad_file_is_one_clear_line(run, tmp_path, content):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    if content is not None:
        source.write_bytes(content)
    result = run("geocode", source, target)
    assert result.exit_code != 0
    assert len(result.output.strip().splitlines()) == 1 and "in.csv" in result.output
    assert not target.exists() and not list(tmp_path.glob(".*"))


def test_odd_rows_are_named_and_none_is_lost(run, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    lines = [b"id,address,note"]
    lines += [f'{n},"Phường 12, Quận Bình Thạnh",a{n}'.encode() for n in range(1, 2500)]
    lines[7] = lines[7].rpartition(b",")[0]  # a cell too few
    lines[9] += b",b,c"  # two too many
    lines[11] += b"\xff"  # not UTF-8
    lines[13] = '13,"hai dòng\nPhường 12, Quận Bình Thạnh",a13'.encode()
    source.write_bytes(b"\n".join(lines) + b"\n")
    result = run("geocode", source, target)
    assert result.exit_code == 0, result.output
    said = result.output.splitlines()
    assert said[-1].startswith("2499 read, ") and said[-1].endswith(", 3 odd rows")
    assert [line.split(":")[1].split()[-1] for line in said if line.startswith("in.csv: dòng")] == ["8", "10", "12"]
    with target.open(encoding="utf-8", errors="surrogateescape", newline="") as out:
        rows = list(csv.DictReader(out))
    assert [row["id"] for row in rows] == [str(n) for n in range(1, 2500)]
    assert {row["ward_code"] for row in rows if row["id"] != "13"} == {"26929"}
    assert rows[10]["note"].encode("utf-8", "surrogateescape") == b"a11\xff"


def test_the_input_is_not_overwritten(run, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("id,address\n1,P1\n")
    assert run("geocode", source, source).exit_code != 0
    assert source.read_text() == "id,address\n1,P1\n"
