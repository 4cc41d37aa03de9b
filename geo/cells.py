"""The cells in which a map gathers what would lie upon each other: one eighth of a vector tile's side, in EPSG:3857.

Below zoom 13 four and more marks in a cell become one disc. From 13 on everything stands for itself, until a cell holds
more than a person can tell apart and more than a tile should carry: then that cell is a disc there too.
"""

from __future__ import annotations

CLUSTERS_BELOW = 13
"""Below this zoom tiles are made of counts."""
FINEST_TILES = 16
"""The last zoom of incident tiles: beyond, the same tile is drawn larger."""
FINEST_LEVEL = 15
"""The level of `map_cell` in SQL: so many times the map is halved. A zoom's cells are three levels above it."""
COARSEST_LEVEL = 9
"""The first level that counts are kept for."""
_WORLD_M = 2 * 20037508.342789244
_CELLS_A_SIDE = 8
_APART_BELOW_13 = 3
_APART = {13: 24, 14: 32, 15: 48, 16: 96}


def side(zoom: int) -> float:
    """The side of a cell at a tile zoom, in metres of the Mercator map."""
    return _WORLD_M / (1 << min(zoom, FINEST_TILES)) / _CELLS_A_SIDE


def apart(zoom: int) -> int:
    """The most marks that a cell shows one by one at a tile zoom."""
    return _APART.get(min(zoom, FINEST_TILES), _APART_BELOW_13)


def level(zoom: int) -> int:
    """The level of the cells of a tile zoom."""
    return zoom + 3


def number(level: int, column: int, row: int) -> int:
    """The number of a cell, counted from the north-west corner of the map: the bits of column and row in turn, as
    `map_cell` does it. The cells of a tile are 64 numbers in a row, from that of its north-western one."""
    found = 0
    for bit in range(level):
        found |= (column >> bit & 1) << (2 * bit) | (row >> bit & 1) << (2 * bit + 1)
    return found
