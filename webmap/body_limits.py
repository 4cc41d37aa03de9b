"""How much a request may bring, before a byte of it is read.

Werkzeug reads a form without files, and any JSON, into memory at once; only the parts of a multipart form are spooled
to disk. So everything is kept small, and the addresses that take photos may bring more, in that form alone.
"""

from __future__ import annotations

from flask import Flask, request

MOST_BYTES = 512 * 1024
UPLOAD_BYTES = 80 * 1024 * 1024
UPLOAD_PARTS = 64
UPLOADS = frozenset({"reports.send", "public.report_by_form", "public.own_report"})


def register(app: Flask) -> None:
    """Say it to Werkzeug, which refuses with 413."""
    app.config.update(MAX_CONTENT_LENGTH=MOST_BYTES, MAX_FORM_MEMORY_SIZE=MOST_BYTES, MAX_FORM_PARTS=UPLOAD_PARTS)
    app.before_request(_more_for_photos)


def _more_for_photos() -> None:
    if request.endpoint in UPLOADS and request.mimetype == "multipart/form-data":
        request.max_content_length = UPLOAD_BYTES
