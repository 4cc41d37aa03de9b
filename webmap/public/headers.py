"""What every answer is sent with. Pages: nothing but this site's own files, no inline script, no inline style. Anything
else (JSON, tiles, photos, errors), should a browser ever take it for a page: nothing at all."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:{outside}",
        "connect-src 'self'{outside}",
        "font-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
CONTENT_SECURITY_POLICY = _POLICY.format(outside="")
NOT_A_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGES = frozenset({"text/html", "image/svg+xml", "text/javascript", "application/javascript"})
"""what may load something: pages, and scripts too, since a worker's policy is the one its file came with"""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000"


def policy(basemap_tiles: str | None) -> str:
    """The pages' policy; a basemap from outside adds its own host, for pictures and nothing else that runs."""
    if basemap_tiles is None:
        return CONTENT_SECURITY_POLICY
    where = urlsplit(basemap_tiles)
    return _POLICY.format(outside=f" {where.scheme}://{where.netloc}")


def init_app(app: Flask) -> None:
    pages = policy(app.config["SETTINGS"].basemap_tiles)

    @app.after_request
    def protect(response: Response) -> Response:
        page = response.mimetype in PAGES
        response.headers.setdefault("Content-Security-Policy", pages if page else NOT_A_PAGE)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        return response
