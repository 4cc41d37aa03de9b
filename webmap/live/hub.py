"""Who listens, what was said lately, and how both meet without a message lost or sent twice.

All of it runs in one thread of one event loop. A stream is either catching up (it reads the record by itself and gets
nothing live) or joined; it joins in one uninterrupted step, out of the ring of recent messages, at exactly the place
the hub has published to.
"""

from __future__ import annotations

import asyncio
import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from webmap.live.client import HEADERS, Client
from webmap.live.filters import Filter, Inside
from webmap.live.messages import Message, Stretch, encode

RING = 5_000
"""messages kept at hand"""
CATCHING_UP = 4
"""streams that read the record at the same time"""
HEARTBEAT_S = 10
_AHEAD_S = 0.02
_BEAT = b":\n\n"

log = structlog.get_logger(__name__)


@dataclass(kw_only=True)
class Counts:
    """For whoever asks how it goes."""

    messages: int = 0
    """published since the start"""
    opened: int = 0
    dropped: int = 0
    """streams that ended, whoever ended them"""
    replayed: int = 0
    """streams that had to read the record, since the ring did not go back far enough"""


class Hub:
    """The streams and the recent messages. `position` is the seq published to; nothing below it is still to come."""

    def __init__(self, position: int, read: Callable[[int], Stretch], end: Callable[[], int], inside: Inside) -> None:
        self.position = position
        self.counts = Counts()
        self._read = read
        self._end = end
        self._inside = inside
        self._floor = position
        self._recent: list[Message] = []
        self._streams: dict[Filter, set[Client]] = defaultdict(set)
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Semaphore(CATCHING_UP)

    @property
    def streams(self) -> int:
        """How many are joined."""
        return sum(map(len, self._streams.values()))

    def remember(self, messages: list[Message], floor: int) -> None:
        """Fill the ring at the start with what was said before: everything behind `floor`."""
        self._recent = messages[-RING:]
        self._floor = messages[-RING - 1].seq if len(messages) > RING else floor

    def publish(self, stretch: Stretch) -> None:
        """Tell everybody who wants to hear it, in the record's order, each stream with one write."""
        self.position = stretch.upto
        self._recent.extend(stretch.messages)
        if len(self._recent) > 2 * RING:
            self._floor = self._recent[-RING - 1].seq
            del self._recent[:-RING]
        self.counts.messages += len(stretch.messages)
        if not stretch.messages:
            return
        for wanted, clients in list(self._streams.items()):
            data = self._for(wanted, stretch.messages)
            if data:
                for client in list(clients):
                    client.send(data)

    def join(self, client: Client, after: int | None) -> None:
        """Take a stream in: from now on, or from behind `after`, which it has had already."""
        self.counts.opened += 1
        # Not all the same, so that a thousand do not come back in the same moment.
        retry = random.randint(500, 1500)
        opening = HEADERS + f"retry: {retry}\n".encode()
        if after is None:
            # An id without data is no message, but a browser that is cut off before its first one resumes from it.
            client.send(opening + f"id: {self.position}\n\n".encode())
            self._add(client)
            return
        client.send(opening + b"\n")
        if self._floor <= after <= self.position:
            self._join_from_ring(client, after)
        else:
            catching = self._catch_up if after < self._floor else self._wait_for
            task = asyncio.get_running_loop().create_task(catching(client, after))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _wait_for(self, client: Client, after: int) -> None:
        """A client that is ahead: its page was made from the record a moment before this process heard of it. Or the
        record has not come to that number at all, so it is another record's, and whatever the client knows is void."""
        try:
            if after > await asyncio.to_thread(self._end):
                client.send(encode(self.position, "reload", {}))
                self._add(client)
                return
            while self.position < after and not client.closed:
                await asyncio.sleep(_AHEAD_S)
            self._join_from_ring(client, after)
        except Exception as error:
            log.warning("cannot join", error=str(error))
            client.abort()  # it comes back and asks again

    async def _catch_up(self, client: Client, after: int) -> None:
        """Read the record up to where the ring begins, at the client's pace, then join."""
        self.counts.replayed += 1
        try:
            while after < self._floor and not client.closed:
                async with self._turn:
                    stretch = await asyncio.to_thread(self._read, after)
                data = self._for(client.filter, [said for said in stretch.messages if said.seq > after])
                after = max(after, stretch.upto) if stretch.upto > after else self._floor
                if data:
                    client.send(data)
                await client.calm()
            if not client.closed:
                self._join_from_ring(client, after)
        except Exception as error:
            log.warning("cannot replay", error=str(error))
            client.abort()  # it comes back and asks again

    def _join_from_ring(self, client: Client, after: int) -> None:
        first = bisect_right(self._recent, after, key=lambda message: message.seq)
        data = self._for(client.filter, self._recent[first:])
        if data:
            client.send(data)
        self._add(client)

    def _add(self, client: Client) -> None:
        if not client.closed:
            self._streams[client.filter].add(client)

    def leave(self, client: Client) -> None:
        """Forget a stream that ended."""
        self.counts.dropped += 1
        clients = self._streams.get(client.filter)
        if clients is not None:
            clients.discard(client)
            if not clients:
                del self._streams[client.filter]

    def beat(self, tick: int) -> None:
        """A tenth of the streams hear a heartbeat; called once a second."""
        for clients in list(self._streams.values()):
            for client in list(clients):
                if client.fileno() % HEARTBEAT_S == tick % HEARTBEAT_S:
                    client.send(_BEAT)

    def close(self) -> None:
        """End every stream; their browsers come back by themselves."""
        for task in self._tasks:
            task.cancel()
        for clients in list(self._streams.values()):
            for client in list(clients):
                client.close()

    def _for(self, wanted: Filter, messages: list[Message]) -> bytes:
        return b"".join(
            message.data
            for message in messages
            if message.standing is None or wanted.admits(message.standing, self._inside)
        )
