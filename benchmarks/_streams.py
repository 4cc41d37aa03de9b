"""A thousand open event streams in one process that does nothing else: who got what, in which order, and when."""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import time
from array import array
from multiprocessing.connection import Connection
from typing import Any

import numpy as np


class Streams:
    """Open streams, read by a process of their own. Times are on the monotonic clock, which all processes share."""

    def __init__(self, port: int, count: int) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_read, args=(theirs, port, count))
        self._process.start()
        self.opened_s: float = self._pipe.recv()
        """how long it took until the last one was open"""

    def take(self) -> tuple[list[list[int]], np.ndarray, dict[int, str]]:
        """What came since the last call: each stream's ids in their order, the times they came at (float64, streams ×
        messages; empty where the streams differ in number) and each id's report code."""
        self._pipe.send("take")
        ids, times, codes = self._pipe.recv()
        equal = len({len(each) for each in times}) == 1
        return ids, np.array([list(each) for each in times]) if equal else np.empty((0, 0)), codes

    def close(self) -> None:
        self._pipe.send("end")
        self._process.join(20)


class _Stream:
    __slots__ = ("first", "ids", "rest", "times", "wire")

    def __init__(self, wire: socket.socket, *, first: bool) -> None:
        self.wire, self.first = wire, first
        self.rest = b""
        self.ids: array[int] = array("q")
        self.times: array[float] = array("d")


def _read(pipe: Connection, port: int, count: int) -> None:
    begun = time.monotonic()
    selector = selectors.DefaultSelector()
    streams = []
    for number in range(count):
        wire = socket.create_connection(("127.0.0.1", port), timeout=30)
        wire.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        streams.append(_Stream(wire, first=number == 0))
    for stream in streams:
        while b"\r\n\r\n" not in stream.rest:
            stream.rest += stream.wire.recv(4096)
        if not stream.rest.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(stream.rest[:200].decode())
        stream.rest = stream.rest.split(b"\r\n\r\n", 1)[1]
        stream.wire.setblocking(False)
        selector.register(stream.wire, selectors.EVENT_READ, stream)
    selector.register(pipe, selectors.EVENT_READ, None)
    pipe.send(time.monotonic() - begun)
    codes: dict[int, str] = {}
    while True:
        for key, _ in selector.select():
            if key.data is not None:
                _take(key.data, codes, selector)
            elif _answer(pipe, streams, codes):
                return


def _take(stream: _Stream, codes: dict[int, str], selector: selectors.BaseSelector) -> None:
    try:
        data = stream.wire.recv(262_144)
    except BlockingIOError:
        return
    if not data:  # a stream that breaks is a fault that the comparison shows
        selector.unregister(stream.wire)
        return
    at = time.monotonic()
    *blocks, stream.rest = (stream.rest + data).split(b"\n\n")
    for block in blocks:
        if block.startswith(b"id: ") and b"\ndata: " in block:
            seq = int(block[4 : block.index(b"\n")])
            stream.ids.append(seq)
            stream.times.append(at)
            if stream.first:
                codes[seq] = block.split(b'"code":"', 1)[1].split(b'"', 1)[0].decode()


def _answer(pipe: Connection, streams: list[_Stream], codes: dict[int, str]) -> bool:
    if pipe.recv() == "end":
        return True
    found: tuple[Any, Any, Any] = ([list(each.ids) for each in streams], [each.times for each in streams], dict(codes))
    pipe.send(found)
    for stream in streams:
        stream.ids, stream.times = array("q"), array("d")
    codes.clear()
    return False
