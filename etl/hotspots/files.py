"""An answer as a file, of data or a map, and beside it what makes it reproducible."""

from __future__ import annotations

import shlex
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyproj
from sqlalchemy import Connection

from database.clock import local
from database.engine import read
from etl import formats, publish
from etl.formats import CRS, FORMATS, Format
from etl.hotspots.answer import Answer
from geo import crs as systems

__all__ = ["CRS", "FORMATS", "Format", "sidecar", "write"]

_LIBRARIES = (
    "numpy", "scipy", "shapely", "pyproj", "geopandas", "pyogrio", "pyarrow", "h3", "scikit-learn", "esda", "libpysal",
    "matplotlib", "folium",
)  # fmt: skip


def write(
    result: Answer,
    path: Path,
    format: str = "",
    crs: pyproj.CRS | str = "EPSG:4326",
    *,
    connection: Connection | None = None,
    lang: str = "vi",
) -> Path:
    """Write an answer to `path` in one of `FORMATS` ("" by the name's ending) and return the path of its sidecar.

    `crs`: of the geometry of data; maps are drawn in EPSG:9210 (html: web Mercator). A map's ground comes by
    `connection` (None: one of its own), its words are in `lang` (vi, en). The file appears under its name when it is
    whole. Raises UnreadableFile.
    """
    formats.check_folder(path)
    kind = formats.of(path) if not format else formats.of(path.with_name(f"x.{format}"))
    system = crs if isinstance(crs, pyproj.CRS) else pyproj.CRS.from_user_input(crs)
    more: dict[str, Any] = {}
    with publish.published(path) as part:
        if kind.kind == "map":
            from etl.hotspots import picture

            system = pyproj.CRS.from_epsg(3857 if kind.name == "html" else systems.METRES)
            with read() if connection is None else nullcontext(connection) as ground:
                picture.DRAWERS[kind.name](part, result, ground, lang)
        else:
            from etl.hotspots import tables
            from etl.writers import frames

            more = frames.write(part, kind.name, *tables.layers(result, system))
    told = {"format": kind.name, **sidecar(result, system), **more}
    return publish.write_sidecar(path, told, _LIBRARIES)


def sidecar(result: Answer, crs: pyproj.CRS) -> dict[str, Any]:
    """What the analysis was, and of what: the part of a sidecar that knows the answer."""
    question = {"method": result.question.method, "count": result.question.count, **result.question.parameters()}
    question |= result.compared
    options = " ".join(f"--{name.replace('_', '-')} {shlex.quote(value)}" for name, value in question.items())
    return {
        "rows": len(result),
        "columns": list(result.columns),
        "crs": crs.to_string(),
        "question": question,
        **({} if result.compared else {"command": f"flask --app app hotspots run OUT {options}"}),
        "address": f"/plan?{urlencode({**result.question.parameters(), **result.compared})}",
        "took_part": result.left_out.took_part,
        "left_out": {
            name: getattr(result.left_out, name) for name in ("void", "no_place", "coarse", "outside", "same_incident")
        },
        "classes": result.classes(),
        "warnings": [{"code": warning.code, **warning.figures} for warning in result.warnings],
        "analysed_at": local(result.at).isoformat(timespec="seconds"),
        "seconds": round(result.seconds, 3),
    }
