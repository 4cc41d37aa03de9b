"""Files out: the same rows after a round trip, nothing private without leave, other people's readers open them."""

from __future__ import annotations

import csv
import json
import re
import subprocess

import duckdb
import geopandas
import openpyxl
import pandas
import psycopg
import pyogrio
import pyproj
import pytest

from database import clock
from database.engine import OPERATOR, transaction
from etl.columns import COLUMNS, REPORTER
from incidents.drafts import Draft
from incidents.intake import receive
from tests import report_files

FORMATS = ("csv", "xlsx", "geojson", "gpkg", "parquet")
CANARIES = ("Canary", "0903111222", "canary@example.vn", "anh Tư")
BESIDES = ("precision", "accuracy_m", "ward_code", "district_code", "zone_traffic", "zone_water", "zone_drainage",
           "zone_trees", "zone_lighting", "zone_electricity", "zone_telecoms", "zone_transport", "zone_environment",
           "zone_urban_order")  # fmt: skip


@pytest.fixture
def command(application, empty_database):
    from etl.commands import reports

    def run(*arguments, code=0):
        answer = application.test_cli_runner().invoke(reports, list(map(str, arguments)))
        assert answer.exit_code == code, answer.output
        return answer.stdout.strip().splitlines()[-1] if code == 0 else answer.output

    return run


@pytest.fixture
def filled(command, client, tmp_path):
    """Two hundred reports of a file, three by HTTP (with a reporter, by address alone, without category), and one by
    telephone whose place is not known yet."""
    file = tmp_path / "in.csv"
    report_files.write_csv(file, 200)
    command("import", file)
    reporter = {"name": "Trần Thị Canary", "phone": "0903111222", "email": "canary@example.vn"}
    codes = []
    for body in (
        {"category": "burst_pipe", "description": "Gọi anh Tư", "lat": 10.7725, "lon": 106.698, "reporter": reporter},
        {"category": "fallen_tree", "address": "Phường Sài Gòn"},
        {"description": "Không rõ là gì, gọi anh Tư", "lat": 10.7725, "lon": 106.6980123456789, "accuracy_m": 44.5},
    ):
        codes.append(client.post("/api/v1/reports", json={"channel": "web", **body}).json["code"])
    with transaction(OPERATOR) as connection:
        [called] = receive(connection, [Draft(channel="phone", description="Chưa biết ở đâu")], actor="account:1")
        assert called.place is None
    return [*codes, called.code]


def empty(database) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("TRUNCATE event, seal, report, incident, report_place, assignment, public_report, "
                           "public_incident, person CASCADE")  # fmt: skip


def read(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("ending", FORMATS)
def test_out_into_an_empty_site_and_out_again_the_same_rows(command, filled, empty_database, tmp_path, ending) -> None:
    first, second, file = tmp_path / "first.csv", tmp_path / "second.csv", tmp_path / f"file.{ending}"
    assert command("export", file, "--private") == "204 exported"
    command("export", first, "--private")
    assert command("import", file) == "204 read, 0 added, 204 unchanged, 0 rejected"
    empty(empty_database)
    assert command("import", file) == "204 read, 204 added, 0 unchanged, 0 rejected"
    command("export", second, "--private")
    before, after = (sorted(read(each), key=lambda row: row["external_id"]) for each in (first, second))
    for row in (*before, *after):
        if ending == "gpkg":  # GDAL keeps milliseconds
            row["reported_at"] = row["reported_at"][:23]
        if ending == "xlsx":  # Excel keeps sixteen digits
            row["lat"], row["lon"] = (row[name] and f"{float(row[name]):.12f}" for name in ("lat", "lon"))
    assert before == after
    assert {row["external_id"] for row in before} >= {f"code:{code}" for code in filled}


@pytest.mark.parametrize("ending", FORMATS)
def test_nothing_private_leaves_without_leave(command, filled, empty_database, tmp_path, ending) -> None:
    file = tmp_path / f"out.{ending}"
    assert command("export", file) == "204 exported"
    frame = load(file)
    assert list(frame.columns) == [name for name in COLUMNS if name not in REPORTER] + list(BESIDES)
    assert frame["description"].isna().all()
    said = frame.to_csv() + (file.read_text(encoding="utf-8") if ending in ("csv", "geojson") else "")
    assert not any(word in said for word in (*CANARIES, "Phản ánh số", "Nguyễn Thị", "Lê Lợi"))
    with psycopg.connect(empty_database) as connection:
        connection.execute("UPDATE report SET moderation = 'released' WHERE external_id = 'T-7'")
    command("export", file)
    shown = load(file).dropna(subset=["description"])
    assert list(shown["external_id"]) == ["T-7"]
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("SELECT count(*) FROM event WHERE kind = 'reports.exported'").fetchall() == [(0,)]


def test_a_private_export_is_recorded_with_who_and_what(command, filled, empty_database, tmp_path) -> None:
    command("export", tmp_path / "out.csv", "--private", "--field", "trees")
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600
    with psycopg.connect(empty_database) as connection:
        [(actor, data)] = connection.execute("SELECT actor, data FROM event WHERE kind = 'reports.exported'").fetchall()
    assert (actor, data) == ("operator", {"private": True, "format": "csv", "fields": ["trees"]})


def load(path):
    """The file by pandas or geopandas, without its geometry."""
    ending = path.suffix
    if ending == ".csv":
        return pandas.read_csv(path, dtype=str)
    if ending == ".xlsx":
        return pandas.read_excel(path, dtype=str)
    frame = geopandas.read_parquet(path) if ending == ".parquet" else geopandas.read_file(path)
    return pandas.DataFrame(frame.drop(columns="geometry"))


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("crs", [4326, 9210])
def test_somebody_elses_reader_opens_it_in_any_system(command, filled, tmp_path, ending, crs) -> None:
    file = tmp_path / f"out.{ending}"
    command("export", file, "--crs", f"EPSG:{crs}")
    change = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    if ending in ("csv", "xlsx"):
        frame = load(file).astype({"lat": float, "lon": float})
        assert ("x" in frame) is (crs != 4326)
        x, y = (frame["x"].astype(float), frame["y"].astype(float)) if crs != 4326 else (frame["lon"], frame["lat"])
    else:
        frame = geopandas.read_parquet(file) if ending == "parquet" else pyogrio.read_dataframe(file)
        assert frame.crs.to_epsg() == crs
        x, y = frame.geometry.x, frame.geometry.y
        if ending != "geojson":
            assert frame["reported_at"].dt.tz is not None
    assert len(frame) == 204
    right = change.transform(frame["lon"], frame["lat"])
    assert abs(x - right[0]).max() < 1e-6 and abs(y - right[1]).max() < 1e-6


def test_other_programs_open_it(command, filled, tmp_path) -> None:
    for ending in FORMATS:
        command("export", tmp_path / f"out.{ending}")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx", read_only=True).active
    assert sum(1 for _ in sheet.iter_rows()) == 205
    for ending in ("csv", "parquet"):
        [(count, first)] = duckdb.sql(
            f"SELECT count(*), min(reported_at)::timestamptz < now() FROM '{tmp_path}/out.{ending}'"
        ).fetchall()
        assert (count, first) == (204, True)
    with (tmp_path / "out.geojson").open(encoding="utf-8") as document:
        assert len(json.load(document)["features"]) == 204


@pytest.mark.parametrize("ending", ["csv", "geojson", "gpkg"])
@pytest.mark.parametrize("crs", [4326, 9210])
def test_gdal_says_the_same_of_it(command, filled, tmp_path, ending, crs) -> None:
    """ogrinfo of Debian's gdal-bin, a GDAL that is not the one this program writes with."""
    file = tmp_path / f"out.{ending}"
    command("export", file, "--crs", f"EPSG:{crs}")
    where = ("x", "y") if crs != 4326 else ("lon", "lat")
    options = ["-oo", f"X_POSSIBLE_NAMES={where[0]}", "-oo", f"Y_POSSIBLE_NAMES={where[1]}"] if ending == "csv" else []
    told = subprocess.run(
        ["ogrinfo", "-ro", "-al", "-so", *options, file], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert "Feature Count: 204\n" in told
    extent = re.search(r"Extent: \(([^,]+), ([^)]+)\) - \(([^,]+), ([^)]+)\)", told)
    command("export", beside := tmp_path / "beside.csv")
    places = load(beside)[["lon", "lat"]].astype(float).dropna()
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(places["lon"], places["lat"])
    nearly = 2e-5 if crs == 4326 else 0.2  # GeoPackage's index keeps single precision
    assert [float(edge) for edge in extent.groups()] == pytest.approx([min(x), min(y), max(x), max(y)], abs=nearly)
    if ending != "csv":  # a CSV has no place for it: its columns' names say which are the coordinates
        assert f'ID["EPSG",{crs}]]\n' in told


def test_filters(command, filled, tmp_path) -> None:
    file = tmp_path / "out.csv"

    def rows(*filters):
        command("export", file, *filters)
        return read(file)

    everything = rows()
    trees = rows("--category", "fallen_tree,burst_pipe")
    assert {row["category"] for row in trees} == {"fallen_tree", "burst_pipe"}
    assert len(trees) == sum(row["category"] in ("fallen_tree", "burst_pipe") for row in everything)
    assert {row["category"] for row in rows("--field", "trees")} == {"fallen_tree"}
    edge = sorted(row["reported_at"] for row in everything)[100]
    later, earlier = rows("--since", edge), rows("--until", edge)
    assert sorted(later + earlier, key=str) == sorted(everything, key=str)
    assert min(row["reported_at"] for row in later) == edge
    today = clock.local(clock.now()).date()
    assert len(rows("--since", today)) == 4 and len(rows("--until", today)) == 200
    inside = rows("--area", "district:760")
    assert 0 < len(inside) < 204
    assert {row["ward_code"] for row in inside}
    assert len(rows("--area", "79")) == 203  # whose place is not known lies in no area


@pytest.mark.parametrize(
    "arguments",
    [
        ("out.doc",), ("nowhere/out.csv",), ("out.csv", "--crs", "EPSG:1"), ("out.csv", "--area", "99999"),
        ("out.csv", "--since", "hôm qua"), ("out.csv", "--since", "2026-01-01T10:00"), ("out.csv", "--field", "cats"),
        ("out.csv", "--category", "cats"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_line(command, tmp_path, arguments) -> None:
    name, *options = arguments
    answer = command("export", tmp_path / name, *options, code=1 if len(arguments) == 1 else 2)
    assert "Traceback" not in answer and not (tmp_path / name).exists()
    assert not list(tmp_path.glob(".*part*"))
