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
    "geo.gazetteer.load": "đường, số nhà, địa danh (streets, house numbers, places)",
    "district_boundaries.street_areas": "đường thuộc địa bàn nào (which areas the streets lie in)",
}


def create_app() -> Flask:
    """The site of this process's settings."""
    settings = current()
    app = Flask("webmap")
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
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
