"""GeoJSON and GeoPackage: the first layer of the file, by GDAL, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from etl.errors import UnreadableFile
from etl.readers.arrow import Rows
from etl.readers.source import Batch, Source


class Vector(Source):
    """An open layer; `size` is in rows, 0 where the file does not say without being read."""

    def __init__(self, path: Path, batch: int) -> None:
        self._path, self._open = path, ExitStack()
        # Times stay as they are written: GDAL keeps no microseconds.
        options = {"DATE_AS_STRING": "YES"} if path.suffix.lower() != ".gpkg" else {}
        try:
            layers = pyogrio.list_layers(path)
            layer = layers[0][0] if len(layers) else None
            meta, self._batches = self._open.enter_context(
                pyogrio.open_arrow(path, layer=layer, batch_size=batch, use_pyarrow=True, **options)
            )
        except (DataSourceError, DataLayerError, pa.ArrowException) as error:
            raise UnreadableFile(f"{path}: {error}") from error
        geometry = meta["geometry_name"] or "wkb_geometry" if meta["geometry_type"] else None
        schema = self._batches.schema
        try:
            self._rows = Rows(schema, geometry if geometry in schema.names else None, meta["crs"])
        except UnreadableFile:
            self.close()
            raise
        self.header = self._rows.header
        self.size = 0

    def batches(self) -> Iterator[Batch]:
        read = 0
        try:
            for arrow in self._batches:
                if len(arrow):
                    yield self._rows.batch(arrow, first_line=read + 2, done=read + len(arrow))
                    read += len(arrow)
        except (DataSourceError, pa.ArrowException) as error:
            raise UnreadableFile(f"{self._path}: bị hỏng giữa chừng (broken in the middle): {error}") from error

    def close(self) -> None:
        self._open.close()
