"""The formats that leave the house: one list, which commands, pages and documents all read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from etl.errors import UnreadableFile

Words = Mapping[str, str]


def _words(vi: str, en: str) -> Words:
    return MappingProxyType({"vi": vi, "en": en})


@dataclass(frozen=True, kw_only=True)
class Format:
    """One format. `label` and `limits` by language (`vi`, `en`)."""

    name: str
    """The ending that asks for it."""
    suffix: str
    """What a download's name ends with: one file, so a shapefile is a zip of its parts."""
    media_type: str
    label: Words
    kind: Literal["data", "map"] = "data"
    geometry: bool = True
    """False: a table, with coordinates as columns."""
    limits: Words = field(default_factory=lambda: _words("", ""))
    """What the format cannot hold, where that matters."""


SHAPEFILE_LIMITS = _words(
    "Tên cột tối đa 10 ký tự, chữ tối đa 254 byte, thời điểm là chữ, mỗi tệp tối đa 2 GB.",
    "Names of at most 10 characters, texts of at most 254 bytes, times as text, 2 GB a file.",
)
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LIST = (
    Format(name="gpkg", suffix=".gpkg", media_type="application/geopackage+sqlite3",
           label=_words("GeoPackage (QGIS, có sẵn kiểu hiển thị)", "GeoPackage (QGIS, styled)")),
    Format(name="parquet", suffix=".parquet", media_type="application/vnd.apache.parquet",
           label=_words("GeoParquet 1.1 (pandas, DuckDB)", "GeoParquet 1.1 (pandas, DuckDB)")),
    Format(name="fgb", suffix=".fgb", media_type="application/vnd.flatgeobuf",
           label=_words("FlatGeobuf", "FlatGeobuf")),
    Format(name="geojson", suffix=".geojson", media_type="application/geo+json",
           label=_words("GeoJSON", "GeoJSON")),
    Format(name="shp", suffix=".shp.zip", media_type="application/zip",
           label=_words("Shapefile (ArcGIS)", "Shapefile (ArcGIS)"), limits=SHAPEFILE_LIMITS),
    Format(name="csv", suffix=".csv", media_type="text/csv", geometry=False,
           label=_words("CSV", "CSV")),
    Format(name="xlsx", suffix=".xlsx", media_type=_XLSX, geometry=False,
           label=_words("Excel (XLSX)", "Excel (XLSX)"),
           limits=_words("Tối đa 1.048.575 dòng.", "At most 1,048,575 rows.")),
    Format(name="html", suffix=".html", media_type="text/html", kind="map",
           label=_words("Bản đồ HTML, một tệp, mở được ngoại tuyến", "HTML map, one file, opens without a network")),
    Format(name="pdf", suffix=".pdf", media_type="application/pdf", kind="map",
           label=_words("Bản đồ PDF, khổ A4", "PDF map, A4")),
    Format(name="png", suffix=".png", media_type="image/png", kind="map",
           label=_words("Bản đồ PNG", "PNG map")),
)  # fmt: skip

FORMATS: Mapping[str, Format] = MappingProxyType({each.name: each for each in _LIST})
"""By name, in the order in which they are offered."""
DATA = tuple(name for name, each in FORMATS.items() if each.kind == "data")

CRS: Mapping[str, Words] = MappingProxyType(
    {
        "EPSG:4326": _words("Kinh, vĩ độ WGS 84", "WGS 84, degrees"),
        "EPSG:9210": _words("VN-2000 TP. Hồ Chí Minh (mét)", "VN-2000 Ho Chi Minh City (metres)"),
        "EPSG:32648": _words("UTM 48N (mét)", "UTM zone 48N (metres)"),
    }
)
"""The coordinate systems that pages offer; the commands take any for data."""


def of(path: Path, among: Mapping[str, Format] | tuple[str, ...] = FORMATS) -> Format:
    """The format that a file's name asks for. Raises UnreadableFile."""
    ending = path.suffix.lower().lstrip(".")
    if ending == "zip" and path.stem.lower().endswith(".shp"):
        ending = "shp"
    if ending not in FORMATS or ending not in among:
        raise UnreadableFile(f"{path}: chỉ ghi được (only) {', '.join(among)}")
    return FORMATS[ending]


def check_folder(path: Path) -> None:
    """Raises UnreadableFile where no file can come to be under this name."""
    if path.is_dir() or not path.parent.is_dir():
        raise UnreadableFile(f"{path.parent}: không có thư mục này (no such folder)")
