"""The planner's workbench: a question is a job, a job ends, its answer is kept and found again by its address."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import zipfile

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import text

from database.engine import OPERATOR, WORKER, read, transaction
from etl.analysis import Asked, kept, rows
from tests import heaps, logins
from tests.workbench import answered, ask, end, found, number_of, over_a_heap, until
from webmap.analyst import Analyst


@pytest.fixture
def planner(application, empty_database, tmp_path):
    return over_a_heap(application, tmp_path)


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
        if shapely.geometry.shape(each["geometry"]).contains(shapely.Point(heaps.CENTRE))
    ]
    assert "hot99" in here


def test_only_what_lies_in_the_drawn_area_takes_part(planner) -> None:
    corners = [
        (heaps.CENTRE[0] + dx, heaps.CENTRE[1] + dy)
        for dx, dy in ((-0.01, -0.01), (0.01, -0.01), (0.01, 0.01), (-0.01, 0.01))
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
    until(lambda: analyst.look() or analyst._process is not None)
    killed = analyst._process
    assert killed is not None
    os.kill(killed.pid, signal.SIGKILL)
    until(lambda: analyst.look() or (found(job).attempts == 2 and analyst._process is not None))
    assert found(job).summary is None
    # Cancelled: the row says so at once, the process ends.
    assert end(planner, job).status_code == 303
    assert found(job).state == "cancelled"
    second = analyst._process
    until(lambda: analyst.look() or second.poll() is not None)
    assert found(job).state == "cancelled" and found(job).summary is None
    with transaction(WORKER) as connection:
        assert rows.part(connection, job, "answer") is None
    # And the next one is answered by a process of its own.
    after = number_of(ask(planner, cell="1000"))
    until(lambda: analyst.look() or found(after).state == "done")
    assert found(after).summary["events"] == 360


def test_a_worker_that_ends_leaves_its_job_to_the_next(planner) -> None:
    job = number_of(ask(planner, probability="9999", cell="100"))
    analyst = Analyst()
    until(lambda: analyst.look() or analyst._process is not None)
    analyst.stop()
    assert found(job).state == "waiting"


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
