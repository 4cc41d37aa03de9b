"""Reference data, loaded by content: the same file again changes nothing, another one raises the version."""

from __future__ import annotations

from collections.abc import Callable

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
