"""Vector tiles straight from PostGIS (ST_AsMVT), and the TileJSON that announces them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from database import clock
from database.engine import read
from database.reference import versions
from database.sql import queries
from etl.hotspots import standing
from geo import cells
from incidents import reference
from webmap import tile_files
from webmap.api import incidents as incident_filters
from webmap.api import parameters
from webmap.problems import Problem

blueprint = Blueprint("tiles", __name__, url_prefix="/tiles")
Q = queries(Path(__file__).with_name("tiles.sql"))

MVT = "application/vnd.mapbox-vector-tile"
BOUNDS = [105.9, 8.3, 107.7, 11.6]
"""The city with its special zone at sea, in degrees: west, south, east, north."""
MERCATOR = 20_037_508.342789244
"""half the side of the world in EPSG:3857, metres"""
OPENSTREETMAP = "© Những người đóng góp OpenStreetMap"
_KEPT_TILES = 4000
_kept: dict[tuple[object, ...], bytes] = {}


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A tile source: its zooms, what its features bear, and whether it changes with every report."""

    minzoom: int
    maxzoom: int
    vector_layers: dict[str, tuple[str, ...]]
    live: bool = False
    attribution: str = ""


_GROUND = ("layer", "class", "name")
LAYERS = {
    "reports": Layer(
        minzoom=9, maxzoom=16, vector_layers={"reports": ("code", "category", "field", "state", "count")}, live=True
    ),
    "incidents": Layer(
        minzoom=6,
        maxzoom=16,
        vector_layers={
            "incidents": (
                "code", "kind", "hero", "state", "n", "rank", "precision", "count", "late", "late8", "size", "lead",
                "tree", "subsidence", "construction",
            ),
            "precision": ("code", "hero", "state", "n"),
        },
        live=True,
    ),
    "wards": Layer(
        minzoom=8,
        maxzoom=14,
        vector_layers={
            "wards": ("code", "name", "full_name", "level", "area"),
            "ward_lines": (),
            "ward_labels": ("code", "name", "full_name", "area"),
        },
    ),
    "districts": Layer(
        minzoom=6,
        maxzoom=14,
        vector_layers={"districts": ("code", "name"), "district_lines": (), "district_labels": ("code", "name")},
    ),
    "zones": Layer(minzoom=8, maxzoom=14, vector_layers={"zones": ("field", "code", "name", "unit")}),
    "basemap": Layer(
        minzoom=6,
        maxzoom=15,
        vector_layers={
            **dict.fromkeys(
                (
                    "roads", "urban", "rail", "waterways", "water", "parks", "landuse", "buildings", "water_names",
                    "park_names", "pois", "outside",
                ),
                _GROUND,
            ),
            "housenumbers": ("layer", "class", "number"),
        },
        attribution=OPENSTREETMAP,
    ),
    "hotspots": Layer(minzoom=8, maxzoom=14, vector_layers={"hotspots": ("n", "z", "p_fdr", "class")}),
}  # fmt: skip


@blueprint.get("/<layer>.json")
def announce(layer: str) -> Response:
    """TileJSON 3.0 of a layer; filters in the query go into its tiles' address."""
    found = _layer(layer)
    root = request.host_url.rstrip("/")
    query = request.query_string.decode()
    with read() as connection:
        stamp = "" if found.live else f"v={_version(versions(connection))}"
    if layer == "hotspots":
        stamp += f"-{clock.local(clock.now()).date()}"  # another day's are others
    suffix = "&".join(part for part in (query, stamp) if part)
    return jsonify(
        {
            "tilejson": "3.0.0",
            "name": layer,
            "scheme": "xyz",
            "tiles": [f"{root}/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt{'?' + suffix if suffix else ''}"],
            "minzoom": found.minzoom,
            "maxzoom": found.maxzoom,
            "bounds": BOUNDS,
            "attribution": found.attribution,
            "vector_layers": [
                {"id": name, "fields": dict.fromkeys(fields, "")} for name, fields in found.vector_layers.items()
            ],
        }
    )


@blueprint.get("/<layer>/<int:z>/<int:x>/<int:y>.mvt")
def tile(layer: str, z: int, x: int, y: int) -> Response:
    """One tile: 204 when empty, 404 outside the layer's zooms or the tile grid."""
    found = _layer(layer)
    if not found.minzoom <= z <= found.maxzoom:
        raise Problem(404, f"{layer} has tiles from zoom {found.minzoom} to {found.maxzoom}")
    if x >= 2**z or y >= 2**z:
        raise Problem(404, f"zoom {z} has tiles up to {2**z - 1}")
    content = _live(layer, z, x, y) if found.live else _still(layer, z, x, y)
    response = Response(content, 200 if content else 204, mimetype=MVT)
    # Live tiles are asked for again each time (304 where nothing changed); the others bear their version in their
    # address.
    response.headers["Cache-Control"] = "public, no-cache" if found.live else "public, max-age=86400"
    response.add_etag()
    response.make_conditional(request)
    return response


def _layer(name: str) -> Layer:
    if name not in LAYERS:
        raise Problem(404, f"there is no layer {name[:40]!r}; one of {', '.join(LAYERS)}")
    return LAYERS[name]


def _live(layer: str, z: int, x: int, y: int) -> bytes:
    with read(one_plan=True) as connection:
        known = reference.current(connection)
        kinds = incident_filters.kinds(request.args, {field.code for field in known.fields})
        states = incident_filters.states(request.args)
        finer = incident_filters.finer(request.args, known)
        by_time = finer["since"] is not None or finer["until"] is not None
        counted = z < cells.CLUSTERS_BELOW and not by_time  # the counts do not know when something was reported
        where: dict[str, object] = {"z": z, "x": x, "y": y, "apart": _apart(layer, z)}
        if counted:
            where["first"] = cells.number(cells.level(z), 8 * x, 8 * y)
            where["grain"] = "category" if finer["categories"] is not None else "hero" if kinds is None else "kind"
        name = f"{layer}_counted" if counted else f"{layer}_gathered"
        return _query(connection, name, **where, kinds=kinds, states=states, now=clock.now(), **finer)


def _apart(layer: str, z: int) -> int:
    """The most marks of a cell that stand for themselves. Reports are for other maps than ours, which like points."""
    return cells.apart(z) if layer == "incidents" or z >= cells.CLUSTERS_BELOW else 12


def _still(layer: str, z: int, x: int, y: int) -> bytes:
    """A tile that changes only with reference data, kept by the version of those: the ground's on the disk, as making
    one takes longest, the others in memory."""
    if not _within_bounds(z, x, y):
        return b""  # nothing of ours lies there, and nobody fills the disk by walking round the world
    today = clock.local(clock.now()).date()
    with read() as connection:
        if layer == "hotspots":
            return _hotspots(connection, z, x, y, today)
        known = versions(connection)
        if layer == "basemap":
            return _ground(connection, _version(known), z, x, y)
        field = ""
        if layer == "zones":
            fields = {each.code for each in reference.current(connection).fields}
            field = (parameters.words(request.args, "field", fields) or ["traffic"])[0]
        key = (layer, field, z, x, y, _version(known), today)
        if (kept := _kept.get(key)) is None:
            kept = _query(connection, layer, z=z, x=x, y=y, day=today, **({"field": field} if field else {}))
            if len(_kept) >= _KEPT_TILES:
                _kept.clear()  # a city has few tiles: this happens when somebody walks through them all
            _kept[key] = kept
        return kept


def _hotspots(connection: Connection, z: int, x: int, y: int, today: date) -> bytes:
    """The cells that are hot or cold now, of all kinds or of those that the query names."""
    known = reference.current(connection)
    fields = parameters.words(request.args, "field", set(known.field_by_code)) or []
    categories = parameters.words(request.args, "category", set(known.categories)) or []
    chosen = tuple(sorted(fields)), tuple(sorted(categories))
    if sum(map(len, chosen)) > 1:
        raise Problem(400, "hotspots are of all kinds, of one field or of one category")
    there = standing.cells(connection, today, field=chosen[0], category=chosen[1])
    side = 2 * MERCATOR / 2**z
    west, north = x * side - MERCATOR, MERCATOR - y * side
    rows = there.within((west, north - side, west + side, north))
    if not len(rows):
        return b""
    return _query(
        connection, "hotspots", z=z, x=x, y=y, shape=[there.shape[row] for row in rows.tolist()],
        n=there.n[rows].tolist(), score=there.z[rows].round(2).tolist(), p_fdr=there.p_fdr[rows].round(6).tolist(),
        kind=there.kind[rows].tolist(),
    )  # fmt: skip


def _ground(connection: Connection, version: str, z: int, x: int, y: int) -> bytes:
    kept = tile_files.read("basemap", version, (z, x, y))
    if kept is None:
        tile_files.tidy("basemap", version)
        kept = _query(connection, "basemap", z=z, x=x, y=y)
        tile_files.keep("basemap", version, (z, x, y), kept)
    return kept


def _within_bounds(z: int, x: int, y: int) -> bool:
    """Whether a tile touches the city's bounds."""
    west, south, east, north = BOUNDS
    columns = [int((lon + 180) / 360 * 2**z) for lon in (west, east)]
    rows = [int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z) for lat in (north, south)]
    return columns[0] <= x <= columns[1] and rows[0] <= y <= rows[1]


def _version(known: dict[str, int]) -> str:
    return ".".join(str(known[name]) for name in sorted(known))


def _query(connection: Connection, name: str, **values: object) -> bytes:
    content = connection.execute(Q[name], values).scalar()
    return bytes(content) if content else b""
