"""The planner's workbench: a question is a job, a job ends, its answer is kept and found again by its address."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import time
import xml.etree.ElementTree as ElementTree
import zipfile
from contextlib import closing

import numpy as np
import openpyxl
import pandas
import pyogrio
import pytest
import shapely
from sqlalchemy import text

from database.engine import OPERATOR, WORKER, read, transaction
from etl.analysis import Asked, kept, process, rows
from tests import logins
from webmap.analyst import Analyst

CENTRE = (106.6600, 10.8000)  # lon, lat of the planted heap
FORM = {
    "what": "category:road_subsidence", "since": "2026-01-01", "through": "2026-06-30", "last": "", "method": "gi-star",
    "cell": "500", "neighbours": "queen", "count": "incidents", "per": "", "area": "", "probability": "exact",
}  # fmt: skip


@pytest.fixture
def filled(application, empty_database, tmp_path):
    """300 incidents over the inner city and a heap of 60."""
    from etl.commands import reports

    dice = random.Random(19)
    file = tmp_path / "in.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("external_id", "channel", "reported_at", "category", "address", "lat", "lon"))
        for number in range(360):
            heap = number >= 300
            lon = dice.gauss(CENTRE[0], 0.0012) if heap else dice.uniform(106.60, 106.72)
            lat = dice.gauss(CENTRE[1], 0.0012) if heap else dice.uniform(10.74, 10.86)
            at = f"{dice.randrange(1, 29):02}/{dice.randrange(1, 7):02}/2026 08:00"
            channel = ("phone", "app")[number % 2]
            writer.writerow((f"P-{number}", channel, at, "road_subsidence", "", f"{lat:.6f}", f"{lon:.6f}"))
    done = application.test_cli_runner().invoke(reports, ["import", str(file)])
    assert "360 added" in done.output, done.output


@pytest.fixture
def planner(application, filled):
    """A planner's client."""
    logins.create("quy-hoach-thu", "planner")
    client = application.test_client()
    assert logins.log_in(client, "quy-hoach-thu").status_code == 303
    return client


def ask(client, **more: str):
    form = {**FORM, **more, "csrf_token": logins.token(client, "/plan")}
    return client.post("/plan", data=form, headers=logins.ORIGIN)


def end(client, job: int):
    form = {"csrf_token": logins.token(client, "/plan")}
    return client.post(f"/plan/runs/{job}/cancel", data=form, headers=logins.ORIGIN)


def answered(job: int) -> None:
    """What the worker's child does, in this process."""
    with transaction(WORKER) as connection:
        assert rows.claim(connection) == (job, 1)
    assert process.main(job) == 0
    assert found(job).state == "done", found(job).reason


def number_of(answer) -> int:
    return int(re.search(r"run=(\d+)", answer.headers["Location"])[1])


def found(job: int) -> rows.Job:
    with transaction(WORKER) as connection:
        row = rows.find(connection, job)
    assert row is not None
    return row


def test_an_address_holds_the_question_and_finds_its_answer_again(planner) -> None:
    asked = ask(planner)
    assert asked.status_code == 303 and "since=2026-01-01&until=2026-07-01" in asked.headers["Location"]
    job = number_of(asked)
    assert planner.get(f"/plan/runs/{job}.json").json["state"] == "waiting"
    assert "progress" in planner.get(asked.headers["Location"]).text
    answered(job)
    assert planner.get(f"/plan/runs/{job}.json").json["state"] == "done"
    address = asked.headers["Location"].replace(f"&run={job}", "")
    again = planner.get(address)
    assert again.status_code == 303 and again.headers["Location"] == asked.headers["Location"]
    page = planner.get(asked.headers["Location"]).text
    summary = found(job).summary
    assert summary and summary["events"] == 360 and summary["classes"]["hot99"] > 0
    # The sentence, then chance, then the files.
    parts = [summary["reading"]["vi"]["sentence"], "hiệu chỉnh cho", "Mang đi", "GeoPackage"]
    places = [page.index(part) for part in parts]
    assert places == sorted(places) and f"{summary['classes']['hot99']} ô" in page
    # What is shown is what the analysis finds when it is run directly.
    from etl.hotspots.run import run

    with read() as connection:
        direct = run(connection, Asked.of_address(found(job).parameters).question)
        stored = kept.unpack(_content(job))
    assert stored.classes() == direct.classes() == summary["classes"]
    for name, column in direct.columns.items():
        assert np.array_equal(column, stored.columns[name], equal_nan=column.dtype.kind == "f"), name
    assert all(a.equals(b) for a, b in zip(direct.outlines()[:50], stored.outlines()[:50], strict=True))
    # What comes in later changes another run, not this one.
    with transaction(OPERATOR) as connection:
        connection.execute(text("UPDATE public_incident SET status = 'rejected'"))
    assert planner.get(asked.headers["Location"]).text.count("360") == page.count("360")
    second = number_of(ask(planner))
    answered(second)
    assert second != job and found(second).summary["events"] == 0
    assert found(job).summary["events"] == 360


def _content(job: int) -> bytes:
    with transaction(WORKER) as connection:
        content = rows.part(connection, job, "answer")
    assert content is not None
    return content


def test_the_map_draws_the_classes_and_the_heap_is_hot(planner) -> None:
    job = number_of(ask(planner))
    answered(job)
    drawn = planner.get(f"/plan/runs/{job}/cells.geojson").json["features"]
    summary = found(job).summary
    assert len(drawn) == sum(n for name, n in summary["classes"].items() if name != "none")
    here = [
        each["properties"]["class"]
        for each in drawn
        if shapely.geometry.shape(each["geometry"]).contains(shapely.Point(CENTRE))
    ]
    assert "hot99" in here


def test_only_what_lies_in_the_drawn_area_takes_part(planner) -> None:
    corners = [
        (CENTRE[0] + dx, CENTRE[1] + dy) for dx, dy in ((-0.01, -0.01), (0.01, -0.01), (0.01, 0.01), (-0.01, 0.01))
    ]
    job = number_of(ask(planner, within=" ".join(f"{lon:.5f},{lat:.5f}" for lon, lat in corners), cell="200"))
    answered(job)
    summary = found(job).summary
    assert 60 <= summary["events"] < 100 and summary["left_out"]["outside"] == 360 - summary["events"]
    assert summary["rows"] == pytest.approx((2188 / 200) * (2212 / 200), rel=0.15)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"since": "2026-07-01"}, "Ngày cuối"),
        ({"within": "106.7,10.7 106.8,10.8"}, "Vùng đã vẽ"),
        ({"what": "category:unicorns"}, "unicorns"),
        ({"area": "ward:00001"}, "00001"),
        ({"cell": "20"}, "Ô: "),
    ],
)
def test_a_question_that_cannot_be_asked_says_which_part(planner, wrong, said) -> None:
    answer = ask(planner, **wrong)
    assert answer.status_code == 422
    alert = re.search(r'role="alert"[^>]*>([^<]+)<', answer.text)
    assert alert and said in alert[1]
    assert 'value="2026-06-30"' in answer.text  # what was typed stays
    with transaction(WORKER) as connection:
        assert connection.execute(text("SELECT count(*) FROM analysis")).scalar_one() == 0


def test_files_open_with_others_readers_and_say_how_they_were_made(planner, tmp_path) -> None:
    job = number_of(ask(planner))
    answered(job)
    answer = planner.get(f"/plan/runs/{job}/file?format=gpkg&crs=9210&beside=1")
    assert answer.status_code == 200 and answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as whole:
        whole.extractall(tmp_path)
        names = sorted(whole.namelist())
    package, beside = (tmp_path / name for name in names)
    assert names[1] == f"{names[0]}.json"
    table = pyogrio.read_dataframe(package, layer="hotspots")
    summary = found(job).summary
    assert len(table) == summary["rows"] and table.crs.to_epsg() == 9210 and table["n"].sum() == summary["events"]
    told = json.loads(beside.read_text())
    assert told["rows"] == len(table) and told["address"].startswith("/plan?cell_m=500&since=2026-01-01")
    assert planner.get(told["address"]).headers["Location"].endswith(f"run={job}")
    page = planner.get(f"/plan/runs/{job}/file?format=html")
    assert page.status_code == 200 and "attachment" in page.headers["Content-Disposition"] and len(page.data) > 50_000
    assert planner.get(f"/plan/runs/{job}/file?format=doc").status_code == 400
    assert planner.get("/plan/runs/999999/file?format=csv").status_code == 404


def test_one_runs_at_a_time_and_a_lost_one_is_found_again(planner) -> None:
    first, second = (number_of(ask(planner, cell=cell)) for cell in ("500", "1000"))
    assert number_of(ask(planner, cell="1000")) == second, "the same question twice is one job"
    with transaction(WORKER) as connection:
        assert rows.claim(connection) == (first, 1)
        assert rows.claim(connection) is None
    assert found(second).ahead == 1
    with transaction(WORKER) as connection:  # its worker was killed: the beat has stopped
        connection.execute(text("UPDATE analysis SET beat_at = beat_at - interval '1 minute' WHERE state = 'running'"))
        assert rows.claim(connection) == (first, 2)
        assert rows.beat(connection, first)
        rows.fail(connection, first, "thử")
        assert not rows.beat(connection, first)
        assert rows.claim(connection) == (second, 1)


def test_a_killed_process_is_started_again_and_nothing_half_done_stays(planner) -> None:
    job = number_of(ask(planner, probability="9999", cell="100"))
    analyst = Analyst()
    _until(lambda: analyst.look() or analyst._process is not None)
    killed = analyst._process
    assert killed is not None
    os.kill(killed.pid, signal.SIGKILL)
    _until(lambda: analyst.look() or (found(job).attempts == 2 and analyst._process is not None))
    assert found(job).summary is None
    # Cancelled: the row says so at once, the process ends.
    assert end(planner, job).status_code == 303
    assert found(job).state == "cancelled"
    second = analyst._process
    _until(lambda: analyst.look() or second.poll() is not None)
    assert found(job).state == "cancelled" and found(job).summary is None
    with transaction(WORKER) as connection:
        assert rows.part(connection, job, "answer") is None
    # And the next one is answered by a process of its own.
    after = number_of(ask(planner, cell="1000"))
    _until(lambda: analyst.look() or found(after).state == "done")
    assert found(after).summary["events"] == 360


def test_a_worker_that_ends_leaves_its_job_to_the_next(planner) -> None:
    job = number_of(ask(planner, probability="9999", cell="100"))
    analyst = Analyst()
    _until(lambda: analyst.look() or analyst._process is not None)
    analyst.stop()
    assert found(job).state == "waiting"


def _until(done, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_one_ends_ones_own_and_others_see_nothing(application, planner) -> None:
    job = number_of(ask(planner))
    logins.create("quy-hoach-hai", "planner")
    other = application.test_client()
    logins.log_in(other, "quy-hoach-hai")
    ended = end(other, job)
    assert ended.status_code == 403 and found(job).state == "waiting"
    assert other.get(f"/plan/runs/{job}.json").status_code == 200  # an address can be handed on
    logins.create("mot-to", "area", area_id=logins.area("26743", "ward"))
    stranger = application.test_client()
    logins.log_in(stranger, "mot-to")
    for path in ("/plan", f"/plan/runs/{job}.json", f"/plan/runs/{job}/cells.geojson", f"/plan/runs/{job}/file"):
        assert stranger.get(path).status_code == 404, path
    assert application.test_client().get("/plan?cell_m=500").headers["Location"].startswith("/login?next=")


def test_nobody_queues_without_end(planner) -> None:
    for metres in ("200", "250", "500", "1000", "h3:8"):
        assert ask(planner, cell=metres).status_code == 303
    assert ask(planner, cell="h3:9").status_code == 429


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
        shares = dict(connection.execute(text(asked)).tuples().all())
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


def test_emerging_hot_spots_show_their_history(planner) -> None:
    job = number_of(ask(planner, method="emerging", cell="1000"))
    answered(job)
    summary = found(job).summary
    more = summary["emerging"]
    assert more["slices"] == [f"2026-{month:02}" for month in range(1, 7)]
    counts = {each["name"]: each["n"] for each in more["classes"]}
    drawn = planner.get(f"/plan/runs/{job}/cells.geojson").json["features"]
    assert len(counts) == 8 and sum(counts.values()) == len(drawn) > 0
    for each in drawn:
        history = each["properties"]["slices"]
        assert len(history) == 6 and each["properties"]["class"] in counts
        # hot in the last slice, but for what is past; what is new was never hot before
        assert (history[-1] in "123") == (each["properties"]["class"] != "historical")
        if each["properties"]["class"] == "new":
            assert not set(history[:-1]) & set("123")
    page = planner.get(f"/plan?{found(job).parameters}&run={job}").text
    assert "Dai dẳng" in page and 'id="slice"' in page


def test_counts_that_follow_the_streets_are_said_to(application, planner, tmp_path) -> None:
    """Incidents drawn evenly from the roads: hot as counts, and the page says why; as rates at most 1% of cells are."""
    from etl.commands import reports
    from etl.hotspots.exposure import Q

    box = {"west": 106.55, "south": 10.62, "east": 106.80, "north": 10.92}
    with read() as connection:
        lines = shapely.from_wkb([row.line for row in connection.execute(Q["roads"], box)])
    dice = np.random.default_rng(1022)
    length = shapely.length(lines)
    chosen = dice.choice(len(lines), 3000, p=length / length.sum())
    points = shapely.line_interpolate_point(lines[chosen], dice.random(3000), normalized=True)
    lon, lat = shapely.get_coordinates(shapely.transform(points, _degrees)).T
    file = tmp_path / "roads.csv"
    rows_ = [f"R-{k},phone,05/03/2026 08:00,light_out,,{lat[k]:.6f},{lon[k]:.6f}" for k in range(3000)]
    file.write_text("\n".join(["external_id,channel,reported_at,category,address,lat,lon", *rows_]) + "\n")
    application.test_cli_runner().invoke(reports, ["import", str(file)])
    corners = ("106.55,10.62", "106.80,10.62", "106.80,10.92", "106.55,10.92")
    same = {"what": "category:light_out", "within": " ".join(corners), "cell": "1000", "probability": "0"}
    job = number_of(ask(planner, **same))
    answered(job)
    counted = found(job).summary
    assert sum(counted["classes"][name] for name in ("hot99", "hot95", "hot90")) > 0.05 * counted["rows"]
    assert "follows_roads" in [each["code"] for each in counted["warnings"]]
    assert "chia cho chiều dài đường" in planner.get(f"/plan?{found(job).parameters}&run={job}").text
    job = number_of(ask(planner, **same, per="road"))
    answered(job)
    rated = found(job).summary
    assert sum(rated["classes"][name] for name in ("hot99", "hot95", "hot90")) <= 0.01 * rated["rows"]


def _degrees(corners):
    import pyproj

    return np.column_stack(pyproj.Transformer.from_crs(3857, 4326, always_xy=True).transform(*corners.T))


def test_a_saved_analysis_has_a_name_and_is_not_forgotten(application, planner) -> None:
    kept_one, other = (number_of(ask(planner, cell=cell)) for cell in ("500", "1000"))
    assert save(planner, kept_one, "Lún đầu năm").status_code == 404  # there is no answer yet
    answered(kept_one)
    answered(other)
    assert save(planner, kept_one, "  ").status_code == 422
    assert save(planner, kept_one, "Lún  đầu năm").status_code == 303
    logins.create("quy-hoach-ba", "planner")
    colleague = application.test_client()
    logins.log_in(colleague, "quy-hoach-ba")
    shown = colleague.get("/plan").text
    assert "Lún đầu năm" in shown and f"run={kept_one}" in shown and "/forget" not in shown
    with transaction(OPERATOR) as connection:
        connection.execute(text("UPDATE analysis SET asked_at = asked_at - interval '91 days'"))
    with transaction(WORKER) as connection:
        assert rows.purge(connection) == 1
    assert found(kept_one).state == "done" and _content(kept_one)
    number = int(re.search(r"/plan/saved/(\d+)/forget", planner.get("/plan").text)[1])
    form = {"csrf_token": logins.token(colleague, "/plan")}
    assert colleague.post(f"/plan/saved/{number}/forget", data=form, headers=logins.ORIGIN).status_code == 404
    form = {"csrf_token": logins.token(planner, "/plan")}
    assert planner.post(f"/plan/saved/{number}/forget", data=form, headers=logins.ORIGIN).status_code == 303
    with transaction(WORKER) as connection:
        assert rows.purge(connection) == 1


def save(client, job: int, name: str):
    form = {"csrf_token": logins.token(client, "/plan"), "name": name}
    return client.post(f"/plan/runs/{job}/save", data=form, headers=logins.ORIGIN)
