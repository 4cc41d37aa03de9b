"""The application: configuration, extensions, blueprints, commands. Nothing else."""

from __future__ import annotations

import importlib
from types import ModuleType

from flask import Flask

import webmap
from database.commands import ReferenceSet
from database.settings import current

COMMANDS = ("database", "district_boundaries", "incidents", "etl")
REFERENCE = {
    "district_boundaries": "ranh giới và vùng (boundaries and zones)",
    "incidents.reference": "lĩnh vực, loại, đơn vị (fields, categories, units)",
    "geo.basemap": "nền bản đồ (basemap)",
}
MAX_BODY_BYTES = 80 * 1024 * 1024  # five photos; larger parts are spooled to disk, never held in memory
MAX_FORM_BYTES = 512 * 1024  # of all fields of a form that are not files
MAX_FORM_PARTS = 64


def create_app() -> Flask:
    """The site of this process's settings."""
    settings = current()
    app = Flask("webmap")
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
        REFERENCE_SETS=reference_sets(),
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # UTF-8, as people write it
    for module in _modules(*webmap.EXTENSIONS):
        module.register(app)
    for module in _modules(*webmap.BLUEPRINTS):
        app.register_blueprint(module.blueprint)
    for module in _modules(*(f"{package}.commands" for package in COMMANDS)):
        for group in module.GROUPS:
            app.cli.add_command(group)
    return app


def reference_sets() -> tuple[ReferenceSet, ...]:
    """What `db upgrade` loads, in this order."""
    return tuple(
        ReferenceSet(title=REFERENCE[module.__name__], load=module.load_reference) for module in _modules(*REFERENCE)
    )


def _modules(*names: str) -> list[ModuleType]:
    return [importlib.import_module(name) for name in names]
