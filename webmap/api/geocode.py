"""/api/v1/geocode and /reverse: from an address to places and back, in the GeocodeJSON manner."""

from __future__ import annotations

from typing import Any

import numpy as np
from flask import Blueprint, Response, jsonify, request

from database import clock
from database.engine import read
from district_boundaries.area_names import area_names
from geo.geocoder import Place, geocode
from geo.reverse import reverse
from webmap.api import parameters
from webmap.problems import bad_request, unprocessable

blueprint = Blueprint("geocode", __name__, url_prefix="/api/v1")

LICENCE = "© OpenStreetMap contributors (ODbL 1.0); vietnamese-provinces-database, vietnamadminunits (MIT)"
MOST_CHARACTERS = 1000
DEFAULT_LIMIT = 5


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
    """`lat`, `lon`, `on`: what lies at a point, with its distance in metres; 422 outside the city."""
    lon, lat = parameters.position(request.args)
    on = parameters.day(request.args)
    with read() as connection:
        names = area_names(connection)
    place = reverse(np.array([lon]), np.array([lat]), names, on=on)[0]
    if place is None:
        raise unprocessable("lat,lon", "The point lies outside of the city.")
    return _collection([_feature(place, distance_m=0.0)])


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
