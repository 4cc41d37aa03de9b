"""Who is whose neighbour: spatial weights as scipy's sparse rows, n × n, without the place itself.

Row i holds the weights of i's neighbours. Places without a neighbour have an empty row. Source of the kinds: Anselin,
"Spatial Econometrics", 1988; the polygon kinds are libpysal's.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial import cKDTree

from geo.grid import Cells, hexagon_neighbours, square_key

Floats = NDArray[np.float64]
Weights: TypeAlias = sparse.csr_array

_AROUND = [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)]


def contiguous(cells: Cells) -> Weights:
    """Queen contiguity: a square's up to eight, a hexagon's up to six neighbours that take part; binary."""
    if cells.side_m is None:
        around = [np.array(each, dtype=np.int64) for each in hexagon_neighbours(cells.ids.tolist())]
        rows = np.repeat(np.arange(len(cells)), [len(each) for each in around])
        columns = cells.at(np.concatenate(around)) if around else np.empty(0, np.int64)
    else:
        column, row = cells.column, cells.row
        # Eight answers a cell side by side keep every row's neighbours in ascending order: no sorting after.
        found = np.stack([cells.at(square_key(column + dx, row + dy)) for dx, dy in _AROUND], axis=1)
        rows = np.repeat(np.arange(len(cells)), len(_AROUND))
        columns = found.ravel()
    kept = columns >= 0
    return _binary(rows[kept], columns[kept], len(cells))


def within(x: Floats, y: Floats, metres: float) -> Weights:
    """Distance band: all within `metres` (planar, inclusive); binary. `x, y`: metres, float64[n]."""
    pairs = cKDTree(np.column_stack([x, y])).query_pairs(metres, output_type="ndarray")
    return _binary(np.concatenate([pairs[:, 0], pairs[:, 1]]), np.concatenate([pairs[:, 1], pairs[:, 0]]), len(x))


def nearest(x: Floats, y: Floats, k: int) -> Weights:
    """The k nearest others, not symmetric; binary. `x, y`: metres, float64[n]; 1 <= k < n."""
    if not 1 <= k < len(x):
        raise ValueError(f"k phải từ 1 đến {len(x) - 1} (k is 1 to n - 1): {k}")
    _, found = cKDTree(np.column_stack([x, y])).query(np.column_stack([x, y]), k=k + 1)
    # Places with the same coordinates: the place itself need not come first.
    others = found != np.arange(len(x))[:, None]
    others[others.all(axis=1), -1] = False
    return _binary(np.repeat(np.arange(len(x)), k), found[others], len(x))


def touching(polygons: NDArray[np.object_], metres: float = 0.0) -> Weights:
    """Queen contiguity of polygons (wards, districts, zones), in metres: all that overlap or share at least a point, or
    lie at most `metres` apart, for boundaries with slivers between them; binary. Libpysal's `build_fuzzy_contiguity`
    with half of it as the buffer."""
    one, other = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=metres)
    apart = one != other
    return _binary(one[apart], other[apart], len(polygons))


def with_self(weights: Weights) -> Weights:
    """The same with each place its own neighbour too, of weight 1 (the star of Gi*)."""
    return sparse.csr_array(weights + sparse.eye_array(weights.shape[0], format="csr"))


def row_standardised(weights: Weights) -> Weights:
    """The same with each row's weights adding up to 1; empty rows stay empty."""
    total = np.asarray(weights.sum(axis=1)).ravel()
    scale = np.divide(1.0, total, out=np.zeros_like(total, dtype=np.float64), where=total > 0)
    return sparse.csr_array(sparse.diags_array(scale) @ weights)


def _binary(rows: NDArray[np.int64], columns: NDArray[np.int64], n: int) -> Weights:
    made = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(n, n)).tocsr()
    made.sort_indices()
    return sparse.csr_array(made)
