"""GeoPackage and GeoParquet, by Arrow batches: times are times, and every row has its point in binary."""

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

from etl.errors import UnreadableFile
from etl.writers.shape import NUMBERS, TIMES, Chunk, Shape

GEOMETRY = "geometry"
_ROW_GROUP = 50_000


def write_parquet(path: Path, shape: Shape, chunks: Iterator[Chunk]) -> int:
    """GeoParquet 1.1; times keep their microseconds. Returns how many rows there were."""
    schema = _schema(shape, _geo(shape.crs))
    count, held = 0, []
    with pq.ParquetWriter(path, schema, compression="zstd") as out:
        for batch in _batches(schema, shape, chunks):
            held.append(batch)
            count += batch.num_rows
            if sum(each.num_rows for each in held) >= _ROW_GROUP:
                out.write_table(pa.Table.from_batches(held, schema))
                held = []
        if held:
            out.write_table(pa.Table.from_batches(held, schema))
    return count


def write_gpkg(path: Path, shape: Shape, chunks: Iterator[Chunk]) -> int:
    """GeoPackage; GDAL keeps times to the millisecond. Returns how many rows there were."""
    path.unlink(missing_ok=True)  # GDAL makes the file itself
    schema = _schema(shape, None, unit="ms")
    count = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal count
        for batch in _batches(schema, shape, chunks):
            count += batch.num_rows
            yield batch

    try:
        pyogrio.write_arrow(
            pa.RecordBatchReader.from_batches(schema, counted()), path, driver="GPKG", layer="reports",
            geometry_name=GEOMETRY, geometry_type="Point", crs=_name(shape.crs),
        )  # fmt: skip
    except DataSourceError as error:
        raise UnreadableFile(f"{path}: {error}") from error
    return count


def _schema(shape: Shape, metadata: dict[bytes, bytes] | None, unit: str = "us") -> pa.Schema:
    def kind(name: str) -> pa.DataType:
        if name in TIMES:
            return pa.timestamp(unit, "UTC")
        return pa.float64() if name in NUMBERS else pa.string()

    fields = [pa.field(name, kind(name)) for name in shape.columns]
    wkb = {b"ARROW:extension:name": b"geoarrow.wkb"} if metadata is None else None  # how GDAL knows a geometry
    return pa.schema([*fields, pa.field(GEOMETRY, pa.binary(), metadata=wkb)], metadata=metadata)


def _batches(schema: pa.Schema, shape: Shape, chunks: Iterator[Chunk]) -> Iterator[pa.RecordBatch]:
    for chunk in chunks:
        xy = shape.xy(chunk)
        there = np.isfinite(xy).all(axis=1)
        places = np.full(len(chunk), None, dtype=object)
        places[there] = shapely.to_wkb(shapely.points(xy[there]))
        columns = [_cells(chunk, schema.field(name)) for name in shape.columns]
        yield pa.record_batch([*columns, pa.array(places, pa.binary())], schema=schema)


def _cells(chunk: Chunk, field: pa.Field) -> pa.Array:
    cells = [row[field.name] for row in chunk]
    if field.name in TIMES:  # cut to the format's unit: GDAL would round, and a time of the past come later
        return pa.array(cells, pa.timestamp("us", "UTC")).cast(field.type, safe=False)
    return pa.array(cells, field.type)


def _geo(crs: pyproj.CRS) -> dict[bytes, bytes]:
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Point"], "crs": crs.to_json_dict()}
    return {
        b"geo": json.dumps({"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}).encode()
    }


def _name(crs: pyproj.CRS) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.to_wkt()
