"""GeoJSON: one feature a line. RFC 7946 knows WGS 84 alone; another system is named as GDAL names it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from etl.writers.shape import Chunk, Shape, Written


def write_geojson(path: Path, shape: Shape, chunks: Iterator[Chunk]) -> Written:
    """Write all rows."""
    count = 0
    with path.open("w", encoding="utf-8") as out:
        out.write('{"type": "FeatureCollection", "name": "reports",')
        if not shape.is_wgs84:
            authority = shape.crs.to_authority()
            name = "urn:ogc:def:crs:{}::{}".format(*authority) if authority else shape.crs.to_wkt()
            out.write(f' "crs": {json.dumps({"type": "name", "properties": {"name": name}})},')
        out.write(' "features": [')
        for chunk in chunks:
            for row, place in zip(shape.rows(chunk), shape.xy(chunk).tolist(), strict=True):
                feature = {
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": place} if place[0] == place[0] else None,
                    "properties": dict(zip(shape.columns, row, strict=True)),
                }
                out.write(",\n" if count else "\n")
                out.write(json.dumps(feature, ensure_ascii=False))
                count += 1
        out.write("\n]}\n")
    return Written(rows=count)
