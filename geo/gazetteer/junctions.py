"""Where named streets meet: at a node they share, where they cross, where one ends at another, round a roundabout."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.gazetteer.pieces import Floats, Ints, Pieces

_END_M = 20.0  # a street that ends so near another one meets it, whatever the files say
_SAME_M = 45.0  # the crossings of two dual carriageways are one junction
_BESIDE_RING_M = 8.0
_APART = 1e6  # pairs are told apart in one tree by a third coordinate
_RING, _SHARED, _ENDS = 0, 1, 2  # the better witness of a junction's place first


class Meetings(NamedTuple):
    """All junctions, sorted by `code`: the lower street's number times the count of streets plus the other's."""

    code: NDArray[np.int64]
    x: Floats  # metres (EPSG:9210)
    y: Floats
    gap: Floats  # metres between the streets; 0 where they touch
    piece: Ints  # the nearest piece of the street with the lower number
    other: Ints  # … and of the other

    def of(
        self, ones: Ints, others: Ints, count: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Junctions of any street of `ones` with any of `others`: (places in `ones`, in `others`, rows)."""
        one, other = (part.ravel() for part in np.meshgrid(np.arange(len(ones)), np.arange(len(others)), indexing="ij"))
        a, b = ones[one].astype(np.int64), others[other].astype(np.int64)
        code = np.minimum(a, b) * count + np.maximum(a, b)
        first = np.searchsorted(self.code, code, "left")
        size = np.searchsorted(self.code, code, "right") - first
        hit = np.repeat(np.flatnonzero(size), size[size > 0])
        if not len(hit):
            none = np.zeros(0, dtype=np.int64)
            return none, none, none
        begin = np.repeat(np.cumsum(size[size > 0]) - size[size > 0], size[size > 0])
        row = first[hit] + np.arange(len(hit)) - begin
        return one[hit], other[hit], row


NONE = Meetings(
    np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, np.int32), np.zeros(0, np.int32)
)


def meetings(
    lines: Sequence[tuple[int, Floats, Floats]], street_of_line: dict[int, int], rings: Floats, pieces: Pieces
) -> Meetings:
    """The junctions of lines given as (number of the name, x, y) in metres.

    `rings`: roundabouts as rows of x, y, radius in metres.
    """
    kept = [number for number, line in enumerate(lines) if number in street_of_line and len(line[1]) > 1]
    if not kept:
        return NONE
    street = np.array([street_of_line[number] for number in kept], dtype=np.int64)
    sizes = [len(lines[number][1]) for number in kept]
    points = np.column_stack([np.concatenate([lines[number][axis] for number in kept]) for axis in (1, 2)])
    indices = np.repeat(np.arange(len(kept)), sizes)
    shapes = np.asarray(shapely.linestrings(points, indices=indices), dtype=object)
    tree = shapely.STRtree(shapes)
    rows = [*_crossings(shapes, street, tree), *_ends(shapes, street, tree), *_rings(rings, street, tree)]
    table = np.concatenate([row for row in rows if len(row)] or [np.zeros((0, 6))])
    return _clustered(table, pieces)


def _crossings(shapes: NDArray[np.object_], street: NDArray[np.int64], tree: shapely.STRtree) -> list[Floats]:
    """Rows of street, street, x, y, gap, kind of witness."""
    one, other = tree.query(shapes, predicate="intersects")
    two = street[one] < street[other]
    one, other = one[two], other[two]
    parts, of = shapely.get_parts(shapely.intersection(shapes[one], shapes[other]), return_index=True)
    is_line = shapely.get_type_id(parts) == 1
    result = []
    for found, at in (
        (parts[~is_line], of[~is_line]),
        (shapely.get_point(parts[is_line], 0), of[is_line]),
        (shapely.get_point(parts[is_line], -1), of[is_line]),
    ):
        x, y = shapely.get_x(found), shapely.get_y(found)
        result.append(
            np.column_stack(
                [street[one[at]], street[other[at]], x, y, np.zeros(len(x)), np.full(len(x), float(_SHARED))]
            )
        )
    return result


def _ends(shapes: NDArray[np.object_], street: NDArray[np.int64], tree: shapely.STRtree) -> list[Floats]:
    ends = np.concatenate([shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)])
    of_end = np.concatenate([street, street])
    point, line = tree.query(ends, predicate="dwithin", distance=_END_M)
    two = of_end[point] != street[line]
    point, line = point[two], line[two]
    touch = shapely.line_interpolate_point(shapes[line], shapely.line_locate_point(shapes[line], ends[point]))
    gap = shapely.distance(touch, ends[point])
    x = (shapely.get_x(touch) + shapely.get_x(ends[point])) / 2
    y = (shapely.get_y(touch) + shapely.get_y(ends[point])) / 2
    a, b = of_end[point], street[line]
    rows = np.column_stack([np.minimum(a, b), np.maximum(a, b), x, y, gap, np.full(len(x), float(_ENDS))])
    return [rows[gap > 0.05]]


def _rings(rings: Floats, street: NDArray[np.int64], tree: shapely.STRtree) -> list[Floats]:
    if not len(rings):
        return []
    discs = shapely.buffer(shapely.points(rings[:, :2]), rings[:, 2] + _BESIDE_RING_M)
    ring, line = tree.query(discs, predicate="intersects")
    rows = []
    for number in np.unique(ring).tolist():
        x, y, _ = rings[number]
        for a, b in combinations(sorted(set(street[line[ring == number]].tolist())), 2):
            rows.append((a, b, x, y, 0.0, float(_RING)))
    return [np.array(rows).reshape(-1, 6)]


def _clustered(table: Floats, pieces: Pieces) -> Meetings:
    """One junction for all witnesses of a pair that lie near each other: the middle of the best of them."""
    from scipy.sparse import coo_matrix  # needed only where the gazetteer is made
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    if not len(table):
        return NONE
    count = int(pieces.street.max()) + 1
    code = table[:, 0].astype(np.int64) * count + table[:, 1].astype(np.int64)
    _, pair = np.unique(code, return_inverse=True)
    near = cKDTree(np.column_stack([table[:, 2:4], pair * _APART])).query_pairs(_SAME_M, output_type="ndarray")
    graph = coo_matrix((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(table), len(table)))
    number, cluster = connected_components(graph, directed=False)
    best = np.full(number, 9.0)
    np.minimum.at(best, cluster, table[:, 5])
    used = table[:, 5] == best[cluster]
    size = np.bincount(cluster[used], minlength=number)
    x, y, gap = (np.bincount(cluster[used], table[used, column], minlength=number) / size for column in (2, 3, 4))
    of_cluster = np.zeros(number, dtype=np.int64)
    of_cluster[cluster] = code
    order = np.argsort(of_cluster, kind="stable")
    of_cluster, x, y, gap = of_cluster[order], x[order], y[order], gap[order]
    by_street = cKDTree(np.column_stack([pieces.x, pieces.y, pieces.street * _APART]))
    piece, other = (
        by_street.query(np.column_stack([x, y, side * _APART]))[1].astype(np.int32)
        for side in (of_cluster // count, of_cluster % count)
    )
    return Meetings(of_cluster, x, y, gap, piece, other)
