"""Who is logged in, and that a write with their cookie was meant by them.

The cookie bears a random secret; the session itself lies in the database (`incidents.accounts`). Public pages set no
cookie and ask the database for none. The token of forms is derived from the cookie's secret, so nothing has to be
stored for it: a stranger's page can make a browser send the cookie, but it cannot know the token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup, escape
from sqlalchemy import exc
from werkzeug.wrappers import Response as Answer

from database.engine import transaction
from incidents import accounts
from incidents.accounts import Account
from webmap import callers
from webmap.problems import Problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOKEN_FIELD, TOKEN_HEADER = "csrf_token", "X-CSRF-Token"
_SESSION, _BEFORE = "session", "login"
_BEFORE_S = 2 * 3600


def register(app: Flask) -> None:
    """Guard every write that carries the session cookie; tell templates who is logged in."""
    app.before_request(guard_writes)
    app.jinja_env.globals.update(csrf_field=csrf_field, csrf_token=token, logged_in=_for_navigation)


def account() -> Account | None:
    """Who is logged in, asked for once a request and only where there is a cookie."""
    if "account" not in g:
        secret = _cookie(_SESSION)
        g.account = None
        if secret:
            with transaction(accounts.LOGIN) as connection:
                g.account = accounts.of_session(connection, secret)
    found: Account | None = g.account
    return found


def _for_navigation() -> Account | None:
    """The same for a page's head, which is also shown when the database is away."""
    try:
        return account()
    except (exc.OperationalError, exc.TimeoutError):
        return None


def guard_writes() -> None:
    """Refuse a write that carries the session cookie without its token or from another site. Raises Problem 403."""
    secret = _cookie(_SESSION)
    if request.method in SAFE_METHODS or not secret:
        return
    if not (callers.origin_matches(required=True) and _same(_given(), _token(secret, "session"))):
        raise Problem(403, "wrong")


def token() -> str:
    """What a form of this request's page sends back."""
    secret = _cookie(_SESSION)
    return _token(secret, "session") if secret else _token(_nonce(), "login")


def csrf_field() -> Markup:
    """The form's hidden field; nothing for a visitor without a session, whose pages stay without any cookie."""
    if not _cookie(_SESSION):
        return Markup()
    return Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN_FIELD, escape(token()))


def login_form_is_ours() -> bool:
    """Whether a log-in without a session comes from a form that this site gave to this browser."""
    if _cookie(_SESSION):
        return True  # guarded already
    before = _cookie(_BEFORE)
    return bool(before) and callers.origin_matches(required=False) and _same(_given(), _token(before, "login"))


def open_cookie(answer: Answer, secret: str) -> None:
    """Give the browser its session."""
    _set(answer, _SESSION, secret, accounts.LONGEST_S, "Lax")
    _drop(answer, _BEFORE)


def remember_form(answer: Answer) -> None:
    """Bind the log-in form's token to this browser."""
    if not _cookie(_SESSION):
        _set(answer, _BEFORE, _nonce(), _BEFORE_S, "Strict")


def close_cookie(answer: Answer) -> None:
    """Take the session out of the browser."""
    _drop(answer, _SESSION)


def session_key() -> bytes | None:
    """The database's id of this request's session."""
    secret = _cookie(_SESSION)
    return accounts.session_id(secret) if secret else None


def _nonce() -> str:
    if "login_nonce" not in g:
        g.login_nonce = _cookie(_BEFORE) or secrets.token_urlsafe(24)
    return str(g.login_nonce)


def _token(secret: str, what: str) -> str:
    key: bytes = current_app.config["SETTINGS"].secret_key
    return hmac.new(key, f"csrf:{what}:{secret}".encode(), hashlib.sha256).hexdigest()


def _given() -> str:
    return request.headers.get(TOKEN_HEADER) or request.form.get(TOKEN_FIELD, "")


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


def _name(name: str) -> str:
    """With the prefix that keeps other hosts and plain connections from setting it, where the browser allows it."""
    return f"__Host-{name}" if request.is_secure else name


def _cookie(name: str) -> str:
    return request.cookies.get(_name(name), "")[:200]


def _set(answer: Answer | Response, name: str, value: str, seconds: int, same_site: str) -> None:
    answer.set_cookie(
        _name(name), value, max_age=seconds, path="/", httponly=True, secure=request.is_secure, samesite=same_site
    )


def _drop(answer: Answer | Response, name: str) -> None:
    answer.delete_cookie(_name(name), path="/", httponly=True, secure=request.is_secure, samesite="Lax")
