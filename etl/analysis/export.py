"""A stored answer as a file: one way for all formats."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

FORMATS = {
    "gpkg": {"vi": "GeoPackage · QGIS, kèm kiểu vẽ", "en": "GeoPackage · QGIS, with style"},
    "parquet": {"vi": "GeoParquet · pandas, DuckDB", "en": "GeoParquet · pandas, DuckDB"},
    "xlsx": {"vi": "XLSX · Excel", "en": "XLSX · Excel"},
    "pdf": {"vi": "PDF · có thước, nguồn", "en": "PDF · with scale and source"},
    "html": {"vi": "HTML · tự mở, không cần mạng", "en": "HTML · opens without a network"},
    "png": {"vi": "PNG · ảnh", "en": "PNG · picture"},
    "geojson": {"vi": "GeoJSON", "en": "GeoJSON"},
    "csv": {"vi": "CSV", "en": "CSV"},
    "fgb": {"vi": "FlatGeobuf", "en": "FlatGeobuf"},
    "shp": {"vi": "Shapefile · ZIP", "en": "Shapefile · ZIP"},
}


def write(content: bytes, path: Path, crs: str, connection: Connection, lang: str) -> None:
    """Write what `kept.pack` gave to `path` by its ending, its sidecar beside it. `crs`: of data. Raises
    UnreadableFile."""
    import pyproj

    from etl.analysis import kept
    from etl.hotspots import files, picture

    answer = kept.unpack(content)
    if path.suffix.lstrip(".") in picture.DRAWERS:
        picture.write(path, answer, connection, lang)
    else:
        files.write(path, answer, pyproj.CRS.from_user_input(crs))
