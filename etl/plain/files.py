"""A plain answer as a file: its rows in every format of data, a map, and beside each what makes it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from sqlalchemy import Connection

from database.clock import local
from etl import formats, publish, qgis
from etl.analysis.export import possible
from etl.errors import UnreadableFile
from etl.formats import FORMATS, SHAPEFILE_LIMITS
from etl.hotspots import qgis as styles
from etl.hotspots.tables import with_centres
from etl.plain.answer import PlainAnswer
from etl.plain.page import classes
from etl.plain.reading import read, title
from etl.writers import delimited, workbook
from etl.writers.names import shapefile_names
from geo import crs as systems

LAYERS = {"repeats": "repeat_places", "closing": "time_to_close", "change": "before_and_after"}
_LIBRARIES = ("numpy", "scipy", "shapely", "pyproj", "geopandas", "pyogrio", "pyarrow", "matplotlib", "folium")


def write(answer: PlainAnswer, path: Path, format: str, crs: str, *, connection: Connection, lang: str = "vi") -> Path:
    """Write an answer to `path` and return the path of its sidecar. `crs`: of data that has places; maps are drawn in
    EPSG:9210. Raises UnreadableFile, also for a format that cannot hold rows without a place."""
    formats.check_folder(path)
    if format not in possible({"geometry": answer.geometry is not None}):
        raise UnreadableFile(f"{format}: câu trả lời không có hình học (the answer has no geometry)")
    kind = FORMATS[format]
    system = pyproj.CRS.from_user_input(crs)
    more: dict[str, Any] = {}
    with publish.published(path) as part:
        if kind.kind == "map":
            system = pyproj.CRS.from_epsg(3857 if format == "html" else systems.METRES)
            _draw(format)(part, answer, connection, lang)
        else:
            more = WRITERS[format](part, frame(answer, system), answer) or {}
    return publish.write_sidecar(path, {"format": format, **sidecar(answer, system), **more}, _LIBRARIES)


def sidecar(answer: PlainAnswer, crs: pyproj.CRS) -> dict[str, Any]:
    """What was asked, and of what; the address asks it again."""
    return {
        "rows": len(answer),
        "columns": list(answer.columns),
        "crs": crs.to_string() if answer.geometry is not None else None,
        "title": title(answer, "en"),
        "question": answer.parameters(),
        "address": f"/plan?{urlencode(answer.parameters())}",
        "took_part": answer.took_part,
        "left_out": dict(answer.left),
        "warnings": [{"code": warning.code, **warning.figures} for warning in answer.warnings],
        "how": read(answer, "en").chance,
        "analysed_at": local(answer.at).isoformat(timespec="seconds"),
        "seconds": round(answer.seconds, 3),
    }


def frame(answer: PlainAnswer, crs: pyproj.CRS) -> pd.DataFrame:
    """The columns; with their shapes in `crs` where there are any."""
    table = pd.DataFrame({name: np.asarray(column) for name, column in answer.columns.items()})
    if answer.geometry is None:
        return table
    shapes: pd.DataFrame = geopandas.GeoDataFrame(table, geometry=answer.geometry, crs=4326).to_crs(crs)
    return shapes


def _draw(format: str) -> Callable[[Path, PlainAnswer, Connection, str], None]:
    if format == "html":
        from etl.plain import webpage

        return webpage.write
    from etl.plain import picture

    return picture.draw


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    return with_centres(table) if isinstance(table, geopandas.GeoDataFrame) else table


def _csv(path: Path, table: pd.DataFrame, answer: PlainAnswer) -> None:
    plain = _plain(table)
    delimited.write_rows(path, list(plain.columns), plain.itertuples(index=False))


def _xlsx(path: Path, table: pd.DataFrame, answer: PlainAnswer) -> None:
    plain = _plain(table)
    workbook.write_rows(path, LAYERS[answer.plain.kind], list(plain.columns), plain.itertuples(index=False))


def _shapes(table: pd.DataFrame) -> pd.DataFrame:
    """Areas are of one type, or a strict reader refuses the layer."""
    if not isinstance(table, geopandas.GeoDataFrame) or (table.geom_type == "Point").all():
        return table
    parts = [shapely.MultiPolygon([each]) if each.geom_type == "Polygon" else each for each in table.geometry]
    found: pd.DataFrame = table.set_geometry(geopandas.GeoSeries(parts, index=table.index, crs=table.crs))
    return found


def _gdal(driver: str, **options: Any) -> Callable[[Path, pd.DataFrame, PlainAnswer], None]:
    def write_it(path: Path, table: pd.DataFrame, answer: PlainAnswer) -> None:
        more = {} if answer.geometry is None else {"geometry_type": _type(answer)}
        layer = LAYERS[answer.plain.kind]
        pyogrio.write_dataframe(_shapes(table), path, driver=driver, layer=layer, **more, **options)

    return write_it


def _type(answer: PlainAnswer) -> str:
    return "Point" if answer.plain.kind == "repeats" else "MultiPolygon"


def _gpkg(path: Path, table: pd.DataFrame, answer: PlainAnswer) -> dict[str, Any]:
    layer = LAYERS[answer.plain.kind]
    if isinstance(table, geopandas.GeoDataFrame) and answer.plain.kind == "closing":
        table = table.assign(step=classes(answer))
    _gdal("GPKG")(path, table, answer)
    if answer.geometry is not None:
        qgis.add_styles(path, {layer: styles.plain(answer.plain.kind)})
    return {"layers": [layer]}


def _shp(path: Path, table: pd.DataFrame, answer: PlainAnswer) -> dict[str, Any]:
    names = shapefile_names([name for name in table.columns if name != "geometry"])
    short, kind = _shapes(table).rename(columns=names), _type(answer).removeprefix("Multi")
    pyogrio.write_dataframe(short, path, driver="ESRI Shapefile", geometry_type=kind, encoding="UTF-8")
    renamed = {theirs: ours for ours, theirs in names.items() if ours != theirs}
    return {"limits": SHAPEFILE_LIMITS["en"], **({"renamed": renamed} if renamed else {})}


def _parquet(path: Path, table: pd.DataFrame, answer: PlainAnswer) -> None:
    if not isinstance(table, geopandas.GeoDataFrame):
        table.to_parquet(path, index=False, compression="zstd")
        return
    _shapes(table).to_parquet(
        path, index=False, compression="zstd", schema_version="1.1.0", geometry_encoding="WKB", write_covering_bbox=True
    )


WRITERS: dict[str, Callable[[Path, pd.DataFrame, PlainAnswer], dict[str, Any] | None]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "geojson": _gdal("GeoJSON", RFC7946="NO", COORDINATE_PRECISION=7),
    "gpkg": _gpkg,
    "parquet": _parquet,
    "fgb": _gdal("FlatGeobuf"),
    "shp": _shp,
}
