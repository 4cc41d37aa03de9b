"""Wards, former districts and zones as cells: by the command, the address and the workbench, in every kind of file."""

from __future__ import annotations

import json
import re

import geopandas
import numpy as np
import pandas
import pyogrio
import pytest
import shapely
from esda import G_Local
from libpysal.graph import Graph
from PIL import Image

from database.engine import WORKER, read, transaction
from etl.analysis import Asked, hot_places, kept, rows
from geo import crs
from tests import heaps, logins
from tests.workbench import answered, ask, found, number_of

SCATTERED, HEAPED = 400, 160
WARD = ("--category", "road_subsidence", "--cells", "ward")


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
    """Incidents all over the city, and a heap within one ward."""
    file = tmp_path / "in.csv"
    heaps.write(file, heaps.rows("A", SCATTERED, HEAPED, seed=19, box=heaps.CITY, when=heaps.in_months(range(1, 7))))
    invoke("reports", "import", file)


@pytest.fixture
def planner(application, filled):
    logins.create("quy-hoach-thu", "planner")
    client = application.test_client()
    assert logins.log_in(client, "quy-hoach-thu").status_code == 303
    return client


def test_gi_star_of_wards_is_esdas_over_the_reports_as_exported(invoke, filled, tmp_path) -> None:
    out, exported = tmp_path / "hot.gpkg", tmp_path / "reports.gpkg"
    told = invoke("hotspots", "run", out, *WARD)
    invoke("reports", "export", exported, "--category", "road_subsidence")
    table, points = geopandas.read_file(out, layer="hotspots"), geopandas.read_file(exported, layer="reports")
    assert list(table.columns) == ["cell_id", "n", "z", "p", "p_fdr", "class", "name", "geometry"]
    assert len(table) == 168 and table["cell_id"].is_unique and (table.geom_type == "MultiPolygon").all()
    within = geopandas.sjoin(points, table[["cell_id", "geometry"]], predicate="within")
    n = within.groupby("cell_id").size().reindex(table["cell_id"], fill_value=0).to_numpy()
    assert (n == table["n"]).all() and n.sum() > HEAPED and told.startswith(f"{n.sum()} counted, 168 rows, ")
    graph = Graph.build_fuzzy_contiguity(table.to_crs(crs.METRES).geometry, buffer=0.5)
    theirs = G_Local(n.astype(float), graph, transform="B", star=True, permutations=0)
    assert np.abs(theirs.Zs - table["z"]).max() < 1e-9
    beside = json.loads((tmp_path / "hot.gpkg.json").read_text())
    assert "uneven" in [each["code"] for each in beside["warnings"]] and "--cells ward" in beside["command"]
    assert beside["left_out"]["outside"] == len(points) - n.sum()


@pytest.mark.parametrize(
    "asked",
    [
        ("--cells", "ward", "--per", "area"),
        ("--cells", "ward", "--per", "road", "--method", "local-moran"),
        ("--cells", "ward", "--per", "area", "--neighbours", "band:6000"),
        ("--cells", "district", "--per", "area", "--neighbours", "nearest:3"),
        ("--cells", "zone:drainage", "--per", "road"),
    ],
)
def test_the_area_that_holds_the_heap_is_hot(invoke, filled, tmp_path, asked) -> None:
    out = tmp_path / "hot.gpkg"
    invoke("hotspots", "run", out, *asked)
    table = geopandas.read_file(out, layer="hotspots")
    (here,) = table[table.contains(shapely.Point(heaps.CENTRE))].to_dict("records")
    assert here["n"] >= 0.7 * HEAPED
    if "local-moran" in asked:
        assert here["quadrant"].startswith("high")  # alone among wards with few it is no class
    else:
        assert here["class"].startswith("hot")
    assert here["rate"] == table["rate"].max()
    if "area" in asked:
        assert table["exposure"].min() > 0
        assert table["exposure"].sum() == pytest.approx(table.to_crs(crs.METRES).area.sum() / 1e6)
    codes = [each["code"] for each in json.loads((tmp_path / "hot.gpkg.json").read_text())["warnings"]]
    assert "uneven" not in codes and ("few_areas" in codes) == ("zone:drainage" in asked)


def test_the_address_answers_the_same_and_in_a_district_alone(client, invoke, filled, tmp_path) -> None:
    invoke("hotspots", "run", tmp_path / "hot.csv", *WARD, "--per", "area")
    table = pandas.read_csv(tmp_path / "hot.csv", dtype={"cell_id": str})
    asked = {"category": "road_subsidence", "cells": "ward", "per": "area"}
    answer = client.get("/api/v1/hotspots", query_string=asked)
    assert answer.status_code == 200 and len(answer.data) < 3_000_000
    shown = [each["properties"] for each in answer.json["features"]]
    assert [each["cell_id"] for each in shown] == table["cell_id"].tolist()
    assert np.allclose([each["z"] for each in shown], table["z"])
    shapes = [shapely.geometry.shape(each["geometry"]) for each in answer.json["features"]]
    here = [row for row, shape in zip(shown, shapes, strict=True) if shape.contains(shapely.Point(heaps.CENTRE))]
    assert len(here) == 1 and here[0]["class"] == "hot99"
    assert all(each.is_valid for each in shapes)
    assert answer.json["places"][0]["name"] in table["name"].tolist()
    some = client.get("/api/v1/hotspots", query_string={**asked, "area": "district:766"}).json
    wards = [each["properties"]["cell_id"] for each in some["features"]]
    assert 3 <= len(wards) < 12 and set(wards) < set(table["cell_id"])


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"cells": "street"}, "cells"),
        ({"cells": "zone"}, "cells"),
        ({"cells": "ward:26734"}, "cells"),
        ({"cells": "zone:unicorns"}, "cells"),
        ({"cells": "ward", "cell_m": "500"}, "cells"),
        ({"cells": "ward", "h3": "8"}, "cells"),
        ({"cells": "ward", "method": "kde"}, "cells"),
        ({"cells": "ward", "method": "st-dbscan"}, "cells"),
        ({"cells": "ward", "method": "emerging"}, "cells"),
        ({"cells": "ward", "tail": "exact"}, "tail"),
        ({"cells": "district", "area": "district:766"}, "cells"),
        ({"cells": "district", "neighbours": "nearest:60"}, "neighbours"),
    ],
)
def test_a_question_that_areas_cannot_answer_is_named(client, filled, asked, field) -> None:
    answer = client.get("/api/v1/hotspots", query_string=asked)
    assert answer.status_code == 400 and answer.json["errors"][0]["field"] == field


def test_a_planner_asks_by_wards_and_gets_the_same_answer_again(planner, tmp_path) -> None:
    asked = ask(planner, cell="area:ward")
    assert "per=area" in asked.headers["Location"] and "cells=ward" in asked.headers["Location"]
    assert "cell_m" not in asked.headers["Location"]
    job = number_of(asked)
    answered(job)
    summary = found(job).summary
    page = planner.get(asked.headers["Location"]).text
    assert "168 khu vực" in page and "phường, xã hôm nay, số vụ trên km²" in page
    assert 'value="area:ward" selected' in page and "hiệu chỉnh cho 168 phường, xã" in page
    assert summary["rows"] == 168 and summary["classes"]["hot99"] > 0
    with transaction(WORKER) as connection:
        stored = kept.unpack(rows.part(connection, job, "answer"))
    from etl.hotspots.run import run

    with read() as connection:
        direct = run(connection, Asked.of_address(found(job).parameters).question)
        places = json.loads(hot_places.pack(stored, connection))
    assert all(a.equals(b) for a, b in zip(direct.outlines(), stored.outlines(), strict=True))
    assert (direct.columns["z"] == stored.columns["z"]).all()
    # The map draws them, each with its name; a monthly run would know the place again by its outline.
    drawn = planner.get(f"/plan/runs/{job}/cells.geojson").json["features"]
    assert len(drawn) == sum(n for name, n in summary["classes"].items() if name != "none")
    (here,) = [f for f in drawn if shapely.geometry.shape(f["geometry"]).contains(shapely.Point(heaps.CENTRE))]
    assert here["properties"]["name"].startswith("Phường ") and here["properties"]["class"] == "hot99"
    assert [each["name"] for each in summary["places"]][: len(places)] == [each["name"] for each in places]
    assert any(shapely.geometry.shape(each["outline"]).contains(shapely.Point(heaps.CENTRE)) for each in places)
    # And every file opens.
    for kind in ("gpkg", "fgb", "geojson", "parquet", "csv", "xlsx", "png", "html", "shp"):
        answer = planner.get(f"/plan/runs/{job}/file?format={kind}&crs=9210")
        assert answer.status_code == 200, kind
        suffix = re.search(r"filename=\S+?(\.[a-z.]+)$", answer.headers["Content-Disposition"])
        file = tmp_path / f"taken{suffix[1] if suffix else ''}"
        file.write_bytes(answer.data)
        if kind in ("gpkg", "fgb"):
            table = pyogrio.read_dataframe(file, layer="hotspots" if kind == "gpkg" else None)
            assert len(table) == 168 and table.geometry.area.sum() == pytest.approx(6_772e6, rel=0.02)
        elif kind == "parquet":
            assert len(geopandas.read_parquet(file)) == 168
        elif kind == "png":
            with Image.open(file) as image:
                assert len(image.convert("RGB").resize((400, 283)).getcolors(maxcolors=200_000) or ()) > 50
        elif kind == "html":
            assert b"MultiPolygon" in answer.data and len(answer.data) < 8_000_000


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"compare": "spans"}, "so sánh chia ô"),
        ({"method": "emerging"}, "chỉ đi với gi-star, local-moran"),
        ({"cell": "area:zone:unicorns"}, "không có"),
    ],
)
def test_what_areas_cannot_answer_is_said_on_the_form(planner, wrong, said) -> None:
    answer = ask(planner, **{"cell": "area:ward", **wrong})
    alert = re.search(r'role="alert"[^>]*>([^<]+)<', answer.text)
    assert answer.status_code == 422 and alert and alert[1].startswith("Ô: ") and said in alert[1]
