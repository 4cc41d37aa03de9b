"""Everything that speaks HTTP.

The package itself stays light, since the supervisor and the stream process load it too; what the site is made of
is named here and imported by the application.
"""

# Modules of blueprints, each with a `blueprint`, in the order in which they are registered.
BLUEPRINTS: tuple[str, ...] = (
    "webmap.health",
    "webmap.api.reports",
    "webmap.api.incidents",
    "webmap.api.locate",
    "webmap.api.areas",
    "webmap.api.geocode",
    "webmap.api.reference",
    "webmap.tiles",
    "webmap.public",
)

# Modules with a `register(app)`: what concerns every request.
EXTENSIONS: tuple[str, ...] = (
    "webmap.problems",
    "webmap.compression",
    "webmap.limits",
    "webmap.live.handover",
)
