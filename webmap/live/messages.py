"""What goes over the stream: a sealed event and the public document it is about, as one server-sent event."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from database.engine import read
from incidents import public
from incidents.record import feed
from incidents.record.feed import Standing

PAGE = 500
"""events of the record that are read at once"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One server-sent event, ready to send."""

    seq: int
    standing: Standing | None
    """None: for everybody (`reload`)"""
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """The messages of a stretch of the record, up to and with `upto`."""

    messages: list[Message]
    upto: int
    full: bool
    """whether there is more to read at once"""


def encode(seq: int, event: str, data: Mapping[str, object]) -> bytes:
    """A server-sent event; the data are one line, JSON escapes every line break."""
    line = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {seq}\nevent: {event}\ndata: {line}\n\n".encode()


def position() -> int:
    """The record's end."""
    with read() as connection:
        return feed.last_seq(connection)


def stretch(after: int) -> Stretch:
    """The next page of the record behind `after`, each report as the public sees it now."""
    with read() as connection:
        page = feed.page(connection, after, PAGE)
        ids = sorted({heard.report_id for heard in page.heard if heard.report_id is not None})
        documents = public.documents(connection, ids) if ids else {}
    messages = []
    for heard in page.heard:
        document: Mapping[str, object] = {}
        if heard.standing is not None:
            gone = {"code": heard.standing.code, "gone": True}
            document = documents.get(heard.report_id, gone) if heard.report_id is not None else gone
        messages.append(
            Message(seq=heard.seq, standing=heard.standing, data=encode(heard.seq, heard.message, document))
        )
    return Stretch(messages=messages, upto=page.upto, full=page.full)
