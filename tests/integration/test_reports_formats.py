"""Files as other programs write them: points instead of columns, other systems, cells that are times and numbers."""

from __future__ import annotations

import json
from datetime import datetime

import geopandas
import openpyxl
import pandas
import psycopg
import pytest

from etl.readers import open_source

WHEN = datetime(2024, 3, 5, 8, 15)  # noqa: DTZ001 - as a spreadsheet has it: the city's time
SAID = {"reported_at": "2024-03-05T08:15:00+07:00", "category": "waste", "description": "Rác ứ đọng"}


@pytest.fixture
def bring_in(application, empty_database):
    from etl.commands import reports

    def run(path):
        answer = application.test_cli_runner().invoke(reports, ["import", str(path)])
        assert answer.exit_code == 0, answer.output
        with psycopg.connect(empty_database) as connection:
            found = connection.execute(
                "SELECT external_id, reported_at::text, round(ST_X(geom)::numeric, 6)::float, "
                "round(ST_Y(geom)::numeric, 6)::float FROM report ORDER BY external_id"
            ).fetchall()
        return answer.stdout.strip().splitlines()[-1], found

    return run


def test_excel_with_its_own_dates_and_numbers(bring_in, tmp_path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["External_ID ", "Reported_At", "category", "lat", "lon", None, "note"])
    book.active.append([17, WHEN, "waste", 10.7725, 106.698, None, "x"])
    book.active.append([None] * 7)
    book.active.append([18.0, "05/03/2024 08:15", "waste", "10,7725", "106,698"])
    book.active.append([19, "yesterday", "waste", 10.7725, 106.698])
    book.save(tmp_path / "in.xlsx")
    last, found = bring_in(tmp_path / "in.xlsx")
    assert last == "3 read, 2 added, 0 unchanged, 1 rejected"
    assert found == [(name, "2024-03-05 01:15:00+00", 106.698, 10.7725) for name in ("17", "18")]


@pytest.mark.parametrize("crs", [4326, 9210, 3857])
@pytest.mark.parametrize("ending", ["gpkg", "geojson", "parquet"])
def test_points_in_any_system_are_the_place(bring_in, tmp_path, ending, crs) -> None:
    frame = geopandas.GeoDataFrame(
        {"external_id": ["a", "b", "c"], **{name: [cell] * 3 for name, cell in SAID.items()}},
        geometry=geopandas.points_from_xy([106.698, 106.7, 105.85], [10.7725, 10.78, 21.03]), crs=4326,
    ).to_crs(crs)  # fmt: skip
    path = tmp_path / f"in.{ending}"
    frame.to_parquet(path) if ending == "parquet" else frame.to_file(path)
    last, found = bring_in(path)
    assert last == "3 read, 2 added, 0 unchanged, 1 rejected"
    assert found == [("a", "2024-03-05 01:15:00+00", 106.698, 10.7725), ("b", "2024-03-05 01:15:00+00", 106.7, 10.78)]


def test_parquet_with_times_categories_and_gaps(bring_in, tmp_path) -> None:
    pandas.DataFrame(
        {
            "external_id": [1, 2, 3],
            "reported_at": pandas.to_datetime(["2024-03-05T01:15:00Z"] * 3),
            "category": pandas.Categorical(["waste", "noise", "waste"]),
            "lat": [10.7725, 10.7725, float("nan")],
            "lon": [106.698, 106.698, 106.698],
        }
    ).to_parquet(tmp_path / "in.parquet")
    last, found = bring_in(tmp_path / "in.parquet")
    assert last == "3 read, 2 added, 0 unchanged, 1 rejected"
    assert [row[0] for row in found] == ["1", "2"] and found[0][1] == "2024-03-05 01:15:00+00"


def test_features_that_are_no_points_or_have_none_are_refused_alone(bring_in, tmp_path) -> None:
    shapes = [
        {"type": "Point", "coordinates": [106.698, 10.7725]},
        {"type": "LineString", "coordinates": [[106.698, 10.7725], [106.7, 10.78]]},
        None,
    ]
    features = [{"type": "Feature", "geometry": shape, "properties": {**SAID, "external_id": str(number)}}
                for number, shape in enumerate(shapes)]  # fmt: skip
    path = tmp_path / "in.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    assert bring_in(path)[0] == "3 read, 1 added, 0 unchanged, 2 rejected"


def test_batches_are_bounded_and_count_lines_from_the_header(tmp_path) -> None:
    frame = pandas.DataFrame({"reported_at": ["x"] * 25, "category": ["waste"] * 25, "address": ["y"] * 25})
    frame.to_csv(tmp_path / "in.csv", index=False)
    frame.to_excel(tmp_path / "in.xlsx", index=False)
    frame.to_parquet(tmp_path / "in.parquet", row_group_size=7)
    for ending in ("csv", "xlsx", "parquet"):
        with open_source(tmp_path / f"in.{ending}", 10) as source:
            batches = list(source.batches())
        assert max(len(batch.rows) for batch in batches) <= 10
        assert [line for batch in batches for line in batch.lines] == list(range(2, 27))
