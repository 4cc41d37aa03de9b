"""One open stream: a socket, what waits to go out on it, and what it wants to hear."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable

from webmap.live.filters import Filter

MOST_WAITING = 1_000_000
"""bytes; a client that lets more pile up is dropped, and resumes when it comes back"""
_CALM = 65_536
_SILENT_MS = 30_000

HEADERS = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: text/event-stream; charset=utf-8\r\n"
    b"Cache-Control: no-store\r\n"
    b"X-Accel-Buffering: no\r\n"
    b"X-Content-Type-Options: nosniff\r\n"
    b"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
    b"Connection: close\r\n\r\n"
)


class Client:
    """Writes straight to the socket, without a transport: two thousand of them are kept for a few KB each."""

    __slots__ = ("_calm", "_loop", "_on_close", "_socket", "_waiting", "closed", "filter", "waiting_bytes")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        connection: socket.socket,
        wanted: Filter,
        on_close: Callable[[Client], object],
    ) -> None:
        self._loop = loop
        self._socket = connection
        self._on_close = on_close
        self._waiting: deque[memoryview] | None = None
        self._calm: asyncio.Future[None] | None = None
        self.filter = wanted
        self.waiting_bytes = 0
        self.closed = False
        connection.setblocking(False)
        if connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A peer that vanished without a word is found out by the heartbeats it does not acknowledge.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _SILENT_MS)
        loop.add_reader(connection.fileno(), self._readable)

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, data: bytes) -> None:
        """Send now what the socket takes, keep the rest; drop the client where too much is kept."""
        if self.closed:
            return
        rest = memoryview(data)
        if self._waiting is None:
            try:
                rest = rest[self._socket.send(data) :]
            except (BlockingIOError, InterruptedError):
                pass
            except OSError:
                self.close()
                return
            if not rest:
                return
            self._waiting = deque()
            self._loop.add_writer(self._socket.fileno(), self._writable)
        self._waiting.append(rest)
        self.waiting_bytes += len(rest)
        if self.waiting_bytes > MOST_WAITING:
            self.abort()

    async def calm(self) -> None:
        """Wait until little is waiting, for replays: they come at the client's own pace. A client that takes nothing
        for half a minute is dropped."""
        if self.closed or self.waiting_bytes < _CALM:
            return
        self._calm = self._loop.create_future()
        try:
            await asyncio.wait_for(self._calm, _SILENT_MS / 1000)
        except TimeoutError:
            self.abort()
        finally:
            self._calm = None

    def _writable(self) -> None:
        assert self._waiting is not None
        try:
            while self._waiting:
                chunk = self._waiting[0]
                sent = self._socket.send(chunk)
                self.waiting_bytes -= sent
                if sent < len(chunk):
                    self._waiting[0] = chunk[sent:]
                    break
                self._waiting.popleft()
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self.close()
            return
        if self._calm is not None and not self._calm.done() and self.waiting_bytes < _CALM:
            self._calm.set_result(None)
        if not self._waiting:
            self._loop.remove_writer(self._socket.fileno())
            self._waiting = None

    def _readable(self) -> None:
        """Nobody has anything to say to us; an end of the stream is the client leaving."""
        try:
            if self._socket.recv(4096):
                return
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            pass
        self.close()

    def abort(self) -> None:
        """Drop the connection at once, with what was waiting."""
        if not self.closed:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._socket.fileno())
        if self._waiting is not None:
            self._loop.remove_writer(self._socket.fileno())
        self._waiting = None
        self.waiting_bytes = 0
        if self._calm is not None and not self._calm.done():
            self._calm.set_result(None)
        self._socket.close()
        self._on_close(self)
