"""What people wrote and photographed is held from the public until somebody here has looked at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from database.sql import queries
from incidents.errors import NoSuchReport
from incidents.record.events import REPORT_RELEASED, NewEvent, write

Verdict = Literal["released", "refused"]
MODERATION_REFUSED = "moderation.refused"

Q = queries(Path(__file__).with_name("moderation.sql"))


@dataclass(frozen=True, kw_only=True)
class HeldPhoto:
    """A photo that waits, by the hash of its bytes; size in pixels."""

    sha256: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Held:
    """A report of which something waits."""

    id: int
    code: str
    channel: str
    category: str | None
    suggestion: str | None
    description: str | None
    """the text that waits; None where only photos do"""
    address: str | None
    received_at: datetime
    photos: tuple[HeldPhoto, ...]
    demo: bool


def held(connection: Connection, *, limit: int = 50, after: tuple[datetime, int] | None = None) -> list[Held]:
    """What waits, the oldest first, as far as the context may see it; `after` is the last one of the page before."""
    after_at, after_id = after or (None, None)
    rows = connection.execute(Q["held"], {"limit": limit, "after_at": after_at, "after_id": after_id})
    return [
        Held(
            id=row.id,
            code=row.code,
            channel=row.channel,
            category=row.category,
            suggestion=row.suggestion,
            description=row.description if row.text_held else None,
            address=row.address,
            received_at=row.received_at,
            photos=tuple(HeldPhoto(**photo) for photo in row.photos),
            demo=row.demo,
        )
        for row in rows
    ]


def count_held(connection: Connection) -> int:
    """How many reports wait."""
    return int(connection.execute(Q["count_held"]).scalar_one())


def judge(
    connection: Connection, code: str, verdict: Verdict, *, text: bool, photos: Sequence[str] = (), actor: str
) -> int:
    """Release or refuse a report's text and photos (by hash): its row, the public row and the event in the caller's
    transaction. How many things it was; 0 where others were first. Raises NoSuchReport."""
    row = connection.execute(Q["lock"], {"code": code}).first()
    if row is None:
        raise NoSuchReport(code)
    done: list[str] = []
    if text and connection.execute(Q["judge_text"], {"id": row.id, "verdict": verdict}).first():
        done.append("description")
    for sha256 in photos:
        asked = {"id": row.id, "verdict": verdict, "sha256": sha256}
        if connection.execute(Q["judge_photo"], asked).first():
            done.append(sha256)
    if not done:
        return 0
    if verdict == "released":
        connection.execute(Q["publish"], {"id": row.id})
    kind = REPORT_RELEASED if verdict == "released" else MODERATION_REFUSED
    write(
        connection,
        [
            NewEvent(
                kind=kind, actor=actor, incident_id=row.incident_id, report_id=row.id,
                data={"code": code, "what": done},
            )
        ],
    )  # fmt: skip
    return len(done)


def may_see_photo(connection: Connection, sha256: str) -> bool:
    """Whether the context may see this photo, held ones too."""
    return connection.execute(Q["held_photo"], {"sha256": sha256}).first() is not None
