"""Wards, former districts and zones as cells: whose neighbour each is, what lies in it, what chance alone brings."""

from __future__ import annotations

import geopandas
import numpy as np
import pytest
import shapely
from esda import G_Local, Moran_Local_Rate
from esda.smoothing import assuncao_rate
from libpysal.graph import Graph

from district_boundaries import shipped, zones
from district_boundaries.areas import Area, AreaIndex, today
from district_boundaries.locate import locate
from etl.hotspots import study
from etl.hotspots.area_cells import AreaCells
from etl.hotspots.question import Question
from geo import crs
from geo.statistics import discovery_rate, getis_ord, moran, rates, weights

HOT = ("hot99", "hot95", "hot90")
KINDS = ("ward", "district", "zone:drainage")


@pytest.fixture(scope="module")
def index() -> AreaIndex:
    rows = shipped.rows()
    rows += zones.rows(rows)
    areas = [
        Area(
            id=number, level=row.level, field=row.field, code=row.code, name=row.name, valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip
    return AreaIndex(areas, [row.geometry for row in rows])


def of(index: AreaIndex, kind: str) -> AreaCells:
    question = Question(cells=kind, per="area")
    found = AreaCells.inside(index, *study.layer(question, index), study.land(index, None))
    assert isinstance(found, AreaCells)
    return found


def metres(cells: AreaCells) -> np.ndarray:
    return study.in_metres(cells.polygons)


@pytest.mark.parametrize(("kind", "many"), [("ward", 168), ("district", 38), ("zone:drainage", 12)])
def test_neighbours_are_libpysals_and_ids_are_codes(index, kind, many) -> None:
    cells = of(index, kind)
    assert len(cells) == many == len(set(cells.ids.tolist())) and (np.sort(cells.ids) == cells.ids).all()
    ours = study.neighbours(Question(cells=kind), cells)
    theirs = Graph.build_fuzzy_contiguity(geopandas.GeoSeries(metres(cells)), buffer=0.5).sparse
    assert abs(ours - theirs).max() == 0 and ours.nnz > 2 * many - 10
    again = AreaCells.of_codes(index, *study.layer(Question(cells=kind), index), cells.ids[::3].tolist())
    assert (again.ids == cells.ids[::3]).all() and (again.polygons == cells.polygons[::3]).all()
    band = study.neighbours(Question(cells=kind, neighbours="band:9000"), cells)
    distance = np.hypot(cells.x[:, None] - cells.x, cells.y[:, None] - cells.y)
    assert (band.toarray() == ((distance <= 9000) & ~np.eye(many, dtype=bool))).all()
    assert (np.diff(study.neighbours(Question(cells=kind, neighbours="nearest:4"), cells).indptr) == 4).all()


def test_a_gap_between_neighbours_does_not_part_them() -> None:
    squares = shapely.box([0, 10.8, 0, 40], [0, 0, 10, 0], [10, 20, 10, 50], [10, 10, 20, 10])
    assert weights.touching(squares, 1.0).toarray().tolist() == [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0] * 4]
    theirs = Graph.build_fuzzy_contiguity(geopandas.GeoSeries(squares), buffer=0.5)
    assert abs(weights.touching(squares, 1.0) - theirs.sparse).max() == 0
    assert weights.touching(squares).nnz == 2  # the first and the third share a side


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_is_in_exactly_one_area(index, kind) -> None:
    """Also those on the corners of borders, where two areas or three meet, and in the files' overlaps."""
    dice = np.random.default_rng(19)
    cells = of(index, kind)
    corners = shapely.get_coordinates(cells.polygons)
    corners = corners[dice.choice(len(corners), 2_000, replace=False)]
    west, south, east, north = shapely.union_all(cells.polygons).bounds
    spread = np.column_stack([dice.uniform(west, east, 4_000), dice.uniform(south, north, 4_000)])
    x, y = crs.to_metres(*np.concatenate([corners, spread]).T)
    found = cells.find(x, y)
    level, _, field = kind.partition(":")
    lon, lat = crs.from_metres(x, y)
    located = locate(index, lon, lat, today())
    ids = {"ward": located.ward_id, "district": located.district_id}.get(level)
    ids = located.zone_ids[:, index.fields.index(field)] if ids is None else ids
    own = np.array([0, *(area.id for area in cells.areas)])
    assert (own[found + 1] == ids).all()
    assert cells.counts(x, y).sum() == (ids > 0).sum() > 2_000
    # In a study area some of them take part, and the rest is in none.
    some = AreaCells.of_codes(index, level, field, cells.ids[:5].tolist())
    assert ((some.find(x, y) >= 0) == np.isin(found, range(5))).all()


def test_rates_are_standardised_as_esda_does_and_local_moran_of_them_is_its(index) -> None:
    cells = of(index, "ward")
    km2 = shapely.area(metres(cells)) / 1e6
    counts = np.random.default_rng(7).poisson(3 + 2 * km2)
    ours = rates.standardised(counts, km2)
    assert np.abs(ours - assuncao_rate(counts.astype(float), km2)).max() < 1e-9
    around = cells.touching()
    standard = weights.row_standardised(around)
    # esda's own for rates drops the island that has no neighbour; it and ours are of the same rows otherwise.
    theirs = Moran_Local_Rate(counts.astype(float), km2, Graph.from_sparse(around).to_W(), permutations=0)
    assert np.abs(moran.local(ours, standard).i - theirs.Is).max() < 1e-9
    assert (rates.standardised(np.zeros(168), km2) == 0).all()
    assert rates.standardised(np.array([1, 2, 0]), np.array([0.0, 1.0, 1.0]))[0] == 0


def test_gi_star_of_wards_is_esdas(index) -> None:
    cells = of(index, "ward")
    counts = np.random.default_rng(3).poisson(20, len(cells))
    graph = Graph.build_fuzzy_contiguity(geopandas.GeoSeries(metres(cells)), buffer=0.5)
    theirs = G_Local(counts.astype(float), graph, transform="B", star=True, permutations=0)
    ours = getis_ord.g_star(counts, cells.touching())
    assert np.abs(ours.z - theirs.Zs).max() < 1e-9 and np.abs(ours.p - 2 * theirs.p_norm).max() < 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_incidents_scattered_over_the_land_make_counts_hot_and_rates_not(index, kind) -> None:
    cells = of(index, kind)
    km2 = shapely.area(metres(cells)) / 1e6
    around = cells.touching()
    hot_rates, hot_counts, hot_moran = [], [], []
    for seed in range(20):
        counts = np.random.default_rng(seed).multinomial(5_000, km2 / km2.sum())
        rate, count = getis_ord.g_star_rate(counts, km2, around), getis_ord.g_star(counts, around)
        local = moran.local(rates.standardised(counts, km2), weights.row_standardised(around))
        for found, into in ((rate, hot_rates), (count, hot_counts), (local, hot_moran)):
            z = np.nan_to_num(found.z)
            into.append(np.isin(discovery_rate.classes(z, discovery_rate.corrected(found.p)), HOT).mean())
    assert np.mean(hot_rates) <= 0.01 and np.mean(hot_moran) <= 0.05
    if kind == "ward":
        assert np.mean(hot_counts) > 0.02  # what the warning of uneven areas is for


def test_a_planted_ward_is_found(index) -> None:
    cells = of(index, "ward")
    km2 = shapely.area(metres(cells)) / 1e6
    around = cells.touching()
    for seed in range(20):
        dice = np.random.default_rng(seed)
        counts = dice.multinomial(5_000, km2 / km2.sum())
        planted = int(dice.integers(len(cells)))
        window = np.append(around[[planted]].indices, planted)
        counts[planted] += int(10 + 8 * np.sqrt(5_000 * km2[window].sum() / km2.sum()))
        found = getis_ord.g_star_rate(counts, km2, around)
        assert discovery_rate.classes(found.z, discovery_rate.corrected(found.p))[planted] == "hot99", seed
