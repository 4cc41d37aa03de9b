"""Every error that leaves over HTTP, as application/problem+json (RFC 9457): one table from error class to status."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg
import sqlalchemy.exc
from flask import Flask, Response, json, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from database.errors import OperatorError
from incidents.photos import NoRoom

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
    507: "No room left",
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


def _words(status: int) -> tuple[str, str]:
    """What a page says of an error: what happened, and what to do next."""
    if status == 404:
        return gettext("Không có trang này"), gettext("Địa chỉ có thể bị gõ nhầm, hoặc trang đã được dời đi.")
    if status in (401, 403):
        return gettext("Không mở được trang này"), gettext("Trang này cần đăng nhập bằng tài khoản có quyền xem.")
    if status == 413:
        return gettext("Gửi quá nhiều dữ liệu"), gettext("Hãy gửi ít ảnh hơn, hoặc ảnh nhỏ hơn.")
    if status == 429:
        return gettext("Gửi quá nhanh"), gettext("Hãy đợi một lát rồi thử lại.")
    if status in (503, 507):
        return (
            gettext("Hệ thống đang tạm nghỉ"),
            gettext("Chưa có gì được lưu. Quay lại trang trước, nội dung vẫn còn ở đó, và gửi lại sau ít giây."),
        )
    if status >= 500:
        return gettext("Có lỗi ở phía chúng tôi"), gettext("Lỗi đã được ghi lại. Hãy thử lại, hoặc gọi 1022.")
    return gettext("Yêu cầu không đọc được"), gettext("Quay lại trang trước và thử lại.")


def _answer(problem: Problem) -> Response:
    """A problem as its caller reads it: a page for a person, JSON for a program."""
    if not wants_page():
        return problem.response()
    heading, text = _words(problem.status)
    response = Response(render_template("problem.html", heading=heading, text=text), problem.status)
    response.headers.update(problem.headers)
    return response


LATER: tuple[type[Exception], ...] = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.TimeoutError,
    psycopg.OperationalError,
    OperatorError,
    NoRoom,
)
"""What passes: the same request may be sent again after a while."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def later(error: Exception) -> Problem:
    """One of LATER as its caller reads it: 507 for a full disk, of the photos or the database, else 503."""
    if isinstance(error, NoRoom | OSError) or isinstance(getattr(error, "orig", error), psycopg.errors.DiskFull):
        said = "There is no room left to store this; nothing of it was stored. Please send it again later."
        return Problem(507, said, headers={"Retry-After": "60"})
    said = "The database cannot be reached; nothing was stored. Please send it again in a moment."
    return Problem(503, said, headers={"Retry-After": "5"})


def register(app: Flask) -> None:
    """Answer every error in the shape that its caller reads."""

    @app.errorhandler(Problem)
    def on_problem(problem: Problem) -> Response:
        return _answer(problem)

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response | HTTPException:
        status = error.code or 500
        if status < 400:
            return error  # a redirect
        return _answer(Problem(status, error.description or TITLES.get(status, "Error")))

    @app.errorhandler(OSError)
    def on_disk(error: OSError) -> Response:
        """An upload is spooled to a disk that may be full."""
        if error.errno in _FULL:
            return _answer(later(error))
        raise error

    for kind in LATER:
        app.register_error_handler(kind, lambda error: _answer(later(error)))
