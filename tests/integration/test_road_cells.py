"""Pieces of road as cells: every incident at the nearest one, rates per km, neighbours where roads meet."""

from __future__ import annotations

import csv
import json
import random
import re

import geopandas
import numpy as np
import pandas
import pytest
import shapely
from esda import G_Local
from libpysal.graph import Graph

from database.engine import WORKER, read, transaction
from district_boundaries import areas
from etl.analysis import hot_places, kept, rows
from etl.hotspots import road_cells, study
from etl.hotspots.question import Question
from etl.hotspots.road_cells import RoadCells
from geo import crs, road_pieces
from geo.statistics import discovery_rate, getis_ord
from tests import logins
from tests.workbench import answered, ask, found, number_of

DISTRICT = "district:766"
ASKED = Question(cells="road", per="road", area=DISTRICT)
HOT = ("hot99", "hot95", "hot90")
SCATTERED, HEAPED, FAR = 300, 80, 20


def network() -> RoadCells:
    with read() as connection:
        index = areas.current(connection)
        land = study.land(index, study.area_of(ASKED, index))
        cells = study.cells(connection, ASKED, land, index)
    assert isinstance(cells, RoadCells)
    return cells


def along(cells: RoadCells, many: int, dice: np.random.Generator) -> np.ndarray:
    """Points on the roads, as many on each kilometre: x, y metres."""
    row = dice.choice(len(cells), many, p=cells.km / cells.km.sum())
    lines = cells.network.lines[cells.rows[row]]
    return shapely.get_coordinates(shapely.line_interpolate_point(lines, dice.uniform(0, 1, many), normalized=True))


@pytest.fixture
def filled(application, empty_database, tmp_path):
    """Incidents beside the roads of a district, a heap at one piece of road, and some far from all of them. Gives the
    id of that piece."""
    from etl.commands import reports

    cells, dice = network(), np.random.default_rng(19)
    points = along(cells, SCATTERED, dice) + dice.normal(0, 3, (SCATTERED, 2))
    named = np.flatnonzero((cells.names != "") & (cells.km > 0.15) & (cells.km < 0.3))
    planted = int(named[len(named) // 2])
    line = cells.network.lines[cells.rows[planted]]
    heap = shapely.get_coordinates(shapely.line_interpolate_point(line, np.linspace(0.3, 0.7, HEAPED), normalized=True))
    land = study.in_metres(_land())
    far = []
    west, south, east, north = land.bounds
    while len(far) < FAR:
        x, y = dice.uniform(west, east), dice.uniform(south, north)
        nearest = cells.network.tree.query_nearest(shapely.Point(x, y), return_distance=True)[1][0]
        if nearest > 35 and land.contains(shapely.Point(x, y)):
            far.append((x, y))
    lon, lat = crs.from_metres(*np.concatenate([points, heap, far]).T)
    file, month = tmp_path / "in.csv", random.Random(19)
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(("external_id", "channel", "reported_at", "category", "address", "lat", "lon"))
        for number, (a, b) in enumerate(zip(lon, lat, strict=True)):
            at = f"{month.randrange(1, 29):02}/{month.randrange(1, 7):02}/2026 08:00"
            writer.writerow((f"R-{number}", ("phone", "app")[number % 2], at, "road_subsidence", "", b, a))
    done = application.test_cli_runner().invoke(reports, ["import", str(file)])
    assert done.exit_code == 0, done.output
    return str(cells.ids[planted])


def _land():
    with read() as connection:
        index = areas.current(connection)
        return study.land(index, study.area_of(ASKED, index))


def test_the_network_holds_every_road_once_and_its_ids_stay(application, empty_database) -> None:
    with read() as connection:
        lines = geopandas.read_postgis(
            "SELECT DISTINCT ON (ST_AsBinary(geom_3857)) geom_3857 AS geom FROM basemap WHERE layer = 'roads' "
            "AND class NOT IN ('service', 'path')",
            connection,
            geom_col="geom",
        ).to_crs(crs.METRES)
        first = road_cells._held.current(connection)
        again = road_cells._read(connection, None, None)  # type: ignore[arg-type]
    lengths = shapely.length(first.lines)
    assert len(first.ids) == len(set(first.ids.tolist())) > 90_000
    pieces = road_pieces.cut(lines.geometry.to_numpy())
    assert shapely.length(pieces.lines).sum() == pytest.approx(lines.length.sum(), rel=1e-9)
    # Where two ways of one name run over the same ground, it is one piece.
    ground = len(set(shapely.to_wkb(shapely.normalize(pieces.lines)).tolist()))
    assert ground <= len(first.ids) <= len(pieces) and lengths.max() <= 500.01
    assert 0.999 < lengths.sum() / lines.length.sum() < 1
    assert (first.ids == again.ids).all() and shapely.equals(first.lines, again.lines).all()
    cells = network()
    assert 1_000 < len(cells) < 10_000 and set(cells.ids.tolist()) < set(first.ids.tolist())


def test_scattered_along_the_roads_at_most_one_in_a_hundred_is_hot(application, empty_database) -> None:
    cells = network()
    around, hot = cells.touching(), []
    for seed in range(20):
        points = along(cells, 2_000, np.random.default_rng(seed))
        counts = cells.counts(*points.T)
        assert counts.sum() > 1_990  # at the district's border the nearest piece may be the neighbour's
        rate = getis_ord.g_star_rate(counts, cells.km, around)
        hot.append(np.isin(discovery_rate.classes(rate.z, discovery_rate.corrected(rate.p)), HOT).mean())
    assert np.mean(hot) <= 0.01
    # By counts, Gi* of pieces that meet is esda's.
    theirs = G_Local(counts.astype(float), Graph.from_sparse(around), transform="B", star=True, permutations=0)
    ours = getis_ord.g_star(counts, around)
    assert np.nanmax(np.abs(ours.z - theirs.Zs)) < 1e-9


def test_the_planted_piece_is_found_and_what_is_far_from_roads_is_said(application, client, filled, tmp_path) -> None:
    from etl.commands import hotspots

    out = tmp_path / "hot.gpkg"
    words = ["run", str(out), "--cells", "road", "--per", "road", "--area", DISTRICT]
    done = application.test_cli_runner().invoke(hotspots, words)
    assert done.exit_code == 0, done.output
    table = geopandas.read_file(out, layer="hotspots").set_index("cell_id")
    here = table.loc[filled]
    assert here["class"] == "hot99" and here["n"] >= HEAPED and here["name"]
    assert table["exposure"].sum() == pytest.approx(network().km.sum()) and (table.geom_type == "Polygon").all()
    beside = json.loads((tmp_path / "hot.gpkg.json").read_text())
    warned = {each["code"]: each for each in beside["warnings"]}
    assert warned["off_road"]["n"] == FAR and "uneven" not in warned
    assert beside["took_part"] == table["n"].sum() and beside["left_out"]["outside"] >= FAR
    assert SCATTERED + HEAPED - 5 <= table["n"].sum() <= SCATTERED + HEAPED
    asked = {"cells": "road", "per": "road", "area": DISTRICT, "empty": "0"}
    answer = client.get("/api/v1/hotspots", query_string=asked)
    shown = {each["properties"]["cell_id"]: each["properties"] for each in answer.json["features"]}
    assert shown[filled]["z"] == pytest.approx(here["z"]) and answer.json["cells"] == len(table)
    whole = client.get("/api/v1/hotspots", query_string={"cells": "road", "per": "road"})
    assert whole.status_code == 400 and whole.json["errors"][0]["field"] == "cells"
    wrong = client.get("/api/v1/hotspots", query_string={**asked, "per": "area"})
    assert wrong.status_code == 400 and wrong.json["errors"][0]["field"] == "per"


def test_a_planner_asks_by_pieces_of_road(application, filled, tmp_path) -> None:
    logins.create("quy-hoach-thu", "planner")
    planner = application.test_client()
    assert logins.log_in(planner, "quy-hoach-thu").status_code == 303
    asked = ask(planner, cell="area:road", area=DISTRICT)
    assert "per=road" in asked.headers["Location"] and "cells=road" in asked.headers["Location"]
    job = number_of(asked)
    answered(job)
    page = planner.get(asked.headers["Location"]).text
    assert re.search(r"\d đoạn đường", page) and "xa đường" not in page and "cách mọi đường hơn 30 m" in page
    with transaction(WORKER) as connection:
        stored = kept.unpack(rows.part(connection, job, "answer"))
    with read() as connection:
        places = json.loads(hot_places.pack(stored, connection))
    row = int(np.flatnonzero(stored.columns["cell_id"] == filled)[0])
    band = stored.outlines()[row]
    assert any(shapely.geometry.shape(each["outline"]).intersects(band) for each in places)
    drawn = planner.get(f"/plan/runs/{job}/cells.geojson").json["features"]
    assert filled in {each["properties"]["id"] for each in drawn}
    assert len(drawn) == sum(n for name, n in found(job).summary["classes"].items() if name != "none")
    for kind in ("csv", "shp", "png", "html"):
        answer = planner.get(f"/plan/runs/{job}/file?format={kind}")
        assert answer.status_code == 200, kind
        if kind == "csv":
            (tmp_path / "taken.csv").write_bytes(answer.data)
            assert len(pandas.read_csv(tmp_path / "taken.csv")) == len(stored)
    refused = ask(planner, cell="area:road")
    assert refused.status_code == 422 and "chọn một khu vực" in refused.text
