"""The bulk way: a grid of cells that lie wholly inside one combination of all levels; the rest is answered exactly.

One table per day of boundaries, keyed by a hash of their lines, so that it is never stale. Two grids in degrees: coarse
cells of 0.001° and, where a line passes, fine ones a sixteenth of that. A cell that no line touches lies in one area of
each level, and cells that touch one another without a line between them lie in the same: one exact answer serves all of
such a connected piece. Cells on a line, and those where a level has no area but one may be within 25 m, are left to the
exact way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from district_boundaries.areas import Day
from district_boundaries.exact import CITY, holding

COARSE_DEGREES = 0.001  # more than 100 m both ways, so one ring of cells around a line holds all within the gap of 25 m
FINE = 16  # fine cells along a coarse one
MARGIN = 1e-9  # degrees: what lies this near to a line counts as on it; far above rounding and the border's micrometre
EXACT = -1  # the cell is left to the exact way; below it: block number -2 - value

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Raster:
    """The table of one day."""

    west: float
    south: float
    width: int  # coarse cells
    height: int
    coarse: NDArray[np.int32]  # [height * width]: combination, EXACT or block
    fine: NDArray[np.signedinteger[Any]]  # int16 or int32, [blocks * FINE * FINE]: combination or EXACT
    combinations: NDArray[np.int32]  # [n, layers]: position of the area in the day's list, -1 for none

    def look_up(self, lon: Floats, lat: Floats) -> NDArray[np.int32]:
        """The combination of each point, EXACT where the table does not know. Combination 0 is "outside"."""
        scale = FINE / COARSE_DEGREES
        x, y = (lon - self.west) * scale, (lat - self.south) * scale
        with np.errstate(invalid="ignore"):
            off = ~((x >= 0) & (y >= 0) & (x < self.width * FINE) & (y < self.height * FINE))
        if off.any():
            x, y = np.where(off, 0.0, x), np.where(off, 0.0, y)
        column, row = x.astype(np.int32), y.astype(np.int32)
        found: NDArray[np.int32] = self.coarse.take((row >> 4) * np.int32(self.width) + (column >> 4))
        split = np.flatnonzero(found < EXACT)
        block = -2 - found[split].astype(np.int64)
        inner = (row[split] & 15) * FINE + (column[split] & 15)
        found[split] = self.fine.take(block * (FINE * FINE) + inner)
        if off.any():
            found[off] = 0
        return found

    def undivided(self, lon: Floats, lat: Floats, reach: Floats) -> NDArray[np.int32]:
        """The combination of each point with no line of any level in the box of `reach` degrees around it; EXACT where
        there may be one. Asked of coarse cells alone, which is no answer for most of what lies near a line."""
        scale = 1 / COARSE_DEGREES
        with np.errstate(invalid="ignore"):
            x, y = (lon - self.west) * scale, (lat - self.south) * scale
            far = (reach + MARGIN) * scale
            known = (far < 0.5) & (x >= far) & (y >= far) & (x + far < self.width) & (y + far < self.height)
        x, y, far = x[known], y[known], far[known]
        west, east = (x - far).astype(np.int64), (x + far).astype(np.int64)
        south, north = (y - far).astype(np.int64) * self.width, (y + far).astype(np.int64) * self.width
        corners = [self.coarse.take(row + column) for row in (south, north) for column in (west, east)]
        found = np.full(len(lon), EXACT, np.int32)
        found[known] = np.where(np.minimum.reduce(corners) >= 0, corners[0], EXACT)
        return found


def build(day: Day) -> Raster:
    """Make the table of a day."""
    frame = _Frame.around(day)
    touched, marks = _draw(day, frame)
    blocks = np.flatnonzero(touched)
    number = np.full(frame.size, -1, np.int64)
    number[blocks] = np.arange(len(blocks))
    crossed = np.zeros(len(blocks) * FINE * FINE, np.bool_)
    for row, column in marks:
        block = number[(row // FINE) * frame.width + column // FINE]
        crossed[block * (FINE * FINE) + (row % FINE) * FINE + column % FINE] = True
    fine = crossed.reshape(-1, FINE, FINE)
    piece, coarse_piece, fine_piece = _pieces(frame, touched, number, fine)
    rows = holding(day, *_representatives(frame, blocks, piece, coarse_piece, fine_piece))
    rows[rows[:, CITY] < 0] = -1  # outside of the city nothing else counts
    # Combination 0 is "outside"; it may not occur among the pieces.
    combinations, of_piece = np.unique(np.vstack([np.full((1, rows.shape[1]), -1), rows]), axis=0, return_inverse=True)
    of_piece = of_piece.reshape(-1)[1:].astype(np.int32)
    empty = _bits(combinations < 0)
    empty[0] = 1 << CITY
    near = _spread(touched.reshape(frame.height, frame.width)).reshape(-1)

    coarse = np.where(touched != 0, EXACT, of_piece[np.maximum(coarse_piece, 0)]).astype(np.int32)
    known = coarse >= 0
    coarse[known & ((empty[coarse] & near) != 0)] = EXACT
    coarse[blocks] = (-2 - np.arange(len(blocks))).astype(np.int32)
    fine_value = np.where(fine, EXACT, of_piece[np.maximum(fine_piece, 0)])
    unsure = (empty[fine_value] & near[blocks][:, None, None]) != 0
    fine_value[unsure] = EXACT
    small = np.int16 if len(combinations) < np.iinfo(np.int16).max else np.int32
    return Raster(
        west=frame.west,
        south=frame.south,
        width=frame.width,
        height=frame.height,
        coarse=coarse,
        fine=np.ascontiguousarray(fine_value.reshape(-1), dtype=small),
        combinations=combinations.astype(np.int32),
    )


@dataclass(frozen=True)
class _Frame:
    """Where the grid lies: coarse cell (row, column) begins at south + row · 0.001°, west + column · 0.001°."""

    west: float
    south: float
    width: int
    height: int

    @property
    def size(self) -> int:
        return self.width * self.height

    @staticmethod
    def around(day: Day) -> _Frame:
        """The city with two cells on each side: nothing outside of it is ever answered."""
        west, south, east, north = shapely.total_bounds(day.geometries[day.layer == CITY])
        west, south = (np.floor(edge / COARSE_DEGREES - 2) * COARSE_DEGREES for edge in (west, south))
        width, height = ((far - near) / COARSE_DEGREES + 3 for far, near in ((east, west), (north, south)))
        return _Frame(float(west), float(south), int(np.ceil(width)), int(np.ceil(height)))


def _draw(day: Day, frame: _Frame) -> tuple[NDArray[np.uint32], list[tuple[Ints, Ints]]]:
    """The layers whose lines touch each coarse cell, as bits; and the fine cells that a line touches (row, column)."""
    touched = np.zeros(frame.size, np.uint32)
    marks = []
    for layer in range(len(day.layers)):
        shapes = day.geometries[day.layer == layer]
        if len(shapes) == 0:
            continue
        row, column = _cells(_segments(shapes), frame)
        np.bitwise_or.at(touched, (row // FINE) * frame.width + column // FINE, np.uint32(1 << layer))
        marks.append((row, column))
    return touched, marks


def _segments(shapes: NDArray[np.object_]) -> Floats:
    """All straight pieces of the shapes' rings, each once: x1, y1, x2, y2."""
    rings = shapely.get_rings(shapely.get_parts(shapes))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = xy[:-1][same], xy[1:][same]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[swap], end[swap] = end[swap], start[swap]
    pieces = np.hstack([start, end])
    order = np.lexsort(pieces.T)
    pieces = pieces[order]
    first = np.ones(len(pieces), np.bool_)
    first[1:] = (pieces[1:] != pieces[:-1]).any(axis=1)
    return pieces[first]


def _cells(pieces: Floats, frame: _Frame) -> tuple[Ints, Ints]:
    """The fine cells (row, column) that any piece touches or passes within the margin, each once."""
    scale = FINE / COARSE_DEGREES
    margin = MARGIN * scale
    x1, x2 = (pieces[:, 0] - frame.west) * scale, (pieces[:, 2] - frame.west) * scale
    y1, y2 = (pieces[:, 1] - frame.south) * scale, (pieces[:, 3] - frame.south) * scale
    low, high = np.minimum(y1, y2) - margin, np.maximum(y1, y2) + margin
    first = np.floor(low).astype(np.int64)
    rows = np.floor(high).astype(np.int64) - first + 1
    piece = np.repeat(np.arange(len(pieces)), rows)
    row = first[piece] + _count_up(rows)
    # The part of the piece within this row, and the columns that it spans.
    slope = np.divide(x2 - x1, y2 - y1, out=np.zeros_like(x1), where=y1 != y2)
    bottom = np.clip(row - margin, low[piece], high[piece])
    top = np.clip(row + 1 + margin, low[piece], high[piece])
    level = (y1 == y2)[piece]
    a = np.where(level, x1[piece], x1[piece] + (bottom - y1[piece]) * slope[piece])
    b = np.where(level, x2[piece], x1[piece] + (top - y1[piece]) * slope[piece])
    # A nearly level piece reaches far within the margin: never beyond its own ends.
    left = np.clip(np.minimum(a, b), x1[piece], x2[piece]) - margin
    right = np.clip(np.maximum(a, b), x1[piece], x2[piece]) + margin
    begin = np.floor(left).astype(np.int64)
    columns = np.floor(right).astype(np.int64) - begin + 1
    row, column = np.repeat(row, columns), np.repeat(begin, columns) + _count_up(columns)
    inside = (row >= 0) & (column >= 0) & (row < frame.height * FINE) & (column < frame.width * FINE)
    cell = np.unique(row[inside] * (frame.width * FINE) + column[inside])
    return cell // (frame.width * FINE), cell % (frame.width * FINE)


def _count_up(lengths: Ints) -> Ints:
    """0, 1, …, n-1 for each n of `lengths`, one after the other."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)


def _pieces(
    frame: _Frame, touched: NDArray[np.uint32], number: Ints, fine: NDArray[np.bool_]
) -> tuple[int, Ints, Ints]:
    """Connected cells without a line between them: how many pieces, the piece of each coarse and of each fine cell, -1
    where there is a line."""
    free = (touched == 0).reshape(frame.height, frame.width)
    from scipy.ndimage import label  # a third of a second at import, needed only where a table is made

    coarse_label, coarse_count = label(free)
    coarse_label = coarse_label.astype(np.int64) - 1
    # The blocks one above the other with a closed row between them: labelled in one go, each for itself.
    stack = np.zeros((len(fine), FINE + 1, FINE), np.bool_)
    stack[:, :FINE] = ~fine
    fine_label, fine_count = label(stack.reshape(-1, FINE))
    fine_label = fine_label.reshape(len(fine), FINE + 1, FINE)[:, :FINE].astype(np.int64) - 1
    fine_label[fine_label >= 0] += coarse_count
    edges = []
    block = np.flatnonzero(touched)
    row, column = block // frame.width, block % frame.width
    sides = (
        (0, 1, fine_label[:, :, -1], fine_label[:, :, 0]),
        (1, 0, fine_label[:, -1, :], fine_label[:, 0, :]),
        (0, -1, fine_label[:, :, 0], fine_label[:, :, -1]),
        (-1, 0, fine_label[:, 0, :], fine_label[:, -1, :]),
    )
    for down, right, ours, theirs in sides:
        there = (row + down >= 0) & (row + down < frame.height) & (column + right >= 0) & (column + right < frame.width)
        ours = ours[there]
        cell = (row[there] + down) * frame.width + column[there] + right
        other = number[cell]
        facing = np.where(other[:, None] >= 0, theirs[other], coarse_label.reshape(-1)[cell][:, None])
        meets = (ours >= 0) & (facing >= 0)
        edges.append(np.column_stack([ours[meets], facing[meets]]))
    # 25 MB that only the making of a table needs, and no process that reads one
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    joined = np.concatenate(edges)
    total = coarse_count + fine_count
    graph = coo_matrix((np.ones(len(joined), np.int8), (joined[:, 0], joined[:, 1])), shape=(total, total))
    count, piece = connected_components(graph, directed=False)
    piece = np.append(piece.astype(np.int64), -1)  # label -1 stays -1
    return int(count), piece[coarse_label.reshape(-1)], piece[fine_label]


def _representatives(
    frame: _Frame, blocks: Ints, count: int, coarse_piece: Ints, fine_piece: Ints
) -> tuple[Floats, Floats]:
    """The centre of one cell of each piece: lon, lat."""
    lon, lat = np.zeros(count), np.zeros(count)
    cell = np.flatnonzero(fine_piece.reshape(-1) >= 0)
    block, inner = blocks[cell // (FINE * FINE)], cell % (FINE * FINE)
    step = COARSE_DEGREES / FINE
    which = fine_piece.reshape(-1)[cell]
    lon[which] = frame.west + (block % frame.width) * COARSE_DEGREES + (inner % FINE + 0.5) * step
    lat[which] = frame.south + (block // frame.width) * COARSE_DEGREES + (inner // FINE + 0.5) * step
    cell = np.flatnonzero(coarse_piece >= 0)
    lon[coarse_piece[cell]] = frame.west + (cell % frame.width + 0.5) * COARSE_DEGREES
    lat[coarse_piece[cell]] = frame.south + (cell // frame.width + 0.5) * COARSE_DEGREES
    return lon, lat


def _bits(flags: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Each row of flags as bits."""
    weights = (1 << np.arange(flags.shape[1])).astype(np.uint32)
    bits: NDArray[np.uint32] = (flags * weights).sum(axis=1).astype(np.uint32)
    return bits


def _spread(bits: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Each cell's bits and those of its eight neighbours."""
    spread = bits.copy()
    for axis in (0, 1):
        wide = spread.copy()
        head: list[slice] = [slice(None), slice(None)]
        tail: list[slice] = [slice(None), slice(None)]
        head[axis], tail[axis] = slice(None, -1), slice(1, None)
        wide[tuple(head)] |= spread[tuple(tail)]
        wide[tuple(tail)] |= spread[tuple(head)]
        spread = wide
    return spread
