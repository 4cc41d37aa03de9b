"""Everything that speaks HTTP: the public pages, the JSON interface, tiles, the live stream.

The package itself imports nothing, since the supervisor and the stream process load it too and should stay small:
what the site is made of is named here, and `app.create_app` imports it.
"""

# Modules with a `register(app)`: what concerns every request.
EXTENSIONS: tuple[str, ...] = (
    "webmap.request_log",
    "webmap.body_limits",
    "webmap.metrics",
    "webmap.problems",
    "webmap.limits",
    "webmap.sessions",
    "webmap.policy",
    "webmap.live.handover",
)

# Modules with a `blueprint`, in the order in which they are registered.
BLUEPRINTS: tuple[str, ...] = (
    "webmap.health",
    "webmap.metrics",
    "webmap.public",
    "webmap.api.reports",
    "webmap.api.incidents",
    "webmap.api.locate",
    "webmap.api.areas",
    "webmap.api.reference",
    "webmap.api.geocode",
    "webmap.api.hotspots",
    "webmap.api.openapi",
    "webmap.live.view",
    "webmap.tiles",
    "webmap.photos",
    "webmap.login",
    "webmap.admin",
    "webmap.area",
    "webmap.area.wall",
    "webmap.plan",
)
