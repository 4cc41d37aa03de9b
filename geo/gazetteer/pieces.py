"""Streets cut into short pieces: their middle points, which hang together as one street, how far along it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PIECE_M = 25.0
_JOIN_M = 80.0  # pieces of one name nearer than this are one street, over a crossing or a gap in the files
_APART = 1e6  # names are told apart in one tree by a third coordinate

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Pieces(NamedTuple):
    """All pieces, sorted by street (a name's pieces that hang together) and by distance along it."""

    x: Floats  # metres (EPSG:9210)
    y: Floats
    name: Ints  # number of the name
    street: Ints  # number of the street
    along: Floats  # metres from the street's one end
    dx: Floats  # unit vector in the direction in which `along` rises
    dy: Floats
    line: Ints  # which of the lines it was cut from
    length: Floats  # metres of the piece itself


def cut(lines: Sequence[tuple[int, Floats, Floats]]) -> Pieces:
    """The pieces of lines given as (number of the name, x, y) in metres."""
    lengths = np.array([len(x) for _, x, _ in lines], dtype=np.int64)
    if not len(lines) or not lengths.sum():
        return _nothing()
    x = np.concatenate([each for _, each, _ in lines])
    y = np.concatenate([each for _, _, each in lines])
    of_vertex = np.repeat(np.arange(len(lines)), lengths)
    # All lines one behind the other on one axis, a metre apart: `reached` rises, so that one interpolation serves all.
    steps = np.concatenate([[0.0], np.hypot(np.diff(x), np.diff(y))])
    steps[np.cumsum(lengths)[:-1]] = 1.0
    reached = np.cumsum(steps)
    begins = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    start = reached[begins]
    total = reached[begins + lengths - 1] - start
    kept = np.flatnonzero(np.isfinite(total) & (total >= 1.0) & (np.bincount(of_vertex, minlength=len(lines)) > 1))
    if not len(kept):
        return _nothing()
    count = np.maximum(1, np.rint(total[kept] / PIECE_M)).astype(np.int64)
    line = np.repeat(kept, count)
    length = np.repeat(total[kept] / count, count)
    within = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    at = (within + 0.5) * length
    half = np.minimum(10.0, total[line] / 4)
    here, ahead, behind = (
        start[line] + place for place in (at, np.minimum(at + half, total[line]), np.maximum(at - half, 0.0))
    )
    dx = np.interp(ahead, reached, x) - np.interp(behind, reached, x)
    dy = np.interp(ahead, reached, y) - np.interp(behind, reached, y)
    norm = np.maximum(np.hypot(dx, dy), 1e-6)
    name = np.array([name for name, _, _ in lines], dtype=np.int32)[line]
    return _joined(
        np.interp(here, reached, x),
        np.interp(here, reached, y),
        name,
        line.astype(np.int32),
        dx / norm,
        dy / norm,
        length,
    )


def _nothing() -> Pieces:
    none, nothing = np.zeros(0), np.zeros(0, dtype=np.int32)
    return Pieces(none, none, nothing, nothing, none, none, none, nothing, none)


def _joined(  # noqa: PLR0917
    x: Floats, y: Floats, name: Ints, line: Ints, dx: Floats, dy: Floats, length: Floats
) -> Pieces:
    from scipy.sparse import coo_matrix  # 40 MB that only the making of pieces needs
    from scipy.sparse.csgraph import connected_components, dijkstra
    from scipy.spatial import cKDTree

    count = len(x)
    pairs = cKDTree(np.column_stack([x, y, name * _APART])).query_pairs(_JOIN_M, output_type="ndarray")
    one, other = pairs[:, 0], pairs[:, 1]
    gap = np.hypot(x[one] - x[other], y[one] - y[other])
    # Hops are dearer than the way along: a line's own neighbours lead.
    weight = np.maximum(gap, 0.5) + np.where(gap > 1.6 * PIECE_M, 0.2 * gap, 0.0)
    graph = coo_matrix((weight, (one, other)), shape=(count, count)).tocsr()
    _, street = connected_components(graph, directed=False)
    _, first = np.unique(street, return_index=True)
    reached = dijkstra(graph, directed=False, indices=first, min_only=True)
    order = np.lexsort((-reached, street))
    ends = order[np.unique(street[order], return_index=True)[1]]
    along = dijkstra(graph, directed=False, indices=ends, min_only=True)
    # Rising: along the mean gradient over the neighbours.
    slope_x = np.zeros(count)
    slope_y = np.zeros(count)
    rise = along[other] - along[one]
    gx, gy = (x[other] - x[one]) * rise, (y[other] - y[one]) * rise
    for place in (one, other):
        slope_x += np.bincount(place, gx, minlength=count)
        slope_y += np.bincount(place, gy, minlength=count)
    against = dx * slope_x + dy * slope_y < 0
    dx, dy = np.where(against, -dx, dx), np.where(against, -dy, dy)
    # Streets are numbered so that a name's come one after the other.
    order = np.lexsort((along, street, name))
    _, street = np.unique(name[order].astype(np.int64) * (count + 1) + street[order], return_inverse=True)
    return Pieces(
        x[order],
        y[order],
        name[order],
        street.astype(np.int32),
        along[order],
        dx[order],
        dy[order],
        line[order],
        length[order],
    )
