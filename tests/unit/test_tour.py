"""The order of a route sheet: every place once, and not much longer than the shortest way there is."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from incidents.tour import length, tour


def test_places_on_a_line_are_visited_along_it() -> None:
    x = np.array([300.0, 0.0, 100.0, 400.0, 200.0])
    order = tour(x, np.zeros(5))
    assert order in ([1, 2, 4, 0, 3], [3, 0, 4, 2, 1])
    assert sum(length(x, np.zeros(5), order)) == pytest.approx(400)
    assert length(x, np.zeros(5), order)[0] == 0


@pytest.mark.parametrize("seed", range(20))
def test_near_the_shortest_way(seed: int) -> None:
    random = np.random.default_rng(seed)
    x, y = random.uniform(0, 3000, 7), random.uniform(0, 3000, 7)
    order = tour(x, y)
    assert sorted(order) == list(range(7))
    shortest = min(sum(length(x, y, list(way))) for way in permutations(range(7)))
    assert sum(length(x, y, order)) <= 1.05 * shortest + 1e-6


@pytest.mark.parametrize("n", [0, 1, 2, 30])
def test_any_number_of_places(n: int) -> None:
    random = np.random.default_rng(n)
    x, y = random.uniform(0, 3000, n), random.uniform(0, 3000, n)
    assert sorted(tour(x, y)) == list(range(n))
    assert tour(x, y) == tour(x, y)


def test_two_at_one_place() -> None:
    x = np.array([0.0, 5.0, 0.0, 5.0])
    assert sorted(tour(x, x)) == [0, 1, 2, 3]
