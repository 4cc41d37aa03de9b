"""An answer's cells in the formats of data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from etl import qgis
from etl.formats import SHAPEFILE_LIMITS
from etl.hotspots import legend
from etl.hotspots import qgis as styles
from etl.hotspots.answer import Answer
from etl.writers import delimited, workbook
from etl.writers.names import shapefile_names

LAYER, PLACES = "hotspots", "hotspot_places"

Writer = Callable[[Path, geopandas.GeoDataFrame, Answer], dict[str, Any] | None]
"""Writes, and returns what the sidecar has to say besides."""


def frame(answer: Answer, crs: pyproj.CRS) -> geopandas.GeoDataFrame:
    """The columns with their outlines in `crs`; of a comparison the classes are called more and less."""
    columns = dict(answer.columns)
    if answer.compared:
        columns["class"] = legend.steps(answer)
    table = pd.DataFrame({name: np.asarray(column) for name, column in columns.items()})
    return geopandas.GeoDataFrame(table, geometry=answer.outlines(), crs=4326).to_crs(crs)


def _kind(answer: Answer) -> str:
    return "Polygon" if answer.question.cells in ("", "road") else "MultiPolygon"


def _places(answer: Answer, crs: pyproj.CRS) -> geopandas.GeoDataFrame:
    """The groups of hot cells as points: letter, name, ward, how many cells and events, the highest z."""
    names = ("letter", "name", "ward", "cells", "n", "z")
    rows = pd.DataFrame({name: [getattr(place, name) for place in answer.clusters] for name in names})
    points = geopandas.points_from_xy([p.lon for p in answer.clusters], [p.lat for p in answer.clusters])
    return geopandas.GeoDataFrame(rows, geometry=points, crs=4326).to_crs(crs)


def _csv(path: Path, table: geopandas.GeoDataFrame, answer: Answer) -> None:
    plain = with_centres(table)
    delimited.write_rows(path, list(plain.columns), plain.itertuples(index=False))


def with_centres(table: geopandas.GeoDataFrame) -> pd.DataFrame:
    """Formats without geometry: the middle of each outline instead, in degrees and, where it is another, in its crs."""
    plain = pd.DataFrame(table.drop(columns="geometry"))
    middles = shapely.centroid(table.geometry.to_numpy())
    degrees = geopandas.GeoSeries(middles, crs=table.crs).to_crs(4326)
    plain["lon"], plain["lat"] = degrees.x.round(7).to_numpy(), degrees.y.round(7).to_numpy()
    if table.crs.to_epsg() != 4326:
        plain["x"], plain["y"] = shapely.get_x(middles), shapely.get_y(middles)
    return plain


def _xlsx(path: Path, table: geopandas.GeoDataFrame, answer: Answer) -> None:
    plain = with_centres(table)
    workbook.write_rows(path, LAYER, list(plain.columns), plain.itertuples(index=False))


def _gdal(driver: str, **options: Any) -> Writer:
    def write_it(path: Path, table: geopandas.GeoDataFrame, answer: Answer) -> None:
        pyogrio.write_dataframe(table, path, driver=driver, layer=LAYER, geometry_type=_kind(answer), **options)

    return write_it


def _gpkg(path: Path, table: geopandas.GeoDataFrame, answer: Answer) -> dict[str, Any]:
    pyogrio.write_dataframe(table, path, driver="GPKG", layer=LAYER, geometry_type=_kind(answer))
    found = {LAYER: styles.cells(answer)}
    if answer.clusters:
        pyogrio.write_dataframe(
            _places(answer, table.crs), path, driver="GPKG", layer=PLACES, geometry_type="Point", append=True
        )
        found[PLACES] = styles.places()
    qgis.add_styles(path, found)
    return {"layers": list(found)}


def _shp(path: Path, table: geopandas.GeoDataFrame, answer: Answer) -> dict[str, Any]:
    names = shapefile_names(list(table.columns.drop("geometry")))
    # The format has no not-a-number: GDAL writes an empty cell. The .cpg beside says that texts are UTF-8.
    pyogrio.write_dataframe(
        table.rename(columns=names), path, driver="ESRI Shapefile", geometry_type=_kind(answer), encoding="UTF-8"
    )
    renamed = {theirs: ours for ours, theirs in names.items() if ours != theirs}
    return {"limits": SHAPEFILE_LIMITS["en"], **({"renamed": renamed} if renamed else {})}


def _parquet(path: Path, table: geopandas.GeoDataFrame, answer: Answer) -> None:
    table.to_parquet(
        path, index=False, compression="zstd", schema_version="1.1.0", geometry_encoding="WKB", write_covering_bbox=True
    )


WRITERS: dict[str, Writer] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "geojson": _gdal("GeoJSON", RFC7946="NO", COORDINATE_PRECISION=7),
    "gpkg": _gpkg,
    "parquet": _parquet,
    "fgb": _gdal("FlatGeobuf"),
    "shp": _shp,
}
