"""A line in the log for every request, and one for every error that nobody expected."""

from __future__ import annotations

import logging
import re
import secrets
import time
from types import TracebackType

import structlog
from flask import Flask, Response, g, request

from webmap import logs
from webmap.live.handover import WISH

REQUEST_ID = "X-Request-Id"
_GIVEN_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")  # what proxies make; nothing a person writes

log = structlog.get_logger("request")


def register(app: Flask) -> None:
    """A line for every request, and one for every error that nobody expected."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(lambda _: structlog.contextvars.clear_contextvars())
    app.log_exception = _unexpected  # type: ignore[method-assign, assignment]


def _begin() -> None:
    given = request.headers.get(REQUEST_ID, "")
    g.request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(16)
    g.begun = time.perf_counter()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "request_id" in g:
        response.headers[REQUEST_ID] = g.request_id
        if logs.configured():
            log.info(
                "request",
                method=request.method if request.method.isalpha() and len(request.method) < 10 else "?",
                route=rule(),
                status=answered(response),
                ms=round(elapsed() * 1000, 1),
            )
    return response


def elapsed() -> float:
    """Seconds since this request came in."""
    return float(time.perf_counter() - g.begun)


def rule() -> str:
    """The route's rule (`/api/v1/reports/<code>`), never the path that was asked; `-` where there is none."""
    return request.url_rule.rule if request.url_rule else "-"


def answered(response: Response) -> str:
    """The status; `stream` for a connection that goes on to the stream process."""
    return "stream" if WISH in request.environ else str(response.status_code)


def _unexpected(exc_info: tuple[type[BaseException], BaseException, TracebackType]) -> None:
    if not logs.configured():
        logging.getLogger("webmap").error("an unexpected error", exc_info=exc_info)  # a developer's or a test's screen
        return
    log.error("an unexpected error", route=rule(), **logs.failure(exc_info[0], exc_info[2]))
