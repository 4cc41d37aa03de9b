"""Everything that speaks HTTP: the public pages, the JSON interface, tiles, the live stream."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable

from flask import Blueprint, Flask

from webmap import problems

_MODULES = (
    "webmap.health",
    "webmap.public",
    "webmap.api.reports",
    "webmap.api.incidents",
    "webmap.api.locate",
    "webmap.api.areas",
    "webmap.api.reference",
    "webmap.api.geocode",
    "webmap.live.view",
    "webmap.tiles",
    "webmap.photos",
)

BLUEPRINTS: tuple[Blueprint, ...] = tuple(
    importlib.import_module(name).blueprint for name in _MODULES if importlib.util.find_spec(name)
)
EXTENSIONS: tuple[Callable[[Flask], None], ...] = (problems.register,)
"""What prepares the application beside its blueprints, in this order."""
