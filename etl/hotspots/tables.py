"""An answer's cells, and its hot places, as layers of a file."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import pyproj

from etl.hotspots import legend
from etl.hotspots import qgis as styles
from etl.hotspots.answer import Answer
from etl.writers.frames import Layer

LAYER, PLACES = "hotspots", "hotspot_places"


def layers(answer: Answer, crs: pyproj.CRS) -> tuple[Layer, list[Layer]]:
    """The cells, with their outlines in `crs`; and beside them, where there are any, the groups of hot cells."""
    kind = "Polygon" if answer.question.cells in ("", "road") else "MultiPolygon"
    cells = Layer(LAYER, _cells(answer, crs), kind, styles.cells(answer))
    return cells, [Layer(PLACES, _places(answer, crs), "Point", styles.places())] if answer.clusters else []


def _cells(answer: Answer, crs: pyproj.CRS) -> geopandas.GeoDataFrame:
    """The columns; of a comparison the classes are called more and less."""
    columns = dict(answer.columns)
    if answer.compared:
        columns["class"] = legend.steps(answer)
    table = pd.DataFrame({name: np.asarray(column) for name, column in columns.items()})
    return geopandas.GeoDataFrame(table, geometry=answer.outlines(), crs=4326).to_crs(crs)


def _places(answer: Answer, crs: pyproj.CRS) -> geopandas.GeoDataFrame:
    """The groups of hot cells as points: letter, name, ward, how many cells and events, the highest z."""
    names = ("letter", "name", "ward", "cells", "n", "z")
    rows = pd.DataFrame({name: [getattr(place, name) for place in answer.clusters] for name in names})
    points = geopandas.points_from_xy([p.lon for p in answer.clusters], [p.lat for p in answer.clusters])
    return geopandas.GeoDataFrame(rows, geometry=points, crs=4326).to_crs(crs)
