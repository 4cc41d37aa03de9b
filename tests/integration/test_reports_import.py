"""Files in, by the operator's command: every row lands once or is named with its reason; again, changed, killed."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from database import clock
from tests import report_files
from tests.sites import REPOSITORY

TABLES = ("report", "incident", "public_report", "public_incident")


@pytest.fixture
def run(application, empty_database):
    from etl.commands import reports

    def run(*arguments, code=0):
        answer = application.test_cli_runner().invoke(reports, ["import", *map(str, arguments)])
        assert answer.exit_code == code, answer.output
        return answer.stdout.strip().splitlines()[-1] if code == 0 else answer.output

    return run


def ask(database, question, *values):
    with psycopg.connect(database) as connection:
        return connection.execute(question, values).fetchall()


def write(path: Path, *rows: dict[str, str], header=None) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, header or list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def one(**changes: str) -> dict[str, str]:
    [row] = report_files.rows(1)
    return row | changes


def test_good_rows_land_once_and_bad_ones_are_named(run, empty_database, tmp_path) -> None:
    file, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    expected = report_files.write_csv(file, 5000, broken_every=100)
    assert run(file, "--rejects", rejects) == "5000 read, 4950 added, 0 unchanged, 50 rejected"
    assert report_files.read_rejects(rejects) == expected
    assert rejects.stat().st_mode & 0o777 == 0o600
    for table in TABLES:
        assert ask(empty_database, f"SELECT count(*) FROM {table}") == [(4950,)], table
    assert ask(empty_database, "SELECT count(*), count(DISTINCT external_id) FROM report") == [(4950, 4950)]
    assert run(file, "--rejects", rejects) == "5000 read, 0 added, 4950 unchanged, 50 rejected"
    assert report_files.read_rejects(rejects) == expected
    assert ask(empty_database, "SELECT count(*) FROM event WHERE kind = 'bulk.imported'") == [(1,)]
    assert ask(empty_database, "SELECT count(*) FROM event WHERE data -> 'bulk' IS NULL") == [(1,)]


NASTY = (
    "\\N", "\\", "a\\tb", "tab\there", "two\nlines\n", "null", '"quoted"', "},{", "]],[[", "a,b;c|d", "{}", "🌳 ngã",
    "%s :x $1",
)  # fmt: skip


EVERYTHING_SAID = """
    SELECT to_jsonb(report) - '{id,code,incident_id,external_id,text_salt,person_id,received_at,content_hash}'::text[]
      || jsonb_build_object(
        'incident', to_jsonb(incident) - '{id,code}'::text[],
        'shown', to_jsonb(shown) - '{id,code,incident_id,incident_code,geom,geom_3857,map_cell}'::text[],
        'events', (SELECT jsonb_agg(event.data - '{code,description,address}'::text[] ORDER BY event.id)
                   FROM event WHERE event.report_id = report.id),
        'person', report.person_id IS NOT NULL)
    FROM report JOIN incident ON incident.id = report.incident_id JOIN public_report AS shown ON shown.id = report.id
    ORDER BY report.id
"""


def test_many_rows_at_once_are_stored_as_few_are(run, empty_database, tmp_path) -> None:
    """A large batch goes by COPY, a small one as JSON: whatever people write, both say the same in every table."""
    rows = list(report_files.rows(4 * len(NASTY) * 4))
    for number, row in enumerate(rows):
        row["description"] = f"x {NASTY[number % len(NASTY)]}{NASTY[number // 4 % len(NASTY)]} y"
        row["address"] = f"{number} {NASTY[number // 2 % len(NASTY)]} Lê Lợi".replace("\n", " ")
        row["lat"] = "" if number % 17 == 0 else row["lat"]
        row["lon"] = "" if number % 17 == 0 else row["lon"]
        row["category"] = "" if number % 5 == 0 else row["category"]

    def renamed(prefix: str, part: list[dict[str, str]]) -> list[dict[str, str]]:
        return [row | {"external_id": row["external_id"].replace("T", prefix)} for row in part]

    assert len(rows) > 200
    assert run(write(tmp_path / "many.csv", *renamed('M\\N"', rows))).startswith(f"{len(rows)} read, {len(rows)} added")
    for first in range(0, len(rows), 80):
        part = rows[first : first + 80]
        assert f"{len(part)} added" in run(write(tmp_path / "few.csv", *renamed("F", part)))
    told = ask(empty_database, EVERYTHING_SAID)
    many, few = told[: len(rows)], told[len(rows) :]
    assert len(few) == len(many)
    for one_of_many, one_of_few in zip(many, few, strict=True):
        assert one_of_many == one_of_few
    assert [document["description"] for (document,) in many] == [row["description"].strip() for row in rows]


def test_a_rejects_file_has_the_rows_own_columns_and_can_be_mended(run, tmp_path) -> None:
    file, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    write(file, one(), one(external_id="T-1", category="nothing"), one(external_id="T-2", lat="106.7", lon="10.77"))
    assert run(file, "--rejects", rejects) == "3 read, 1 added, 0 unchanged, 2 rejected"
    with rejects.open(encoding="utf-8") as lines:
        found = list(csv.DictReader(lines))
    assert list(found[0])[:4] == ["line", "reason", "field", "value"]
    assert [(row["line"], row["reason"], row["field"], row["value"]) for row in found] == [
        ("3", "unknown_category", "category", "nothing"), ("4", "bad_coordinates", "lat", "106.7, 10.77"),
    ]  # fmt: skip
    assert found[0]["description"] == one()["description"]
    mended = write(
        tmp_path / "mended.csv", *({**row, "category": "waste", "lat": "10.77", "lon": "106.7"} for row in found)
    )
    assert run(mended) == "2 read, 2 added, 0 unchanged, 0 rejected"


def test_what_changed_is_told_and_taken_over_when_asked(run, empty_database, tmp_path) -> None:
    file, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    rows = list(report_files.rows(6))
    rows[0] |= {"status": "", "closed_at": ""}
    rows[2] |= {"status": "in_progress", "closed_at": ""}
    write(file, *rows)
    run(file)
    rows[0] |= {"lat": "10.80", "lon": "106.65", "description": "Đã đổi chỗ"}
    rows[1] |= {"category": "waste" if rows[1]["category"] != "waste" else "noise"}
    ended = clock.local(clock.now() - timedelta(hours=3)).isoformat(timespec="seconds")
    rows[2] |= {"status": "closed", "closed_at": ended}
    rows[3] |= {"reporter_name": "Người khác", "reporter_phone": "0900000000"}
    write(file, *rows)
    assert run(file, "--rejects", rejects) == "6 read, 0 added, 2 unchanged, 4 rejected"
    assert set(report_files.read_rejects(rejects).values()) == {"changed"}
    with rejects.open(encoding="utf-8") as lines:
        told = [(row["field"], row["value"]) for row in csv.DictReader(lines)]
    assert told == [
        ("description", "Đã đổi chỗ"), ("category", rows[1]["category"]), ("status", "closed"), ("reporter_name", ""),
    ]  # fmt: skip
    assert run(file, "--update", "--dry-run") == "6 read, 0 added, 2 unchanged, 0 rejected, 4 updated"
    assert run(file, "--update") == "6 read, 0 added, 2 unchanged, 0 rejected, 4 updated"
    assert run(file, "--update") == "6 read, 0 added, 6 unchanged, 0 rejected, 0 updated"

    [(text, lon, lat, public_lon, incident_lon)] = ask(
        empty_database,
        "SELECT r.description, ST_X(r.geom), ST_Y(r.geom), ST_X(p.geom), ST_X(i.geom) FROM report r "
        "JOIN public_report p USING (id) JOIN public_incident i ON i.id = r.incident_id WHERE external_id = 'T-0'",
    )
    assert (text, lon, lat, public_lon, incident_lon) == ("Đã đổi chỗ", 106.65, 10.80, 106.65, 106.65)
    former = ask(empty_database, "SELECT external_id, round(ST_Y(p.geom)::numeric, 6)::text FROM report_place p "
                 "JOIN report ON report.id = report_id")  # fmt: skip
    assert former == [("T-0", next(report_files.rows(1))["lat"])]
    [(category, public)] = ask(
        empty_database, "SELECT i.category, p.category FROM report r JOIN incident i ON i.id = r.incident_id "
        "JOIN public_report p ON p.id = r.id WHERE external_id = 'T-1'")  # fmt: skip
    assert category == public == rows[1]["category"]
    [(status, public, steps)] = ask(
        empty_database, "SELECT i.status, p.status, steps FROM report r JOIN incident i ON i.id = r.incident_id "
        "JOIN public_report p ON p.id = r.id WHERE external_id = 'T-2'")  # fmt: skip
    assert (status, public) == ("closed", "closed")
    assert [step["status"] for step in steps] == ["received", "assigned", "in_progress", "resolved", "closed"]
    kinds = dict(ask(empty_database, "SELECT kind, count(*) FROM event WHERE actor = 'import' "
                     "AND at > now() - interval '1 hour' GROUP BY kind"))  # fmt: skip
    assert kinds["report.revised"] == 4 and kinds["report.place_corrected"] == kinds["incident.category_changed"] == 1
    assert kinds["bulk.imported"] == 2
    record = ask(empty_database, "SELECT string_agg(data::text, ' ') FROM event")[0][0]
    assert "Đã đổi chỗ" not in record and "Người khác" not in record and "0900000000" not in record


def test_an_update_does_not_undo_what_was_done_here(run, client, empty_database, tmp_path) -> None:
    file = write(tmp_path / "in.csv", one(status="", closed_at=""))
    run(file)
    with psycopg.connect(empty_database) as connection:  # a call-taker goes on with it and releases its text
        connection.execute("UPDATE incident SET status = 'in_progress'")
        connection.execute("UPDATE public_incident SET status = 'in_progress'")
        connection.execute("UPDATE public_report SET status = 'in_progress', description = 'x'")
        connection.execute("UPDATE report SET moderation = 'released'")
    write(file, one(status="", closed_at="", description="Nói lại"))
    assert run(file, "--update") == "1 read, 0 added, 0 unchanged, 0 rejected, 1 updated"
    assert ask(empty_database, "SELECT i.status, p.status, moderation, p.description, r.description FROM report r "
               "JOIN incident i ON i.id = r.incident_id JOIN public_report p ON p.id = r.id") == [
        ("in_progress", "in_progress", "held", None, "Nói lại")]  # fmt: skip


def test_rows_without_an_external_id_are_known_by_what_they_say(run, empty_database, tmp_path) -> None:
    file = write(tmp_path / "in.csv", one(external_id=""), one(external_id="", description="Khác"), one(external_id=""))
    assert run(file) == "3 read, 2 added, 1 unchanged, 0 rejected"
    assert run(file) == "3 read, 0 added, 3 unchanged, 0 rejected"
    assert ask(empty_database, "SELECT count(*) FROM report WHERE external_id IS NULL") == [(2,)]


def test_status_end_and_unit_become_past_steps(run, empty_database, tmp_path) -> None:
    [(unit,)] = ask(empty_database, "SELECT code FROM unit WHERE kind = 'company' ORDER BY code LIMIT 1")
    rows = [
        one(status="closed", closed_at="2026-05-01T10:00+07:00", reported_at="30/04/2026 09:00", unit=unit),
        one(external_id="T-1", status="", closed_at="", unit="khong-co"),
        one(external_id="T-2", status="assigned", closed_at="2026-05-01T10:00+07:00"),
        one(external_id="T-3", status="closed", closed_at="2000-01-01T00:00Z"),
        one(external_id="T-4", status="done", closed_at=""),
    ]
    file, rejects = write(tmp_path / "in.csv", *rows), tmp_path / "rejects.csv"
    assert run(file, "--rejects", rejects) == "5 read, 1 added, 0 unchanged, 4 rejected"
    assert report_files.read_rejects(rejects) == {
        3: "unknown_unit", 4: "bad_status", 5: "bad_date", 6: "unknown_status",
    }  # fmt: skip
    [(status, ended, found, by)] = ask(
        empty_database, "SELECT status, closed_at::text, unit.code, reason FROM incident "
        "JOIN unit ON unit.id = unit_id JOIN assignment ON incident_id = incident.id")  # fmt: skip
    assert (status, found, by) == ("closed", unit, "stated") and ended.startswith("2026-05-01 03:00")


def test_reports_of_the_last_day_are_streamed_one_by_one_and_older_ones_are_not(run, empty_database, tmp_path) -> None:
    young = clock.local(clock.now() - timedelta(hours=2)).isoformat()
    file = write(tmp_path / "in.csv", one(status="", closed_at=""),
                 one(external_id="T-1", reported_at=young, status="", closed_at=""))  # fmt: skip
    run(file)
    streamed = ask(empty_database, "SELECT r.external_id, e.data ? 'bulk' FROM event e "
                   "JOIN report r ON r.id = e.report_id ORDER BY 1")  # fmt: skip
    assert streamed == [("T-0", True), ("T-1", False)]
    assert ask(empty_database, "SELECT count(*) FROM event WHERE kind = 'bulk.imported'") == [(1,)]


@pytest.mark.parametrize(
    "mapping",
    [
        json.dumps({"reported_at": "Ngày", "description": "Nội dung", "lat": "Vĩ độ", "lon": "Kinh độ",
                    "category": "Loại"}),
        json.dumps({"columns": {"Ngày": "reported_at", "Nội dung": "description", "Vĩ độ": "lat", "Kinh độ": "lon",
                                "Loại": "category"}, "values": {"category": {"Cây đổ": "fallen_tree"}}}),
        "column,source\nreported_at,Ngày\ndescription,Nội dung\nlat,Vĩ độ\nlon,Kinh độ\ncategory,Loại\n",
        'reported_at = "Ngày"\ndescription = "Nội dung"\nlat = "Vĩ độ"\nlon = "Kinh độ"\ncategory = "Loại"\n',
    ],
)  # fmt: skip
def test_a_file_of_other_names_with_semicolons_and_commas(run, empty_database, tmp_path, mapping) -> None:
    file, names = tmp_path / "in.csv", tmp_path / "map.txt"
    word = "Cây đổ" if "values" in mapping else "fallen_tree"
    file.write_bytes(
        ("\ufeffNgày;Nội dung;Vĩ độ;Kinh độ;Loại\r\n"
         f'05/03/2024 08:15;"Cây đổ; chắn\r\nngang đường";10,7725;106,698;{word}\r\n'
         "05/03/2024 08:16;Khác;10,7725;106,698;\r\n").encode()
    )  # fmt: skip
    names.write_text(mapping, encoding="utf-8")
    assert run(file, "--mapping", names, "--channel", "email") == "2 read, 2 added, 0 unchanged, 0 rejected"
    assert ask(empty_database, "SELECT channel, category, reported_at::text, ST_X(geom) FROM report ORDER BY id") == [
        ("email", "fallen_tree", "2024-03-05 01:15:00+00", 106.698), ("email", None, "2024-03-05 01:16:00+00", 106.698),
    ]  # fmt: skip


def test_broken_lines_of_every_kind_stay_on_their_own_line(run, empty_database, tmp_path) -> None:
    file, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    row = "reported_at,category,description,lat,lon\n{}".format
    good = "2024-03-05T08:15:00+07:00,waste,{},10.7725,106.698\n"
    file.write_bytes(
        row(good.format("một")).encode()
        + b'2024-03-05T08:15:00+07:00,waste,"never closed,10.7725,106.698\n'
        + good.format('"hai\ndòng"').encode()
        + b"2024-03-05T08:15:00,waste,no offset,10.7725,106.698\n"
        + b"\n"
        + b"2024-03-05T08:15:00+07:00,waste,,,\n"
        + b"2024-03-05T08:15:00+07:00,waste,nan,nan,106.7\n"
        + b"2024-03-05T08:15:00+07:00,waste,one missing,,106.7\n"
        + b",waste,no date,10.7725,106.698\n"
        + b"2024-03-05T08:15:00+07:00,,,10.7725,106.698\n"
        + b"2024-03-05T08:15:00+07:00,waste,\x00zero\x00,10.7725,106.698\n"
        + b"0215-03-05T08:15:00+07:00,waste,long ago,10.7725,106.698\n"
        + b"2224-03-05T08:15:00+07:00,waste,not yet,10.7725,106.698\n"
        + b"2024-03-05T08:15:00+07:00,waste,more,10.7725,106.698,1,2\n"
        + good.format("cuối").encode()
    )
    assert run(file, "--rejects", rejects) == "14 read, 4 added, 0 unchanged, 10 rejected"
    assert report_files.read_rejects(rejects) == {
        3: "bad_quotes", 6: "bad_date", 8: "no_place", 9: "bad_coordinates", 10: "bad_coordinates", 11: "missing",
        12: "no_content", 14: "bad_date", 15: "in_the_future", 16: "extra_columns",
    }  # fmt: skip
    texts = ask(empty_database, "SELECT description FROM report ORDER BY description")
    assert texts == [("cuối",), ("hai\ndòng",), ("một",), ("zero",)]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.csv", None, "no such file"),
        ("empty.csv", b"", "does not name columns"),
        ("wrong.doc", b"x", "only"),
        ("columns.csv", b"id,text\n1,2\n", "reported_at"),
        ("twice.csv", b"reported_at,category,lat,lon,lat\n", "twice"),
        ("bad.xlsx", b"not a zip", "no workbook"),
        ("bad.parquet", b"not parquet", "no Parquet file"),
        ("bad.gpkg", b"not a database", "bad.gpkg"),
        ("bad.geojson", b'{"type": "FeatureColl', "bad.geojson"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(run, tmp_path, name, content, said) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    output = run(file, code=1)
    assert said in output and "Traceback" not in output
    assert len([line for line in output.splitlines() if line.strip()]) == 1


def test_a_dry_run_says_the_same_and_writes_nothing(run, empty_database, tmp_path) -> None:
    file = tmp_path / "in.csv"
    report_files.write_csv(file, 300, broken_every=10)
    with file.open("ab") as out:  # the first row again, and once more with other words
        [row] = report_files.rows(1)
        for each in (row, row | {"description": "khác"}):
            out.write((",".join(f'"{cell}"' for cell in each.values()) + "\n").encode())
    assert run(file, "--dry-run") == "302 read, 270 added, 1 unchanged, 31 rejected"
    assert ask(empty_database, "SELECT (SELECT count(*) FROM report), (SELECT count(*) FROM event)") == [(0, 0)]
    assert run(file) == "302 read, 270 added, 1 unchanged, 31 rejected"


def import_process(file: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "reports", "import", str(file), *arguments],
        cwd=REPOSITORY, env=dict(os.environ), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_killed_in_the_middle_and_started_again_the_end_is_the_same(run, empty_database, tmp_path) -> None:
    file, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    expected = report_files.write_csv(file, 20_000, broken_every=100)
    process = import_process(file, "--rejects", str(rejects))
    while (landed := ask(empty_database, "SELECT count(*) FROM report")[0][0]) == 0:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    landed = ask(empty_database, "SELECT count(*) FROM report")[0][0]
    assert 0 < landed < 19_800
    last = run(file, "--rejects", rejects)
    again = ask(empty_database, "SELECT count(*) FROM report")[0][0]
    assert again == 19_800 and last.startswith("20000 read, ") and last.endswith(", 200 rejected")
    assert report_files.read_rejects(rejects) == expected
    assert ask(empty_database, "SELECT count(*), count(DISTINCT external_id) FROM report") == [(19_800, 19_800)]
    for table in TABLES:
        assert ask(empty_database, f"SELECT count(*) FROM {table}") == [(19_800,)], table
    assert ask(empty_database, "SELECT count(*) FROM event WHERE kind = 'report.received'") == [(19_800,)]
    assert ask(empty_database, "SELECT count(*) FROM event WHERE kind = 'bulk.imported'") == [(1,)]


@pytest.mark.slow
def test_a_hundred_thousand_rows_within_300_mib(empty_database, tmp_path) -> None:
    file, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    expected = report_files.write_csv(file, 100_000, broken_every=100)
    process = import_process(file, "--rejects", str(rejects))
    sizes = []
    while process.poll() is None:
        try:
            sizes.append(int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
        except (OSError, IndexError):
            break
        time.sleep(0.05)
    out, err = process.communicate()
    assert out.strip().splitlines()[-1] == "100000 read, 99000 added, 0 unchanged, 1000 rejected", err
    assert report_files.read_rejects(rejects) == expected
    assert (max(sizes) - sizes[0]) / 2**20 < 300
