"""GeoPackage, GeoParquet, FlatGeobuf and Shapefile, by Arrow batches: no more than a few batches are held."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataSourceError

from etl import qgis
from etl.errors import UnreadableFile
from etl.formats import SHAPEFILE_LIMITS
from etl.writers.names import shapefile_names
from etl.writers.shape import NUMBERS, TIMES, Chunk, Shape, Written, stamp

GEOMETRY, BBOX, LAYER = "geometry", "bbox", "reports"
_ROW_GROUP = 50_000
_LONGEST_TEXT = 254
_BOX = pa.struct([(edge, pa.float64()) for edge in ("xmin", "ymin", "xmax", "ymax")])


def write_parquet(path: Path, shape: Shape, chunks: Iterator[Chunk]) -> Written:
    """GeoParquet 1.1 with the covering `bbox`, by which readers skip row groups; times keep their microseconds."""
    plain = pa.schema([*_fields(shape, "us"), pa.field(GEOMETRY, pa.binary()), pa.field(BBOX, _BOX)])
    bounds = _Bounds()
    count = 0
    held: list[pa.RecordBatch] = []
    with pq.ParquetWriter(path, plain, compression="zstd", store_schema=True) as out:

        def put_down() -> None:
            out.write_table(pa.Table.from_batches(held, plain))
            held.clear()

        for chunk in chunks:
            points, xy = _points(shape, chunk)
            bounds.take(xy)
            columns = [_cells(chunk, plain.field(name)) for name in shape.columns]
            held.append(pa.record_batch([*columns, points, _boxes(xy)], schema=plain))
            count += len(chunk)
            if sum(each.num_rows for each in held) >= _ROW_GROUP:
                put_down()
        if held:
            put_down()
        out.add_key_value_metadata({"geo": json.dumps(_geo(shape.crs, bounds))})
    return Written(rows=count, told={"geoparquet": "1.1.0"})


def write_gpkg(path: Path, shape: Shape, chunks: Iterator[Chunk]) -> Written:
    """GeoPackage with a style for QGIS; GDAL keeps times to the millisecond."""
    count = _by_gdal(path, shape, chunks, "GPKG", layer=LAYER)
    qgis.add_styles(path, {LAYER: qgis.single(qgis.marker("#00857c", 2.0))})
    return Written(rows=count, told={"layers": [LAYER]})


def write_fgb(path: Path, shape: Shape, chunks: Iterator[Chunk]) -> Written:
    """FlatGeobuf. Its spatial index cannot hold a row without a place, and no row may be lost: the index is made where
    every row has one, and the sidecar says so."""
    everywhere = True

    def looked_at() -> Iterator[Chunk]:
        nonlocal everywhere
        for chunk in chunks:
            everywhere = everywhere and all(row["lon"] is not None and row["lat"] is not None for row in chunk)
            yield chunk

    count = _by_gdal(path, shape, looked_at(), "FlatGeobuf", layer=LAYER, layer_options={"SPATIAL_INDEX": "NO"})
    if everywhere and count:
        plain = path.replace(path.with_name(f"plain-{path.name}"))
        with pyogrio.open_arrow(plain, use_pyarrow=True) as (meta, reader):
            pyogrio.write_arrow(
                reader, path, driver="FlatGeobuf", layer=LAYER, geometry_name=meta["geometry_name"] or "wkb_geometry",
                geometry_type="Point", crs=_name(shape.crs),
            )  # fmt: skip
        plain.unlink()
    return Written(rows=count, told={"spatial_index": bool(everywhere and count)})


def write_shp(path: Path, shape: Shape, chunks: Iterator[Chunk]) -> Written:
    """Shapefile: .shp .shx .dbf .prj and the .cpg that says UTF-8. Its limits are met here and told."""
    names = shapefile_names(shape.columns)
    cut = 0

    def fitting() -> Iterator[Chunk]:
        nonlocal cut
        for chunk in chunks:
            rows = []
            for row in chunk:
                fit = dict(row)
                for name in shape.columns:
                    cell = stamp(row[name]) if name in TIMES else row[name]
                    if isinstance(cell, str) and len(cell) > 63 and len(encoded := cell.encode()) > _LONGEST_TEXT:
                        cell, cut = encoded[:_LONGEST_TEXT].decode(errors="ignore"), cut + 1
                    fit[name] = cell
                rows.append(fit)
            yield rows

    count = _by_gdal(
        path, shape, fitting(), "ESRI Shapefile", names=names, times_as_text=True, encoding="UTF-8",
        layer_options={"2GB_LIMIT": "YES"},
    )  # fmt: skip
    told: dict[str, Any] = {"limits": SHAPEFILE_LIMITS["en"], "texts_cut": cut}
    return Written(rows=count, told=told | {"renamed": {short: name for name, short in names.items() if short != name}})


def _by_gdal(
    path: Path,
    shape: Shape,
    chunks: Iterator[Chunk],
    driver: str,
    *,
    names: dict[str, str] | None = None,
    times_as_text: bool = False,
    **options: Any,
) -> int:
    """Stream the rows into a file of GDAL's; `names`: ours → the file's. Raises UnreadableFile."""
    fields = _fields(shape, "s" if times_as_text else "ms")
    if times_as_text:
        fields = [pa.field(each.name, pa.string()) if each.name in TIMES else each for each in fields]
    geometry = pa.field(GEOMETRY, pa.binary(), metadata={b"ARROW:extension:name": b"geoarrow.wkb"})
    inner = pa.schema([*fields, geometry])
    outer = pa.schema([*(each.with_name((names or {}).get(each.name, each.name)) for each in fields), geometry])
    count = 0

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal count
        for chunk in chunks:
            points, _ = _points(shape, chunk)
            columns = [_cells(chunk, inner.field(name)) for name in shape.columns]
            count += len(chunk)
            yield pa.record_batch([*columns, points], schema=outer)

    try:
        pyogrio.write_arrow(
            pa.RecordBatchReader.from_batches(outer, batches()), path, driver=driver, geometry_name=GEOMETRY,
            geometry_type="Point", crs=_name(shape.crs), **options,
        )  # fmt: skip
    except DataSourceError as error:
        raise UnreadableFile(f"{path}: {error}") from error
    return count


def _fields(shape: Shape, unit: str) -> list[pa.Field]:
    def kind(name: str) -> pa.DataType:
        if name in TIMES:
            return pa.timestamp(unit, "UTC")
        return pa.float64() if name in NUMBERS else pa.string()

    return [pa.field(name, kind(name)) for name in shape.columns]


def _points(shape: Shape, chunk: Chunk) -> tuple[pa.Array, np.ndarray]:
    """Points as WKB, None where there is no place, and their coordinates float64[n, 2] (NaN there)."""
    xy = shape.xy(chunk)
    there = np.isfinite(xy).all(axis=1)
    places = np.full(len(chunk), None, dtype=object)
    places[there] = shapely.to_wkb(shapely.points(xy[there]))
    return pa.array(places, pa.binary()), xy


def _boxes(xy: np.ndarray) -> pa.Array:
    x, y = (pa.array(each, from_pandas=True) for each in (xy[:, 0], xy[:, 1]))
    missing = pa.array(~np.isfinite(xy).all(axis=1))
    return pa.StructArray.from_arrays([x, y, x, y], fields=list(_BOX), mask=missing)


def _cells(chunk: Chunk, field: pa.Field) -> pa.Array:
    cells = [row[field.name] for row in chunk]
    if pa.types.is_timestamp(field.type):
        # Cut to the format's unit: GDAL would round, and a time of the past come later.
        return pa.array(cells, pa.timestamp("us", "UTC")).cast(field.type, safe=False)
    return pa.array(cells, field.type)


class _Bounds:
    """Where all rows lie; empty until one has a place."""

    def __init__(self) -> None:
        self.box: list[float] | None = None

    def take(self, xy: np.ndarray) -> None:
        there = xy[np.isfinite(xy).all(axis=1)]
        if len(there):
            low, high = there.min(axis=0).tolist(), there.max(axis=0).tolist()
            old = self.box or [*low, *high]
            self.box = [*(min(a, b) for a, b in zip(old[:2], low, strict=True)),
                        *(max(a, b) for a, b in zip(old[2:], high, strict=True))]  # fmt: skip


def _geo(crs: pyproj.CRS, bounds: _Bounds) -> dict[str, Any]:
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": ["Point"],
        "crs": crs.to_json_dict(),
        "covering": {"bbox": {edge: [BBOX, edge] for edge in ("xmin", "ymin", "xmax", "ymax")}},
    }
    if bounds.box is not None:
        column["bbox"] = bounds.box
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}


def _name(crs: pyproj.CRS) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.to_wkt()
