"""Questions without statistics, as the workbench asks them, against pandas and SQL of the test's own."""

from __future__ import annotations

import csv
import io
import json
import random
import zipfile
from datetime import UTC, date, datetime, timedelta

import numpy as np
import openpyxl
import pandas
import pyogrio
import pytest
from scipy import stats
from sqlalchemy import text

from database import clock
from database.engine import OPERATOR, WORKER, read, transaction
from etl.analysis import process, rows
from etl.plain import kept
from tests import logins

SPOTS = {"A": 5, "B": 4, "C": 3, "D": 2, "E": 1}
"""how often each spot was reported; E is nobody's again"""
BASE = (106.6600, 10.8000)
STEP = 0.004
"""about 440 m from spot to spot"""
HOUSE = (106.70010, 10.80010)
"""of construction: in the middle of a cell of 0.0009°, so that its neighbour is in another"""
FORM = {"what": "category:road_subsidence", "since": "2026-01-01", "through": "2026-06-30", "last": "", "area": ""}
PARTED = date(2026, 4, 1)


@pytest.fixture(scope="module")
def planner(application, empty_database_once, tmp_path_factory):
    """A planner's client, over reports of which the test knows everything."""
    from etl.commands import reports

    dice = random.Random(1022)
    file = tmp_path_factory.mktemp("plain") / "in.csv"
    head = ("external_id", "channel", "reported_at", "category", "address", "lat", "lon", "accuracy_m", "status",
            "closed_at")  # fmt: skip
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(head)
        for row in _made(dice):
            writer.writerow([row.get(name, "") for name in head])
    done = application.test_cli_runner().invoke(reports, ["import", str(file)])
    assert " 0 rejected" in done.output, done.output
    logins.create("quy-hoach-hoi", "planner")
    client = application.test_client()
    assert logins.log_in(client, "quy-hoach-hoi").status_code == 303
    return client


def _made(dice: random.Random):
    """Spots again and again; a year of others that are closed or open; a house; what takes no part."""
    number = 0

    def row(at: datetime, lon: float, lat: float, **more):
        nonlocal number
        number += 1
        return {
            "external_id": f"Q-{number}", "channel": "phone", "reported_at": at.isoformat(),
            "category": "road_subsidence", "lat": f"{lat:.6f}", "lon": f"{lon:.6f}", "accuracy_m": 10, **more,
        }  # fmt: skip

    for k, (name, many) in enumerate(SPOTS.items()):
        for turn in range(many):
            at = datetime(2026, 1, 5 + k, 3, tzinfo=UTC) + timedelta(days=20 * turn)
            more = {} if turn == many - 1 and name in "AC" else {"status": "closed", "closed_at": _later(at, 30 + turn)}
            yield row(at, BASE[0] + STEP * k + dice.uniform(-4e-5, 4e-5), BASE[1] + dice.uniform(-4e-5, 4e-5), **more)
    for _ in range(240):  # scattered, each a spot of its own kind: a category of their own
        at = datetime(2026, 1, 1, 2, tzinfo=UTC) + timedelta(hours=dice.randrange(24 * 180))
        kind = dice.choice(("road_damage", "traffic_sign"))
        hours = int(dice.expovariate(1 / 90)) + 1
        is_open = dice.random() < 0.25
        more = {} if is_open else {"status": dice.choice(("closed", "resolved")), "closed_at": _later(at, hours)}
        yield row(at, dice.uniform(106.62, 106.72), dice.uniform(10.74, 10.84), category=kind, **more)
    for turn in range(3):  # one house, and once the one beside it
        lon = HOUSE[0] + (0.0002 if turn == 2 else 0)
        yield row(datetime(2026, 2, 1 + turn, 3, tzinfo=UTC), lon, HOUSE[1], category="construction_without_permit")
    at = datetime(2026, 2, 1, 3, tzinfo=UTC)
    for _ in range(4):
        yield row(at, *BASE, accuracy_m=400)  # near A, but nobody knows whether there
    yield row(at, *BASE, status="rejected", closed_at=_later(at, 2))
    yield row(at, *BASE, status="withdrawn", closed_at=_later(at, 2))
    vague = {"channel": "phone", "category": "road_subsidence", "address": "Phường Sài Gòn"}
    for turn in range(3):
        yield {"external_id": f"W-{turn}", "reported_at": at.isoformat(), **vague}
    for turn in range(5):  # before the reform, known to a ward of its day alone
        early = datetime(2025, 5, 2 + turn, 3, tzinfo=UTC)
        yield {"external_id": f"O-{turn}", "channel": "phone", "reported_at": early.isoformat(), "category": "flooding",
               "address": "Phường 12, Quận Bình Thạnh"}  # fmt: skip
    for turn in range(8):
        late = datetime(2025, 8, 2 + turn, 3, tzinfo=UTC)
        yield row(late, 106.7051, 10.8121, category="flooding")


def _later(at: datetime, hours: int) -> str:
    return (at + timedelta(hours=hours)).isoformat()


def answered(client, **form: str) -> tuple[int, dict, str]:
    """The job, its summary and its page."""
    sent = {**FORM, **form, "csrf_token": logins.token(client, "/plan")}
    answer = client.post("/plan", data=sent, headers=logins.ORIGIN)
    assert answer.status_code == 303, answer.text[:2000]
    job = int(answer.headers["Location"].rpartition("run=")[2])
    with transaction(WORKER) as connection:
        found = rows.find(connection, job)
        assert found is not None and found.kind == "plain"
        if found.state == "waiting":
            assert rows.claim(connection) == (job, 1)
    if found.state == "waiting":
        assert process.main(job) == 0
    with transaction(WORKER) as connection:
        found = rows.find(connection, job)
    assert found is not None and found.state == "done", found and found.reason
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200
    return job, found.summary, page.text


def stored(job: int):
    with transaction(WORKER) as connection:
        return kept.unpack(rows.part(connection, job, "answer"))


def frame(job: int) -> pandas.DataFrame:
    return pandas.DataFrame(stored(job).columns)


def table(where: str = "true") -> pandas.DataFrame:
    """The incidents as SQL gives them, void ones too."""
    asked = f"""SELECT incident.*, extract(epoch FROM opened_at)::float8 AS opened,
        extract(epoch FROM resolved_at)::float8 AS ended, extract(epoch FROM due_at)::float8 AS due,
        ward.name AS ward, ward_then.name AS ward_then, district.name AS district, unit.code AS unit,
        ST_X(incident.geom) AS lon, ST_Y(incident.geom) AS lat
        FROM public_incident AS incident LEFT JOIN area AS ward ON ward.id = now_ward_id
        LEFT JOIN area AS ward_then ON ward_then.id = incident.ward_id
        LEFT JOIN area AS district ON district.id = now_district_id
        JOIN unit ON unit.id = incident.unit_id WHERE {where}"""
    with read() as connection:
        return pandas.DataFrame(connection.execute(text(asked)).mappings().all())


HALF_YEAR = "opened_at >= '2026-01-01 00:00+07' AND opened_at < '2026-07-01 00:00+07'"
LIVING = "status NOT IN ('rejected', 'withdrawn', 'merged')"


def test_places_reported_again(planner) -> None:
    job, summary, page = answered(planner, method="repeats", least="2")
    found = frame(job)
    assert found["n"].tolist() == [5, 4, 3, 2] and (found["basis"] == "spot").all()
    for (name, many), row in zip(SPOTS.items(), found.itertuples(), strict=False):
        assert row.span_days == 20 * (many - 1) and row.mean_gap_days == 20 and row.shortest_gap_days == 20, name
        assert row.open == (name in "AC")
        first = datetime(2026, 1, 5 + "ABCDE".index(name), 10, tzinfo=UTC)
        assert row.first.startswith(f"{first:%Y-%m-%dT%H}") and row.ward and row.unit
        assert row.last.startswith(f"{first + timedelta(days=20 * (many - 1)):%Y-%m-%dT%H}")
    points = stored(job).geometry
    near = np.hypot(*(np.array([(p.x, p.y) for p in points]) - [(BASE[0] + STEP * k, BASE[1]) for k in range(4)]).T)
    assert (near < 1e-4).all()
    # Who took part, and who did not.
    assert summary["events"] == sum(SPOTS.values()) and summary["left"] == {"void": 2, "coarse": 7}
    assert "15 sự cố được tính; không tính:" in page and "7 vị trí chưa đủ rõ" in page
    assert "4 nơi có từ 2 sự cố, nhiều nhất 5 lần" in page
    _, three, _ = answered(planner, method="repeats", least="3")
    assert three["rows"] == 3


def test_no_house_of_a_construction_report_is_told(planner) -> None:
    job, summary, page = answered(planner, method="repeats", least="2", what="category:construction_without_permit")
    found = frame(job)
    exact = table("incident.category = 'construction_without_permit'")
    assert found["n"].sum() == 3 and found["basis"].tolist() == ["cell"] and "ô khoảng 100 m" in page
    assert [each["code"] for each in summary["warnings"]] == ["cells"]
    # The point is in the cell, and not the house's.
    [point] = stored(job).geometry
    assert int(point.x / 0.0009) == int(HOUSE[0] / 0.0009) and int(point.y / 0.0009) == int(HOUSE[1] / 0.0009)
    assert point.x == pytest.approx(exact["lon"].mean()) and not any(ch.isdigit() for ch in found["street"][0])


def reckoned(part: pandas.DataFrame, at: float) -> dict[str, float]:
    """Plain arithmetic of the test's own."""
    done = part["status"].isin(["resolved", "closed"])
    days = (np.where(done, part["ended"], at) - part["opened"]) / 86_400
    said = {"n": len(part), "closed": done.sum(), "open": (~done).sum()}
    if done.sum() >= 5:
        said |= {f"p{q}_days" if q != 50 else "median_days": np.quantile(days[done], q / 100) for q in (25, 50, 75, 90)}
        left, said["km_median_days"] = 1.0, np.nan
        for moment in sorted(set(days[done])):
            left *= 1 - (days[done] == moment).sum() / (days >= moment).sum()
            if left <= 0.5 + 1e-12:
                said["km_median_days"] = moment
                break
    judged = part["due"].notna() & (done | (part["due"] < at))
    in_time = done & (part["ended"] <= part["due"])
    said |= {"judged": judged.sum(), "in_time": (judged & in_time).sum()}
    if (~done).any():
        said["open_oldest_days"] = days[~done].max()
    return said


@pytest.mark.parametrize(
    ("by", "column"), [("ward", "ward"), ("ward_then", "ward_then"), ("district", "district"), ("unit", "unit"),
                       ("category", "category")],
)  # fmt: skip
def test_time_to_close(planner, by, column) -> None:
    job, summary, page = answered(planner, method="closing", by=by, what="field:traffic")
    found = frame(job)
    at = stored(job).at.timestamp()
    rows_ = table(f"{HALF_YEAR} AND {LIVING} AND incident.field = 'traffic'")
    key = "id" if by in ("unit", "category") else "name"
    mine = {name: reckoned(part, at) for name, part in rows_.groupby(column)}
    theirs = found[found["n"] > 0].set_index(key)
    assert set(theirs.index) == set(mine) and len(theirs) == len(mine)
    for name, said in mine.items():
        for figure, value in said.items():
            assert theirs.loc[name, figure] == pytest.approx(value, abs=1e-3, nan_ok=True), (name, figure)
        share = said["in_time"] / said["judged"] if said["judged"] >= 5 else np.nan
        assert theirs.loc[name, "in_time_share"] == pytest.approx(share, nan_ok=True)
        few = said["closed"] < 5
        assert theirs.loc[name, "few"] == few and np.isnan(theirs.loc[name, "rank"]) == few
        assert np.isnan(theirs.loc[name, "median_days"]) == few
    whole = reckoned(rows_, at)
    for figure in ("n", "closed", "open", "median_days", "km_median_days", "judged", "in_time"):
        assert summary["more"]["whole"][figure] == pytest.approx(whole[figure], abs=1e-3), figure
    assert summary["events"] == len(rows_) and summary["left"] == {"void": 2}
    # Ranked: the longest first; too few come last and have none.
    ranked = found[found["few"] == 0]
    assert ranked["km_median_days"].fillna(np.inf).is_monotonic_decreasing and ranked["rank"].is_monotonic_increasing
    assert found["few"].is_monotonic_increasing
    assert "Kaplan–Meier" in page and ("quá ít để đánh giá" in page) == bool((found[found["n"] > 0]["few"] == 1).any())


@pytest.mark.parametrize("by", ["ward", "unit", "category"])
def test_before_and_after_a_date(planner, by) -> None:
    job, summary, page = answered(
        planner, method="change", by=by, what="field:traffic", date=PARTED.isoformat(), side="90"
    )
    assert found_parameters(job)["since"] == "2026-01-01" and found_parameters(job)["until"] == "2026-06-30"
    found = frame(job)
    rows_ = table(f"{LIVING} AND incident.field = 'traffic' AND opened_at >= '2026-01-01 00:00+07' "
                  "AND opened_at < '2026-06-30 00:00+07'")  # fmt: skip
    rows_["later"] = rows_["opened_at"] >= pandas.Timestamp("2026-04-01", tz="Asia/Ho_Chi_Minh")
    key, column = ("name", "ward") if by == "ward" else ("id", by)
    theirs = found[found["before"] + found["after"] > 0].set_index(key)
    groups = rows_.groupby(column)
    assert set(theirs.index) == set(groups.groups)
    city = rows_["later"].mean()
    for name, part in groups:
        row, k, m = theirs.loc[name], int(part["later"].sum()), len(part)
        assert (row["before"], row["after"]) == (m - k, k) and row["per_day_after"] == pytest.approx(k / 90)
        exact = stats.binomtest(k, m, 0.5).proportion_ci(0.95, method="exact")
        assert row["ratio_low"] == pytest.approx(exact.low / (1 - exact.low))
        if m >= 6:
            tails = stats.binom.cdf(k, m, city), stats.binom.sf(k - 1, m, city)
            assert row["p"] == pytest.approx(min(1, 2 * min(tails)))
        else:
            assert np.isnan(row["p"])
        at = stored(job).at.timestamp()
        for side, chosen in (("before", part[~part["later"]]), ("after", part[part["later"]])):
            said = reckoned(chosen, at)
            assert row[f"closed_{side}"] == said["closed"]
            assert row[f"km_median_days_{side}"] == pytest.approx(said.get("km_median_days", np.nan), nan_ok=True)
    more = summary["more"]
    assert (more["city"]["before"], more["city"]["after"]) == ((~rows_["later"]).sum(), rows_["later"].sum())
    bars = more["bars"]
    assert sum(bar["n"] for bar in bars) == len(rows_) and sum(bar["days"] for bar in bars) == 180
    assert sum(bar["n"] for bar in bars if bar["after"]) == rows_["later"].sum()
    assert all(bar["per_day"] == pytest.approx(bar["n"] / bar["days"], abs=1e-3) for bar in bars)
    assert 'class="mark"' in page and "mỗi ngày" in page


def found_parameters(job: int) -> dict[str, str]:
    return stored(job).parameters()


@pytest.mark.parametrize("method", ["repeats", "closing", "change"])
def test_inside_of_an_area_drawn_and_of_a_district(planner, method) -> None:
    west, south, east, north = 106.64, 10.76, 106.69, 10.82
    corners = f"{west},{south} {east},{south} {east},{north} {west},{north}"
    form = {"method": method, "what": "field:traffic", "within": corners, "date": PARTED.isoformat(), "side": "90",
            "least": "2", "by": "category"}  # fmt: skip
    _, summary, page = answered(planner, **form)
    until = "2026-06-30" if method == "change" else "2026-07-01"
    rows_ = table(f"{LIVING} AND incident.field = 'traffic' AND opened_at >= '2026-01-01 00:00+07' "
                  f"AND opened_at < '{until} 00:00+07'")  # fmt: skip
    vague = rows_["precision"].isin(["ward", "district"])
    inside = rows_["lon"].between(west, east) & rows_["lat"].between(south, north) & ~vague
    if method == "repeats":
        rough = (rows_["accuracy_m"] > 100) & inside
        assert summary["left"]["coarse"] == rough.sum() + vague.sum()
        inside &= ~rough
    else:
        assert summary["left"]["coarse"] == vague.sum()
    assert summary["events"] == inside.sum() > 50
    assert summary["left"]["outside"] == (~vague & ~inside).sum() - (rough.sum() if method == "repeats" else 0)
    assert "vùng đã vẽ" in page
    if method == "change":
        assert (
            summary["more"]["here"]["before"]
            < summary["more"]["city"]["before"]
            == (rows_["opened_at"] < pandas.Timestamp("2026-04-01", tz="Asia/Ho_Chi_Minh")).sum()
        )
    form.pop("within")
    _, summary, _ = answered(planner, **form, area="district:766")
    with read() as connection:
        asked = (
            "SELECT count(*) FROM public_incident AS incident JOIN area ON level = 'district' AND area.code = '766' "
            f"AND in_force WHERE {LIVING} AND incident.field = 'traffic' AND opened_at >= '2026-01-01 00:00+07' "
            f"AND opened_at < '{until} 00:00+07' AND ST_Covers(area.geom, incident.geom)"
        )
        there = connection.execute(text(asked)).scalar_one()
    taken = summary["events"] + (summary["left"].get("coarse", 0) if method == "repeats" else 0)
    assert there - 4 <= taken <= there + 4 and there > 20


def test_counts_of_former_wards_are_carried_over_by_their_shares(planner) -> None:
    """Known to a ward that is no more: its shares of land, in all of them one each; what has a point is where it is."""
    job, summary, page = answered(
        planner, method="change", by="ward", what="category:flooding", date="2025-07-01", side="90"
    )
    found = frame(job).set_index("name")
    with read() as connection:
        asked = """SELECT ward.name, sum(link.share) AS n FROM public_incident AS incident
            JOIN area_link AS link ON link.from_id = incident.ward_id JOIN area AS ward ON ward.id = link.to_id
            WHERE incident.category = 'flooding' AND opened_at < '2025-07-01' GROUP BY ward.name"""
        carried = dict(connection.execute(text(asked)).all())
    assert carried and sum(carried.values()) == pytest.approx(5)
    for name, n in carried.items():
        assert found.loc[name, "before"] == pytest.approx(n, abs=1e-3), name
    assert found["before"].sum() == pytest.approx(5, abs=0.01) and found["after"].sum() == 8
    assert {each["code"] for each in summary["warnings"]} >= {"carried", "reform"}
    assert "chia theo phần đất" in page
    # By the former districts the same five lay in the district of their day.
    job, _, _ = answered(
        planner, method="change", by="district", what="category:flooding", date="2025-07-01", side="90"
    )
    found = frame(job).set_index("name")
    assert found.loc["Quận Bình Thạnh", "before"] == 5


FORMATS = {"repeats": "gpkg parquet fgb geojson shp csv xlsx html pdf png", "unit": "gpkg parquet csv xlsx pdf png"}


@pytest.mark.parametrize("name", FORMATS["repeats"].split())
@pytest.mark.parametrize("kind", ["repeats", "closing", "change", "unit"])
def test_files_open_with_others_readers(planner, tmp_path, kind, name) -> None:
    form = {"method": "closing" if kind == "unit" else kind, "by": "unit" if kind == "unit" else "ward", "least": "2",
            "what": "field:traffic", "date": PARTED.isoformat(), "side": "90"}  # fmt: skip
    job, summary, page = answered(planner, **form)
    address = f"/plan/runs/{job}/file?format={name}&crs=9210&beside=1"
    if kind == "unit" and name not in FORMATS["unit"].split():
        assert planner.get(address).status_code == 400 and f'value="{name}"' not in page
        return
    answer = planner.get(address)
    assert answer.status_code == 200 and f'value="{name}"' in page
    with zipfile.ZipFile(io.BytesIO(answer.data)) as whole:
        whole.extractall(tmp_path)
    beside = next(tmp_path.glob("*.json"))
    file = next(each for each in tmp_path.iterdir() if each.suffix != ".json")
    told = json.loads(beside.read_text(encoding="utf-8"))
    assert told["rows"] == summary["rows"] > 0 and told["took_part"] == summary["events"]
    assert planner.get(told["address"]).headers["Location"].endswith(f"run={job}")  # it asks the same again
    columns = stored(job).columns
    if name in ("gpkg", "fgb", "geojson"):
        table_ = pyogrio.read_dataframe(file)
        assert sorted(table_["id"]) == sorted(columns["id"])
        if kind != "unit":
            assert table_.crs.to_epsg() == 9210 and set(table_.geom_type) == {
                "Point" if kind == "repeats" else "MultiPolygon"
            }
            assert table_.total_bounds[0] > 500_000
    elif name == "shp":
        table_ = pyogrio.read_dataframe(f"/vsizip/{file}")
        assert len(table_) == summary["rows"] and set(map(len, table_.columns)) <= set(range(1, 11))
    elif name == "parquet":
        table_ = pandas.read_parquet(file)
        assert table_["id"].tolist() == columns["id"].tolist()
        assert ("geometry" in table_.columns) == (kind != "unit")
    elif name == "csv":
        table_ = pandas.read_csv(file, dtype={"ward_code": str})
        assert table_["id"].tolist() == columns["id"].tolist() and ("x" in table_.columns) == (kind != "unit")
        if "median_days" in columns:
            assert np.allclose(table_["median_days"], columns["median_days"], equal_nan=True)
    elif name == "xlsx":
        header, *body = openpyxl.load_workbook(file, read_only=True).active.iter_rows(values_only=True)
        assert [row[header.index("id")] for row in body] == columns["id"].tolist()
    else:
        start = {"html": b"<!DOCTYPE html>", "pdf": b"%PDF-", "png": b"\x89PNG"}[name]
        assert file.read_bytes().startswith(start) and file.stat().st_size > 20_000


def test_a_street_that_looks_like_a_formula_is_harmless(planner, tmp_path) -> None:
    bad = '=HYPERLINK("http://x")'
    with transaction(OPERATOR) as connection:
        connection.execute(
            text("UPDATE public_incident SET place = :bad WHERE category = 'road_subsidence'"), {"bad": bad}
        )
    job, _, page = answered(planner, method="repeats", least="4")
    assert "=HYPERLINK(&#34;" in page
    cells = list(csv.DictReader(io.StringIO(planner.get(f"/plan/runs/{job}/file?format=csv").text)))
    assert len(cells) == 2 and all(row["street"] == f"'{bad}" for row in cells)
    book = tmp_path / "x.xlsx"
    book.write_bytes(planner.get(f"/plan/runs/{job}/file?format=xlsx").data)
    sheet = openpyxl.load_workbook(book).active
    at = [cell.value for cell in sheet[1]].index("street")
    for row in sheet.iter_rows(min_row=2):
        assert row[at].data_type == "s" and row[at].value == bad and row[at].quotePrefix


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"method": "change", "date": ""}, "Ngày mốc"),
        ({"method": "change", "date": "2099-01-01"}, "Ngày mốc"),
        ({"method": "repeats", "least": "1"}, "Ít nhất"),
        ({"method": "closing", "by": "moon"}, "Theo"),
        ({"method": "closing", "since": "2026-07-01"}, "Ngày cuối"),
        ({"method": "repeats", "within": "1,1"}, "Vùng đã vẽ"),
    ],
)
def test_what_cannot_be_asked_says_why(planner, wrong, said) -> None:
    form = {**FORM, **wrong, "csrf_token": logins.token(planner, "/plan")}
    answer = planner.post("/plan", data=form, headers=logins.ORIGIN)
    assert answer.status_code == 422 and said in answer.text.partition('role="alert"')[2][:300]


def test_spans_that_are_not_over_are_shortened_alike(planner) -> None:
    today = clock.local(clock.now()).date()
    parted = today - timedelta(days=9)
    job, summary, _ = answered(planner, method="change", by="category", what="", date=parted.isoformat(), side="91")
    assert summary["more"]["days"] == 10
    said = found_parameters(job)
    assert said["since"] == (parted - timedelta(days=10)).isoformat() and said["date"] == parted.isoformat()


def test_the_same_question_has_one_address(planner) -> None:
    first, _, page = answered(planner, method="closing", by="ward")
    again = planner.get("/plan?by=ward&method=closing&until=2026-07-01&since=2026-01-01&category=road_subsidence")
    assert again.status_code == 303 and again.headers["Location"].endswith(f"run={first}")
    assert again.headers["Location"].startswith("/plan?method=closing&since=2026-01-01&until=2026-07-01&category=")
    assert '<option value="ward" selected>' in page and 'value="closing" checked' in page
