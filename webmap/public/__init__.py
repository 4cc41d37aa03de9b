"""The public pages: the map and what belongs to it. No log-in, no session cookie, nothing but public columns."""

from __future__ import annotations

from flask import Blueprint

from database import settings
from webmap.public import files, headers, language

blueprint = Blueprint("public", __name__)
blueprint.record_once(lambda state: language.init_app(state.app))
blueprint.record_once(lambda state: headers.init_app(state.app))
blueprint.record_once(lambda state: files.init_app(state.app))
blueprint.record_once(lambda state: state.app.jinja_env.globals.setdefault("demo", settings.current().demo))

from webmap.public import pages, preferences, report_form, report_page  # noqa: E402  (routes hang themselves on the blueprint)

__all__ = ["blueprint", "pages", "preferences", "report_form", "report_page"]
