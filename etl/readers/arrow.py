"""Arrow batches as rows: what GeoPackage, GeoJSON and Parquet come as."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyproj
import shapely

from etl.errors import UnreadableFile
from etl.readers.source import Batch
from incidents.errors import Refusal

WGS84 = pyproj.CRS.from_epsg(4326)
ToDegrees = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


class Rows:
    """Turns batches of one schema into rows; geometry becomes the columns `lon` and `lat` where the file has none."""

    def __init__(
        self, schema: pa.Schema, geometry: str | None, crs: object, *, leave_out: frozenset[str] = frozenset()
    ) -> None:
        self._fields = [name for name in schema.names if name != geometry and name not in leave_out]
        self._geometry = geometry
        plain = [name.strip().casefold() for name in self._fields]
        self._added = [name for name in ("lon", "lat") if geometry is not None and name not in plain]
        self.header = (*self._fields, *self._added)
        self._lon, self._lat = (
            next((k for k, name in enumerate(self.header) if name.strip().casefold() == wanted), -1)
            for wanted in ("lon", "lat")
        )
        self._to_degrees = _to_degrees(crs) if geometry is not None else None

    def batch(self, arrow: pa.RecordBatch, *, first_line: int, done: int) -> Batch:
        """The batch's rows; `first_line` is the line of its first one."""
        faults: dict[int, Refusal] = {}
        columns: list[Sequence[object]] = [self._cells(name, arrow.column(name), faults) for name in self._fields]
        columns += [[None] * len(arrow)] * len(self._added)
        rows: list[Sequence[object]] = (
            [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(len(arrow))]
        )
        if self._geometry is not None:
            self._place(arrow.column(self._geometry), rows, faults)
        lines = list(range(first_line, first_line + len(rows)))
        return Batch(lines=lines, rows=rows, faults=faults, done=done)

    def _place(self, geometry: pa.Array, rows: list[Sequence[object]], faults: dict[int, Refusal]) -> None:
        """Fill lon and lat from the geometry where the row does not say them itself."""
        wkb = np.array(geometry.to_pylist(), dtype=object)
        shapes = shapely.from_wkb(wkb, on_invalid="ignore")
        points = shapely.get_type_id(shapes) == 0
        assert self._to_degrees is not None
        lon, lat = self._to_degrees(shapely.get_x(shapes), shapely.get_y(shapes))
        for pos, row in enumerate(rows):
            if wkb[pos] is None or (row[self._lon] is not None and row[self._lat] is not None):
                continue
            if not points[pos]:
                if not shapely.is_empty(shapes[pos]):
                    faults.setdefault(
                        pos, Refusal(field="geometry", reason="bad_coordinates", message="the geometry is not a point")
                    )
            elif not np.isnan(lon[pos]):
                row[self._lon], row[self._lat] = float(lon[pos]), float(lat[pos])  # type: ignore[index]

    def _cells(self, name: str, column: pa.Array, faults: dict[int, Refusal]) -> list[object]:
        kind = column.type
        if pa.types.is_dictionary(kind):
            column, kind = column.dictionary_decode(), kind.value_type
        if pa.types.is_timestamp(kind) and kind.unit == "ns":
            column = column.cast(pa.timestamp("us", kind.tz), safe=False)
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            try:
                return list(column.to_pylist())
            except UnicodeDecodeError:
                return _decoded(name, column, faults)
        return list(column.to_pylist())


def _decoded(name: str, column: pa.Array, faults: dict[int, Refusal]) -> list[object]:
    """A text column some of whose cells are no UTF-8."""
    cells: list[object] = []
    for pos, scalar in enumerate(column):
        raw = scalar.as_buffer()
        word = None if raw is None else raw.to_pybytes().decode("utf-8", "surrogateescape")
        if word is not None and not word.isascii() and any("\udc80" <= symbol <= "\udcff" for symbol in word):
            faults.setdefault(
                pos, Refusal(field=name, reason="invalid_utf8", value=word[:200], message="not UTF-8 text")
            )
        cells.append(word)
    return cells


def _to_degrees(crs: object) -> ToDegrees:
    """x, y of a file's coordinate system → lon, lat; a file that names none has degrees."""
    try:
        given = WGS84 if crs is None else pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise UnreadableFile(f"hệ toạ độ không rõ (unknown coordinate system): {error}") from error
    if given.equals(WGS84, ignore_axis_order=True) or given.to_epsg() == 4326:
        return lambda x, y: (x, y)
    change = pyproj.Transformer.from_crs(given, WGS84, always_xy=True)

    def to_degrees(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lon, lat = change.transform(x, y)
        return lon, lat

    return to_degrees


__all__ = ["Rows"]
