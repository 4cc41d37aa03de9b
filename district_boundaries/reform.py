"""Counts carried over the reform of July 2025: which share of an area lies in an area of the other side.

Links go both ways: from every former ward and district to the wards of 2025, and from those to the last districts.
Shares below a ten-thousandth are the two drawings' disagreement and left out; the rest of an area is scaled to make
one again where less than 2 % was lost, so that a carried count keeps its sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from database.sql import queries
from district_boundaries.areas import Area, AreaIndex, read
from district_boundaries.shipped import LAST_DAY_OF_2020, LAST_DAY_OF_2024, LAST_DISTRICT_DAY, REFORM

Q = queries(__file__)
SOURCE = "shares of area, EPSG:9210"
SMALLEST_SHARE = 1e-4
LOST = 0.02


@dataclass(frozen=True)
class Links:
    """Parallel arrays: `share[k]` of the area `from_id[k]` lies in `to_id[k]`."""

    from_id: NDArray[np.int32]
    to_id: NDArray[np.int32]
    share: NDArray[np.float64]


def link(connection: Connection) -> None:
    """Write the links between the areas of the database."""
    links = shares(read(connection))
    connection.execute(Q["forget"], {"source": SOURCE})
    connection.execute(
        Q["link"],
        {
            "from_id": links.from_id.tolist(),
            "to_id": links.to_id.tolist(),
            "share": links.share.tolist(),
            "source": SOURCE,
        },
    )


def shares(index: AreaIndex) -> Links:
    """The links between the two sides of the reform, measured."""
    new = index.of_level("ward", on=REFORM)
    last_districts = index.of_level("district", on=LAST_DISTRICT_DAY)
    early = [area for area in index.of_level("district", on=LAST_DAY_OF_2020) if area not in last_districts]
    former = index.of_level("ward", on=LAST_DAY_OF_2024) + index.of_level("ward", on=LAST_DISTRICT_DAY)
    parts = [
        _measure(index, former, new),
        _measure(index, last_districts + early, new),
        _measure(index, new, last_districts),
    ]
    return Links(
        np.concatenate([part.from_id for part in parts]),
        np.concatenate([part.to_id for part in parts]),
        np.concatenate([part.share for part in parts]),
    )


def _measure(index: AreaIndex, sources: list[Area], targets: list[Area]) -> Links:
    if not sources or not targets:
        return Links(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))
    ours, theirs = _shapes(index, sources), _shapes(index, targets)
    source, target = shapely.STRtree(theirs).query(ours, predicate="intersects")
    share = shapely.area(shapely.intersection(ours[source], theirs[target])) / shapely.area(ours)[source]
    kept = share >= SMALLEST_SHARE
    source, target, share = source[kept], target[kept], share[kept]
    total = np.bincount(source, share, minlength=len(sources))
    scale = np.where(np.abs(total - 1) <= LOST, np.divide(1, total, where=total > 0, out=np.ones_like(total)), 1.0)
    return Links(
        np.array([area.id for area in sources], np.int32)[source],
        np.array([area.id for area in targets], np.int32)[target],
        np.minimum(share * scale[source], 1.0),
    )


def _shapes(index: AreaIndex, areas: list[Area]) -> NDArray[np.object_]:
    shapes = np.empty(len(areas), dtype=object)
    shapes[:] = [index.metres(area.id) for area in areas]
    return shapes
