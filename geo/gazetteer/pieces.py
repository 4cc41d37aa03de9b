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
    xs, ys, names, of_line, dxs, dys, lengths = [], [], [], [], [], [], []
    for number, (name, x, y) in enumerate(lines):
        steps = np.hypot(np.diff(x), np.diff(y))
        total = float(steps.sum())
        if not np.isfinite(total) or total < 1.0:
            continue
        count = max(1, round(total / PIECE_M))
        reached = np.concatenate([[0.0], np.cumsum(steps)])
        at = (np.arange(count) + 0.5) * (total / count)
        px, py = np.interp(at, reached, x), np.interp(at, reached, y)
        half = min(10.0, total / 4)
        ahead, behind = np.minimum(at + half, total), np.maximum(at - half, 0.0)
        dx = np.interp(ahead, reached, x) - np.interp(behind, reached, x)
        dy = np.interp(ahead, reached, y) - np.interp(behind, reached, y)
        norm = np.maximum(np.hypot(dx, dy), 1e-6)
        xs.append(px)
        ys.append(py)
        dxs.append(dx / norm)
        dys.append(dy / norm)
        names.append(np.full(count, name, dtype=np.int32))
        of_line.append(np.full(count, number, dtype=np.int32))
        lengths.append(np.full(count, total / count))
    if not xs:
        none = np.zeros(0)
        nothing = np.zeros(0, dtype=np.int32)
        return Pieces(none, none, nothing, nothing, none, none, none, nothing, none)
    return _joined(*(np.concatenate(part) for part in (xs, ys, names, of_line, dxs, dys, lengths)))


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
