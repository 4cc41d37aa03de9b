"""Clusters of points by density, in space (DBSCAN, HDBSCAN) and in space and time (ST-DBSCAN).

Sources: Ester, Kriegel, Sander and Xu, "A Density-Based Algorithm for Discovering Clusters", KDD 1996; Birant and Kut,
"ST-DBSCAN: An Algorithm for Clustering Spatial-Temporal Data", Data & Knowledge Engineering 60, 2007; Campello, Moulavi
and Sander, "Density-Based Clustering Based on Hierarchical Density Estimates", PAKDD 2013 (scikit-learn's).

A point is a core point when at least `minimum` points, itself included, lie within reach (inclusive). Core points
within reach of each other are of one cluster. Clusters are numbered from 0 by their first core point; another point
within reach of core points belongs to the lowest-numbered of their clusters, as when Ester's algorithm visits the
points in their order; the rest is noise, -1.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

# The own square (number 4) and the eight around it: a reach is one square's side, so no neighbour lies farther.
_AROUND = [(dx, dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]


def dbscan(x: Floats, y: Floats, *, reach_m: float, minimum: int) -> Labels:
    """Clusters in space. `x, y`: metres, float64[n]; answers int64[n]."""
    return st_dbscan(x, y, np.zeros(len(x)), reach_m=reach_m, reach_t=np.inf, minimum=minimum)


def st_dbscan(x: Floats, y: Floats, t: Floats, *, reach_m: float, reach_t: float, minimum: int) -> Labels:
    """Clusters in space and time: neighbours lie within `reach_m` and within `reach_t`, both inclusive.

    `x, y`: metres; `t`: any unit, the same as `reach_t`; float64[n]; answers int64[n]. Memory is a few arrays of n:
    pairs are counted and joined as they are met, never kept.
    """
    if not reach_m > 0 or not reach_t >= 0 or minimum < 1:
        raise ValueError("bán kính phải dương, số điểm tối thiểu từ 1 (reach must be positive, minimum at least 1)")
    if not len(x):
        return np.empty(0, dtype=np.int64)
    column = np.floor((x - x.min()) / reach_m).astype(np.int64)
    row = np.floor((y - y.min()) / reach_m).astype(np.int64)
    width = int(column.max()) + 2
    key = row * width + column
    # By square, then by time: in a square the candidates of a point are one slice.
    order = np.lexsort((t, key))
    squares, first = np.unique(key[order], return_index=True)
    bounds = np.append(first, len(x)).astype(np.int64)
    near = np.column_stack([_place(squares, squares + dy * width + dx) for dx, dy in _AROUND])
    xs, ys, ts = (np.ascontiguousarray(each[order], dtype=np.float64) for each in (x, y, t))
    space_time = (xs, ys, ts, bounds, near, reach_m**2, float(reach_t))
    core = _cores(space_time, minimum)
    labels = _numbered(_first_of_cluster(space_time, order, core))
    _join_borders(space_time, order, core, labels)
    return labels


def hdbscan(x: Floats, y: Floats, *, minimum: int) -> Labels:
    """Clusters whose density is not given beforehand (scikit-learn's HDBSCAN). `x, y`: metres; answers int64[n]."""
    from sklearn.cluster import HDBSCAN

    if len(x) < max(2, minimum):
        return np.full(len(x), -1, dtype=np.int64)
    found = HDBSCAN(min_cluster_size=max(2, minimum), copy=True).fit_predict(np.column_stack([x, y]))
    return np.asarray(found, dtype=np.int64)


def _place(squares: Labels, wanted: Labels) -> Labels:
    at = np.minimum(np.searchsorted(squares, wanted), len(squares) - 1)
    return np.where(squares[at] == wanted, at, -1)


@numba.njit(nogil=True, cache=True)
def _after(ts, low, high, time):  # type: ignore[no-untyped-def]
    """The first of ts[low:high] that is >= time."""
    while low < high:
        middle = (low + high) // 2
        if ts[middle] < time:
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(nogil=True, cache=True)
def _cores(space_time, minimum):  # type: ignore[no-untyped-def]
    xs, ys, ts, bounds, near, reach2, reach_t = space_time
    core = np.zeros(len(xs), dtype=np.bool_)
    for square in range(len(bounds) - 1):
        for i in range(bounds[square], bounds[square + 1]):
            count = 0
            # The own square first: in a dense one that is already enough.
            for k in (4, 0, 1, 2, 3, 5, 6, 7, 8):
                other = near[square, k]
                if other < 0:
                    continue
                j = _after(ts, bounds[other], bounds[other + 1], ts[i] - reach_t)
                while j < bounds[other + 1] and ts[j] - ts[i] <= reach_t and count < minimum:
                    if (xs[i] - xs[j]) ** 2 + (ys[i] - ys[j]) ** 2 <= reach2:
                        count += 1
                    j += 1
                if count >= minimum:
                    break
            core[i] = count >= minimum
    return core


@numba.njit(nogil=True, cache=True)
def _root(parent, i):  # type: ignore[no-untyped-def]
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@numba.njit(nogil=True, cache=True)
def _first_of_cluster(space_time, order, core):  # type: ignore[no-untyped-def]
    """Of each core point the first core point of its cluster, both by the caller's order; -1 for the others."""
    xs, ys, ts, bounds, near, reach2, reach_t = space_time
    n = len(xs)
    parent = np.arange(n)  # a tree of each cluster; its root is the one that comes first in the caller's order
    for square in range(len(bounds) - 1):
        for i in range(bounds[square], bounds[square + 1]):
            if not core[i]:
                continue
            # Half of the squares: each pair of points is met once, from the one in the later square or place.
            for k in range(5):
                other = near[square, k]
                if other < 0:
                    continue
                end = min(bounds[other + 1], i) if k == 4 else bounds[other + 1]
                j = _after(ts, bounds[other], end, ts[i] - reach_t)
                mine = _root(parent, i)
                while j < end and ts[j] - ts[i] <= reach_t:
                    if core[j] and (xs[i] - xs[j]) ** 2 + (ys[i] - ys[j]) ** 2 <= reach2:
                        yours = _root(parent, j)
                        if yours != mine:
                            if order[mine] < order[yours]:
                                parent[yours] = mine
                            else:
                                parent[mine] = yours
                                mine = yours
                    j += 1
    first = np.full(n, -1, dtype=np.int64)
    for i in range(n):
        if core[i]:
            first[order[i]] = order[_root(parent, i)]
    return first


def _numbered(first: Labels) -> Labels:
    """Clusters numbered by their first core point."""
    core = first >= 0
    labels = np.full(len(first), -1, dtype=np.int64)
    labels[core] = np.unique(first[core], return_inverse=True)[1]
    return labels


@numba.njit(nogil=True, cache=True)
def _join_borders(space_time, order, core, labels):  # type: ignore[no-untyped-def]
    """Points within reach of core points that are none themselves get the lowest number among them."""
    xs, ys, ts, bounds, near, reach2, reach_t = space_time
    for square in range(len(bounds) - 1):
        for i in range(bounds[square], bounds[square + 1]):
            if core[i]:
                continue
            best = -1
            for k in range(9):
                other = near[square, k]
                if other < 0:
                    continue
                j = _after(ts, bounds[other], bounds[other + 1], ts[i] - reach_t)
                while j < bounds[other + 1] and ts[j] - ts[i] <= reach_t:
                    if core[j] and (xs[i] - xs[j]) ** 2 + (ys[i] - ys[j]) ** 2 <= reach2:
                        label = labels[order[j]]
                        best = label if best < 0 else min(best, label)
                    j += 1
            labels[order[i]] = best
