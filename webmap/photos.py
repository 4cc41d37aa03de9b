"""/photos/…: released photos, by the hash of their re-encoded bytes. A held one is as unknown as one that never was."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Blueprint, Response, send_file

from database.engine import PUBLIC, transaction
from database.sql import queries
from incidents import photos
from webmap.problems import Problem

blueprint = Blueprint("photos", __name__)
Q = queries(Path(__file__).with_name("photos.sql"))

_NAME = re.compile(r"([0-9a-f]{64})(-s)?")


@blueprint.get("/photos/<name>.jpg")
def show(name: str) -> Response:
    """The photo, or its small version with `-s`. 404 for anything that is not released."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise Problem(404, "there is no such photo")
    with transaction(PUBLIC) as connection:
        found = connection.execute(Q["released_photo"], {"sha256": match[1]}).first()
    path = photos.path(match[1], small=match[2] is not None)
    if found is None or not path.exists():
        raise Problem(404, "there is no such photo")
    return send_file(path, mimetype="image/jpeg", max_age=86400)
