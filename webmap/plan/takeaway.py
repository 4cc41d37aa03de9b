"""An answer as a file to take away, with what makes it reproducible beside it."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from flask import Response, request, send_file
from werkzeug.exceptions import NotFound

from database import clock
from database.engine import read, transaction
from etl.analysis import export, rows
from webmap.admin.wording import language
from webmap.plan import blueprint, who
from webmap.problems import bad_request

SYSTEMS = (("4326", "WGS 84"), ("9210", "VN-2000 · 9210"), ("32648", "UTM 48N"))


def offered(lang: str) -> list[tuple[str, str]]:
    """The formats, by name, as they are called."""
    return [(name, words[lang]) for name, words in export.FORMATS.items()]


@blueprint.get("/runs/<int:job>/file")
def file(job: int) -> Response:
    """The answer in `format` and, of data, in the coordinate system `crs` (an EPSG number); with `beside`, or where a
    format is several files, a ZIP that also holds the JSON beside it."""
    chosen, system = request.args.get("format", "gpkg"), request.args.get("crs", "4326")
    if chosen not in export.FORMATS:
        raise bad_request("format", f"is one of {', '.join(export.FORMATS)}")
    if system not in dict(SYSTEMS):
        raise bad_request("crs", f"is one of {', '.join(dict(SYSTEMS))}")
    with transaction(who().context) as connection:
        row = rows.find(connection, job)
        content = rows.part(connection, job, "answer")
    if row is None or content is None or row.done_at is None:
        raise NotFound
    name = f"phan-tich-{job}-{clock.local(row.done_at):%Y-%m-%d}"
    with tempfile.TemporaryDirectory(prefix="hotline-plan-") as folder:
        path = Path(folder) / f"{name}.{chosen}"
        with read() as connection:
            export.write(content, path, f"EPSG:{system}", connection, language())
        made = sorted(Path(folder).iterdir())
        if chosen == "shp" or request.args.get("beside"):
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as whole:
                for each in made:
                    whole.write(each, each.name)
            packed.seek(0)
            return send_file(packed, "application/zip", as_attachment=True, download_name=f"{name}.{chosen}.zip")
        return send_file(io.BytesIO(path.read_bytes()), as_attachment=True, download_name=path.name)
