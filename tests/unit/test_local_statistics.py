"""Gi* and Moran's I against esda, on the same cells and weights; false discovery; what chance alone brings."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from esda import G_Local, Moran, Moran_Local
from libpysal.graph import Graph

from geo import grid
from geo.statistics import discovery_rate, getis_ord, moran, weights

# An area that no row of squares fits: a disc with a hole, so that cells have three to eight neighbours.
AREA = shapely.Point(600_000, 1_190_000).buffer(7_000).difference(shapely.Point(602_000, 1_191_000).buffer(1_500))
CELLS = grid.squares(AREA, 250)
QUEEN = weights.contiguous(CELLS)
BAND = weights.within(CELLS.x, CELLS.y, 600)
NEAREST = weights.nearest(CELLS.x, CELLS.y, 6)
KINDS = {"queen": QUEEN, "band": BAND, "nearest": NEAREST}


def values(seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    hump = 4 * np.exp(-((CELLS.x - 598_000) ** 2 + (CELLS.y - 1_188_000) ** 2) / 1e6)
    return random.poisson(1 + hump).astype(float)


def test_the_weights_are_libpysals() -> None:
    points = shapely.points(CELLS.x, CELLS.y)
    import geopandas

    where = geopandas.GeoSeries(points)
    squares = geopandas.GeoSeries(shapely.box(CELLS.x - 125, CELLS.y - 125, CELLS.x + 125, CELLS.y + 125))
    for ours, theirs in (
        (QUEEN, Graph.build_contiguity(squares, rook=False)),
        (BAND, Graph.build_distance_band(where, 600, binary=True)),
    ):
        assert abs(ours - theirs.sparse).max() == 0
    assert (np.diff(NEAREST.indptr) == 6).all() and NEAREST.diagonal().sum() == 0
    rows = np.asarray(weights.row_standardised(QUEEN).sum(axis=1)).ravel()
    assert np.allclose(rows, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_gi_star_is_esdas(kind: str) -> None:
    x = values()
    theirs = G_Local(x, Graph.from_sparse(KINDS[kind]), transform="B", star=True, permutations=0)
    ours = getis_ord.g_star(x, KINDS[kind])
    assert np.abs(ours.z - theirs.Zs).max() < 1e-9
    assert np.abs(ours.p - 2 * theirs.p_norm).max() < 1e-9


def test_row_standardised_gi_star_is_the_formula_written_out() -> None:
    # esda puts the row's sum (1) in the place of the sum of squares for these, so the formula itself is the reference.
    x, w = values(3), weights.row_standardised(QUEEN)
    ours = getis_ord.g_star(x, w).z
    dense = w.toarray() + np.eye(len(x))
    n, mean, s = len(x), x.mean(), x.std()
    for i in range(0, n, 97):
        row = dense[i]
        expected = (row @ x - mean * row.sum()) / (s * np.sqrt((n * (row**2).sum() - row.sum() ** 2) / (n - 1)))
        assert ours[i] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_local_and_global_moran_are_esdas(kind: str) -> None:
    x, w = values(1), weights.row_standardised(KINDS[kind])
    graph = Graph.from_sparse(KINDS[kind]).transform("R")
    theirs = Moran_Local(x, graph, permutations=0)
    ours = moran.local(x, w)
    assert np.abs(ours.i - theirs.Is).max() < 1e-9
    assert np.abs(ours.expected - theirs.EIc).max() < 1e-9 and np.abs(ours.variance - theirs.VIc).max() < 1e-9
    assert np.abs(ours.z - (theirs.Is - theirs.EIc) / np.sqrt(theirs.VIc)).max() < 1e-9
    assert (np.array(moran.QUADRANTS)[theirs.q - 1] == ours.quadrant).all()
    whole, theirs_whole = moran.overall(x, w), Moran(x, graph, permutations=0)
    assert whole.i == pytest.approx(theirs_whole.I, abs=1e-12)
    assert whole.z == pytest.approx(theirs_whole.z_rand, abs=1e-9)
    assert whole.p == pytest.approx(theirs_whole.p_rand, abs=1e-9)


@pytest.mark.parametrize("statistic", ["gi-star", "local-moran"])
def test_permutation_p_is_esdas_within_its_sampling_error(statistic: str) -> None:
    # Values without ties: esda counts draws equal to the observed in the upper tail alone (see permutation.folded_p).
    permutations = 999
    x = np.random.default_rng(2).normal(size=len(CELLS)) + values(2)
    graph = Graph.from_sparse(QUEEN)
    if statistic == "gi-star":
        theirs = G_Local(x, graph, transform="B", star=True, permutations=permutations, n_jobs=1, seed=1).p_sim
        ours = getis_ord.g_star(x, QUEEN, permutations=permutations, seed=7).p
    else:
        theirs = Moran_Local(x, graph.transform("R"), permutations=permutations, n_jobs=1, seed=1).p_sim
        ours = moran.local(x, weights.row_standardised(QUEEN), permutations=permutations, seed=7).p
    # Both are proportions of 999 draws; one table of draws serves all cells, so the bound is on each cell's own error.
    one_sided = np.minimum(0.5, ours / 2)
    error = np.sqrt(2 * np.maximum(one_sided, 1 / permutations) * (1 - one_sided) / permutations)
    apart = np.abs(one_sided - np.minimum(0.5, theirs)) / error
    assert (apart > 4).mean() < 0.001 and np.mean(apart > 2) < 0.1
    # And not because everything is equal: what is far out of line has the smallest p in both.
    assert np.corrcoef(one_sided, theirs)[0, 1] > 0.99


def test_permutations_repeat_with_their_seed() -> None:
    x = values(4)
    first, again, other = (getis_ord.g_star(x, QUEEN, permutations=99, seed=seed).p for seed in (5, 5, 6))
    assert (first == again).all() and (first != other).any()


def test_ties_count_in_both_tails() -> None:
    # Nothing among nothing is no cold spot: nearly every draw is nothing as well.
    x = np.zeros(len(CELLS))
    x[:3] = 1
    p = getis_ord.g_star(x, QUEEN, permutations=199, seed=0).p
    assert p[-50:].min() > 0.5


def test_all_values_the_same_say_nothing() -> None:
    same = np.full(len(CELLS), 3)
    found = getis_ord.g_star(same, QUEEN)
    assert np.isnan(found.z).all() and np.isnan(found.p).all()
    assert (discovery_rate.classes(found.z, discovery_rate.corrected(found.p)) == "none").all()
    assert np.isnan(moran.local(same, weights.row_standardised(QUEEN)).z).all()
    assert np.isnan(moran.overall(same, QUEEN).z)


def test_false_discovery_rate_by_hand() -> None:
    # Benjamini and Hochberg: p(i) m / i, made monotone from the largest down; what was not tested does not count.
    p = np.array([0.01, 0.04, np.nan, 0.03, 0.005])
    assert np.allclose(discovery_rate.corrected(p), [0.02, 0.04, np.nan, 0.04, 0.02], equal_nan=True)
    z = np.array([3.0, -2.0, 1.0, 2.0, -4.0])
    assert discovery_rate.classes(z, np.array([0.01, 0.05, np.nan, 0.1, 0.001])).tolist() == [
        "hot99", "cold95", "none", "hot90", "cold99",
    ]  # fmt: skip


def test_reports_dealt_out_over_the_land_make_no_hot_spots() -> None:
    window = 9 * len(CELLS) / len(CELLS)
    for seed in range(20):
        random = np.random.default_rng(seed)
        x = random.multinomial(int(len(CELLS) * 5 / window), np.full(len(CELLS), 1 / len(CELLS)))
        found = getis_ord.g_star(x, QUEEN)
        hot = np.char.startswith(discovery_rate.classes(found.z, discovery_rate.corrected(found.p)), "hot")
        assert hot.mean() <= 0.01, seed


def test_reports_dealt_out_over_roads_are_hot_as_counts_and_not_as_rates() -> None:
    for seed in range(20):
        random = np.random.default_rng(seed)
        # Roads as a city has them: dense in the middle, thin outside, none in some cells.
        road = random.gamma(2, 1, len(CELLS)) * np.exp(-((CELLS.x - 600_000) ** 2 + (CELLS.y - 1_190_000) ** 2) / 2e7)
        road[random.random(len(CELLS)) < 0.1] = 0
        x = random.multinomial(5 * len(CELLS), road / road.sum())
        as_counts = getis_ord.g_star(x, QUEEN)
        as_rates = getis_ord.g_star_rate(x, road, QUEEN)
        hot_counts, hot_rates = (
            np.char.startswith(discovery_rate.classes(each.z, discovery_rate.corrected(each.p)), "hot").mean()
            for each in (as_counts, as_rates)
        )
        assert hot_counts > 0.05 and hot_rates <= 0.01, seed


def test_a_planted_cluster_is_hot_as_count_and_as_rate() -> None:
    road = np.full(len(CELLS), 2.0)
    x = np.random.default_rng(1).poisson(1, len(CELLS))
    centre = int(CELLS.find(np.array([598_100.0]), np.array([1_188_100.0]))[0])
    x[centre] += 25
    for found in (getis_ord.g_star(x, QUEEN), getis_ord.g_star_rate(x, road, QUEEN)):
        assert discovery_rate.classes(found.z, discovery_rate.corrected(found.p))[centre] == "hot99"


# ---- comparison, and windows of few events


def test_a_change_is_tested_as_the_binomial_says() -> None:
    """p beside scipy's own exact test, summed by another rule where the two differ: twice the smaller tail."""
    from scipy import stats

    from geo.statistics import comparison

    before, after = np.array([10, 3, 0, 40, 2, 7]), np.array([30, 3, 9, 10, 1, 7])
    found = comparison.change(before, after)
    share = after.sum() / (before.sum() + after.sum())
    assert found.share == pytest.approx(share)
    for row, (b, a) in enumerate(zip(before.tolist(), after.tolist(), strict=True)):
        if a + b < comparison.LEAST:
            assert np.isnan(found.p[row]) and np.isnan(found.z[row])
            continue
        tails = [stats.binomtest(a, a + b, share, alternative=side).pvalue for side in ("less", "greater")]
        assert found.p[row] == pytest.approx(min(1, 2 * min(tails)))
        assert np.sign(found.z[row]) == np.sign(a - (a + b) * share)


def test_the_whole_citys_change_is_no_change_of_a_place() -> None:
    """Three times as many everywhere: nothing stands out; one place that stayed does."""
    from geo.statistics import comparison, discovery_rate

    dice = np.random.default_rng(19)
    before = dice.poisson(20, 400)
    after = dice.poisson(60, 400)
    nothing = discovery_rate.corrected(comparison.change(before, after).p)
    assert (nothing <= 0.05).sum() <= 2
    after[7] = before[7] = 40
    found = comparison.change(before, after)
    assert discovery_rate.corrected(found.p)[7] < 0.01 and found.z[7] < 0


def test_exact_windows_are_right_where_the_normal_distribution_is_not() -> None:
    """300 events over 40,000 cells at random: by z pairs are hot, by the exact tail not. In plenty both agree."""
    from geo.statistics import discovery_rate, getis_ord, weights

    cells = _square(200)
    around = weights.contiguous(cells)
    wrong = [0, 0]
    for seed in range(10):
        counts = np.bincount(np.random.default_rng(seed).integers(0, len(cells), 300), minlength=len(cells))
        own = getis_ord.g_star(counts, around)
        for which, p in enumerate((own.p, getis_ord.exact_p(counts, around))):
            kind = discovery_rate.classes(np.nan_to_num(own.z), discovery_rate.corrected(p))
            wrong[which] += int(np.char.startswith(kind, "hot").any())
    assert wrong[0] == 10 and wrong[1] <= 2
    many = np.random.default_rng(1).poisson(30, len(cells))
    z = getis_ord.g_star(many, around)
    assert np.abs(getis_ord.exact_p(many, around) - z.p).max() < 0.06


def _square(side: int):
    import shapely

    from geo import grid

    return grid.squares(shapely.box(0, 0, side * 100, side * 100), 100)
