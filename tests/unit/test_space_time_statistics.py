"""Clusters in space and time, trends, the eight histories of a hot spot, density, rates, roads, cells."""

from __future__ import annotations

import numpy as np
import pymannkendall
import pytest
import shapely

from geo import crs, exposure, grid
from geo.statistics import clusters, density, emerging, rates, weights

LAND = shapely.box(600_000, 1_190_000, 610_000, 1_198_000)


def brute_force(x, y, t, reach, time, minimum):  # type: ignore[no-untyped-def]
    """Ester's algorithm as printed, with all pairs in a matrix."""
    near = ((x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 <= reach**2) & (abs(t[:, None] - t) <= time)
    core = near.sum(axis=1) >= minimum
    label, cluster = np.full(len(x), -1), 0
    for start in np.flatnonzero(core):
        if label[start] >= 0:
            continue
        label[start], open_ = cluster, [start]
        while open_:
            place = open_.pop()
            if core[place]:
                for other in np.flatnonzero(near[place] & (label < 0)):
                    label[other] = cluster
                    open_.append(other)
        cluster += 1
    return label


@pytest.mark.parametrize("seed", range(6))
def test_st_dbscan_is_the_brute_force_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = 2_000
    x = random.normal(random.choice([0, 500, 900], n), 120)
    y = random.normal(random.choice([0, 700], n), 150)
    t = random.uniform(0, 60, n)
    if seed % 2:  # whole numbers: distances that are the reach exactly, and points on each other
        x, y, t = np.round(x / 10) * 10, np.round(y / 10) * 10, np.round(t)
    ours = clusters.st_dbscan(x, y, t, reach_m=30, reach_t=7, minimum=4)
    assert (ours == brute_force(x, y, t, 30, 7, 4)).all() and ours.max() > 10 and (ours < 0).any()
    assert (clusters.dbscan(x, y, reach_m=20, minimum=5) == brute_force(x, y, np.zeros(n), 20, 1, 5)).all()


def test_clusters_of_nothing_and_of_one() -> None:
    none = np.empty(0)
    assert len(clusters.st_dbscan(none, none, none, reach_m=50, reach_t=1, minimum=3)) == 0
    one = np.array([5.0])
    assert clusters.dbscan(one, one, reach_m=50, minimum=1).tolist() == [0]
    assert clusters.hdbscan(one, one, minimum=5).tolist() == [-1]
    with pytest.raises(ValueError):
        clusters.dbscan(one, one, reach_m=0, minimum=1)


def test_mann_kendall_is_pymannkendalls() -> None:
    series = np.random.default_rng(0).poisson(2, (14, 200)).astype(float)
    series[:, 0] = 3  # no movement at all
    z, p = emerging.mann_kendall(series)
    for i in range(200):
        theirs = pymannkendall.original_test(series[:, i])
        assert z[i] == pytest.approx(theirs.z, abs=1e-12) and p[i] == pytest.approx(theirs.p, abs=1e-12)


# Ten slices, old to new: H hot, C cold, . neither; then the trend of z as Mann-Kendall found it: + - or none, and the
# name by Esri's published definition of it.
HISTORIES = [
    (".........H", " ", "hot new"),  # hot in the last slice, never before
    (".......HHH", " ", "hot consecutive"),  # one unbroken run of at least two at the end, never before, below 90%
    ("C......HHH", " ", "hot consecutive"),
    ("HHHHHHHHHH", "+", "hot intensifying"),  # at least 90% with the last, rising
    (".HHHHHHHHH", "+", "hot intensifying"),
    ("HHHHHHHHHH", " ", "hot persistent"),  # at least 90%, no trend
    ("HHHH.HHHHH", " ", "hot persistent"),
    ("HHHHHHHHHH", "-", "hot diminishing"),  # at least 90% with the last, falling
    ("H..H...HHH", " ", "hot sporadic"),  # hot last, on and off before, never cold, below 90%
    ("H..C...HHH", " ", "hot oscillating"),  # hot last, on and off, and cold once
    ("HHHHHHHHH.", " ", "hot historical"),  # at least 90%, not in the last
    ("HHHHHHHHHC", "-", "hot historical"),
    ("H..H......", " ", "none"),
    ("..........", "+", "none"),
    (".........C", " ", "cold new"),
    ("CCCCCCCCCC", "-", "cold intensifying"),  # colder: z falls
    ("CCCCCCCCCC", "+", "cold diminishing"),
    ("C..H...C.C", " ", "cold oscillating"),
]


@pytest.mark.parametrize(("history", "trend", "name"), HISTORIES)
def test_each_history_has_its_name(history: str, trend: str, name: str) -> None:
    slices = np.array(list(history))[:, None]
    z = {"+": 2.5, "-": -2.5, " ": 0.3}[trend]
    p = 0.76 if trend == " " else 0.012
    found = emerging.patterns(slices == "H", slices == "C", np.array([z]), np.array([p]))
    assert found.tolist() == [name]


def test_all_eight_names_occur() -> None:
    assert {f"hot {name}" for name in emerging.NAMES} <= {name for _, _, name in HISTORIES}


def series_of(history: list[int], seed: int = 0) -> tuple[np.ndarray, int]:
    """Counts int[t, n] with background 1 and, at one cell and its neighbours, what the history adds."""
    cells = grid.squares(LAND, 500)
    counts = np.random.default_rng(seed).poisson(1.0, (len(history), len(cells)))
    place = int(cells.find(np.array([605_100.0]), np.array([1_194_100.0]))[0])
    around = weights.contiguous(cells)[[place]].indices
    for t, more in enumerate(history):
        counts[t, [place, *around]] += more
    return counts, place


@pytest.mark.parametrize(
    ("history", "name"),
    [
        ([0] * 11 + [12], "hot new"),
        ([0] * 8 + [12] * 4, "hot consecutive"),
        (list(range(6, 42, 3)), "hot intensifying"),
        ([12, 13, 12, 13, 12, 13, 12, 13, 12, 13, 12, 13], "hot persistent"),
        (list(range(42, 6, -3)), "hot diminishing"),
        ([12, 0, 0, 12, 0, 0, 0, 12, 0, 0, 0, 12], "hot sporadic"),
        ([12] * 10 + [12, 0], "hot historical"),
    ],
)
def test_counts_lead_to_the_name(history: list[int], name: str) -> None:
    # Alone in its slice (slices_back=0), so that the history of the counts is the history of the hot slices.
    counts, place = series_of(history)
    cells = grid.squares(LAND, 500)
    found = emerging.emerging(counts, weights.contiguous(cells), slices_back=0)
    assert found.pattern[place] == name
    assert (found.pattern == "none").mean() > 0.9


def test_counts_lead_to_oscillating() -> None:
    cells = grid.squares(LAND, 500)
    counts = np.random.default_rng(1).poisson(12.0, (12, len(cells)))
    place = int(cells.find(np.array([605_100.0]), np.array([1_194_100.0]))[0])
    around = [place, *weights.contiguous(cells)[[place]].indices]
    for t in (3, 11):
        counts[t, around] += 30
    counts[6, around] = 0
    assert emerging.emerging(counts, weights.contiguous(cells), slices_back=0).pattern[place] == "hot oscillating"


def test_the_window_takes_the_slice_before() -> None:
    counts, place = series_of([0, 0, 0, 12, 0])
    around = weights.contiguous(grid.squares(LAND, 500))
    alone, with_last = (emerging.emerging(counts, around, slices_back=back).z[:, place] for back in (0, 1))
    assert alone[3] > 5 > alone[4] and with_last[3] > 5 and with_last[4] > 5
    with pytest.raises(ValueError):
        emerging.emerging(counts[:2], around)


def test_density_keeps_the_number_and_is_not_thinned_at_the_border() -> None:
    cells = grid.squares(LAND, 250)
    x, y = np.array([605_125.0] * 7), np.array([1_194_125.0] * 7)
    found = density.density(x, y, cells, bandwidth_m=500)
    assert found.sum() * 0.25**2 == pytest.approx(7, rel=1e-3)
    assert found.argmax() == cells.find(x[:1], y[:1])[0]
    # One report in every cell: the same density everywhere, at the border too.
    even = density.density(cells.x, cells.y, cells, bandwidth_m=800)
    assert np.allclose(even, 16)
    with pytest.raises(ValueError):
        density.density(x, y, cells, bandwidth_m=100)
    with pytest.raises(ValueError):
        density.density(x, y, grid.hexagons(shapely.box(106.6, 10.7, 106.7, 10.8), 8), bandwidth_m=900)


def test_the_rule_of_thumb() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(0, 1000, 10_000), random.normal(0, 1000, 10_000)
    assert density.bandwidth(x, y) == pytest.approx(1000 * 10_000 ** (-1 / 6), rel=0.03)
    assert density.bandwidth(x[:1], y[:1]) == 0


def test_rates_with_little_exposure_are_drawn_to_the_whole() -> None:
    exposure_km = np.array([0.1, 50.0, 50.0, 0.0])
    found = rates.smoothed(np.array([1, 100, 10, 0]), exposure_km)
    overall = 111 / 100.1
    assert abs(found[0] - overall) < abs(1 / 0.1 - overall) / 3  # ten a kilometre, seen on a hundred metres
    assert found[1] == pytest.approx(2, rel=0.1) and np.isnan(found[3])


def test_road_length_lies_where_the_road_does() -> None:
    cells = grid.squares(LAND, 500)
    roads = np.array([shapely.LineString([(600_250, 1_190_250), (601_750, 1_190_250)])], dtype=object)
    length = exposure.road_length(cells, roads)
    assert length.sum() == pytest.approx(1_500, abs=0.1)
    row = cells.find(np.array([600_250.0, 600_750, 601_250, 601_750]), np.full(4, 1_190_250.0))
    assert np.allclose(length[row], [250, 500, 500, 250], atol=10)


def test_squares_have_stable_ids_and_belong_by_their_centre() -> None:
    cells = grid.squares(shapely.box(100, 100, 1_130, 700), 250)
    # Centres 125 … 1,125 east (five) and 125, 375, 625 north (three) lie inside.
    assert len(cells) == 15 and cells.ids[0] == "250:0:0" and cells.ids[-1] == "250:4:2"
    assert cells.find(np.array([0.0, 249.99, 250.0, -1.0]), np.array([0.0, 0.0, 0.0, 0.0])).tolist() == [0, 0, 1, -1]
    west = grid.squares(shapely.box(-1_000, -1_000, 0, 0), 500)
    assert set(west.ids) == {"500:-2:-2", "500:-1:-2", "500:-2:-1", "500:-1:-1"}
    assert west.column.tolist() == [-2, -1, -2, -1] and west.row.tolist() == [-2, -2, -1, -1]
    with pytest.raises(ValueError):
        grid.squares(LAND, 1)
    assert len(grid.squares(shapely.Polygon(), 250)) == 0


def test_the_cells_outline_is_the_square() -> None:
    cells = grid.squares(LAND, 500)
    x, y = crs.to_metres(*shapely.get_coordinates(cells.polygons[:1]).T)
    assert np.allclose([x.min(), x.max(), y.min(), y.max()], [600_000, 600_500, 1_190_000, 1_190_500], atol=1e-3)


def test_hexagons_are_h3s() -> None:
    cells = grid.hexagons(shapely.box(106.65, 10.75, 106.70, 10.80), 8)
    found = cells.find(cells.x, cells.y)
    assert (found == np.arange(len(cells))).all() and len(cells) > 20 and cells.ids[0].startswith("88")
    degree = np.diff(weights.contiguous(cells).indptr)
    assert degree.max() == 6 and 2 <= degree.min() < 6
    assert all(len(shapely.get_coordinates(each)) == 7 for each in cells.polygons[:5])
