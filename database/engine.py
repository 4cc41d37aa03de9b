"""Engines and transactions. Each role has one pool; a transaction carries its context into the database.

The context is set in one place, the engine's begin event, together with BEGIN and in the same round trip; it ends
with the transaction. Row-level security reads it by `current_setting('hotline.actor', true)` and its fellows.
"""

from __future__ import annotations

import atexit
import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, exc, text

from database import clock, settings, urls
from database.embedded import Holder
from database.urls import Role

POOL_SIZE = 16  # the threads of one web process
POOL_OVERFLOW = 4
_LOGIN_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Context:
    """On whose behalf a transaction runs."""

    actor: str  # who, as the record names them: public, operator, worker, account:<id>
    roles: frozenset[str] = field(default_factory=frozenset)  # call_taker unit area planner administrator operator …
    unit_id: int | None = None
    area_id: int | None = None
    report_id: int | None = None  # of a reporter who has shown its pin


PUBLIC = Context(actor="public", roles=frozenset({"public"}))
OPERATOR = Context(actor="operator", roles=frozenset({"operator"}))
WORKER = Context(actor="worker", roles=frozenset({"worker"}))

_CONTEXT = ("actor", "roles", "unit_id", "area_id", "report_id")
_CONTEXT_NOW = text("SELECT " + ", ".join(f"current_setting('hotline.{name}', true) AS {name}" for name in _CONTEXT))
_CONTEXT_SET = text("SELECT " + ", ".join(f"set_config('hotline.{name}', :{name}, true)" for name in _CONTEXT))

_lock = threading.Lock()
_engines: dict[str, Engine] = {}
_found: dict[tuple[settings.Settings, Role], Engine] = {}  # so that a request does not look for the cluster again
_holders: dict[str, Holder] = {}


def engine(role: Role = "app") -> Engine:
    """The pool of `role` for the site of this process's settings; made on first use, and the embedded database
    with it where nobody else has started it. Raises ClusterError."""
    current = settings.current()
    known = _found.get((current, role))
    if known is not None:
        return known
    address = urls.url(current, role)
    with _lock:
        found = _engines.get(address)
        if found is None:
            if current.database_url is None:
                _hold(current)
            found = _engines[address] = _make(address, become_owner=role == "owner" and bool(current.database_url))
        _found[current, role] = found
        return found


@contextmanager
def transaction(context: Context, role: Role = "app") -> Iterator[Connection]:
    """One transaction as `role` on behalf of `context`; committed at the end, rolled back on an error."""
    with engine(role).connect() as connection:
        connection = connection.execution_options(hotline_context=context)
        with connection.begin():
            yield connection


@contextmanager
def acting(connection: Connection, context: Context) -> Iterator[None]:
    """Inside an open transaction, run the block on behalf of `context`, then of whom it was before.

    For the steps in which somebody gives away what they may see: what they say is written in their own name and by
    their own rights, what follows from it is the desk's (docs/decisions/0014). An error leaves the transaction to be
    rolled back, so nothing runs on under the wrong name."""
    before = connection.execute(_CONTEXT_NOW).one()
    connection.execute(_CONTEXT_SET, _context_settings(context))
    yield
    connection.execute(_CONTEXT_SET, dict(before._mapping))


@contextmanager
def read(*, one_plan: bool = False) -> Iterator[Connection]:
    """One transaction as `public`: the read model and the reference data, nothing else, without a context.

    `one_plan`: its statements are planned once a connection and not again for each set of values, where planning takes
    as long as the statement."""
    with engine("public").connect() as connection:
        connection = connection.execution_options(hotline_one_plan=one_plan)
        with connection.begin():
            yield connection


def connections_in_use() -> dict[Role, int]:
    """How many connections of each role's pool this process is using now."""
    return {
        role: pool.pool.checkedout() for (_, role), pool in list(_found.items()) if isinstance(pool.pool, QueuePool)
    }


def dispose() -> None:
    """Close every pool and leave the embedded database: its last user stops it."""
    with _lock:
        for pool in _engines.values():
            pool.dispose()
        _engines.clear()
        _found.clear()
        for holder in _holders.values():
            holder.release()
        _holders.clear()


def _hold(current: settings.Settings) -> None:
    key = str(current.data_dir)
    if key not in _holders:
        _holders[key] = Holder(current)


def _make(address: str, *, become_owner: bool) -> Engine:
    made = create_engine(
        "postgresql+psycopg" + address[address.index("://") :],
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_use_lifo=True,
        pool_timeout=30,
        hide_parameters=True,  # an error must not carry what somebody wrote into a log
        connect_args={"connect_timeout": _LOGIN_SECONDS, "application_name": "hotline-1022"},
    )
    event.listen(made, "begin", _begin)
    event.listen(made, "checkout", _checkout)
    if become_owner:
        event.listen(made, "connect", _become_owner)
    return made


def _begin(connection: Connection) -> None:
    """BEGIN, the context, the way of planning and a frozen clock in one round trip. psycopg sees that a transaction is
    open already."""
    values: dict[str, str] = {}
    context: Context | None = connection.get_execution_options().get("hotline_context")
    if context is not None:
        values |= {f"hotline.{name}": value for name, value in _context_settings(context).items()}
    if connection.get_execution_options().get("hotline_one_plan"):
        values["plan_cache_mode"] = "force_generic_plan"
    frozen = clock.frozen_at()
    if frozen is not None:
        values["hotline.now"] = frozen.isoformat()
    if not values:
        return
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    calls = ", ".join(
        f"set_config({_literal(raw, name)}, {_literal(raw, value)}, true)" for name, value in values.items()
    )
    done = raw.pgconn.exec_(f"BEGIN; SELECT {calls}".encode())
    if done.status != psycopg.pq.ExecStatus.TUPLES_OK:
        raise exc.OperationalError("BEGIN with its context", None, psycopg.errors.error_from_result(done))


def _context_settings(context: Context) -> dict[str, str]:
    return {
        "actor": context.actor,
        "roles": ",".join(sorted(context.roles)),
        "unit_id": "" if context.unit_id is None else str(context.unit_id),
        "area_id": "" if context.area_id is None else str(context.area_id),
        "report_id": "" if context.report_id is None else str(context.report_id),
    }


def _literal(raw: psycopg.Connection[Any], value: str) -> str:
    return psycopg.sql.Literal(value).as_string(raw)


def _checkout(driver_connection: psycopg.Connection[Any], _record: object, _proxy: object) -> None:
    """Hand out no connection whose server is gone: an idle one has nothing to say but its farewell.

    Costs a poll of the socket where a ping would cost a round trip.
    """
    poll = select.poll()
    try:
        poll.register(driver_connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    except psycopg.OperationalError:
        raise exc.DisconnectionError("closed") from None
    if poll.poll(0):
        raise exc.DisconnectionError("the server ended this connection")


def _become_owner(driver_connection: psycopg.Connection[Any], _record: object) -> None:
    with driver_connection.cursor() as cursor:
        cursor.execute("SET ROLE hotline_owner")
    driver_connection.commit()


def _forget_after_fork() -> None:
    """A child shares no connection with its parent: it makes its own, and closes nothing of the parent's."""
    for pool in _engines.values():
        pool.dispose(close=False)


os.register_at_fork(after_in_child=_forget_after_fork)
atexit.register(dispose)

__all__ = ["OPERATOR", "PUBLIC", "WORKER", "Context", "Role", "acting", "dispose", "engine", "read", "transaction"]
