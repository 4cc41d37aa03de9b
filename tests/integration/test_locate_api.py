"""Where points lie, over HTTP and on the command line."""

from __future__ import annotations

import csv

import pytest

FIELDS = [
    "traffic",
    "water",
    "drainage",
    "trees",
    "lighting",
    "electricity",
    "telecoms",
    "transport",
    "environment",
    "urban_order",
]


def test_ben_thanh_market(client):
    answer = client.get("/api/v1/locate?lat=10.7725&lon=106.6980")
    assert answer.status_code == 200
    said = answer.json
    assert (said["ward"]["code"], said["ward"]["name"]) == ("26743", "Phường Bến Thành")
    assert (said["ward"]["valid_from"], said["ward"]["valid_to"]) == ("2025-07-01", None)
    assert (said["district"]["code"], said["district"]["valid_to"]) == ("760", "2025-06-30")
    assert said["district"]["valid_from"] is None
    assert [zone["field"] for zone in said["zones"]] == FIELDS
    for zone in said["zones"]:
        assert zone["code"] and zone["name"]
        assert set(zone["unit"]) == {"code", "name"} and zone["unit"]["code"]


@pytest.mark.parametrize(
    ("query", "ward", "district"),
    [
        ("lat=10.7769&lon=106.7009&on=2024-06-01", "Phường Bến Nghé", "Quận 1"),
        ("lat=10.7769&lon=106.7009&on=2026-01-01", "Phường Sài Gòn", "Quận 1"),
        ("lat=10.7720&lon=106.7520&on=2019-06-01", "Phường Thạnh Mỹ Lợi", "Quận 2"),
        ("lat=10.7720&lon=106.7520&on=2024-06-01", "Phường Thạnh Mỹ Lợi", "Thành phố Thủ Đức"),
        ("lat=10.9740&lon=106.4930&on=2024-06-01", None, "Huyện Củ Chi"),
    ],
)
def test_days(client, query, ward, district):
    said = client.get(f"/api/v1/locate?{query}").json
    assert (said["ward"]["name"] if said["ward"] else None) == ward
    assert said["district"]["name"] == district


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("lat=21.03&lon=105.85", 422, "lat"),
        ("lat=abc&lon=106.7", 400, "lat"),
        ("lat=nan&lon=106.7", 400, "lat"),
        ("lat=10.7&lon=inf", 400, "lon"),
        ("lat=&lon=106.7", 400, "lat"),
        ("lat=10.7", 400, "lon"),
        ("lat=106.7&lon=10.7", 400, "lat"),
        ("lat=10.7&lon=106.7&on=2024-13-01", 400, "on"),
    ],
)
def test_what_is_no_place(client, query, status, field):
    answer = client.get(f"/api/v1/locate?{query}")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["status"] == status
    assert answer.json["errors"][0]["field"] == field


def test_lists_of_areas(client):
    wards = client.get("/api/v1/areas?level=ward&on=2026-01-01").json
    assert len(wards) == 168
    assert {"code", "name", "level", "valid_from", "valid_to"} <= set(wards[0])
    assert wards[0]["name"].keys() == {"vi", "en"}
    assert len(client.get("/api/v1/areas?level=district&on=2020-06-01").json) == 40
    first = client.get("/api/v1/areas?level=zone:water&limit=2")
    assert len(first.json) == 2 and 'rel="next"' in first.headers["Link"]
    assert client.get("/api/v1/areas?level=nonsense").status_code == 400
    assert client.get("/api/v1/areas?level=zone:nonsense").status_code == 400


def test_a_file_of_points(application, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("﻿id,lat,lon,note\n1,10.7725,106.6980,chợ\n2,21.03,105.85,\n3,x,106.7,\n", encoding="utf-8")
    ran = application.test_cli_runner().invoke(
        args=["boundaries", "locate", str(source), str(target), "--on", "2024-06-01"]
    )
    assert ran.exit_code == 0, ran.output
    assert ran.output.strip().splitlines()[-1] == "3 read, 1 inside, 2 outside"
    with target.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0])[:8] == ["id", "lat", "lon", "note", "ward_code", "ward_name", "district_code", "district_name"]
    assert [column for column in rows[0] if column.startswith("zone_")] == [f"zone_{field}" for field in FIELDS]
    assert (rows[0]["note"], rows[0]["ward_name"], rows[0]["district_code"]) == ("chợ", "Phường Bến Thành", "760")
    assert all(
        not value for row in rows[1:] for name, value in row.items() if name.startswith(("ward", "dist", "zone"))
    )


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        (None, [], "no such file"),
        ("id,x,y\n1,2,3\n", [], "no column"),
        ("id,lat,lon\n", ["--on", "yesterday"], "is no day"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_clear_line(application, tmp_path, content, arguments, said):
    source = tmp_path / "in.csv"
    if content is not None:
        source.write_text(content)
    ran = application.test_cli_runner().invoke(
        args=["boundaries", "locate", str(source), str(tmp_path / "out.csv"), *arguments]
    )
    assert ran.exit_code != 0
    assert said in ran.output.strip().splitlines()[-1]
    assert "Traceback" not in ran.output


def test_every_command_has_help(application):
    for command in ("locate", "load", "check"):
        ran = application.test_cli_runner().invoke(args=["boundaries", command, "--help"])
        assert ran.exit_code == 0 and "Usage" in ran.output
