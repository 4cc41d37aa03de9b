"""Logging in with a Flask test client, as a browser does it."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import text

from database.engine import OPERATOR, transaction
from incidents import accounts

PASSWORD = "mười hai con giáp nhảy múa"
ORIGIN = {"Origin": "http://localhost"}


def create(username: str, *roles: str, **own: Any) -> accounts.Account:
    """An account with PASSWORD, committed."""
    with transaction(OPERATOR) as connection:
        return accounts.create(connection, username, PASSWORD, roles, **own)


def token(client: Any, path: str = "/login") -> str:
    """The token of the form on a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found, path
    return found[1]


def log_in(client: Any, username: str, password: str = PASSWORD, **more: str) -> Any:
    """Send the log-in form; the answer."""
    form = {"username": username, "password": password, "csrf_token": token(client), **more}
    return client.post("/login", data=form, headers=ORIGIN)


def area(code: str, level: str) -> int:
    """The id of an area in force today."""
    with transaction(OPERATOR) as connection:
        asked = "SELECT max(id) FROM area WHERE code = :code AND level = :level AND upper_inf(valid)"
        return connection.execute(text(asked), {"code": code, "level": level}).scalar_one()


def unit(code: str) -> int:
    """The id of a unit."""
    with transaction(OPERATOR) as connection:
        return connection.execute(text("SELECT id FROM unit WHERE code = :code"), {"code": code}).scalar_one()
