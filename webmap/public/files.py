"""How static files travel: small over a bad network, and not asked for again while they cannot have changed.

Text is compressed once a process and kept (the map's library is 1.1 MB as it lies, a quarter of that on the way).
Scripts and styles of our own are asked for each time and answered 304, so that a new version is never mixed with an
old one; what bears its version by being vendored (library, fonts, glyphs, sprites) is kept a day.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

import brotli
from flask import Flask, Response, request

COMPRESSED_TYPES = frozenset(
    {"text/javascript", "text/css", "image/svg+xml", "application/json", "application/x-protobuf", "text/markdown"}
)
SMALLEST_BYTES = 1400
"""below one packet there is nothing to win"""
KEPT = (("vendor/", 86_400), ("fonts/", 86_400), ("map/", 86_400), ("symbols/", 3_600))
"""folder of the static files, seconds a browser may keep them unasked"""
_ENCODINGS = ("br", "gzip")


def init_app(app: Flask) -> None:
    @app.after_request
    def travel_light(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 304):
            name = (request.view_args or {}).get("filename", "")
            for folder, seconds in KEPT:
                if name.startswith(folder):
                    response.headers["Cache-Control"] = f"public, max-age={seconds}, stale-while-revalidate=604800"
            _compress(response, Path(app.static_folder or "") / name)
        return response


def _compress(response: Response, path: Path) -> None:
    response.headers.add("Vary", "Accept-Encoding")
    if response.status_code != 200 or "Range" in request.headers or "Content-Encoding" in response.headers:
        return
    if response.mimetype not in COMPRESSED_TYPES and path.suffix not in (".pbf", ".mjs"):
        return
    encoding = request.accept_encodings.best_match(_ENCODINGS)
    if encoding is None or (response.content_length or 0) < SMALLEST_BYTES:
        return
    small = _compressed(path, path.stat().st_mtime_ns, encoding)
    response.direct_passthrough = False
    response.set_data(small if request.method == "GET" else b"")
    response.headers["Content-Length"] = str(len(small))
    response.headers["Content-Encoding"] = encoding
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # the same content in other bytes


@lru_cache(maxsize=512)
def _compressed(path: Path, changed_ns: int, encoding: str) -> bytes:
    content = path.read_bytes()
    return brotli.compress(content, quality=9) if encoding == "br" else gzip.compress(content, 9, mtime=0)
