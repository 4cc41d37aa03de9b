"""The hot places of a scheduled run, with their outlines: what the next run is compared with.

A hot place is what the page gives a letter to: cells that are hot at 90% or more and neighbours of each other, of which
at least one is hot at 95% or more. Beyond Z they are kept too, without a letter: a place that was there unnamed is not
new when it grows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from district_boundaries.area_names import area_names
from etl.hotspots import study
from etl.hotspots.answer import Answer
from etl.hotspots.groups import MOST, Group, called, hot_groups
from geo import crs, grid
from geo.geocoder import AreaNames
from geo.grid import Cells, Units

SURE = ("hot99", "hot95")
MOST_NAMED = 200
"""asking for a street takes a millisecond or two"""


def pack(answer: Answer, connection: Connection) -> bytes:
    """The hot places as JSON, `[{letter, name, ward, n, cells, z, lon, lat, outline}]`: the outline as GeoJSON, in
    degrees. `connection`: for the names of those beyond Z."""
    if not len(answer):
        return b"[]"
    cells = study.again(connection, answer.question, answer.columns["cell_id"].astype(np.str_))
    around = study.neighbours(answer.question, cells)
    kind, names = answer.columns["class"], area_names(connection)
    places = [
        _place(number, group, cells, answer, names)
        for number, group in enumerate(hot_groups(answer.columns, around))
        if np.isin(kind[group.cells], SURE).any()
    ]
    return orjson.dumps(places)


def _place(number: int, group: Group, cells: Units, answer: Answer, names: AreaNames) -> dict[str, Any]:
    (lon,), (lat,) = crs.from_metres(cells.x[[group.peak]], cells.y[[group.peak]])
    if number < min(MOST, len(answer.clusters)):
        same = answer.clusters[number]
        letter, name, ward = same.letter, same.name, same.ward
    else:
        letter = ""
        name, ward = called(cells, group.peak, (float(lon), float(lat)), names) if number < MOST_NAMED else ("", "")
    return {
        "letter": letter, "name": name, "ward": ward, "n": group.n, "cells": len(group.cells), "z": group.z,
        "lon": round(float(lon), 7), "lat": round(float(lat), 7),
        "outline": shapely.geometry.mapping(_outline(cells, group.cells)),
    }  # fmt: skip


def _outline(cells: Units, rows: NDArray[np.int64]) -> shapely.MultiPolygon:
    """The cells as one shape, in degrees rounded to a centimetre."""
    # Of these alone: a city has 100,000 cells.
    outlines = grid.outlines(cells.ids[rows]) if isinstance(cells, Cells) else cells.polygons[rows]
    joined = shapely.set_precision(shapely.union_all(outlines), 1e-7)
    return shapely.MultiPolygon([each for each in shapely.get_parts(joined) if each.geom_type == "Polygon"])
