"""Comparisons on the workbench: two spans, two kinds, over the reform of wards; their maps, areas and files."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import xml.etree.ElementTree as ElementTree
import zipfile
from contextlib import closing

import openpyxl
import pandas
import pyogrio
import pytest
from sqlalchemy import text

from database.engine import OPERATOR, read, transaction
from tests.workbench import answered, ask, found, number_of, over_a_heap


@pytest.fixture
def planner(application, empty_database, tmp_path):
    return over_a_heap(application, tmp_path)


def test_two_spans_are_compared_and_the_files_say_so(planner, tmp_path) -> None:
    """A heap of the first half of the year alone is gone in the second, though the city had fewer altogether."""
    with transaction(OPERATOR) as connection:  # 150 of the scattered ones happened later, the heap did not
        connection.execute(
            text(
                "UPDATE public_incident SET opened_at = opened_at + interval '181 days' WHERE id IN "
                "(SELECT id FROM public_incident WHERE ST_Distance(geom::geography, "
                "ST_MakePoint(106.66, 10.8)::geography) > 800 ORDER BY md5(code) LIMIT 150)"
            )
        )
    job = number_of(ask(planner, compare="spans", since="2026-07-01", through="2026-12-31", cell="500"))
    assert "other_since=2025-12-29&other_until=2026-07-01" in found(job).parameters
    answered(job)
    summary = found(job).summary
    more = summary["comparison"]
    assert more["totals"] == [210, 150] and summary["classes"]["cold99"] > 0 and summary["classes"]["hot99"] == 0
    assert more["places"][0]["word"] in ("gone", "less") and more["places"][0]["before"] >= 60
    assert sum(map(sum, more["table"])) == summary["rows"]
    page = planner.get(f"/plan?{found(job).parameters}&run={job}").text
    assert "▼" in page and "giảm 28,6%, đã tính tới" in page
    before = planner.get(f"/plan/runs/{job}/cells.geojson?part=before").json["features"]
    assert "hot99" in {each["properties"]["class"] for each in before}
    # By areas, in those of today and in the former ones, every event with a place is counted once at most.
    for level in ("ward", "district"):
        assert sum(each["before"] for each in more["areas"][level]) <= 210
    for name in ("gpkg", "html"):
        taken = planner.get(f"/plan/runs/{job}/file?format={name}&beside=1")
        with zipfile.ZipFile(io.BytesIO(taken.data)) as whole:
            told = json.loads(whole.read(next(each for each in whole.namelist() if each.endswith(".json"))))
        assert told["question"]["compare"] == "spans" and "command" not in told
        assert planner.get(told["address"]).headers["Location"].endswith(f"run={job}")


def test_over_the_reform_former_wards_are_carried_over_by_their_shares(application, planner, tmp_path) -> None:
    """Ten that are known to a ward of 2025 alone, twelve with a point: in cells twelve take part, by areas all."""
    from etl.commands import reports

    old = [f'K-{k},phone,{k + 1:02}/05/2025 08:00,flooding,"Phường 12, Quận Bình Thạnh",,' for k in range(10)]
    new = [f"L-{k},phone,{k + 1:02}/08/2025 08:00,flooding,,10.8121,106.7051" for k in range(12)]
    file = tmp_path / "reform.csv"
    head = "external_id,channel,reported_at,category,address,lat,lon"
    file.write_text("\n".join([head, *old, *new]) + "\n", encoding="utf-8")
    done = application.test_cli_runner().invoke(reports, ["import", str(file)])
    assert "22 added" in done.output, done.output
    span = {"since": "2025-07-01", "through": "2025-09-30", "other_since": "2025-04-01", "other_through": "2025-06-30"}
    job = number_of(ask(planner, what="category:flooding", compare="spans", cell="1000", **span))
    answered(job)
    more = found(job).summary["comparison"]
    assert more["totals"] == [0, 12] and more["left_before"]["coarse"] == 10
    assert more["carried"] == {"ward": [10, 0], "district": [0, 0]}
    with read() as connection:
        asked = """SELECT ward.code, sum(share) FROM public_incident AS incident
            JOIN area_link AS link ON link.from_id = incident.ward_id JOIN area AS ward ON ward.id = link.to_id
            WHERE incident.category = 'flooding' AND opened_at < '2025-07-01' GROUP BY ward.code"""
        shares = dict(connection.execute(text(asked)).all())
    wards = {each["code"]: each for each in more["areas"]["ward"]}
    assert sum(shares.values()) == pytest.approx(10)
    for code, n in shares.items():
        assert wards[code]["before"] == pytest.approx(n, abs=0.051)
    assert sum(each["after"] for each in wards.values()) == 12
    assert [(each["before"], each["after"]) for each in more["areas"]["district"] if each["code"] == "765"] == [
        (10, 12)
    ]
    page = planner.get(f"/plan?{found(job).parameters}&run={job}").text
    assert "10 sự cố chia theo phần đất" in page and "chia theo phần đất của nơi đó" in page
    # Three small maps of cells, and three of each level, in the page itself.
    assert page.count('<svg viewBox="0 0 200 150"') == 9 and 'href="#ward-' in page


def test_small_maps_say_what_the_map_says(planner) -> None:
    job = number_of(ask(planner, compare="spans", since="2026-04-01", through="2026-06-30", cell="1000"))
    answered(job)
    summary = found(job).summary
    for part in summary["comparison"]["small"]["parts"]:
        drawn = planner.get(f"/plan/runs/{job}/cells.geojson?part={part['part']}").json["features"]
        counts: dict[str, int] = {}
        for each in drawn:
            counts[each["properties"]["class"]] = counts.get(each["properties"]["class"], 0) + 1
        assert {kind: path.count("M") for kind, path in part["paths"]} == counts, part["part"]
    assert len(summary["comparison"]["small"]["ground"]) < 60_000


@pytest.mark.parametrize(
    ("compare", "words"), [("spans", ("Tăng", "Giảm")), ("categories", ("A nhiều hơn", "B nhiều hơn"))]
)
def test_files_of_a_comparison_say_more_and_less(planner, tmp_path, compare, words) -> None:
    """In every format, and nowhere hot or cold of a change."""
    with transaction(OPERATOR) as connection:
        connection.execute(
            text("UPDATE public_incident SET category = 'fallen_tree', field = 'trees' WHERE ST_X(geom) > 106.67")
        )
    form = {"compare": compare, "cell": "1000", "since": "2026-04-01", "through": "2026-06-30"}
    job = number_of(ask(planner, **form, **({"other_what": "field:trees"} if compare == "categories" else {})))
    answered(job)
    files = {}
    for name in ("gpkg", "csv", "xlsx", "parquet", "html", "pdf"):
        files[name] = tmp_path / f"out.{name}"
        files[name].write_bytes(planner.get(f"/plan/runs/{job}/file?format={name}").data)
    table = pyogrio.read_dataframe(files["gpkg"], layer="hotspots")
    said = {f"{way}{share}" for way in ("more", "less") for share in ("99", "95", "90")} | {"none", "same"}
    assert set(table["class"]) <= said and len(set(table["class"])) > 1
    summary = found(job).summary
    assert (table["class"] == "more99").sum() == summary["classes"]["hot99"]
    assert pandas.read_csv(files["csv"])["class"].tolist() == pandas.read_parquet(files["parquet"])["class"].tolist()
    sheet = openpyxl.load_workbook(files["xlsx"], read_only=True).active
    header, *body = sheet.iter_rows(values_only=True)
    assert {row[header.index("class")] for row in body} == set(table["class"])
    with closing(sqlite3.connect(files["gpkg"])) as package:
        [style] = package.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'hotspots'").fetchone()
    labels = ElementTree.fromstring(style).findall(".//category")
    assert {each.get("value") for each in labels} == said
    text_ = subprocess.run(["pdftotext", files["pdf"], "-"], capture_output=True, text=True, check=True).stdout
    for shown in (" ".join(each.get("label") for each in labels), text_, files["html"].read_text(encoding="utf-8")):
        assert all(word in shown for word in words)
        assert "Nóng 99%" not in shown and "Lạnh 99%" not in shown


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"compare": "categories"}, "Loại thứ hai"),
        ({"compare": "categories", "other_what": "category:road_subsidence"}, "Loại thứ hai"),
        ({"compare": "spans", "other_since": "2026-05-01", "other_through": "2026-06-01"}, "Kỳ trước"),
        ({"compare": "spans", "method": "kde"}, "Cách tính"),
    ],
)
def test_a_comparison_that_cannot_be_made_says_why(planner, wrong, said) -> None:
    answer = ask(planner, **wrong)
    assert answer.status_code == 422 and said in re.search(r'role="alert"[^>]*>([^<]+)<', answer.text)[1]


def test_two_kinds_are_compared(planner) -> None:
    with transaction(OPERATOR) as connection:
        connection.execute(
            text("UPDATE public_incident SET category = 'fallen_tree', field = 'trees' WHERE id % 2 = 0")
        )
    job = number_of(ask(planner, compare="categories", other_what="field:trees", cell="1000"))
    answered(job)
    more = found(job).summary["comparison"]
    assert sum(more["totals"]) == 360 and min(more["totals"]) > 150
    assert "A: Lún" in planner.get(f"/plan?{found(job).parameters}&run={job}").text
