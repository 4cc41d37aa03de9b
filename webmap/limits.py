"""Rate limits per address, the same for all processes and machines of the site.

The windows are counted by `limits` (the library behind Flask-Limiter) in one unlogged table, by a function that takes
one round trip (docs/decisions/0012). A whole neighbourhood behind one address may report a storm: limits are for
floods, not for crowds. RATE_LIMITS=off leaves them out.
"""

from __future__ import annotations

import time

import limits
import structlog
from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from limits import storage, strategies
from sqlalchemy import Connection, exc

from database import engine
from database.sql import queries
from webmap import callers
from webmap.problems import Problem

Q = queries(__file__)
log = structlog.get_logger(__name__)

REPORTS = (limits.parse("1500 per 10 minutes"), limits.parse("20000 per day"))
LOG_INS = (limits.parse("60 per 5 minutes"),)
OWN_ACTS = (limits.parse("120 per 10 minutes"),)
LOST_CODES = (limits.parse("5 per hour"), limits.parse("20 per day"))
LOOK_UPS = (limits.parse("1200 per minute"),)
DOWNLOADS = (limits.parse("30 per 10 minutes"),)
"""files that take a second to make"""
ANALYSES = (limits.parse("20 per minute"),)
LIMITED: dict[str, tuple[str, tuple[limits.RateLimitItem, ...]]] = {
    "reports.send": ("report", REPORTS),
    "public.report_by_form": ("report", REPORTS),
    "public.own_report": ("own", OWN_ACTS),
    "public.ask_lost_code": ("lost code", LOST_CODES),
    "login.log_in": ("login", LOG_INS),
    "login.change_password": ("login", LOG_INS),
    "wall.open_screen": ("wall", LOG_INS),
    "geocode.forward": ("geocode", LOOK_UPS),
    "geocode.backward": ("geocode", LOOK_UPS),
    "geocode.forwards_as_typed": ("geocode", LOOK_UPS),
    "public.download_map": ("download", DOWNLOADS),
    "hotspots.cells": ("analysis", ANALYSES),
}
"""Endpoint: what it counts as, and the limits of that."""
IN_THE_DEMO = (limits.parse("12000 per minute"),)
"""Instead of all of them for whoever tries the demo on the machine itself: 100 a second and more."""


def register(app: Flask) -> None:
    """Count what is limited, before anything else is done for it."""
    if app.config["SETTINGS"].rate_limits:
        counter = strategies.FixedWindowRateLimiter(Counts())
        app.extensions["rate_limits"] = counter
        app.before_request(count)


def count() -> ResponseReturnValue | None:
    """Raises Problem 429 with Retry-After where an address asks too often. A database that is away limits nothing:
    the request itself will find out."""
    if request.endpoint not in LIMITED:
        return None
    what, items = LIMITED[request.endpoint]
    if current_app.config["SETTINGS"].demo and callers.is_local():
        items = IN_THE_DEMO
    counter: strategies.RateLimiter = current_app.extensions["rate_limits"]
    address = callers.address()
    try:
        for item in items:
            if not counter.hit(item, what, address):
                wait = max(1, round(counter.get_window_stats(item, what, address).reset_time - time.time()))
                raise Problem(429, "too many requests from your address", headers={"Retry-After": str(wait)})
    except (exc.OperationalError, exc.TimeoutError) as error:
        log.warning("requests are not counted", error=type(error).__name__)
    return None


class Counts(storage.Storage):
    """Fixed windows in PostgreSQL, each call one statement outside of any transaction."""

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()

    @property
    def base_exceptions(self) -> type[Exception]:
        return exc.SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """One more, and how many in this window."""
        with self._connection() as connection:
            found = connection.execute(Q["count_request"], {"key": key, "seconds": expiry, "amount": amount})
            return int(found.scalar_one())

    def get(self, key: str) -> int:
        """How many in this window."""
        with self._connection() as connection:
            return int(connection.execute(Q["requests_counted"], {"key": key}).one().n or 0)

    def get_expiry(self, key: str) -> float:
        """When this window ends, in seconds since 1970."""
        with self._connection() as connection:
            ends = connection.execute(Q["requests_counted"], {"key": key}).one().ends_at
            return time.time() if ends is None else ends.timestamp()

    def check(self) -> bool:
        """Whether the database answers."""
        try:
            self.get("")
        except exc.SQLAlchemyError:
            return False
        return True

    def reset(self) -> int | None:
        """Forget the windows that have ended."""
        with self._connection() as connection:
            return int(connection.execute(Q["forget_requests"], {"key": ""}).scalar_one())

    def clear(self, key: str) -> None:
        """Forget one."""
        with self._connection() as connection:
            connection.execute(Q["forget_requests"], {"key": key})

    @staticmethod
    def _connection() -> Connection:
        return engine.engine("app").connect().execution_options(isolation_level="AUTOCOMMIT")
