"""Streets where the files have no line of them: from the ways that buses drive, and from what stands on them.

House numbers and bus stops that name a street witness it. Where the nearest line of the name is far, the street runs
through its witnesses: the shortest tree over them and the lines that are known joins what is near enough. A street
drawn so lies some tens of metres beside the true one, where before there was none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Line = tuple[int, Floats, Floats]  # number of the name, x, y in metres

_STEP_M = 25.0
_BESIDE_M = 45.0  # a bus that drives so near to a street of the name drives on it
_FAR_M = 70.0  # a witness farther than this from every line of its name tells of a stretch that is missing
_JOIN_M = 900.0  # witnesses of one name are joined up to this distance
_TOGETHER_M = 80.0  # points of one street are no farther apart
_BRIDGE_M = 1200.0  # stretches of one name nearer than this are one street, though the files lack what joins them
_ALONE_M = 20.0  # half the length of a street with a single witness
_APART = 1e6  # names are told apart in one tree by a third coordinate


def missing(
    lines: Sequence[Line], paths: Sequence[Line], witnesses: tuple[Ints, Floats, Floats], single: NDArray[np.bool_]
) -> list[Line]:
    """Lines to add to `lines`: the parts of `paths` that lie beside none of their name, what joins `witnesses`
    (number of the name, x, y), and what joins the stretches of a name that few streets bear (`single`, per name)."""
    known = _points(lines)
    added = [part for path in paths for part in _apart(path, known)] if len(known) else list(paths)
    known = np.concatenate([known, _points(added)])
    joined = _joined(witnesses, known)
    return added + joined + _bridges(np.concatenate([known, _points(joined)]), single)


def _points(lines: Sequence[Line]) -> Floats:
    """Points along lines, as rows of x, y and the name apart."""
    parts = []
    for name, x, y in lines:
        px, py = _dense(x, y)
        parts.append(np.column_stack([px, py, np.full(len(px), name * _APART)]))
    return np.concatenate(parts) if parts else np.zeros((0, 3))


def _dense(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    reached = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    at = np.linspace(0.0, reached[-1], max(2, int(reached[-1] / _STEP_M) + 1))
    return np.interp(at, reached, x), np.interp(at, reached, y)


def _apart(path: Line, known: Floats) -> list[Line]:
    """The stretches of a path that lie beside no line of its name."""
    name, x, y = path
    x, y = _dense(x, y)
    own = known[known[:, 2] == name * _APART]
    if not len(own):
        return [(name, x, y)]
    near = np.array(
        [bool((np.hypot(own[:, 0] - px, own[:, 1] - py) < _BESIDE_M).any()) for px, py in zip(x, y, strict=True)]
    )
    edges = np.flatnonzero(np.diff(np.concatenate([[True], near, [True]]).astype(np.int8)))
    # One point over either end, so that the stretch meets what is known.
    return [
        (name, x[max(0, first - 1) : end + 1], y[max(0, first - 1) : end + 1])
        for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        if end - first > 1
    ]


def _joined(witnesses: tuple[Ints, Floats, Floats], known: Floats) -> list[Line]:
    from scipy.spatial import cKDTree  # needed only where the gazetteer is made

    names, x, y = witnesses
    if not len(names):
        return []
    at = np.column_stack([x, y, names * _APART])
    contact = np.zeros((len(names), 2))
    distance = np.full(len(names), np.inf)
    if len(known):
        distance, place = cKDTree(known).query(at, distance_upper_bound=_JOIN_M)
        found = np.isfinite(distance)
        contact[found] = known[place[found], :2]
    far = np.flatnonzero(distance > _FAR_M)
    result: list[Line] = []
    order = far[np.argsort(names[far], kind="stable")]
    for several in np.split(order, np.flatnonzero(np.diff(names[order])) + 1):
        if len(several):
            result += _tree(int(names[several[0]]), at[several, :2], distance[several], contact[several])
    return result


def _tree(name: int, points: Floats, distance: Floats, contact: Floats) -> list[Line]:
    """The shortest tree over points and the lines known (node 0), without edges that are too long."""
    points, first = np.unique(np.round(points / 10.0) * 10.0, axis=0, return_index=True)
    distance, contact = distance[first], contact[first]
    count = len(points)
    between = np.hypot(points[:, None, 0] - points[None, :, 0], points[:, None, 1] - points[None, :, 1])
    reached = np.zeros(count, dtype=bool)
    best, parent = np.where(distance <= _JOIN_M, distance, np.inf), np.full(count, -1)
    joined = np.zeros(count, dtype=bool)  # whether an edge ends here
    result: list[Line] = []
    while not reached.all():
        open_ones = np.flatnonzero(~reached)
        new = int(open_ones[np.argmin(best[open_ones])])
        if np.isfinite(best[new]):
            end = contact[new] if parent[new] < 0 else points[parent[new]]
            result.append((name, np.array([points[new, 0], end[0]]), np.array([points[new, 1], end[1]])))
            joined[new] = True
            if parent[new] >= 0:
                joined[parent[new]] = True
        reached[new] = True
        nearer = (between[new] < best) & (between[new] <= _JOIN_M) & ~reached
        best[nearer], parent[nearer] = between[new][nearer], new
    for px, py in points[~joined].tolist():
        result.append((name, np.array([px - _ALONE_M, px + _ALONE_M]), np.array([py, py])))
    return result


def _bridges(points: Floats, single: NDArray[np.bool_]) -> list[Line]:
    """What joins the stretches of each name, up to a distance."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    result: list[Line] = []
    points = points[np.argsort(points[:, 2], kind="stable")]
    for own in np.split(points, np.flatnonzero(np.diff(points[:, 2])) + 1):
        if not len(own) or not single[round(own[0, 2] / _APART)]:
            continue
        at = own[:, :2]
        pairs = cKDTree(at).query_pairs(_TOGETHER_M, output_type="ndarray")
        graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(at), len(at)))
        count, part = connected_components(graph, directed=False)
        if 1 < count < 40:
            result += _between(round(own[0, 2] / _APART), [at[part == k] for k in range(count)])
    return result


def _between(name: int, parts: list[Floats]) -> list[Line]:
    from scipy.spatial import cKDTree

    edges = []
    trees = [cKDTree(part) for part in parts]
    for one in range(len(parts)):
        for other in range(one):
            distance, place = trees[one].query(parts[other], distance_upper_bound=_BRIDGE_M)
            nearest = int(np.argmin(distance))
            if np.isfinite(distance[nearest]):
                edges.append((float(distance[nearest]), one, other, parts[one][place[nearest]], parts[other][nearest]))
    group = list(range(len(parts)))
    result: list[Line] = []
    for _, one, other, start, end in sorted(edges, key=lambda edge: edge[0]):
        if group[one] != group[other]:
            group = [group[one] if each == group[other] else each for each in group]
            result.append((name, np.array([start[0], end[0]]), np.array([start[1], end[1]])))
    return result
