"""What makes the site installable on a phone: its manifest, the service worker, and the page for when nothing answers.

The worker keeps the map's page as a visitor without log-in gets it, so that opening the installed site without a
network shows the shell and a draft that was begun. It never keeps a report's page, a list, a tile, or anything that
came with a cookie.
"""

from __future__ import annotations

from pathlib import Path

from flask import Response, current_app, jsonify, make_response, render_template, send_from_directory
from flask_babel import get_locale
from flask_babel import gettext as _

from webmap.public import blueprint


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """The name in the reader's language; colours as in static/css/tokens.css."""
    icons = [
        {"src": f"/static/icons/{name}-{side}.png", "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
        for name, purpose in (("icon", "any"), ("maskable", "maskable"))
        for side in (192, 512)
    ]
    answer = jsonify(
        {
            "id": "/",
            "name": _("Bản đồ sự cố 1022"),
            "short_name": "1022",
            "description": _("Sự cố trên đường phố Thành phố Hồ Chí Minh: báo, theo dõi, xem đơn vị xử lý."),
            "lang": str(get_locale()),
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#FFFFFF",
            "theme_color": "#FFFFFF",
            "icons": icons,
            "shortcuts": [{"name": _("Báo sự cố"), "url": "/?report=1"}, {"name": _("Tra cứu mã"), "url": "/r"}],
        }
    )
    answer.mimetype = "application/manifest+json"
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer


@blueprint.get("/sw.js")
def service_worker() -> Response:
    """At the root, because a worker looks after the addresses below its own."""
    answer = send_from_directory(Path(current_app.static_folder or "") / "js", "service_worker.js", max_age=0)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/offline")
def offline() -> Response:
    """What the worker shows where it has nothing better."""
    answer = make_response(render_template("offline.html"))
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Cookie, Accept-Language"
    return answer
