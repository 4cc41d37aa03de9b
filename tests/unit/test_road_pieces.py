"""A street network cut at its junctions: nothing lost, nobody's neighbour across a bridge, ids of the ground."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo import road_pieces

LINES = shapely.from_wkt(
    [
        "LINESTRING (0 0, 100 0, 200 0, 300 50)",  # with a junction in its middle
        "LINESTRING (100 0, 100 80)",
        "LINESTRING (150 -50, 150 50)",  # a bridge over the first: no corner in common
        "LINESTRING (300 50, 1500 50)",  # longer than a piece may be
        "LINESTRING (0 500, 50 500, 50 550, 0 550, 0 500)",  # round a block
    ]
)
NAMES = np.array(["A", "B", "C", "", "D"])


def test_it_is_cut_at_junctions_and_where_it_is_long() -> None:
    found = road_pieces.cut(LINES)
    assert found.of.tolist() == [0, 0, 1, 2, 3, 3, 3, 4]
    assert shapely.length(found.lines).round(6).tolist() == [100, 211.803399, 80, 100, 400, 400, 400, 200]
    assert shapely.union_all(found.lines).symmetric_difference(shapely.union_all(LINES)).length < 1e-6
    meets = road_pieces.meeting(found.ends).toarray()
    pairs = {(a, b) for a, b in np.argwhere(meets).tolist() if a < b}
    assert pairs == {(0, 1), (0, 2), (1, 2), (1, 4), (4, 5), (5, 6)} and (meets == meets.T).all()
    assert set(np.unique(meets)) == {0, 1}


def test_ids_are_of_the_ground() -> None:
    found = road_pieces.cut(LINES)
    ids = road_pieces.ids(found, NAMES[found.of])
    assert len(set(ids.tolist())) == len(ids)
    order = [4, 2, 0, 3, 1]
    other = road_pieces.cut(shapely.reverse(LINES[order]))
    again = road_pieces.ids(other, NAMES[order][other.of])
    assert set(again.tolist()) == set(ids.tolist())
    renamed = road_pieces.ids(found, np.where(found.of == 1, "E", NAMES[found.of]))
    assert (renamed != ids).tolist() == (found.of == 1).tolist()


@pytest.mark.parametrize("many", [0, 1])
def test_few_lines(many: int) -> None:
    found = road_pieces.cut(LINES[1 : 1 + many])
    assert len(found) == many and road_pieces.meeting(found.ends).nnz == 0
