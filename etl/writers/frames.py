"""A table that is held whole, an answer's, into every format of data; tables that may not fit go by `etl.writers`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import pyogrio
import shapely

from etl import qgis
from etl.formats import SHAPEFILE_LIMITS
from etl.writers import delimited, workbook
from etl.writers.names import shapefile_names


@dataclass(frozen=True)
class Layer:
    """Rows under a name: with shapes all of one type (Point, Polygon, MultiPolygon), or without any (None)."""

    name: str
    rows: pd.DataFrame
    geometry_type: str | None = None
    style: str | None = None
    """what QGIS opens it with, as QML"""


def write(path: Path, format: str, layer: Layer, more: Sequence[Layer] = ()) -> dict[str, Any]:
    """Write a layer and return what the sidecar has to say besides. `more`: layers beside it where the format holds
    several (GeoPackage)."""
    return _WRITERS[format](path, layer, more) or {}


def with_centres(table: geopandas.GeoDataFrame) -> pd.DataFrame:
    """Formats without geometry: the middle of each outline instead, in degrees and, where it is another, in its crs."""
    plain = pd.DataFrame(table.drop(columns="geometry"))
    middles = shapely.centroid(table.geometry.to_numpy())
    degrees = geopandas.GeoSeries(middles, crs=table.crs).to_crs(4326)
    plain["lon"], plain["lat"] = degrees.x.round(7).to_numpy(), degrees.y.round(7).to_numpy()
    if table.crs.to_epsg() != 4326:
        plain["x"], plain["y"] = shapely.get_x(middles), shapely.get_y(middles)
    return plain


def _flat(rows: pd.DataFrame) -> pd.DataFrame:
    return with_centres(rows) if isinstance(rows, geopandas.GeoDataFrame) else rows


def _shapes(layer: Layer) -> pd.DataFrame:
    """Areas are of one type, or a strict reader refuses the layer."""
    rows = layer.rows
    if not isinstance(rows, geopandas.GeoDataFrame) or layer.geometry_type != "MultiPolygon":
        return rows
    parts = [shapely.MultiPolygon([each]) if each.geom_type == "Polygon" else each for each in rows.geometry]
    found: pd.DataFrame = rows.set_geometry(geopandas.GeoSeries(parts, index=rows.index, crs=rows.crs))
    return found


def _csv(path: Path, layer: Layer, more: Sequence[Layer]) -> None:
    plain = _flat(layer.rows)
    delimited.write_rows(path, list(plain.columns), plain.itertuples(index=False))


def _xlsx(path: Path, layer: Layer, more: Sequence[Layer]) -> None:
    plain = _flat(layer.rows)
    workbook.write_rows(path, layer.name, list(plain.columns), plain.itertuples(index=False))


_Writer = Callable[[Path, Layer, Sequence[Layer]], dict[str, Any] | None]


def _gdal(driver: str, **options: Any) -> _Writer:
    def write_it(path: Path, layer: Layer, more: Sequence[Layer]) -> None:
        typed = {} if layer.geometry_type is None else {"geometry_type": layer.geometry_type}
        pyogrio.write_dataframe(_shapes(layer), path, driver=driver, layer=layer.name, **typed, **options)

    return write_it


def _gpkg(path: Path, layer: Layer, more: Sequence[Layer]) -> dict[str, Any]:
    for each in (layer, *more):
        _gdal("GPKG", append=each is not layer)(path, each, ())
    qgis.add_styles(path, {each.name: each.style for each in (layer, *more)})
    return {"layers": [each.name for each in (layer, *more)]}


def _shp(path: Path, layer: Layer, more: Sequence[Layer]) -> dict[str, Any]:
    names = shapefile_names([name for name in layer.rows.columns if name != "geometry"])
    short = _shapes(layer).rename(columns=names)
    kind = layer.geometry_type.removeprefix("Multi") if layer.geometry_type else None
    # The format has no not-a-number: GDAL writes an empty cell. The .cpg beside says that texts are UTF-8.
    pyogrio.write_dataframe(short, path, driver="ESRI Shapefile", geometry_type=kind, encoding="UTF-8")
    renamed = {theirs: ours for ours, theirs in names.items() if ours != theirs}
    return {"limits": SHAPEFILE_LIMITS["en"], **({"renamed": renamed} if renamed else {})}


def _parquet(path: Path, layer: Layer, more: Sequence[Layer]) -> None:
    rows = _shapes(layer)
    if isinstance(rows, geopandas.GeoDataFrame):
        rows.to_parquet(
            path, index=False, compression="zstd",
            schema_version="1.1.0", geometry_encoding="WKB", write_covering_bbox=True,
        )  # fmt: skip
    else:
        rows.to_parquet(path, index=False, compression="zstd")


_WRITERS: dict[str, _Writer] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "geojson": _gdal("GeoJSON", RFC7946="NO", COORDINATE_PRECISION=7),
    "gpkg": _gpkg,
    "parquet": _parquet,
    "fgb": _gdal("FlatGeobuf"),
    "shp": _shp,
}
