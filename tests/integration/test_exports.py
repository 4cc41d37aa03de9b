"""What leaves the house opens elsewhere with the same rows, places and system, and says how it came about."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path

import duckdb
import geopandas
import numpy as np
import openpyxl
import pandas
import psycopg
import pyogrio
import pyproj
import pytest
import shapely
from lxml import etree

from etl import formats
from etl.hotspots import legend as styles
from etl.writers.harmless import harmless, original
from etl.writers.names import shapefile_names
from tests import heaps

HOSTILE = (
    "=HYPERLINK(\"http://example.org\";\"bấm\")", "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1;1)",
    "\uff1d1+1",    "'=1+1", "''@a", "-5", "+84 903 111 222", "bình thường",
)  # fmt: skip
READERS = ("gpkg", "fgb", "geojson", "shp", "shp.zip")


@pytest.fixture
def invoke(application, empty_database):
    from etl.commands import hotspots, reports

    def run(group, *arguments, code=0):
        command = {"reports": reports, "hotspots": hotspots}[group]
        answer = application.test_cli_runner().invoke(command, [str(each) for each in arguments])
        assert answer.exit_code == code, answer.output
        return answer.stdout.strip().splitlines()[-1] if code == 0 else answer.output

    return run


@pytest.fixture
def filled(invoke, empty_database, tmp_path):
    """Three hundred reports over the inner city, forty of them at one place; their words are hostile here and there."""
    file = tmp_path / "in.csv"
    made = heaps.rows("E", 260, 40, seed=19, when=heaps.in_months([9]))
    heaps.write(file, (row | {"description": harmless(HOSTILE[n % len(HOSTILE)])} for n, row in enumerate(made)))
    assert invoke("reports", "import", file).startswith("300 read, 300 added")
    with psycopg.connect(empty_database) as connection:
        connection.execute("UPDATE report SET moderation = 'released'")
    return 300


def ogrinfo(path, layer=""):
    """Debian's GDAL, which is not the one that wrote the file: count, extent, the system's code."""
    told = subprocess.run(
        ["ogrinfo", "-ro", "-so", *([path, layer] if layer else ["-al", path])],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    extent = re.search(r"Extent: \(([^,]+), ([^)]+)\) - \(([^,]+), ([^)]+)\)", told)
    code = re.findall(r'ID\["EPSG",(\d+)\]\]\n', told)
    return int(re.search(r"Feature Count: (\d+)", told)[1]), [float(edge) for edge in extent.groups()], code


def layer_of(kind, name):
    return name if kind == "gpkg" else ""


@pytest.mark.parametrize("crs", [4326, 9210, 32648])
@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("what", ["reports", "hotspots"])
def test_others_read_the_same(invoke, filled, tmp_path, what, kind, crs) -> None:
    file, plain = tmp_path / f"out.{kind}", tmp_path / "plain.csv"
    asked = () if what == "reports" else ("--cell-m", "500", "--area", "district:766")
    for each in (file, plain):
        command = ("export", each) if what == "reports" else ("run", each, *asked)
        invoke(what, *command, "--crs", f"EPSG:{crs}")
    rows = pandas.read_csv(plain)
    key = "external_id" if what == "reports" else "cell_id"
    opened = f"/vsizip/{file}" if kind == "shp.zip" else file
    count, extent, code = ogrinfo(opened, layer_of(kind, what))
    assert count == len(rows) > 20
    frame = geopandas.read_file(opened, **({"layer": what} if kind == "gpkg" else {}))
    assert frame.crs.equals(pyproj.CRS.from_epsg(crs), ignore_axis_order=True) or frame.crs.to_epsg() == crs
    assert kind.startswith("shp") or code == [str(crs)]  # a .prj has no codes
    name = shapefile_names(rows.columns)[key] if kind.startswith("shp") else key
    assert sorted(frame[name]) == sorted(rows[key])
    frame = frame.set_index(name).loc[rows[key]]
    x, y = (rows["x"], rows["y"]) if crs != 4326 else (rows["lon"], rows["lat"])
    points = frame.geometry if what == "reports" else geopandas.GeoSeries(shapely.centroid(frame.geometry.to_numpy()))
    near = 3e-6 if crs == 4326 else 0.02  # a hotspot's table rounds its middles
    assert np.abs(points.x.to_numpy() - x.to_numpy()).max() < near
    assert np.abs(points.y.to_numpy() - y.to_numpy()).max() < near
    bounds = frame.total_bounds
    assert extent == pytest.approx(
        list(bounds), abs=1e-4 if crs == 4326 else 1
    )  # a GeoPackage's index is single precision


@pytest.mark.parametrize("what", ["reports", "hotspots"])
def test_tables_by_pandas_openpyxl_and_duckdb(invoke, filled, tmp_path, what) -> None:
    files = {kind: tmp_path / f"out.{kind}" for kind in ("csv", "xlsx", "parquet")}
    for file in files.values():
        invoke(
            what, *(("export", file) if what == "reports" else ("run", file, "--cell-m", "500")), "--crs", "EPSG:9210"
        )
    rows = pandas.read_csv(files["csv"])
    sheet = openpyxl.load_workbook(files["xlsx"], read_only=True).active
    header, *body = sheet.iter_rows(values_only=True)
    assert list(header) == list(rows.columns) and len(body) == len(rows)
    assert np.allclose([row[header.index("x")] for row in body], rows["x"])
    frame = geopandas.read_parquet(files["parquet"])
    assert frame.crs.to_epsg() == 9210 and len(frame) == len(rows)
    asked = f"SELECT value FROM parquet_kv_metadata('{files['parquet']}') WHERE key = 'geo'"
    [[written]] = duckdb.sql(asked).fetchall()
    geo = json.loads(written)
    column = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0" and column["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 9210}
    west, south, east, north = frame.total_bounds
    middle = (west + east) / 2
    some = geopandas.read_parquet(files["parquet"], bbox=(west, south, middle, north))
    assert 0 < len(some) < len(frame)  # the covering leaves the others out
    [(found, edge)] = duckdb.sql(f"SELECT count(*), min(bbox.xmin) FROM '{files['parquet']}'").fetchall()
    assert found == len(rows) and edge == pytest.approx(west, abs=0.1)


def test_no_cell_is_a_formula_and_nothing_is_lost(invoke, filled, empty_database, tmp_path) -> None:
    table, book = tmp_path / "out.csv", tmp_path / "out.xlsx"
    for file in (table, book):
        invoke("reports", "export", file, "--private")
    with table.open(encoding="utf-8", newline="") as lines:
        said = {row["external_id"]: row["description"] for row in csv.DictReader(lines)}
    for number in range(300):
        wanted = HOSTILE[number % len(HOSTILE)]
        cell = said[f"E-{number}"]
        assert original(cell) == wanted
        if wanted in ("-5", "+84 903 111 222", "bình thường"):
            assert cell == wanted
        else:
            assert cell[0] == "'"
    sheet = openpyxl.load_workbook(book).active
    at = [cell.value for cell in sheet[1]].index("description")
    for row in sheet.iter_rows(min_row=2):
        cell = row[at]
        assert cell.data_type == "s" and cell.value in HOSTILE
        assert bool(cell.quotePrefix) is (harmless(cell.value) != cell.value)
    for file in (table, book):
        assert invoke("reports", "import", file) == "300 read, 0 added, 300 unchanged, 0 rejected"


@pytest.mark.parametrize(
    "text", [*HOSTILE, "\t=1", "\r=1", "'", "''", "'a", "+", "-", "=", "@", "1-2", "-1.5e3", "−5", ""]
)
def test_harmless_can_be_undone(text) -> None:
    assert original(harmless(text)) == text
    assert harmless(text)[:1] not in ("=", "@", "\t", "\r")


@pytest.mark.parametrize("kind", formats.DATA)
def test_the_sidecar_makes_it_again(invoke, filled, tmp_path, kind) -> None:
    suffix = formats.FORMATS[kind].suffix
    for what, asked in (("reports", ("--category", "road_subsidence")), ("hotspots", ("--cell-m", "1000"))):
        file = tmp_path / f"{what}{suffix}"
        invoke(what, "export" if what == "reports" else "run", file, *asked, "--crs", "EPSG:32648")
        told = json.loads((tmp_path / f"{file.name}.json").read_text(encoding="utf-8"))
        assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest() and told["bytes"] == file.stat().st_size
        assert told["rows"] > 0 and told["crs"] == "EPSG:32648" and told["format"] == kind
        assert {"python", "pyproj"} <= set(told["versions"]) and told["written_at"] and told["seconds"] >= 0
        again = tmp_path / f"again-{what}{suffix}"
        words = [str(again) if word == "OUT" else word for word in told["command"].split()[4:]]
        invoke(what, *words)
        beside = json.loads((tmp_path / f"{again.name}.json").read_text(encoding="utf-8"))
        assert beside["rows"] == told["rows"]
        if kind in ("csv", "geojson"):
            options = () if what == "reports" else ("--crs", "EPSG:32648")
            invoke(what, *words, *options)
            assert again.read_bytes() == file.read_bytes()


def test_a_shapefile_says_its_limits(invoke, filled, tmp_path) -> None:
    invoke("reports", "export", tmp_path / "out.shp")
    invoke("reports", "export", tmp_path / "out.shp.zip")
    parts = {file.suffix for file in tmp_path.glob("out.*")}
    assert {".shp", ".shx", ".dbf", ".prj", ".cpg"} <= parts and (tmp_path / "out.cpg").read_text() == "UTF-8"
    told = json.loads((tmp_path / "out.shp.json").read_text())
    assert "2 GB" in told["limits"] and told["renamed"]["ext_id"] == "external_id" and told["texts_cut"] == 0
    assert all(len(name) <= 10 for name in pyogrio.read_info(tmp_path / "out.shp")["fields"])
    with zipfile.ZipFile(tmp_path / "out.shp.zip") as packed:
        assert {Path(name).suffix for name in packed.namelist()} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    frame = pyogrio.read_dataframe(tmp_path / "out.shp")
    assert set(frame["descript"]) == set(HOSTILE)


def test_long_texts_in_a_shapefile_are_cut_between_letters_and_counted(
    invoke, filled, empty_database, tmp_path
) -> None:
    with psycopg.connect(empty_database) as connection:
        connection.execute("UPDATE report SET description = repeat('ắ', 200) WHERE external_id = 'E-1'")
    invoke("reports", "export", tmp_path / "out.shp")
    assert json.loads((tmp_path / "out.shp.json").read_text())["texts_cut"] == 1
    frame = pyogrio.read_dataframe(tmp_path / "out.shp").set_index("ext_id")
    assert frame.loc["E-1", "descript"] == "ắ" * 84  # three bytes a letter


def test_names_of_a_shapefile_are_short_and_different() -> None:
    names = shapefile_names(["a_very_long_name", "a_very_long_name_too", "a_very_lon", "ok", "zone_environment"])
    assert len(set(names.values())) == 5 and max(map(len, names.values())) <= 10
    assert names["ok"] == "ok" and names["a_very_lon"] == "a_very_lon"


def test_qgis_styles_are_what_qgis_reads(invoke, filled, tmp_path) -> None:
    """Against a RelaxNG of our own, taken from what QGIS's sources read: QGIS publishes none."""
    schema = etree.RelaxNG(etree.parse(Path(__file__).parents[1] / "unit" / "data" / "qml.rng"))
    invoke("reports", "export", tmp_path / "reports.gpkg")
    invoke("hotspots", "run", tmp_path / "hotspots.gpkg", "--cell-m", "500")
    seen = {}
    for name in ("reports", "hotspots"):
        with closing(sqlite3.connect(tmp_path / f"{name}.gpkg")) as package:
            asked = "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
            for layer, column, style, default in package.execute(asked):
                assert default == 1
                known = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?"
                assert package.execute(known, (layer,)).fetchone() == (column,)
                document = etree.fromstring(style)
                assert schema.validate(document), schema.error_log
                seen[layer] = document
    assert set(seen) == {"reports", "hotspots", "hotspot_places"}
    categories = seen["hotspots"].findall(".//category")
    assert [each.get("value") for each in categories] == list(styles.COLOURS)
    drawn = {symbol.get("name"): symbol for symbol in seen["hotspots"].findall(".//symbol")}
    for each in categories:
        colour = drawn[each.get("symbol")].find(".//Option[@name='color']").get("value")
        wanted = styles.COLOURS[each.get("value")]
        assert colour.split(",")[:3] == [str(int(wanted[k : k + 2], 16)) for k in (1, 3, 5)]
    broken = etree.fromstring(etree.tostring(seen["hotspots"]).replace(b"SimpleFill", b"SimplePhil"))
    assert not schema.validate(broken)


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils is not installed")
def test_a_pdf_is_drawn_by_another_program(invoke, filled, tmp_path) -> None:
    invoke("hotspots", "run", tmp_path / "out.pdf", "--cell-m", "500", "--lang", "en")
    subprocess.run(["pdftoppm", "-r", "60", "-png", tmp_path / "out.pdf", tmp_path / "page"], check=True, timeout=60)
    [page] = tmp_path.glob("page*.png")
    from PIL import Image

    with Image.open(page) as image:
        assert image.size == (702, 497)  # A4, landscape
        colours = image.convert("RGB").getcolors(1 << 20)
        assert len(colours) > 300
    text = subprocess.run(["pdftotext", tmp_path / "out.pdf", "-"], capture_output=True, text=True, check=True).stdout
    for word in ("Hot spots (Gi*)", "99% hot", "Parameters: cell_m=500", "Source: 1022", "km", "rows took part"):
        assert word in text, word
    assert re.search(r"^N$", text, re.MULTILINE)
    told = json.loads((tmp_path / "out.pdf.json").read_text())
    assert told["crs"] == "EPSG:9210" and told["format"] == "pdf"


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_sheet_says_what_was_asked_and_that_demo_data_are_demo_data(
    invoke, filled, empty_database, tmp_path, lang
) -> None:
    asked = ("--category", "road_subsidence", "--since", "2026-09-01", "--until", "2026-10-01", "--lang", lang)

    def said(name: str) -> tuple[str, str, list[dict]]:
        invoke("hotspots", "run", tmp_path / f"{name}.pdf", "--cell-m", "500", *asked)
        invoke("hotspots", "run", tmp_path / f"{name}.html", "--cell-m", "500", *asked)
        sheet = ["pdftotext", tmp_path / f"{name}.pdf", "-"]
        text = subprocess.run(sheet, capture_output=True, text=True, check=True).stdout
        beside = json.loads((tmp_path / f"{name}.pdf.json").read_text(encoding="utf-8"))
        page = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
        return " ".join(text.split()), page, beside["warnings"]

    demo = {"vi": "Dữ liệu minh hoạ", "en": "Demo data"}[lang]
    text, page, warnings = said("real")
    what = {"vi": "Lún, sụt mặt đường", "en": "Road-surface subsidence"}[lang]
    city = {"vi": "cả thành phố", "en": "the whole city"}[lang]
    for whole in (text, page):
        assert f"{what} · 01/09/2026 – 30/09/2026 · {city}" in whole and demo not in whole
    assert "demo" not in [each["code"] for each in warnings]
    with psycopg.connect(empty_database) as connection:
        ids = "(SELECT id FROM report ORDER BY id LIMIT 7)"
        connection.execute(f"UPDATE report SET demo = true WHERE id IN {ids}")
        incidents = f"(SELECT incident_id FROM report WHERE id IN {ids})"
        connection.execute(f"UPDATE public_incident SET demo = true WHERE id IN {incidents}")
    text, page, warnings = said("demo")
    assert text.count(demo) == 2 and demo in page and {"code": "demo", "n": 7} in warnings
    invoke("reports", "export", tmp_path / "reports.csv")
    assert json.loads((tmp_path / "reports.csv.json").read_text(encoding="utf-8"))["demo"] == 7


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils is not installed")
def test_reports_on_a_sheet(invoke, filled, tmp_path) -> None:
    file = tmp_path / "reports.pdf"
    assert "incidents" in invoke("reports", "map", file, "--lang", "en")
    invoke("reports", "map", tmp_path / "reports.png")
    subprocess.run(["pdftoppm", "-r", "60", "-png", file, tmp_path / "sheet"], check=True, timeout=60)
    [page] = tmp_path.glob("sheet*.png")
    from PIL import Image

    with Image.open(page) as image, Image.open(tmp_path / "reports.png") as drawn:
        assert image.size == (702, 497) and drawn.size == (2338, 1654)
    text = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout
    for word in ("Incident map 1022", "OpenStreetMap", "EPSG:9210", "km", "Made at"):
        assert word in text, word
