"""The application: configuration, extensions, blueprints, commands. Nothing else."""

from __future__ import annotations

import importlib
import importlib.util

from flask import Flask

from database.commands import ReferenceSet
from database.settings import current

PACKAGES = ("database", "district_boundaries", "geo", "incidents", "etl", "webmap")
REFERENCE = ("district_boundaries", "incidents.reference", "webmap.basemap")


def create_app() -> Flask:
    """The site of this process's settings."""
    settings = current()
    app = Flask("webmap")
    app.config["SETTINGS"] = settings
    app.config["SECRET_KEY"] = settings.secret_key
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024 * 1024
    app.config["REFERENCE_SETS"] = reference_sets()
    web = importlib.import_module("webmap")
    for blueprint in getattr(web, "BLUEPRINTS", ()):
        app.register_blueprint(blueprint)
    for prepare in getattr(web, "EXTENSIONS", ()):
        prepare(app)
    for package in PACKAGES:
        if importlib.util.find_spec(f"{package}.commands"):
            for group in importlib.import_module(f"{package}.commands").GROUPS:
                app.cli.add_command(group)
    return app


def reference_sets() -> tuple[ReferenceSet, ...]:
    """What `db upgrade` loads, in this order."""
    sets = []
    for name in REFERENCE:
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError:
            continue
        if hasattr(module, "load_reference"):
            sets.append(ReferenceSet(title=name, load=module.load_reference))
    return tuple(sets)
