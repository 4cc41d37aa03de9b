"""An answer as a file to take away, with what makes it reproducible beside it."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from flask import Response, request, send_file
from werkzeug.exceptions import NotFound

from database import clock
from database.engine import read, transaction
from etl.analysis import export, rows
from etl.formats import FORMATS
from webmap.admin.wording import language
from webmap.plan import blueprint, who
from webmap.problems import bad_request

SYSTEMS = (("4326", "WGS 84"), ("9210", "VN-2000 · 9210"), ("32648", "UTM 48N"))


class Offer(NamedTuple):
    """A format as the page offers it: the word that asks for it, its name, for whom, what it cannot hold."""

    name: str
    title: str
    note: str
    limits: str


def offered(lang: str, summary: Mapping[str, Any]) -> list[Offer]:
    """The formats of an answer by its stored summary, those first that most people want."""
    found = []
    for name in export.possible(summary):
        each = FORMATS[name]
        title, _bracket, note = each.label[lang].partition(" (")
        found.append(Offer(name, title, note.removesuffix(")"), each.limits[lang]))
    return found


@blueprint.get("/runs/<int:job>/file")
def file(job: int) -> Response:
    """The answer in `format` and, of data, in the coordinate system `crs` (an EPSG number); with `beside` a ZIP that
    also holds the JSON beside it."""
    chosen, system = request.args.get("format", "gpkg"), request.args.get("crs", "4326")
    if chosen not in FORMATS:
        raise bad_request("format", f"is one of {', '.join(FORMATS)}")
    if system not in dict(SYSTEMS):
        raise bad_request("crs", f"is one of {', '.join(dict(SYSTEMS))}")
    with transaction(who().context) as connection:
        row = rows.find(connection, job)
        content = rows.part(connection, job, "answer")
    if row is None or content is None or row.done_at is None:
        raise NotFound
    if chosen not in export.possible(row.summary or {}):
        raise bad_request("format", "this answer has no geometry: " + ", ".join(export.possible(row.summary or {})))
    name = f"phan-tich-{job}-{clock.local(row.done_at):%Y-%m-%d}"
    kind = FORMATS[chosen]
    with tempfile.TemporaryDirectory(prefix="hotline-plan-") as folder:
        path = Path(folder) / f"{name}{kind.suffix}"
        with read() as connection:
            beside = export.write(content, path, chosen, f"EPSG:{system}", connection=connection, lang=language())
        if not request.args.get("beside"):
            whole = io.BytesIO(path.read_bytes())
            return send_file(whole, kind.media_type, as_attachment=True, download_name=path.name)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in (path, beside):
                archive.write(each, each.name)
        packed.seek(0)
        return send_file(packed, "application/zip", as_attachment=True, download_name=f"{name}.{chosen}-json.zip")
