"""Reference data, loaded by content: the same file again changes nothing, another one raises the version.

What was loaded is held in each process's memory (`Held`) and compared with the database before every answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection

from database.sql import queries

Q = queries(__file__)

Loader = Callable[[Connection], object]


def load_once(connection: Connection, name: str, sha256: str, loader: Loader) -> bool:
    """Run `loader(connection)` when what was last loaded under `name` had another checksum; True if it ran.

    Loading and the new version are one transaction, the caller's; two loaders of one name wait for each other.
    """
    connection.execute(Q["wait_for_other_loaders"], {"name": name})
    if connection.execute(Q["loaded_checksum"], {"name": name}).scalar() == sha256:
        return False
    loader(connection)
    connection.execute(Q["note_loaded"], {"name": name, "sha256": sha256})
    return True


def versions(connection: Connection) -> dict[str, int]:
    """The version of every loaded set, by name: what in-memory copies compare before they answer."""
    return {row.name: row.version for row in connection.execute(Q["versions"])}


@dataclass(frozen=True, kw_only=True)
class State:
    """What the copies in memory are compared with: one look for all of them."""

    database: str
    sets: tuple[tuple[str, str], ...]
    """every loaded set: its name, and what tells this load of it from any other"""
    fields: tuple[str, ...]
    newest_area: int

    def of(self, *names: str) -> tuple[tuple[str, str], ...]:
        """The sets whose names begin with one of these."""
        return tuple(loaded for loaded in self.sets if loaded[0].startswith(names))


def state(connection: Connection) -> State:
    """How the database's reference data are in this transaction: one cheap query."""
    row = connection.execute(Q["state"]).one()
    return State(
        database=row.database,
        sets=tuple(zip(row.names, row.loads, strict=True)),
        fields=tuple(row.fields),
        newest_area=row.newest_area,
    )


Copy = TypeVar("Copy")


class Held(Generic[Copy]):
    """One copy a process of something in the database: read once, and again when its key has changed."""

    def __init__(
        self,
        key: Callable[[State], Hashable],
        read: Callable[[Connection, State, Copy | None], Copy],
    ) -> None:
        """`key`: what of the state the copy depends on; `read` makes it, and is handed the former copy."""
        self._key, self._read = key, read
        self._held: tuple[Hashable, Copy] | None = None
        self._reading = threading.Lock()

    def current(self, connection: Connection, seen: State | None = None) -> Copy:
        """The copy as the database has it. `seen`: the state, where the caller has asked for it in this transaction."""
        seen = seen or state(connection)
        key = self._key(seen)
        held = self._held
        if held is not None and held[0] == key:
            return held[1]
        with self._reading:
            held = self._held
            if held is None or held[0] != key:
                held = self._held = (key, self._read(connection, seen, held[1] if held else None))
            return held[1]
