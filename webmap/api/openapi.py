"""/api/v1/openapi.json and /api/docs: the interface, described once (openapi.json) and shown as a page."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, render_template

blueprint = Blueprint("openapi", __name__)


@cache
def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document; a test holds it against the addresses that exist and what they answer."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("openapi.json").read_text())
    return loaded


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    """The description itself."""
    return jsonify(description())


@blueprint.get("/api/docs")
def page() -> str:
    """The same for people: every address with its parameters and answers."""
    found = description()
    named = found["components"]["parameters"]
    operations = [
        {
            **operation,
            "path": path,
            "method": method.upper(),
            "parameters": [
                named[each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else each
                for each in operation.get("parameters", ())
            ],
        }
        for path, methods in found["paths"].items()
        for method, operation in methods.items()
    ]
    return render_template(
        "api_docs.html",
        info=found["info"],
        groups=[(tag, [each for each in operations if tag["name"] in each["tags"]]) for tag in found["tags"]],
        schemas=found["components"]["schemas"],
    )
