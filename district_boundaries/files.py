"""An operator's file of areas, any vector format: read, put into WGS 84 and judged before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from district_boundaries.errors import InvalidPolygons, UnreadableFile
from district_boundaries.rows import AreaRow, named
from geo.crs import METRES, WGS84
from geo.text import nfc

SLIVER_M2 = 50.0


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Two areas of one level that share ground: it belongs to the lower code."""

    one: str
    other: str
    square_metres: float

    @property
    def sliver(self) -> bool:
        """Small enough to be the drawing's own error."""
        return self.square_metres < SLIVER_M2


def read(
    file: Path, *, level: str, field: str, valid_from: date | None, valid_to: date | None, layer: str | None = None
) -> list[AreaRow]:
    """The areas of a file with the columns `code` and `name` (the full name), in order of code.

    Raises UnreadableFile, InvalidPolygons (all of them named).
    """
    import geopandas  # 100 MB that every other command does without
    import pyogrio

    if not file.exists():
        raise UnreadableFile(f"{file}: không có tệp này (no such file)")
    try:
        frame = geopandas.read_file(file, layer=layer) if layer else geopandas.read_file(file)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, OSError, ValueError) as error:
        raise UnreadableFile(f"{file}: {' '.join(str(error).split())[:200]}") from None
    columns = {str(column).lower(): column for column in frame.columns}
    missing = [name for name in ("code", "name") if name not in columns]
    if missing or not isinstance(frame, geopandas.GeoDataFrame):
        raise UnreadableFile(f"{file}: không có cột (no column) {', '.join(missing or ['geometry'])}")
    if frame.crs is None:
        raise UnreadableFile(f"{file}: không ghi hệ toạ độ (says no coordinate system)")
    frame = frame.to_crs(WGS84)
    codes = [_text(value) for value in frame[columns["code"]]]
    names = [nfc(_text(value)) for value in frame[columns["name"]]]
    _judge(file, codes, names, list(frame.geometry))
    rows = [
        named(
            level=level,
            field=field,
            code=code,
            name=name,
            geometry=shapely.force_2d(geometry),
            valid_from=valid_from,
            valid_to=valid_to,
            source=f"file {file.name}",
        )
        for code, name, geometry in zip(codes, names, frame.geometry, strict=True)
    ]
    return sorted(rows, key=lambda row: row.code)


def overlaps(rows: Sequence[AreaRow]) -> list[Overlap]:
    """Areas of the rows that share ground, the largest first."""
    import geopandas

    shapes = geopandas.GeoSeries([row.geometry for row in rows], crs=WGS84).to_crs(METRES).to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    order = np.argsort(-shared)
    return [
        Overlap(one=rows[one[k]].name, other=rows[other[k]].name, square_metres=float(shared[k]))
        for k in order.tolist()
        if shared[k] > 0
    ]


def _judge(file: Path, codes: Sequence[str], names: Sequence[str], shapes: Sequence[object]) -> None:
    if not codes:
        raise UnreadableFile(f"{file}: không có vùng nào (holds no area)")
    seen: set[str] = set()
    for number, (code, name) in enumerate(zip(codes, names, strict=True), 1):
        if not code or not name:
            raise UnreadableFile(f"{file}: vùng thứ {number} không có mã hoặc tên (area {number}: no code or no name)")
        if code in seen:
            raise UnreadableFile(f"{file}: mã {code} có hai lần (the code {code} is given twice)")
        seen.add(code)
    broken = []
    for name, shape in zip(names, shapes, strict=True):
        if not isinstance(shape, Polygon | MultiPolygon) or shape.is_empty:
            broken.append(f"{name} (không có đa giác, no polygon)")
        elif not shape.is_valid:
            broken.append(f"{name} ({shapely.is_valid_reason(shape)})")
    if broken:
        raise InvalidPolygons(f"{file}: đa giác hỏng (invalid polygons): {'; '.join(broken)}")


def _text(value: object) -> str:
    """A code or name as text; a code that a file keeps as a number comes without its decimal point."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
