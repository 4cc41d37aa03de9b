"""Where an analysis looks: the city's land or one area, its cells, their neighbours, and what a rate is divided by."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from district_boundaries import areas
from district_boundaries.areas import Area, AreaIndex
from etl.hotspots import exposure as exposure_of
from etl.hotspots.area_cells import AreaCells
from etl.hotspots.question import MOST_CELLS, BadQuestion, Question
from etl.hotspots.road_cells import RoadCells
from geo import crs, grid
from geo.geos import one_at_a_time
from geo.grid import Cells, Units
from geo.statistics import weights

Floats = NDArray[np.float64]

FEWEST = 3
"""areas: of two, nothing can be said beyond which holds more"""


def area_of(question: Question, index: AreaIndex) -> Area | None:
    """The area that was asked for; None: the city. Raises BadQuestion."""
    if not question.area or question.area == "79":
        return None
    found = index.by_code(question.area)
    if found is None:
        raise BadQuestion("area", f"{question.area!r}: không có khu vực này (no such area)")
    return found


def land(index: AreaIndex, area: Area | None) -> BaseGeometry:
    """The study area in degrees (lon, lat): the area's polygon, or the wards of today taken together."""
    if area is not None:
        return index.geometry(area.id)
    return _joined(tuple(each.id for each in index.of_level("ward")), index)


def drawn(question: Question, study: BaseGeometry) -> BaseGeometry:
    """The part of the study area (degrees) inside of what was drawn on the map. Raises BadQuestion where none is."""
    corners = question.drawn()
    if not corners:
        return study
    polygon = shapely.make_valid(shapely.Polygon(corners))
    common = shapely.intersection(polygon, study)
    parts = [part for part in shapely.get_parts(common) if part.geom_type in ("Polygon", "MultiPolygon")]
    if not parts:
        raise BadQuestion("within", "không chạm vùng phân tích (lies outside of the study area)")
    return shapely.union_all(parts)


@lru_cache(maxsize=2)
def _joined(ids: tuple[int, ...], index: AreaIndex) -> BaseGeometry:
    return shapely.union_all([index.geometry(each) for each in ids])


@one_at_a_time
def holds(land: BaseGeometry, x: Floats, y: Floats) -> int:
    """How many points (metres, EPSG:9210) lie in `land` (degrees)."""
    return int(shapely.intersects_xy(land, *crs.from_metres(x, y)).sum())


def in_metres(geometry: BaseGeometry) -> BaseGeometry:
    """The same, its corners in metres (EPSG:9210)."""
    return shapely.transform(geometry, lambda corners: np.column_stack(crs.to_metres(*corners.T)))


def cells(connection: Connection, question: Question, study: BaseGeometry, index: AreaIndex) -> Units:
    """The cells or areas that take part, empty ones too. `study`: degrees. Raises BadQuestion where they would be too
    many, or too few areas to be compared."""
    if question.cells:
        found: AreaCells | RoadCells
        if question.cells == "road":
            found = RoadCells.inside(connection, study)
        else:
            found = AreaCells.inside(index, *layer(question, index), study)
        if len(found) < FEWEST:
            raise BadQuestion(
                "cells", f"chỉ có {len(found)} khu vực ở đây, cần {FEWEST} (so few areas are here; {FEWEST} are needed)"
            )
        return found
    if question.h3 is not None:
        return grid.hexagons(study, question.h3)
    metres = in_metres(study)
    if metres.area / question.cell_m**2 > MOST_CELLS:
        raise BadQuestion("cell_m", f"quá nhiều ô, chọn ô lớn hơn (more than {MOST_CELLS:,} cells: choose larger ones)")
    return grid.squares(metres, question.cell_m)


def layer(question: Question, index: AreaIndex) -> tuple[str, str]:
    """The level and field of the areas that were asked for. Raises BadQuestion."""
    level, _, field = question.cells.partition(":")
    if (level, field) not in index.layers or not index.of_level(level, field):
        raise BadQuestion("cells", f"{question.cells[:40]!r}: không có (no such areas)")
    return level, field


def again(connection: Connection, question: Question, ids: NDArray[np.str_]) -> Units:
    """The cells or areas of an answer, by their ids. Raises BadQuestion."""
    if question.cells == "road":
        return RoadCells.of_ids(connection, ids.tolist())
    if question.cells:
        index = areas.current(connection)
        return AreaCells.of_codes(index, *layer(question, index), ids.tolist())
    return grid.of_ids(ids)


def neighbours(question: Question, found: Units) -> sparse.csr_array:
    """Binary weights of the cells, without the cell itself."""
    kind, size = question.neighbourhood()
    if kind == "band":
        return weights.within(found.x, found.y, size)
    if kind == "nearest":
        if len(found) <= size:
            raise BadQuestion("neighbours", f"chỉ có {len(found)} ô (there are only so many cells)")
        return weights.nearest(found.x, found.y, int(size))
    if isinstance(found, AreaCells | RoadCells):
        return found.touching()
    assert isinstance(found, Cells)
    return weights.contiguous(found)


def exposure(connection: Connection, question: Question, found: Units, study: BaseGeometry) -> Floats | None:
    """What the rate is per, of each cell: kilometres of road, km²; None for counts."""
    if not question.per:
        return None
    if isinstance(found, RoadCells):
        return found.km
    if question.per == "area":
        return np.asarray(shapely.area(shapely.transform(found.polygons, _metres)) / 1e6, dtype=np.float64)
    return exposure_of.roads(connection, found, study.bounds)


def _metres(corners: Floats) -> Floats:
    return np.column_stack(crs.to_metres(*corners.T))
