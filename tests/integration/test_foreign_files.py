"""Files of other makes come in by a mapping file alone: another system and unit, own words, odd shapes, dirty rows."""

from __future__ import annotations

import csv
import json
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import psycopg
import pyproj
import pytest

NEW_YORK = ZoneInfo("America/New_York")
CITY = ZoneInfo("Asia/Ho_Chi_Minh")
WEST, SOUTH, EAST, NORTH = 106.60, 10.74, 106.72, 10.86


@pytest.fixture
def command(application, empty_database):
    from etl.commands import reports

    def run(*arguments, code=0):
        answer = application.test_cli_runner().invoke(reports, ["import", *map(str, arguments)])
        assert answer.exit_code == code, answer.output
        return answer

    return run


def last(answer) -> str:
    return answer.stdout.strip().splitlines()[-1]


def ask(database, question):
    with psycopg.connect(database) as connection:
        return connection.execute(question).fetchall()


def rejects_of(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


FEET = "+proj=utm +zone=48 +datum=WGS84 +units=us-ft +no_defs"
CATEGORIES = {"Fallen Tree": "fallen_tree", "Pothole": "road_damage", "Street Light Out": "light_out"}


def foreign(path, count: int):
    """Another city's table: US dates in its own zone, feet, its own words, its dirt. Returns what must come of it."""
    dice = random.Random(19)
    to_feet = pyproj.Transformer.from_crs(4326, FEET, always_xy=True)
    header = ["Unique Key", "Created Date", "Closed Date", "Complaint Type", "Descriptor", "Status",
              "X Coordinate (State Plane)", "Y Coordinate (State Plane)", "Park Facility"]  # fmt: skip
    good, bad, swapped = {}, {}, []
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write("311 Service Requests\nexported 2024-05-01, all rights reserved\n\n")
        writer = csv.writer(out)
        writer.writerow(header)
        for number in range(count):
            at = datetime(2023, 1, 1, tzinfo=NEW_YORK) + timedelta(minutes=dice.randrange(400 * 1440))
            at = at.astimezone(UTC).astimezone(NEW_YORK)
            lon, lat = dice.uniform(WEST, EAST), dice.uniform(SOUTH, NORTH)
            x, y = to_feet.transform(lon, lat)
            kind = dice.choice([*CATEGORIES, "Loose Elephant"])
            closed = at + timedelta(hours=dice.randrange(1, 90)) if number % 3 else None
            row = [f"K{number}", at.strftime("%m/%d/%Y %I:%M:%S %p"),
                   closed.strftime("%m/%d/%Y %I:%M:%S %p") if closed else "", kind, "see, \"note\"",
                   "Closed" if closed else "Open", f"{x:,.2f}", f"{y:,.2f}", "n/a"]  # fmt: skip
            broken = number % 20
            line = number + 2
            if broken == 3:
                row[1] = "13/45/2023 10:00:00 AM"
                bad[line] = "bad_date"
            elif broken == 7:
                row[6], row[7] = "unknown", "unknown"
                bad[line] = "bad_coordinates"
            elif broken == 11:
                row[6], row[7] = f"{x + 3e6:.2f}", row[7]
                bad[line] = "outside_city"
            elif broken == 13:
                row[6], row[7] = row[7], row[6]
                swapped.append(line)
            elif broken == 17:
                row = row[:5]
                bad[line] = "missing_columns"
            elif broken == 19:
                row[2], row[5] = "01/01/2001 01:00:00 AM", "Closed"
                bad[line] = "bad_date"
            if line not in bad:
                code = CATEGORIES.get(kind, "public_order")
                good[f"K{number}"] = (at.astimezone(UTC).replace(microsecond=0), code, "closed" if closed else
                                      "in_progress", round(lon, 5), round(lat, 5))  # fmt: skip
            writer.writerow(row)
    return good, bad, swapped


MAPPING = {
    "columns": {
        "external_id": "Unique Key", "reported_at": "Created Date", "closed_at": "Closed Date",
        "category": "Complaint Type", "description": ["Complaint Type", "Descriptor"], "status": "Status",
        "x": "X Coordinate (State Plane)", "y": "Y Coordinate (State Plane)",
    },
    "header": 4,
    "crs": FEET,
    "dates": "%m/%d/%Y %I:%M:%S %p",
    "timezone": "America/New_York",
    "values": {"category": "categories.csv", "status": {"Closed": "closed", "Open": "in_progress"}},
    "constants": {"channel": "app"},
    "separator": ": ",
}  # fmt: skip


@pytest.fixture
def mapping(tmp_path):
    with (tmp_path / "categories.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("theirs", "ours"), *CATEGORIES.items(), ("*", "public_order")])

    def write(**changes):
        file = tmp_path / "mapping.json"
        file.write_text(json.dumps({**MAPPING, **changes}), encoding="utf-8")
        return file

    return write


def test_another_citys_requests_come_in_by_a_mapping_alone(command, empty_database, mapping, tmp_path) -> None:
    file, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    good, bad, swapped = foreign(file, 400)
    answer = command(file, "--mapping", mapping(), "--rejects", rejects)
    refused = rejects_of(rejects)
    assert {int(row["line"]): row["reason"] for row in refused} == bad | dict.fromkeys(swapped, "bad_coordinates")
    landed = len(good) - len(swapped)
    assert last(answer) == f"400 read, {landed} added, 0 unchanged, {400 - landed} rejected"
    assert f"{len(swapped)} dòng" in answer.stderr and '"swapped": "mend"' in answer.stderr
    # Rejected rows are their own: nothing of ours in them, every cell as it was.
    assert list(refused[0])[4:] == ["Unique Key", "Created Date", "Closed Date", "Complaint Type",
                                                 "Descriptor", "Status", "X Coordinate (State Plane)",
                                                 "Y Coordinate (State Plane)", "Park Facility"]  # fmt: skip
    # With leave to mend, the swapped ones are taken too; the rest is there already.
    again = command(file, "--mapping", mapping(swapped="mend"), "--rejects", rejects)
    assert last(again) == f"400 read, {len(swapped)} added, {landed} unchanged, {len(bad)} rejected"
    found = {
        row[0]: (row[1], row[2], row[3], round(row[4], 5), round(row[5], 5))
        for row in ask(
            empty_database,
            "SELECT report.external_id, report.reported_at AT TIME ZONE 'UTC', incident.category, incident.status, "
            "ST_X(report.geom), ST_Y(report.geom) FROM report JOIN incident ON incident.id = report.incident_id",
        )
    }
    assert set(found) == set(good)
    for key, (at, category, status, lon, lat) in good.items():
        assert found[key][:3] == (at.replace(tzinfo=None), category, status), key
        assert found[key][3:] == pytest.approx((lon, lat), abs=2e-5), key
    assert {row[0] for row in ask(empty_database, "SELECT DISTINCT channel FROM report")} == {"app"}
    joined = ask(empty_database, "SELECT count(*) FROM report WHERE description LIKE '%: see, \"note\"'")
    assert joined == [(len(good),)]


def test_a_mended_rejects_file_comes_back_with_the_same_mapping(command, mapping, tmp_path) -> None:
    file, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    foreign(file, 100)
    command(file, "--mapping", mapping(), "--rejects", rejects)
    rows = rejects_of(rejects)
    dates = [row for row in rows if row["reason"] == "bad_date" and row["field"] == "reported_at"]
    for row in dates:
        row["Created Date"] = "01/02/2023 10:00:00 AM"
    mended = tmp_path / "mended.csv"
    with mended.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(dates)
    told = last(command(mended, "--mapping", mapping()))
    assert told == f"{len(dates)} read, {len(dates)} added, 0 unchanged, 0 rejected"


def test_survey_feet_are_not_feet(command, empty_database, tmp_path) -> None:
    """2 parts in a million: 7 m at the latitude of the city, counted from the equator."""
    x, y = pyproj.Transformer.from_crs(4326, 32648, always_xy=True).transform(106.698, 10.7725)
    for unit, factor in (("ft", 0.3048), ("us-ft", 1200 / 3937)):
        file = tmp_path / f"{unit}.csv"
        file.write_text(f"id,when,what,east,north\n{unit},05/03/2024 08:15,waste,{x / factor},{y / factor}\n")
        names = {"external_id": "id", "reported_at": "when", "category": "what", "x": "east", "y": "north"}
        mapped = tmp_path / f"{unit}.json"
        mapped.write_text(json.dumps({"columns": names, "crs": "EPSG:32648", "length_unit": unit}))
        assert last(command(file, "--mapping", mapped)).startswith("1 read, 1 added")
    for lon, lat in ask(empty_database, "SELECT ST_X(geom), ST_Y(geom) FROM report"):
        assert (lon, lat) == pytest.approx((106.698, 10.7725), abs=1e-8)


@pytest.mark.parametrize("code", [9210, 5899, 3405, 3857])
def test_any_system_by_a_line_of_text(command, empty_database, tmp_path, code) -> None:
    x, y = pyproj.Transformer.from_crs(4326, code, always_xy=True).transform(106.698, 10.7725)
    file, mapped = tmp_path / "in.csv", tmp_path / "m.txt"
    # X is north, as surveyors have it: the mapping says which column is which.
    row = f"a;05/03/2024 08:15;waste;{y:.3f};{x:.3f}\n".replace(".", ",")
    file.write_text("external_id;reported_at;category;X;Y\n" + row)
    mapped.write_text(f"x = Y\ny = X\ncrs = EPSG:{code}\n")
    assert last(command(file, "--mapping", mapped)).startswith("1 read, 1 added")
    [(lon, lat)] = ask(empty_database, "SELECT ST_X(geom), ST_Y(geom) FROM report")
    assert (lon, lat) == pytest.approx((106.698, 10.7725), abs=1e-7)


@pytest.mark.parametrize("epoch", [1900, 1904])
def test_days_as_numbers(command, empty_database, tmp_path, epoch) -> None:
    """Excel's serial numbers: in a workbook by its own epoch, in a CSV by the mapping's word."""
    first = datetime(1899, 12, 30) if epoch == 1900 else datetime(1904, 1, 1)  # noqa: DTZ001
    when = datetime(2024, 3, 5, 8, 15)  # noqa: DTZ001
    serial = (when - first) / timedelta(days=1)
    book = openpyxl.Workbook()
    if epoch == 1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["external_id", "reported_at", "category", "lat", "lon"])
    book.active.append(["book", serial, "waste", 10.7725, 106.698])
    book.active.append(["real", when, "waste", 10.7725, 106.698])
    book.save(tmp_path / "in.xlsx")
    assert last(command(tmp_path / "in.xlsx")).startswith("2 read, 2 added")
    (tmp_path / "in.csv").write_text(f"external_id,reported_at,category,lat,lon\ncsv,{serial},waste,10.7725,106.698\n")
    (tmp_path / "m.json").write_text(json.dumps({"columns": {}, "excel": epoch}))
    assert last(command(tmp_path / "in.csv", "--mapping", tmp_path / "m.json")).startswith("1 read, 1 added")
    assert {row[0] for row in ask(empty_database, "SELECT reported_at::text FROM report")} == {"2024-03-05 01:15:00+00"}


ODD = (
    "Bảng tổng hợp phản ánh quý I;;;;;\nĐơn vị lập: Tổng đài;;;;;\n;;;;;\n"
    "Số;Thời gian;;Loại;Toạ độ;\n;Ngày;Giờ;;Kinh độ;Vĩ độ\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16", "cp1258"])
def test_an_odd_old_export(command, empty_database, tmp_path, encoding) -> None:
    """Lines above the header, a header of two lines, semicolons, decimal commas, day and hour apart, old encodings."""
    text = ODD + "A1;05/03/2024;08:15;Rác;106,698;10,7725\nA2;05/03/2024;7 giờ;Rác;106,698;10,7725\n"
    if encoding == "cp1258":
        import unicodedata

        raw = b""
        for sign in text:  # cp1258 has vowels of their own and the tone behind them
            try:
                raw += sign.encode("cp1258")
            except UnicodeEncodeError:
                base, *marks = unicodedata.normalize("NFD", sign)
                tone = [m for m in marks if m in "\u0300\u0301\u0303\u0309\u0323"]
                vowel = unicodedata.normalize("NFC", base + "".join(m for m in marks if m not in tone))
                raw += (vowel + "".join(tone)).encode("cp1258")
    else:
        raw = text.encode(encoding)
    (tmp_path / "in.csv").write_bytes(raw)
    mapped = {
        "columns": {"external_id": "Số", "reported_at": ["Thời gian Ngày", "Thời gian Giờ"], "category": "Loại",
                    "lon": "Toạ độ Kinh độ", "lat": "Toạ độ Vĩ độ"},
        "values": {"category": {"Rác": "waste"}}, "header": 4, "header_lines": 2, "decimal": ",",
        **({"encoding": encoding} if encoding in ("utf-16-le", "cp1258") else {}),
    }  # fmt: skip
    (tmp_path / "m.json").write_text(json.dumps(mapped, ensure_ascii=False), encoding="utf-8")
    answer = command(tmp_path / "in.csv", "--mapping", tmp_path / "m.json", "--rejects", tmp_path / "r.csv")
    assert last(answer) == "2 read, 1 added, 0 unchanged, 1 rejected"
    assert [(row["reason"], row["Loại"]) for row in rejects_of(tmp_path / "r.csv")] == [("bad_date", "Rác")]
    found = ask(empty_database, "SELECT external_id, reported_at::text, ST_X(geom), ST_Y(geom) FROM report")
    assert found == [("A1", "2024-03-05 01:15:00+00", 106.698, 10.7725)]


def test_the_same_said_under_another_id(command, empty_database, tmp_path) -> None:
    head = "external_id,reported_at,category,description,lat,lon\n"
    row = "{},05/03/2024 08:15,waste,Rác ứ đọng,10.7725,106.698\n"
    other = "c,05/03/2024 08:16,waste,Rác ứ đọng,10.7725,106.698\n"
    file, next_file = tmp_path / "in.csv", tmp_path / "next.csv"
    file.write_text(head + row.format("a") + row.format("b") + other + row.format("a"), encoding="utf-8")
    next_file.write_text(head + row.format("z"), encoding="utf-8")
    answer = command(file, "--duplicates", "reject", "--rejects", tmp_path / "r.csv")
    assert last(answer) == "4 read, 2 added, 1 unchanged, 1 rejected"
    [refused] = rejects_of(tmp_path / "r.csv")
    assert (refused["line"], refused["reason"], refused["value"]) == ("3", "same_content", "line 2")
    again = command(file, "--duplicates", "reject")
    assert last(again) == "4 read, 0 added, 3 unchanged, 1 rejected"
    told = command(next_file, "--duplicates", "tell")
    assert last(told) == "1 read, 1 added, 0 unchanged, 0 rejected" and "dòng 2 = a" in told.stderr
    assert "giống nội dung" not in command(next_file).stderr


def test_a_dry_run_on_a_map(command, empty_database, chromium, mapping, tmp_path) -> None:
    file, page = tmp_path / "in.csv", tmp_path / "dry.html"
    good, bad, swapped = foreign(file, 100)
    answer = command(file, "--mapping", mapping(), "--dry-run", "--map", page)
    added = len(good) - len(swapped)
    assert last(answer) == f"100 read, {added} added, 0 unchanged, {100 - added} rejected"
    assert ask(empty_database, "SELECT count(*) FROM report") == [(0,)]
    context = chromium.new_context(offline=True)
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(page.as_uri())
    drawn = opened.evaluate(
        """() => { const n = {}; const map = Object.entries(window).find(([k]) => /^map_[0-9a-f]+$/.test(k))[1];
        map.eachLayer((layer) => {
          const c = layer.options?.fillColor; if (layer.getRadius && c) n[c] = (n[c] ?? 0) + 1; });
        return n; }"""
    )
    assert drawn.get("#00857C") == added and asked == [page.as_uri()]
    outside = sum(reason in ("outside_city",) for reason in bad.values())
    assert drawn.get("#B3261E", 0) <= len(bad) + len(swapped) and outside
    said = opened.locator(".reading").inner_text()
    assert f"{added}" in said and "bad_date" in said
    context.close()
    assert "see, " not in page.read_text()  # places and reasons, no texts
    assert "--dry-run" in command(file, "--map", page, code=2).output


def test_a_guess_is_a_mapping_that_works(command, empty_database, tmp_path) -> None:
    file = tmp_path / "in.csv"
    good, _, swapped = foreign(file, 200)
    answer = command(file, "--guess")
    document = json.loads(answer.stdout)
    assert document["header"] == 4 and document["dates"] == ["%m/%d/%Y %I:%M:%S %p"]
    assert document["columns"]["x"] == "X Coordinate (State Plane)" and document["length_unit"] == "ft"
    assert document["columns"]["reported_at"] == "Created Date" and document["columns"]["closed_at"] == "Closed Date"
    assert ask(empty_database, "SELECT count(*) FROM report") == [(0,)]
    assert "unknown_category" in answer.stderr  # its words are for a person to say
    assert document["values"]["category"]["Fallen Tree"] == "fallen_tree"
    document["values"]["category"] = {**CATEGORIES, "*": "public_order"}
    document["timezone"] = "America/New_York"
    (tmp_path / "m.json").write_text(json.dumps(document))
    told = last(command(file, "--mapping", tmp_path / "m.json"))
    assert told.startswith(f"200 read, {len(good) - len(swapped)} added")


def test_a_guess_reads_the_odd_one_too(command, tmp_path) -> None:
    rows = "".join(
        f"A{n};{1 + n % 28:02}/03/2024;08:{n % 60:02};waste;{603000 + n * 17},5;{1191000 + n * 13},25\n"
        for n in range(50)
    )
    text = "Báo cáo\n\nMã phản ánh;Ngày;Giờ;Loại sự cố;Toạ độ X;Toạ độ Y\n" + rows
    (tmp_path / "in.csv").write_bytes(text.encode("utf-16-le"))
    answer = command(tmp_path / "in.csv", "--guess")
    document = json.loads(answer.stdout)
    assert (document["encoding"], document["header"]) == ("utf-16-le", 3)
    assert document["columns"]["reported_at"] == ["Ngày", "Giờ"]
    assert document["crs"] in ("EPSG:9210", "EPSG:32648", "EPSG:3405") and "50/50" in answer.stderr
    (tmp_path / "m.json").write_text(answer.stdout, encoding="utf-8")
    told = last(command(tmp_path / "in.csv", "--mapping", tmp_path / "m.json"))
    assert told == "50 read, 50 added, 0 unchanged, 0 rejected"


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"columns": {"reported_at": "a"}, "crs": "EPSG:1"}, "EPSG"),
        ({"columns": {"reported_at": "a"}, "unknown": 1}, "unknown"),
        ({"columns": {"reported_at": "a"}, "encoding": "klingon"}, "klingon"),
        ({"columns": {"reported_at": "a"}, "header": 0}, "header"),
        ({"columns": {"x": "category"}, "crs": "EPSG:9210"}, "x"),
        ({"columns": {"reported_at": ["reported_at", "nowhere"]}}, "nowhere"),
        ({"columns": {}, "values": {"category": "nowhere.csv"}}, "nowhere.csv"),
        ({"columns": {}, "timezone": "Mars/Olympus"}, "Mars"),
    ],
)  # fmt: skip
def test_a_bad_mapping_is_one_clear_line(command, tmp_path, document, word) -> None:
    file, mapped = tmp_path / "in.csv", tmp_path / "m.json"
    file.write_text("external_id,reported_at,category,lat,lon\na,05/03/2024 08:15,waste,10.7725,106.698\n")
    mapped.write_text(json.dumps(document))
    answer = command(file, "--mapping", mapped, code=1)
    assert word in answer.output and "Traceback" not in answer.output
