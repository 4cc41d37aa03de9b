"""The demo's planted clusters are found: 20 seeds, 20,000 reports each, as the workbench asks (Gi*, exact, 250 m)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from etl.demo import generator, geography
from etl.demo.mix import kinds
from etl.demo.things import World, happen
from geo import crs, grid
from geo.statistics import discovery_rate, getis_ord, weights

UNTIL = datetime(2026, 11, 24, tzinfo=UTC)
REPORTS, MONTHS = 20_000, 12
WARDS = Path(geography.__file__).parents[2] / "district_boundaries" / "data" / "wards_2025-07-01.gpkg"


@cache
def city():
    """The cells of the city's land and their neighbours."""
    land = shapely.union_all(pyogrio.read_dataframe(WARDS, columns=[]).geometry.to_numpy())
    metres = shapely.transform(land, lambda corners: np.column_stack(crs.to_metres(*corners.T)))
    cells = grid.squares(metres, 250)
    return cells, weights.contiguous(cells)


@pytest.mark.parametrize("seed", range(20))
def test_each_planted_cluster_is_hot_at_its_centre(seed: int) -> None:
    cells, around = city()
    place = geography.load()
    since, end = generator._span(MONTHS, UNTIL)
    planted = generator.planted(seed, MONTHS, UNTIL, place)
    habits = kinds()
    world = World(since=since, until=end, habits=habits, geography=place, clusters=planted)
    things = happen(round(REPORTS * (1 - generator.REPEATED)), world, np.random.default_rng(seed))
    category = np.array([habit.category for habit in habits])[things.kind]
    missed = []
    for cluster in planted:
        own = (category == cluster.category) & (things.at >= cluster.since.timestamp())
        own &= things.at < cluster.until.timestamp()
        x, y = crs.to_metres(place.lon[things.point[own]], place.lat[things.point[own]])
        counts = cells.counts(x, y)
        z, p = getis_ord.g_star(counts, around).z, getis_ord.exact_p(counts, around)
        kind = discovery_rate.classes(np.nan_to_num(z), discovery_rate.corrected(p))
        at = cells.find(*crs.to_metres(np.array([cluster.lon]), np.array([cluster.lat])))[0]
        if kind[at] != "hot99":
            missed.append((cluster.name, str(kind[at]), int(counts[at])))
        assert np.char.startswith(kind, "hot").mean() < 0.01
    assert missed == []
