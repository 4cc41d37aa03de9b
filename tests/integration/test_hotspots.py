"""hotspots run and /api/v1/hotspots: the same cells as others' arithmetic has, in files that others' readers open."""

from __future__ import annotations

import contextvars
import hashlib
import json
import math
import shlex
import sqlite3
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import duckdb
import geopandas
import mapbox_vector_tile
import numpy as np
import openpyxl
import pandas
import pyogrio
import pytest
import shapely
from esda import G_Local
from libpysal.graph import Graph
from PIL import Image
from sqlalchemy import text

from database import clock, settings
from database.engine import OPERATOR, transaction
from geo import crs
from tests import heaps

SCATTERED, HEAPED = 600, 60
COARSE = 7


@pytest.fixture(scope="module")
def invoke(application):
    from etl.commands import hotspots, reports

    def run(*arguments, code=0):
        group = {"reports": reports, "hotspots": hotspots}[arguments[0]]
        answer = application.test_cli_runner().invoke(group, [str(each) for each in arguments[1:]])
        assert answer.exit_code == code, answer.output
        return answer.output.strip().splitlines()[-1]

    return run


@pytest.fixture
def filled(invoke, empty_database, tmp_path):
    """Reports over the inner city, a heap of road subsidence among them, and some known only to their ward."""
    file, kinds = tmp_path / "in.csv", ("road_subsidence", "fallen_tree")
    scattered = heaps.rows("S", SCATTERED, seed=1022, when=heaps.in_months(range(1, 11)))
    coarse = heaps.rows("C", COARSE, when=heaps.in_months([5]))
    heaps.write(file, [
        *(row | {"category": kinds[number % 2]} for number, row in enumerate(scattered)),
        *heaps.rows("H", 0, HEAPED, when=heaps.in_months([9])),
        *(row | {"address": "Phường Sài Gòn", "lat": "", "lon": ""} for row in coarse),
    ])  # fmt: skip
    assert f"{SCATTERED + HEAPED + COARSE} added" in invoke("reports", "import", file)


def reference(table: geopandas.GeoDataFrame, points: geopandas.GeoDataFrame) -> np.ndarray:
    """Gi* of the cells by esda, counted by geopandas, neighbours by libpysal: z as the test's own arithmetic has it."""
    cells = table.to_crs(crs.METRES)
    met = geopandas.sjoin(points.to_crs(crs.METRES), cells[["cell_id", "geometry"]], predicate="within")
    n = met.groupby("cell_id").size().reindex(cells["cell_id"], fill_value=0).to_numpy(dtype=float)
    assert (n == table["n"]).all()
    # From the ids, not from the outlines: PROJ changes to another of its two transformations at 11.04° N, 0.8 m apart.
    side, column, row = np.array([each.split(":") for each in table["cell_id"]], dtype=int).T
    squares = shapely.box(column * side, row * side, (column + 1) * side, (row + 1) * side)
    graph = Graph.build_contiguity(geopandas.GeoSeries(squares), rook=False)
    return np.asarray(G_Local(n, graph, transform="B", star=True, permutations=0).Zs)


def test_gi_star_is_esdas_over_the_reports_as_exported(invoke, filled, tmp_path) -> None:
    out, exported = tmp_path / "hot.gpkg", tmp_path / "reports.gpkg"
    told = invoke("hotspots", "run", out, "--category", "road_subsidence", "--cell-m", "500")
    invoke("reports", "export", exported, "--category", "road_subsidence")
    table = geopandas.read_file(out, layer="hotspots")
    points = geopandas.read_file(exported)
    points = points[~points["precision"].isin(["ward", "district"])]
    assert list(table.columns) == ["cell_id", "n", "z", "p", "p_fdr", "class", "geometry"]
    assert table["n"].sum() == len(points) == SCATTERED // 2 + HEAPED and table.crs.to_epsg() == 4326
    assert np.abs(reference(table, points) - table["z"]).max() < 1e-9
    assert told == f"{len(points)} counted, {len(table)} rows, {table['class'].str.startswith('hot').sum()} hot"
    # Every cell whose centre lies on the city's land, and no other.
    middles = table.to_crs(crs.METRES).centroid
    column, row = (np.floor(each / 500).astype(int) for each in (middles.x, middles.y))
    assert (table["cell_id"] == [f"500:{c}:{r}" for c, r in zip(column, row, strict=True)]).all()
    # The planted heap is hot, at its centre.
    centre = table[table.contains(shapely.Point(heaps.CENTRE))]
    assert centre["class"].tolist() == ["hot99"]
    # The command line's reference agrees.
    esda = tmp_path / "esda.csv"
    invoke("hotspots", "run", esda, "--category", "road_subsidence", "--cell-m", "500", "--engine", "esda")
    other = pandas.read_csv(esda)
    assert (other["cell_id"] == table["cell_id"]).all() and np.abs(other["z"] - table["z"]).max() < 1e-9
    assert (other["class"] == table["class"]).all()


def test_the_address_answers_the_same(invoke, filled, client, tmp_path) -> None:
    out = tmp_path / "hot.csv"
    invoke("hotspots", "run", out, "--category", "road_subsidence", "--cell-m", "400", "--area", "district:766")
    table = pandas.read_csv(out)
    asked = {"category": "road_subsidence", "cell_m": 400, "area": "district:766"}
    answer = client.get("/api/v1/hotspots", query_string=asked)
    assert answer.status_code == 200 and answer.mimetype == "application/geo+json"
    rows = [feature["properties"] for feature in answer.json["features"]]
    assert [row["cell_id"] for row in rows] == table["cell_id"].tolist() and len(rows) > 50
    assert np.allclose([row["z"] for row in rows], table["z"]) and [row["n"] for row in rows] == table["n"].tolist()
    left = answer.json["left_out"]
    assert left["coarse"] == COARSE and answer.json["took_part"] + left["outside"] == SCATTERED // 2 + HEAPED
    full = client.get("/api/v1/hotspots", query_string={**asked, "empty": "0"}).json["features"]
    assert len(full) < len(rows) and {f["properties"]["cell_id"] for f in full} >= {
        row["cell_id"] for row in rows if row["n"]
    }


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"method": "magic"}, "method"),
        ({"cell_m": "abc"}, "cell_m"),
        ({"cell_m": "20"}, "cell_m"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "until"),
        ({"category": "unicorns"}, "category"),
        ({"field": "unicorns"}, "field"),
        ({"area": "99999"}, "area"),
        ({"neighbours": "everybody"}, "neighbours"),
        ({"engine": "esda"}, "engine"),
        ({"method": "emerging", "since": "2026-09-01", "until": "2026-09-20"}, "slices"),
    ],
)
def test_a_bad_question_is_named(client, filled, asked, field) -> None:
    answer = client.get("/api/v1/hotspots", query_string=asked)
    assert answer.status_code == 400 and answer.mimetype == "application/problem+json"
    assert answer.json["errors"][0]["field"] == field


def test_each_file_opens_with_anothers_reader(invoke, filled, tmp_path) -> None:
    area = ("--area", "district:766", "--category", "road_subsidence", "--cell-m", "250", "--crs", "EPSG:9210")
    files = {kind: tmp_path / f"hot.{kind}" for kind in ("csv", "xlsx", "geojson", "gpkg", "parquet", "fgb", "shp")}
    for file in files.values():
        invoke("hotspots", "run", file, *area)
    rows = pandas.read_csv(files["csv"])
    assert len(rows) > 100 and {"lon", "lat", "x", "y"} <= set(rows.columns)
    for kind in ("gpkg", "fgb", "geojson", "shp"):
        layer = "hotspots" if kind == "gpkg" else None
        info = pyogrio.read_info(files[kind], layer=layer)
        assert info["features"] == len(rows) and ("9210" in info["crs"] or "VN-2000" in info["crs"]), kind
        read = geopandas.read_file(files[kind], layer=layer)
        assert sorted(read["cell_id"]) == sorted(rows["cell_id"]), kind
        assert read.geometry.area.round(1).eq(250 * 250).all(), kind
    read = geopandas.read_parquet(files["parquet"])
    assert read.crs.to_epsg() == 9210 and read["n"].tolist() == rows["n"].tolist()
    found = duckdb.sql(f"SELECT count(*), sum(n) FROM read_parquet('{files['parquet']}')").fetchall()[0]
    assert found == (len(rows), rows["n"].sum())
    sheet = openpyxl.load_workbook(files["xlsx"], read_only=True)["hotspots"]
    assert sum(1 for _ in sheet.iter_rows()) == len(rows) + 1
    with closing(sqlite3.connect(files["gpkg"])) as package:
        name, style = package.execute("SELECT f_table_name, styleQML FROM layer_styles").fetchone()
        assert package.execute("SELECT count(*) FROM gpkg_contents WHERE table_name = 'layer_styles'").fetchone() == (
            1,
        )
    renderer = ElementTree.fromstring(style).find("renderer-v2")
    assert name == "hotspots" and renderer is not None and renderer.get("attr") == "class"
    named = {each.get("value"): each.get("symbol") for each in renderer.iter("category")}
    drawn = {each.get("name") for each in renderer.iter("symbol")}
    assert set(named) == {"hot99", "hot95", "hot90", "none", "cold90", "cold95", "cold99"}
    assert set(named.values()) == drawn


def test_beside_the_file_stands_what_makes_it_again(invoke, filled, tmp_path) -> None:
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    asked = ("--category", "road_subsidence", "--cell-m", "500", "--permutations", "99", "--area", "district:766")
    invoke("hotspots", "run", first, *asked)
    told = json.loads((tmp_path / "a.csv.json").read_text())
    assert told["sha256"] == hashlib.sha256(first.read_bytes()).hexdigest() and told["rows"] == len(
        pandas.read_csv(first)
    )
    options = [word for name, value in told["question"].items() for word in (f"--{name.replace('_', '-')}", value)]
    invoke("hotspots", "run", second, *options)
    assert first.read_bytes() == second.read_bytes()
    assert told["left_out"]["coarse"] == COARSE and "few" not in [each["code"] for each in told["warnings"]]
    assert "one_channel" in [each["code"] for each in told["warnings"]]  # all of them came by telephone


@pytest.mark.parametrize(
    ("asked", "column"),
    [
        (("--method", "local-moran"), "quadrant"),
        (("--method", "kde"), "density"),
        (("--method", "st-dbscan", "--reach-m", "200", "--reach-days", "30"), "first"),
        (("--method", "emerging", "--cell-m", "1000"), "pattern"),
        (("--per", "road"), "rate"),
        (("--h3", "8"), "cell_id"),
        (("--neighbours", "band:600"), "z"),
    ],
)
def test_each_method_finds_the_heap(invoke, filled, tmp_path, asked, column) -> None:
    out = tmp_path / "hot.gpkg"
    invoke("hotspots", "run", out, "--category", "road_subsidence", *asked)
    table = geopandas.read_file(out, layer="hotspots")
    assert column in table.columns
    here = table[table.intersects(shapely.Point(heaps.CENTRE))].iloc[0]
    if "kde" in asked:
        assert here["density"] > 0.8 * table["density"].max()
    elif "st-dbscan" in asked:
        assert here["n"] >= 0.8 * HEAPED and here["n"] == table["n"].max()
    elif "emerging" in asked:
        # September's heap reaches into October's window: hot at the end, and by chance once before or never.
        assert here["pattern"] in ("hot new", "hot consecutive", "hot sporadic") and here["n"] >= HEAPED // 2
    else:
        assert here["class"] == "hot99"


def test_nothing_asked_for_is_nothing_found(invoke, filled, tmp_path) -> None:
    out = tmp_path / "hot.csv"
    assert invoke("hotspots", "run", out, "--category", "noise", "--area", "district:766").startswith("0 counted, ")
    assert (pandas.read_csv(out)["class"] == "none").all()


def test_pictures_are_pictures(invoke, filled, tmp_path) -> None:
    png, pdf = tmp_path / "hot.png", tmp_path / "hot.pdf"
    for file in (png, pdf):
        invoke("hotspots", "run", file, "--category", "road_subsidence", "--cell-m", "500", "--lang", "en")
    with Image.open(png) as image:
        assert image.size[0] > 2000
        colours = image.convert("RGB").resize((400, 283)).getcolors(maxcolors=200_000)
        assert colours is not None and len(colours) > 50
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert json.loads((tmp_path / "hot.png.json").read_text())["rows"] > 0


def test_the_page_draws_the_same_cells_without_a_network(invoke, filled, chromium, tmp_path) -> None:
    page, table = tmp_path / "hot.html", tmp_path / "hot.csv"
    for file in (page, table):
        invoke("hotspots", "run", file, "--category", "road_subsidence", "--cell-m", "500")
    marked = (pandas.read_csv(table)["class"] != "none").sum()
    context = chromium.new_context(offline=True)
    asked: list[str] = []
    opened = context.new_page()
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(page.as_uri())
    drawn = opened.evaluate(
        """() => { let n = 0; const map = Object.entries(window).find(([k]) => /^map_[0-9a-f]+$/.test(k))[1];
        map.eachLayer((layer) => { if (layer.feature?.properties?.cell_id) n += 1; }); return n; }"""
    )
    assert drawn == marked > 0 and asked == [page.as_uri()]
    assert "hiệu chỉnh" in opened.locator(".reading").inner_text()
    context.close()


def test_a_bad_name_is_one_line(invoke, tmp_path) -> None:
    assert "OUT" in invoke("hotspots", "run", tmp_path / "hot.doc", code=2)
    assert "no such folder" in invoke(
        "hotspots", "run", tmp_path / "none" / "hot.csv", "--area", "district:766", code=1
    )
    assert "cell_m" in invoke("hotspots", "run", tmp_path / "hot.csv", "--cell-m", "1", code=1)


def test_a_drawn_area_and_exact_tails_are_asked_for_in_words(invoke, filled, tmp_path) -> None:
    """As the workbench asks; what stands beside the file makes it again."""
    out = tmp_path / "hot.csv"
    within = "106.64,10.78 106.68,10.78 106.68,10.82 106.64,10.82"
    invoke("hotspots", "run", out, "--category", "road_subsidence", "--tail", "exact", "--within", within)
    table = pandas.read_csv(out)
    assert len(table) == pytest.approx((4373 / 250) * (4424 / 250), rel=0.05)
    assert table["lon"].between(106.639, 106.681).all() and (table["class"] == "hot99").any()
    told = json.loads((tmp_path / "hot.csv.json").read_text())
    words = shlex.split(told["command"])
    again = tmp_path / "again.csv"
    invoke("hotspots", "run", *[again if word == "OUT" else word for word in words[words.index("run") + 1 :]])
    assert again.read_bytes() == out.read_bytes()


def test_road_lengths_are_kept_until_the_streets_change(client, filled, monkeypatch) -> None:
    """A second call measures no road; another state of the street data, or another grid, does."""
    from etl.hotspots import exposure

    measured = []
    real = exposure._measured
    monkeypatch.setattr(exposure, "_measured", lambda *given: measured.append(1) or real(*given))
    asked = {"category": "road_subsidence", "cell_m": 730, "area": "district:766", "per": "road"}
    first = client.get("/api/v1/hotspots", query_string=asked)
    again = client.get("/api/v1/hotspots", query_string=asked)
    assert first.status_code == 200 and len(measured) == 1 and again.json["features"] == first.json["features"]
    assert sum(each["properties"]["exposure"] for each in first.json["features"]) > 100
    assert client.get("/api/v1/hotspots", query_string={**asked, "cell_m": 740}).status_code == 200
    assert len(measured) == 2
    with transaction(OPERATOR) as connection:
        connection.execute(text("UPDATE reference_version SET version = version + 1 WHERE name = 'basemap'"))
    assert client.get("/api/v1/hotspots", query_string=asked).status_code == 200 and len(measured) == 3


@pytest.fixture
def spring(filled):
    """The clock of a day after the heap of September, on which nobody has asked yet."""
    with clock.frozen(datetime(2026, 11, 3, 5, tzinfo=UTC)):
        for old in (settings.current().data_dir / "kept" / "standing").glob("*"):
            old.unlink()
        yield


def test_the_tiles_show_the_hot_spots_of_now(client, spring, invoke, tmp_path) -> None:
    """The half year until today: the same cells, classes and figures as the command finds for it."""
    out = tmp_path / "hot.csv"
    span = ("--since", "2026-05-05", "--until", "2026-11-03")
    invoke("hotspots", "run", out, "--category", "road_subsidence", "--tail", "exact", *span)
    table = pandas.read_csv(out).query("`class` != 'none'")
    found = {}
    for x, y in _tiles(13):
        answer = client.get(f"/tiles/hotspots/13/{x}/{y}.mvt?category=road_subsidence")
        assert answer.status_code in (200, 204) and len(answer.data) < 500_000
        for feature in mapbox_vector_tile.decode(answer.data).get("hotspots", {"features": []})["features"]:
            assert set(feature["properties"]) == {"n", "z", "p_fdr", "class"}
            key = (feature["properties"]["n"], feature["properties"]["z"], feature["properties"]["class"])
            found[key] = found.get(key, 0) + 1
    wanted = {(int(n), round(z, 2), kind) for n, z, kind in zip(table["n"], table["z"], table["class"], strict=True)}
    assert set(found) == wanted and "hot99" in {key[2] for key in found}
    # One request of all is a whole picture of the city; the heap is in it.
    low = mapbox_vector_tile.decode(client.get("/tiles/hotspots/9/407/240.mvt?category=road_subsidence").data)
    assert len(low["hotspots"]["features"]) == len(table)
    announced = client.get("/tiles/hotspots.json").json
    assert announced["tiles"][0].endswith("-2026-11-03")
    assert [set(each["fields"]) for each in announced["vector_layers"]] == [{"n", "z", "p_fdr", "class"}]
    first = client.get("/tiles/hotspots/9/407/240.mvt?category=road_subsidence")
    etag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/tiles/hotspots/9/407/240.mvt?category=road_subsidence", headers=etag).status_code == 304
    assert client.get("/tiles/hotspots/9/407/240.mvt?category=noise").status_code == 204
    assert client.get("/tiles/hotspots/9/407/240.mvt?category=unicorns").status_code == 400
    assert client.get("/tiles/hotspots/9/407/240.mvt?category=noise&field=trees").status_code == 400


def test_the_hot_spots_of_now_are_reckoned_once_a_day(client, spring, monkeypatch) -> None:
    from etl.hotspots import standing

    asked = []
    real = standing._asked
    monkeypatch.setattr(standing, "_asked", lambda *given: asked.append(1) or real(*given))
    contexts = [contextvars.copy_context() for _ in range(4)]  # the frozen clock belongs to the context
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda k: contexts[k].run(_one_tile, client.application, k), range(4)))
    assert {answer.status_code for answer in answers} <= {200, 204} and len(asked) == 1
    client.get("/tiles/hotspots/10/815/481.mvt?category=road_subsidence")
    assert len(asked) == 1
    client.get("/tiles/hotspots/10/815/481.mvt")
    assert len(asked) == 2


def _one_tile(application, k: int):
    return application.test_client().get(f"/tiles/hotspots/13/{6522 + k}/3848.mvt?category=road_subsidence")


def _tiles(zoom: int):
    """Those that hold the reports."""
    west, south, east, north = heaps.BOX
    x = [int((lon + 180) / 360 * 2**zoom) for lon in (west - 0.01, east + 0.01)]
    y = [
        int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
        for lat in (north + 0.01, south - 0.01)
    ]
    return [(column, row) for column in range(x[0], x[1] + 1) for row in range(y[0], y[1] + 1)]
