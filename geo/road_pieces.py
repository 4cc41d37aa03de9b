"""A street network in pieces: from junction to junction, at most so long, each with an id of its own ground."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

Integers = NDArray[np.int64]
LONGEST_M = 500.0


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """n pieces: `lines` in metres (EPSG:9210); `of` int64[n], the line each was cut from; `ends` int64[n, 2], numbers
    of the nodes at its ends: pieces that share one meet there."""

    lines: NDArray[np.object_]
    of: Integers
    ends: Integers

    def __len__(self) -> int:
        return len(self.lines)


def cut(lines: NDArray[np.object_], longest_m: float = LONGEST_M) -> Pieces:
    """Cut lines (metres, EPSG:9210) where they share a corner with another or with themselves, right to a centimetre,
    and what is longer than `longest_m` into equal parts. Lines that cross without a corner are a bridge: not cut."""
    corners, of = shapely.get_coordinates(lines, return_index=True)
    _, node, shared = np.unique(
        np.rint(corners * 100).astype(np.int64), axis=0, return_inverse=True, return_counts=True
    )
    node = node.ravel()
    last = np.append(of[1:] != of[:-1], True)
    breaks = last | np.append(True, last[:-1]) | (shared[node] > 1)
    at = np.flatnonzero(breaks)
    start = np.flatnonzero(breaks & ~last)
    end = at[np.searchsorted(at, start, side="right")]
    many = end - start + 1
    which = np.repeat(np.arange(len(start)), many)
    corner = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + start[which]
    made = np.asarray(shapely.linestrings(corners[corner], indices=which), dtype=object)
    real = shapely.length(made) > 0
    whole = Pieces(lines=made[real], of=of[start][real], ends=np.column_stack([node[start], node[end]])[real])
    return _shortened(whole, longest_m, int(node.max(initial=-1)) + 1)


def _shortened(pieces: Pieces, longest_m: float, free: int) -> Pieces:
    """`free`: the first number that is no node's."""
    parts = np.maximum(1, np.ceil(shapely.length(pieces.lines) / longest_m)).astype(np.int64)
    row = np.repeat(np.arange(len(pieces)), parts)
    lines, ends = pieces.lines[row], pieces.ends[row]
    first = np.cumsum(parts) - parts
    for long in np.flatnonzero(parts > 1).tolist():
        here, n = slice(first[long], first[long] + parts[long]), int(parts[long])
        lines[here] = _equal_parts(pieces.lines[long], n)
        ends[here, 1][:-1] = ends[here, 0][1:] = np.arange(free, free + n - 1)
        free += n - 1
    return Pieces(lines=lines, of=pieces.of[row], ends=ends)


def _equal_parts(line: Any, n: int) -> list[Any]:
    from shapely.ops import substring

    return [substring(line, k / n, (k + 1) / n, normalized=True) for k in range(n)]


def ids(pieces: Pieces, names: NDArray[np.str_]) -> NDArray[np.str_]:
    """`road:` and 16 digits of a hash of the name and the corners to a decimetre, whichever way they run: the same as
    long as street and ground are. `names` [n], of the pieces."""
    said = []
    corners, row = shapely.get_coordinates(pieces.lines, return_index=True)
    each = np.split(np.rint(corners * 10).astype("<i8"), np.flatnonzero(np.diff(row)) + 1)
    for name, way in zip(names.tolist(), each, strict=True):
        ground = min(way.tobytes(), way[::-1].tobytes())
        said.append("road:" + hashlib.blake2b(name.encode() + b"\0" + ground, digest_size=8).hexdigest())
    return np.array(said, dtype=np.str_)


def meeting(ends: Integers) -> sparse.csr_array:
    """Which pieces share a node, n × n, binary, without the piece itself. `ends` int64[n, 2]."""
    n = len(ends)
    _, node = np.unique(ends, return_inverse=True)
    touched = sparse.coo_array((np.ones(2 * n), (np.repeat(np.arange(n), 2), node.ravel())), shape=(n, 2 * n)).tocsr()
    both = (touched @ touched.T).tocoo()
    apart = both.row != both.col
    found = sparse.coo_array((np.ones(apart.sum()), (both.row[apart], both.col[apart])), shape=(n, n)).tocsr()
    found.sort_indices()
    return sparse.csr_array(found)
