"""A plain answer as a file: its rows in every format of data, a map, and beside each what makes it again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import geopandas
import numpy as np
import pandas as pd
import pyproj
from sqlalchemy import Connection

from database.clock import local
from etl import formats, publish
from etl.analysis.export import possible
from etl.errors import UnreadableFile
from etl.formats import FORMATS
from etl.hotspots import qgis as styles
from etl.plain.answer import PlainAnswer
from etl.plain.page import classes
from etl.plain.reading import read, title
from etl.writers import frames
from etl.writers.frames import Layer
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
            layer = _layer(answer, system)
            columns = [name for name in layer.rows.columns if name != "geometry"]
            more = {"columns": columns, **frames.write(part, format, layer)}
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


def _layer(answer: PlainAnswer, crs: pyproj.CRS) -> Layer:
    """The columns, of times to close the step that each is drawn in; with their shapes in `crs` where there are any."""
    kind = answer.plain.kind
    table = pd.DataFrame({name: np.asarray(column) for name, column in answer.columns.items()})
    if kind == "closing":
        table["step"] = classes(answer)
    if answer.geometry is None:
        return Layer(LAYERS[kind], table)
    shapes = geopandas.GeoDataFrame(table, geometry=answer.geometry, crs=4326).to_crs(crs)
    return Layer(LAYERS[kind], shapes, "Point" if kind == "repeats" else "MultiPolygon", styles.plain(kind))


def _draw(format: str) -> Callable[[Path, PlainAnswer, Connection, str], None]:
    if format == "html":
        from etl.plain import webpage

        return webpage.write
    from etl.plain import picture

    return picture.draw
