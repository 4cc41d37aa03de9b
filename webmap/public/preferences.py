"""Language and theme: a cookie of one word each, set by following a link, so that both work without a script."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, abort, current_app, redirect, request
from werkzeug.wrappers import Response as Answer

from database.settings import Settings
from webmap.public import blueprint
from webmap.public.language import LANGUAGES

THEMES = ("auto", "light", "dark", "contrast")
A_YEAR = 365 * 24 * 3600


def theme_attributes() -> dict[str, str]:
    """What ``<html>`` carries for the chosen theme; nothing where the system decides."""
    theme = request.cookies.get("theme")
    if theme == "contrast":
        return {"data-theme": "light", "data-contrast": "more"}
    return {"data-theme": theme} if theme in ("light", "dark") else {}


@blueprint.get("/language/<choice>")
def set_language(choice: str) -> Answer:
    return _remember("lang", choice, LANGUAGES)


@blueprint.get("/theme/<choice>")
def set_theme(choice: str) -> Answer:
    return _remember("theme", choice, THEMES)


@blueprint.app_context_processor
def appearance() -> dict[str, object]:
    site: Settings = current_app.config["SETTINGS"]
    return {
        "theme_attributes": theme_attributes(),
        "theme": request.cookies.get("theme", "auto"),
        "basemap_tiles": site.basemap_tiles,
        "basemap_attribution": site.basemap_attribution,
    }


def _remember(name: str, choice: str, allowed: tuple[str, ...]) -> Answer:
    if choice not in allowed:
        abort(404)
    answer: Response | Answer = redirect(_came_from(), 303)
    # Not HttpOnly: the map changes the theme in place and keeps the choice itself.
    answer.set_cookie(name, choice, max_age=A_YEAR, samesite="Lax")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _came_from() -> str:
    """Path and query of the page the link was on; only this site's own, so that nobody can be led elsewhere."""
    page = urlsplit(request.referrer or "")
    if page.netloc != request.host or not page.path.startswith("/") or page.path.startswith("//"):
        return "/"
    return page.path + (f"?{page.query}" if page.query else "")
