"""/api/v1/geocode and /reverse: from an address to places and back, in the GeocodeJSON manner."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from database import clock
from database.engine import read
from district_boundaries.area_names import area_names
from geo.geocoder import Place, geocode
from geo.geocoder.suggest import suggest
from geo.reverse import around
from webmap.api import parameters
from webmap.problems import bad_request, unprocessable

blueprint = Blueprint("geocode", __name__, url_prefix="/api/v1")

LICENCE = "© OpenStreetMap contributors (ODbL 1.0); vietnamese-provinces-database, vietnamadminunits (MIT)"
MOST_CHARACTERS = 1000
DEFAULT_LIMIT = 5
SUGGESTIONS = 8
MOST_SUGGESTIONS = 20


@blueprint.get("/geocode")
def forward() -> Response:
    """`q`, `limit`, `on`: the places an address may mean, best first; an empty collection where none was found."""
    text = request.args.get("q", "").strip()
    if not text:
        raise bad_request("q", "is required: an address, such as 12 Lê Lợi, Phường Bến Thành")
    if len(text) > MOST_CHARACTERS:
        raise bad_request("q", f"must not be longer than {MOST_CHARACTERS} characters")
    if "\x00" in text:
        raise bad_request("q", "must not hold a NUL character")
    limit = parameters.limit(request.args, DEFAULT_LIMIT)
    on = parameters.day(request.args)
    with read() as connection:
        names = area_names(connection)
    return _collection([_feature(place) for place in geocode([text], names, on=on, limit=limit)[0]], query=text)


@blueprint.get("/reverse")
def backward() -> Response:
    """`lat`, `lon`, `on`: what lies at a point, nearest first, last its area; 422 outside the city."""
    lon, lat = parameters.position(request.args)
    on = parameters.day(request.args)
    with read() as connection:
        names = area_names(connection)
    found = around(lon, lat, names, on=on)
    if not found:
        raise unprocessable("lat,lon", "The point lies outside of the city.")
    return _collection([_feature(place, distance_m=distance) for place, distance in found])


@blueprint.get("/suggest")
def forwards_as_typed() -> Response:
    """`q`, `limit`: streets, places and areas whose names begin so, for a box that is typed into."""
    text = request.args.get("q", "").strip()
    if not text or len(text) > MOST_CHARACTERS or "\x00" in text:
        raise bad_request("q", f"is required: 1 to {MOST_CHARACTERS} characters")
    limit = min(parameters.limit(request.args, SUGGESTIONS), MOST_SUGGESTIONS)
    on = parameters.day(request.args)
    with read() as connection:
        names = area_names(connection)
    return jsonify({"suggestions": [asdict(one) for one in suggest(text, names, on=on, limit=limit)]})


def _feature(place: Place, **more: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
        "properties": {
            "label": place.label,
            "name": place.name,
            "housenumber": place.housenumber or None,
            "street": place.street or None,
            "ward": place.ward or None,
            "district": place.district or None,
            "ward_code": place.ward_code or None,
            "district_code": place.district_code or None,
            "precision": place.precision,
            "accuracy_m": place.accuracy_m,
            "confidence": place.confidence,
            "ward_confidence": place.ward_confidence,
            "source": place.source,
            **more,
        },
    }


def _collection(features: list[dict[str, Any]], query: str | None = None) -> Response:
    about: dict[str, Any] = {"version": "0.1.0", "licence": LICENCE, "timestamp": clock.now().isoformat()}
    if query is not None:
        about["query"] = query
    answer = jsonify({"type": "FeatureCollection", "geocoding": about, "features": features})
    answer.mimetype = "application/geo+json"
    return answer
