"""Forms of the public pages are sent by these pages alone."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, request


def refuse_others() -> None:
    """A public form carries no session, so nothing could be stolen; still only our own pages may send it."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    ours = site in ("same-origin", "none") if site else origin is None or urlsplit(origin).netloc == request.host
    if not ours:
        abort(403)
