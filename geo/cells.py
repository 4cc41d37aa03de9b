"""The cells in which a map gathers points into clusters: one eighth of a vector tile's side, in EPSG:3857."""

from __future__ import annotations

CLUSTERS_BELOW = 13
"""From this zoom on every point stands for itself."""
_WORLD_M = 2 * 20037508.342789244
_CELLS_A_SIDE = 8


def side(zoom: int) -> float:
    """The side of a cell at a tile zoom, in metres of the Mercator map."""
    return _WORLD_M / (1 << zoom) / _CELLS_A_SIDE
