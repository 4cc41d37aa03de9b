"""The hot spots of now, for everybody: the layer `hotspots` of the map's tiles.

One question, so that it needs none of its own: where incidents of the last half year gather more than chance would
bring, Gi* on squares of 250 m with exact tails, as the workbench asks by itself. It is asked once a day and kind, and
kept for all processes. Cells that are no more than chance are left out.
"""

from __future__ import annotations

import fcntl
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from database import reference, settings
from database.clock import moment
from district_boundaries import areas
from etl import kept_files
from etl.hotspots.question import Question

KIND = "standing"
DAYS = 182
CELL_M = 250.0
MOST_KEPT = 200


@dataclass(frozen=True, kw_only=True)
class Standing:
    """k cells that are other than chance: `shape` WKB bytes[k], `bounds` float64[k, 4], both EPSG:3857; `n` int64[k],
    `z, p_fdr` float64[k], `kind` str[k]: the class."""

    shape: list[bytes]
    bounds: NDArray[np.float64]
    n: NDArray[np.int64]
    z: NDArray[np.float64]
    p_fdr: NDArray[np.float64]
    kind: NDArray[np.str_]

    def within(self, box: tuple[float, float, float, float]) -> NDArray[np.int64]:
        """Which touch a box (west, south, east, north; EPSG:3857)."""
        west, south, east, north = self.bounds.T
        return np.flatnonzero((west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1]))


def question(today: date, *, field: tuple[str, ...] = (), category: tuple[str, ...] = ()) -> Question:
    """What stands behind the layer on a day: the half year until its beginning."""
    return Question(
        cell_m=CELL_M, since=moment((today - timedelta(days=DAYS)).isoformat()), until=moment(today.isoformat()),
        field=field, category=category, tail="exact",
    )  # fmt: skip


def cells(
    connection: Connection, today: date, *, field: tuple[str, ...] = (), category: tuple[str, ...] = ()
) -> Standing:
    """The layer's cells on a day, of all kinds or of some. The first who asks reckons, the others wait for it."""
    asked = question(today, field=field, category=category)
    seen = reference.state(connection)
    name = kept_files.key(asked.address(), seen.database, seen.of("boundaries"))
    content = kept_files.read(KIND, name)
    if content is None:
        with _alone():
            content = kept_files.read(KIND, name)
            if content is None:
                content = _pack(_asked(connection, asked))
                kept_files.keep(KIND, name, content, most=MOST_KEPT)
    return _unpack(content)


@contextmanager
def _alone() -> Iterator[None]:
    """One process and thread at a time: a map asks for a dozen tiles at once, and all need the same."""
    path = settings.current().data_dir / "kept" / f"{KIND}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _asked(connection: Connection, asked: Question) -> dict[str, NDArray[Any]]:
    from etl.hotspots import events, methods, study  # numba and scipy's statistics, once a day

    index = areas.current(connection)
    found = study.cells(connection, asked, study.land(index, None), index)
    around = study.neighbours(asked, found)
    columns = methods.over_cells(asked, found, events.select(connection, asked), around, None)
    some = np.flatnonzero(columns["class"] != "none")
    shapes = found.polygons[some]
    mercator = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    projected = shapely.transform(shapes, lambda corners: np.column_stack(mercator.transform(*corners.T)))
    rings = np.array([shapely.get_coordinates(each)[:5] for each in projected], dtype=np.float64).reshape(-1, 5, 2)
    return {"rings": rings, **{name: columns[name][some] for name in ("n", "z", "p_fdr", "class")}}


def _pack(arrays: dict[str, NDArray[Any]]) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays)
    return out.getvalue()


def _unpack(content: bytes) -> Standing:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        rings = arrays["rings"]
        shapes = shapely.polygons(rings) if len(rings) else np.empty(0, dtype=object)
        return Standing(
            shape=[bytes(each) for each in shapely.to_wkb(np.atleast_1d(shapes)).tolist()],
            bounds=shapely.bounds(np.atleast_1d(shapes)).reshape(-1, 4),
            n=arrays["n"].astype(np.int64),
            z=arrays["z"].astype(np.float64),
            p_fdr=arrays["p_fdr"].astype(np.float64),
            kind=arrays["class"].astype(np.str_),
        )
