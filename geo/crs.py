"""Degrees and metres: WGS 84 (EPSG:4326) for truth, the city's VN-2000 grid (EPSG:9210, TM-3) for distance."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer

WGS84 = 4326
METRES = 9210

Floats = NDArray[np.float64]

# A pyproj transformer is not to be shared between threads; making one costs milliseconds, so each thread keeps its own.
_of_thread = threading.local()


def _transformer() -> Transformer:
    made: Transformer | None = getattr(_of_thread, "transformer", None)
    if made is None:
        made = Transformer.from_crs(WGS84, METRES, always_xy=True)
        _of_thread.transformer = made
    return made


def to_metres(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Degrees (lon, lat; WGS 84) to metres (x east, y north; EPSG:9210). Shapes are kept, inf where none."""
    x, y = _transformer().transform(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def from_metres(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Metres (x east, y north; EPSG:9210) to degrees (lon, lat; WGS 84). Shapes are kept."""
    lon, lat = _transformer().transform(
        np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64), direction="INVERSE"
    )
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
