"""The public pages: the map and what belongs to it. No log-in, no session cookie, nothing but public columns."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState

from database import settings
from webmap.public import files, headers, language

blueprint = Blueprint("public", __name__)


@blueprint.record_once
def prepare(state: BlueprintSetupState) -> None:
    """What the public pages need of the application: languages, headers, how files travel."""
    app = cast(Flask, state.app)
    for part in (language, headers, files):
        part.init_app(app)
    app.jinja_env.globals.setdefault("demo", settings.current().demo)


from webmap.public import (  # noqa: E402  (routes hang themselves on the blueprint)
    incident_list,
    install,
    lost_code,
    own_report,
    pages,
    preferences,
    report_form,
    report_page,
    take_away,
)

__all__ = [
    "blueprint",
    "incident_list",
    "install",
    "lost_code",
    "own_report",
    "pages",
    "preferences",
    "report_form",
    "report_page",
    "take_away",
]
