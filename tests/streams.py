"""A plain client of the event stream for tests: reads in a thread, comes back as a browser does, keeps what it got."""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass(kw_only=True)
class Event:
    """One message."""

    id: int
    event: str
    data: dict[str, Any]
    at: float
    """when it came, on the monotonic clock"""


@dataclass(kw_only=True)
class Stream:
    """`with Stream(url=…) as stream:` reads until the block ends."""

    url: str
    path: str = "/api/v1/live"
    last_id: int | None = None
    events: list[Event] = field(default_factory=list)
    comments: int = 0
    refused: int = 0
    """answers other than 200 on the way"""
    retry_s: float = 0.2

    def __enter__(self) -> Stream:
        self._ended = threading.Event()
        self._opened = threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._opened.wait(20), "the stream does not open"
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._thread.join(10)

    def codes(self) -> list[str]:
        """The codes of the reports that were created, in the order in which they came."""
        return [event.data["code"] for event in self.events if event.event == "report.created"]

    def wait_for(self, count: int, seconds: float = 15) -> list[Event]:
        """Wait until that many messages are there."""
        deadline = time.monotonic() + seconds
        while len(self.events) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(self.events) >= count, f"{len(self.events)} of {count} messages after {seconds} s"
        return self.events

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._once()
            except OSError:
                pass
            if not self._ended.is_set():
                time.sleep(self.retry_s)

    def _once(self) -> None:
        place = urlsplit(self.url)
        with socket.create_connection((place.hostname, place.port), timeout=30) as self._socket:
            resume = "" if self.last_id is None else f"Last-Event-ID: {self.last_id}\r\n"
            self._socket.sendall(f"GET {self.path} HTTP/1.1\r\nHost: {place.netloc}\r\n{resume}\r\n".encode())
            with self._socket.makefile("rb") as lines:
                status = lines.readline().split()
                if len(status) < 2 or status[1] != b"200":
                    self.refused += 1
                    return
                while lines.readline().strip():
                    pass
                self._opened.set()
                self._read(lines)

    def _read(self, lines: Any) -> None:
        held: dict[str, str] = {}
        for raw in lines:
            line = raw.decode().rstrip("\n")
            if not line:
                if "id" in held:
                    self.last_id = int(held["id"])
                if "data" in held:
                    self.events.append(
                        Event(
                            id=int(held["id"]),
                            event=held["event"],
                            data=json.loads(held["data"]),
                            at=time.monotonic(),
                        )
                    )
                held = {}
            elif line.startswith(":"):
                self.comments += 1
            else:
                name, _, value = line.partition(":")
                assert name not in held, "a field twice: data is one line"
                held[name] = value.removeprefix(" ")
