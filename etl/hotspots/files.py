"""An answer as a file of data, and beside it what makes it reproducible."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
import xlsxwriter

from database.clock import local
from etl.errors import UnreadableFile
from etl.hotspots import qgis
from etl.hotspots.answer import Answer

LAYER = "hotspots"
DATA = ("csv", "xlsx", "geojson", "gpkg", "parquet", "fgb", "shp")
_SHAPEFILE_NAMES = {"bandwidth_m": "bandwidth"}
_LIBRARIES = ("numpy", "scipy", "shapely", "pyproj", "geopandas", "h3", "scikit-learn", "esda", "libpysal")

Writer = Callable[[Path, geopandas.GeoDataFrame], None]


def write(path: Path, answer: Answer, crs: pyproj.CRS) -> None:
    """Write the answer by the ending of `path`, geometry in `crs`, and `path` + `.json` beside it.

    Raises UnreadableFile. The file appears under its name when it is whole.
    """
    ending = path.suffix.lower().lstrip(".")
    writer = WRITERS.get(ending)
    if writer is None:
        raise UnreadableFile(f"{path}: chỉ ghi được (only) {', '.join(WRITERS)}")
    if path.is_dir() or not path.parent.is_dir():
        raise UnreadableFile(f"{path.parent}: không có thư mục này (no such folder)")
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        writer(part, frame(answer, crs))
        for made in part.parent.glob(f"{part.stem}.*"):  # a shapefile is several files
            made.replace(path.with_suffix(made.suffix) if ending == "shp" else path)
        path.with_name(f"{path.name}.json").write_text(
            json.dumps(sidecar(answer, path, crs), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror or error}") from error
    finally:
        for left in part.parent.glob(f"{part.stem}.*"):
            left.unlink()


def frame(answer: Answer, crs: pyproj.CRS) -> geopandas.GeoDataFrame:
    """The columns with their outlines in `crs`."""
    table = pd.DataFrame({name: np.asarray(column) for name, column in answer.columns.items()})
    return geopandas.GeoDataFrame(table, geometry=answer.outlines(), crs=4326).to_crs(crs)


def sidecar(answer: Answer, path: Path, crs: pyproj.CRS) -> dict[str, Any]:
    """What the analysis was, of what, made with what, when; and the file's hash."""
    return {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "rows": len(answer),
        "columns": list(answer.columns),
        "crs": crs.to_string(),
        "question": {"method": answer.question.method, "count": answer.question.count, **answer.question.parameters()},
        "address": f"/plan?{answer.question.address()}",
        "took_part": answer.left_out.took_part,
        "left_out": {
            name: getattr(answer.left_out, name) for name in ("void", "no_place", "coarse", "outside", "same_incident")
        },
        "classes": answer.classes(),
        "warnings": [{"code": warning.code, **warning.figures} for warning in answer.warnings],
        "analysed_at": local(answer.at).isoformat(timespec="seconds"),
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(answer.seconds, 3),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
        "source": "1022 · © OpenStreetMap contributors (ODbL) for roads",
    }


def _csv(path: Path, table: geopandas.GeoDataFrame) -> None:
    plain = _with_centres(table)
    plain.to_csv(path, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")


def _with_centres(table: geopandas.GeoDataFrame) -> pd.DataFrame:
    """Formats without geometry: the middle of each outline instead, in degrees and, where it is another, in its crs."""
    plain = pd.DataFrame(table.drop(columns="geometry"))
    middles = shapely.centroid(table.geometry.to_numpy())
    degrees = geopandas.GeoSeries(middles, crs=table.crs).to_crs(4326)
    plain["lon"], plain["lat"] = degrees.x.round(7).to_numpy(), degrees.y.round(7).to_numpy()
    if table.crs.to_epsg() != 4326:
        plain["x"], plain["y"] = shapely.get_x(middles), shapely.get_y(middles)
    return plain


def _xlsx(path: Path, table: geopandas.GeoDataFrame) -> None:
    from etl.writers.workbook import MOST_ROWS

    if len(table) >= MOST_ROWS:
        raise UnreadableFile(f"Excel chỉ chứa {MOST_ROWS - 1} dòng (rows at most): csv, gpkg, parquet")
    plain = _with_centres(table)
    with xlsxwriter.Workbook(path, {"constant_memory": True, "nan_inf_to_errors": True}) as book:
        sheet = book.add_worksheet(LAYER)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, plain.columns)
        for line, row in enumerate(plain.itertuples(index=False), 1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, column, cell)  # text stays text: nothing becomes a formula
                elif cell == cell:  # noqa: PLR0124, not-a-number is an empty cell
                    sheet.write_number(line, column, cell)


def _gdal(driver: str, **options: Any) -> Writer:
    def write_it(path: Path, table: geopandas.GeoDataFrame) -> None:
        path.unlink(missing_ok=True)
        pyogrio.write_dataframe(table, path, driver=driver, layer=LAYER, geometry_type="Polygon", **options)

    return write_it


def _gpkg(path: Path, table: geopandas.GeoDataFrame) -> None:
    _gdal("GPKG")(path, table)
    qgis.add_style(path, LAYER, table.columns)


def _shp(path: Path, table: geopandas.GeoDataFrame) -> None:
    # Ten characters a name, and no not-a-number: the limits of the format.
    pyogrio.write_dataframe(
        table.rename(columns=_SHAPEFILE_NAMES), path, driver="ESRI Shapefile", geometry_type="Polygon", encoding="UTF-8"
    )


def _parquet(path: Path, table: geopandas.GeoDataFrame) -> None:
    table.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0", geometry_encoding="WKB")


WRITERS: dict[str, Writer] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "geojson": _gdal("GeoJSON", RFC7946="NO", COORDINATE_PRECISION=7),
    "gpkg": _gpkg,
    "parquet": _parquet,
    "fgb": _gdal("FlatGeobuf"),
    "shp": _shp,
}
