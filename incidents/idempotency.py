"""A repeated request gets its first answer: keys, what was asked under them, and what was answered.

The key is claimed in the transaction that makes the report, so a second request with the same key waits at the
unique index until the first one commits (and then repeats its answer) or fails (and then makes the report itself).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from database.sql import queries
from incidents.errors import IncidentsError

Q = queries(Path(__file__).with_name("idempotency.sql"))

MAX_KEY = 200


class KeyReused(IncidentsError):
    """The same key came with another body: one of the two is a mistake."""


def digest(fields: Mapping[str, Any], file_digests: Sequence[str]) -> bytes:
    """What a body says, whatever its spacing or order of keys: its fields and its files' SHA-256 digests."""
    canonical = json.dumps([fields, sorted(file_digests)], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).digest()


def claim(connection: Connection, caller: str, key: str, body_hash: bytes) -> dict[str, Any] | None:
    """Claim a key: None when it is ours and the report is to be made, else the answer that it had.
    Raises KeyReused where it had another body."""
    if connection.execute(Q["claim"], {"caller": caller, "key": key, "body_hash": body_hash}).first():
        return None
    kept = connection.execute(Q["recall"], {"caller": caller, "key": key}).one()
    if bytes(kept.body_hash) != body_hash:
        raise KeyReused(f"the key {key!r} was used with another body")
    return dict(kept.answer)


def keep(connection: Connection, caller: str, key: str, answer: Mapping[str, Any]) -> None:
    """Keep what was answered under a claimed key."""
    connection.execute(Q["keep"], {"caller": caller, "key": key, "answer": json.dumps(answer, ensure_ascii=False)})
