"""Pieces of road as the cells of an analysis: junction to junction, at most 500 m, each with an id of its ground."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from database.reference import Held, State
from database.sql import queries
from geo import crs, road_pieces
from geo.geos import one_at_a_time
from geo.statistics import weights

Q = queries(Path(__file__).with_name("events.sql"))
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

REACH_M = 30.0
"""What is farther from every road is of none."""
WIDE_M = 12.0
"""Half the width in which a piece is drawn."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """Every piece of the city's streets: `ids, names` str[m]; `lines` metres (EPSG:9210); `ends` int64[m, 2]."""

    ids: NDArray[np.str_]
    names: NDArray[np.str_]
    lines: NDArray[np.object_]
    ends: Integers
    tree: shapely.STRtree = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", shapely.STRtree(self.lines))

    @cached_property
    def middles(self) -> Floats:
        """x, y of each piece's middle, float64[m, 2]."""
        return shapely.get_coordinates(shapely.line_interpolate_point(self.lines, 0.5, normalized=True))


def _read(connection: Connection, seen: State, former: Network | None) -> Network:
    rows = connection.execute(Q["named_roads"]).all()
    mercator = pyproj.Transformer.from_crs(3857, crs.METRES, always_xy=True)
    lines = shapely.from_wkb([bytes(row.line) for row in rows])
    metres = np.atleast_1d(shapely.transform(lines, lambda corners: np.column_stack(mercator.transform(*corners.T))))
    pieces = road_pieces.cut(metres)
    names = np.array([row.name or "" for row in rows], dtype=np.str_)[pieces.of]
    ids, first = np.unique(road_pieces.ids(pieces, names), return_index=True)  # some ways are there twice
    return Network(ids=ids, names=names[first], lines=pieces.lines[first], ends=pieces.ends[first])


_held: Held[Network] = Held(lambda seen: (seen.database, seen.of("basemap")), _read)


@dataclass(frozen=True, kw_only=True, eq=False)
class RoadCells:
    """n pieces of a network, `rows` int64[n] ascending: in the order of their ids."""

    network: Network
    rows: Integers

    @classmethod
    @one_at_a_time
    def inside(cls, connection: Connection, land: BaseGeometry) -> Self:
        """Those whose middle lies in `land` (degrees)."""
        network = _held.current(connection)
        shapely.prepare(land)
        inside = shapely.intersects_xy(land, *crs.from_metres(*network.middles.T))
        return cls(network=network, rows=np.flatnonzero(inside))

    @classmethod
    def of_ids(cls, connection: Connection, ids: Iterable[str]) -> Self:
        """Those that bear these ids; what is no more is left out."""
        network = _held.current(connection)
        return cls(network=network, rows=np.flatnonzero(np.isin(network.ids, list(ids))))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def ids(self) -> NDArray[np.str_]:
        """Of the ground: the same as long as the street is."""
        return self.network.ids[self.rows]

    @property
    def names(self) -> NDArray[np.str_]:
        """The street's; "" for none."""
        return self.network.names[self.rows]

    @property
    def x(self) -> Floats:
        """East, metres (EPSG:9210), of the middles."""
        return np.asarray(self.network.middles[self.rows, 0])

    @property
    def y(self) -> Floats:
        """North, likewise."""
        return np.asarray(self.network.middles[self.rows, 1])

    @property
    def km(self) -> Floats:
        """How long they are."""
        return np.asarray(shapely.length(self.network.lines[self.rows]) / 1000, dtype=np.float64)

    def find(self, x: Floats, y: Floats) -> Integers:
        """The nearest piece of the whole network at most REACH_M away, int64[m], -1 where that is none of these."""
        found = np.full(len(x), -1, dtype=np.int64)
        point, piece = self.network.tree.query_nearest(shapely.points(x, y), max_distance=REACH_M, all_matches=False)
        place = np.full(len(self.network.ids), -1, dtype=np.int64)
        place[self.rows] = np.arange(len(self.rows))
        found[point] = place[piece]
        return found

    def counts(self, x: Floats, y: Floats) -> Integers:
        """How many of the points are of each, int64[n]."""
        found = self.find(x, y)
        return np.bincount(found[found >= 0], minlength=len(self)).astype(np.int64)

    @cached_property
    def polygons(self) -> NDArray[np.object_]:
        """Bands along the pieces, in degrees, polygons[n]."""
        bands = shapely.buffer(self.network.lines[self.rows], WIDE_M, quad_segs=2)
        degrees = shapely.transform(bands, lambda corners: np.column_stack(crs.from_metres(*corners.T)))
        return np.asarray(np.atleast_1d(degrees), dtype=object)

    @property
    def mark(self) -> tuple[object, bytes]:
        """What they are, for what is kept of them."""
        return "road", hashlib.sha256("".join(self.ids.tolist()).encode()).digest()

    def touching(self) -> weights.Weights:
        """Those that meet at a node."""
        return road_pieces.meeting(self.network.ends[self.rows])
