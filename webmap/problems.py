"""Every error that leaves over HTTP, as application/problem+json (RFC 9457): one table from error class to status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg
import sqlalchemy.exc
from flask import Blueprint, Flask, Response, json, request
from werkzeug.exceptions import HTTPException

TITLES = {
    400: "Bad request",
    401: "Log-in needed",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Cannot be processed",
    429: "Too many requests",
    500: "Internal error",
    503: "Temporarily unavailable",
}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of the input: `field` as the caller named it, `message` how to mend it."""

    field: str
    message: str


@dataclass
class Problem(Exception):
    """An error with an HTTP status; raise it anywhere below a request."""

    status: int
    detail: str
    errors: Sequence[FieldError] = field(default_factory=tuple)
    type: str = "about:blank"
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        body: dict[str, object] = {
            "type": self.type,
            "title": TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [{"field": error.field, "message": error.message} for error in self.errors]
        response = Response(json.dumps(body, ensure_ascii=False), self.status, mimetype="application/problem+json")
        response.headers.update(self.headers)
        return response


def bad_request(field_name: str, message: str) -> Problem:
    """400: a parameter that cannot be read."""
    return Problem(400, f"{field_name}: {message}", (FieldError(field_name, message),))


def unprocessable(field_name: str, message: str) -> Problem:
    """422: well-formed, but it cannot be acted on."""
    return Problem(422, message, (FieldError(field_name, message),))


def wants_page() -> bool:
    """Whether the caller is a person's browser on a page, not a program on an interface."""
    path = request.path
    return not path.startswith(("/api/", "/tiles/", "/open311/", "/ogc/")) and (
        request.accept_mimetypes.best_match(["text/html", "application/problem+json"]) == "text/html"
    )


def _unavailable(_: Exception) -> Response:
    return Problem(
        503,
        "The database cannot be reached; nothing was stored. Please send it again in a moment.",
        headers={"Retry-After": "5"},
    ).response()


def register(app: Flask, pages: Blueprint | None = None) -> None:
    """Answer problems as JSON, save on pages, whose own handlers show them as a page."""

    @app.errorhandler(Problem)
    def on_problem(problem: Problem) -> Response:
        return problem.response()

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response | HTTPException:
        status = error.code or 500
        if status < 400 or wants_page():
            return error
        return Problem(status, error.description or TITLES.get(status, "Error")).response()

    for away in (sqlalchemy.exc.OperationalError, sqlalchemy.exc.TimeoutError, psycopg.OperationalError):
        app.register_error_handler(away, _unavailable)
