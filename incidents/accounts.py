"""Accounts of those who work here: made, logged in, locked, ended. Citizens need none.

A session is a random secret in a cookie; the database keeps its SHA-256, so that a stolen dump opens nothing, and a
session can be ended from the server. Every function runs in the caller's transaction: with the context LOGIN before
somebody is known, OPERATOR for commands, the account's own afterwards.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Row

from database import settings
from database.engine import Context
from database.sql import queries
from geo.text import nfc
from incidents import passwords
from incidents.errors import IncidentsError
from incidents.record.events import NewEvent, write

ROLES = ("call_taker", "unit", "area", "planner", "administrator")
LOGIN = Context(actor="login", roles=frozenset({"login"}))
"""Who asks before it is known who asks: sees accounts and sessions, and nothing else."""

IDLE_S = 3600
"""a session that nobody used for so long has ended"""
LONGEST_S = 12 * 3600
"""a session ends after a shift, used or not"""
FRESH_S = 60
"""how exact `seen_at` is: not every request writes"""
FREE_TRIES = 10
"""so many failures of a name lock it"""
FIRST_LOCK_S, LONGEST_LOCK_S = 60, 3600
_USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,38}[a-z0-9])")

Q = queries(Path(__file__).with_name("accounts.sql"))


class AccountError(IncidentsError):
    """An account cannot be made or changed as asked; the message says why, in both languages."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Somebody who may log in, by what they may do."""

    id: int
    username: str
    roles: frozenset[str]
    unit_id: int | None = None
    unit_code: str | None = None
    area_id: int | None = None
    area_code: str | None = None
    area_level: str | None = None
    label: str = ""
    """what the account is for: a role or a desk, never a person's name"""
    disabled: bool = False
    demo: bool = False

    @property
    def context(self) -> Context:
        """On whose behalf its transactions run."""
        return Context(actor=f"account:{self.id}", roles=self.roles, unit_id=self.unit_id, area_id=self.area_id)


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """One log-in that still holds; `id` is the hash of its secret."""

    id: bytes
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def create(
    connection: Connection,
    username: str,
    password: str,
    roles: Iterable[str],
    *,
    unit_id: int | None = None,
    area_id: int | None = None,
    label: str = "",
    demo: bool = False,
) -> Account:
    """Make an account. Raises AccountError, WeakPassword."""
    name, wanted = username.strip(), frozenset(roles)
    if not _USERNAME.fullmatch(name):
        raise AccountError(f"{username!r}: tên gồm 3 đến 40 chữ thường không dấu, số, . _ - (3 to 40 of a-z 0-9 . _ -)")
    if not wanted or not wanted <= set(ROLES):
        raise AccountError(f"vai trò (roles): {', '.join(ROLES)}")
    if ("unit" in wanted) != (unit_id is not None):
        raise AccountError("vai trò unit đi cùng một đơn vị (the role unit goes with a unit)")
    if ("area" in wanted) != (area_id is not None):
        raise AccountError("vai trò area đi cùng một địa bàn (the role area goes with an area)")
    passwords.check(password, name)
    made = connection.execute(
        Q["insert_account"],
        {
            "username": name,
            "password_hash": passwords.hash_password(password),
            "roles": sorted(wanted),
            "unit_id": unit_id,
            "area_id": area_id,
            "label": nfc(label.strip()),
            "demo": demo,
        },
    ).scalar()
    if made is None:
        raise AccountError(f"{name}: đã có tài khoản này (there is such an account)")
    account = find(connection, name)
    _record(connection, "account.created", account.id, roles=sorted(wanted))
    return account


def find(connection: Connection, username: str) -> Account:
    """By name. Raises AccountError."""
    row = connection.execute(Q["by_username"], {"username": username}).first()
    if row is None:
        raise AccountError(f"{username}: không có tài khoản này (there is no such account)")
    return _account(row)


def everyone(connection: Connection) -> list[Account]:
    """All that the context may see, in the order in which they were made."""
    return [_account(row) for row in connection.execute(Q["all_accounts"])]


def reset(connection: Connection, username: str, password: str) -> None:
    """Give an account another password, end its sessions and its lock. Raises AccountError, WeakPassword."""
    account = find(connection, username)
    passwords.check(password, username)
    connection.execute(Q["set_password"], {"id": account.id, "password_hash": passwords.hash_password(password)})
    end_all(connection, account.id)
    connection.execute(Q["forget_failures"], {"name": _counted(username)})
    _record(connection, "account.password_reset", account.id)


def change_password(connection: Connection, account: Account, password: str, *, kept: bytes | None = None) -> None:
    """One's own: the present one was asked for before. Ends the other sessions. Raises WeakPassword."""
    passwords.check(password, account.username)
    connection.execute(Q["set_password"], {"id": account.id, "password_hash": passwords.hash_password(password)})
    end_all(connection, account.id, kept=kept)


def disable(connection: Connection, username: str, *, disabled: bool = True) -> None:
    """Shut an account and end its sessions, or open it again. Raises AccountError."""
    account = find(connection, username)
    connection.execute(Q["set_disabled"], {"id": account.id, "disabled": disabled})
    if disabled:
        end_all(connection, account.id)
    _record(connection, "account.disabled" if disabled else "account.enabled", account.id)


def log_in(connection: Connection, username: str, password: str) -> tuple[Account, str] | None:
    """The account and the new session's secret; None for whatever reason: no such name, a wrong password, a shut or
    locked account. All of them take the same time and write the same rows."""
    name = nfc(username.strip())
    counted = _counted(name)
    attempts = connection.execute(Q["attempts"], {"name": counted}).first()
    row = connection.execute(Q["by_username"], {"username": name}).first()
    right = passwords.verify(row.password_hash if row else None, password)
    if row is None or not right or row.disabled or (attempts is not None and attempts.locked):
        connection.execute(
            Q["note_failure"],
            {"name": counted, "limit": FREE_TRIES, "first": FIRST_LOCK_S, "longest": LONGEST_LOCK_S},
        )
        return None
    connection.execute(Q["forget_failures"], {"name": counted})
    if passwords.is_outdated(row.password_hash):
        connection.execute(Q["renew_hash"], {"id": row.id, "password_hash": passwords.hash_password(password)})
    secret = secrets.token_urlsafe(32)
    connection.execute(Q["open_session"], {"id": session_id(secret), "account_id": row.id, "longest": LONGEST_S})
    return _account(row), secret


def session_id(secret: str) -> bytes:
    """What the database knows a session by."""
    return hashlib.sha256(secret.encode()).digest()


def of_session(connection: Connection, secret: str) -> Account | None:
    """Whose session it is, which counts as a use of it; None where it has ended or never was."""
    key = session_id(secret)
    row = connection.execute(Q["session"], {"id": key, "idle": IDLE_S, "fresh": FRESH_S}).first()
    if row is None:
        return None
    if row.stale:
        connection.execute(Q["touch_session"], {"id": key})
    return _account(row)


def sessions(connection: Connection, account_id: int) -> list[OpenSession]:
    """An account's open sessions, the last used first."""
    rows = connection.execute(Q["sessions"], {"account_id": account_id, "idle": IDLE_S})
    return [OpenSession(**(row._asdict() | {"id": bytes(row.id)})) for row in rows]


def end(connection: Connection, key: bytes) -> None:
    """End one session, by the hash of its secret."""
    connection.execute(Q["end_session"], {"id": key})


def end_all(connection: Connection, account_id: int, *, kept: bytes | None = None) -> None:
    """End an account's sessions, save one."""
    connection.execute(Q["end_sessions"], {"account_id": account_id, "kept": kept})


def purge(connection: Connection) -> int:
    """Forget what has ended: sessions, failures. How many."""
    gone = connection.execute(Q["purge_sessions"], {"idle": IDLE_S}).rowcount
    return gone + connection.execute(Q["purge_failures"]).rowcount


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(
        id=row.id,
        username=row.username,
        roles=frozenset(row.roles),
        unit_id=row.unit_id,
        unit_code=row.unit_code,
        area_id=row.area_id,
        area_code=row.area_code,
        area_level=row.area_level,
        label=row.label,
        disabled=getattr(row, "disabled", False),
        demo=row.demo,
    )


def _counted(username: str) -> bytes:
    """A name as failures are counted by it: keyed, since people type their passwords into the wrong field."""
    return hmac.new(settings.current().secret_key, b"login:" + username.encode(), hashlib.sha256).digest()


def _record(connection: Connection, kind: str, account_id: int, **more: object) -> None:
    actor = connection.exec_driver_sql("SELECT current_setting('hotline.actor', true)").scalar()
    write(connection, [NewEvent(kind=kind, actor=str(actor or "operator"), data={"account": account_id, **more})])
