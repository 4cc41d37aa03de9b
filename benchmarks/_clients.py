"""Keep-alive HTTP clients that cost little: raw sockets, requests made beforehand, a process of their own."""

from __future__ import annotations

import multiprocessing
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Round:
    """What the clients saw in one round."""

    seconds: float
    statuses: dict[int, int]
    times: np.ndarray
    """float64: seconds from the first byte sent to the last byte received, one a request"""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds


def post(host: str, path: str, body: bytes) -> bytes:
    """A request as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


def drive(port: int, requests: Sequence[bytes], *, clients: int, seconds: float) -> Round:
    """Send `requests` in turn over `clients` connections for so many seconds, each client one after the other."""
    ours, theirs = multiprocessing.Pipe()
    arguments = (theirs, port, requests, clients, seconds)
    process = multiprocessing.get_context("spawn").Process(target=_drive, args=arguments)
    process.start()
    statuses, times, spent = ours.recv()
    process.join()
    return Round(seconds=spent, statuses=statuses, times=np.array(times))


def _drive(answer: Connection, port: int, requests: Sequence[bytes], clients: int, seconds: float) -> None:
    results: list[list[tuple[int, float]]] = [[] for _ in range(clients)]
    barrier = threading.Barrier(clients + 1)

    def client(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            barrier.wait()
            end, turn = time.perf_counter() + seconds, number
            while (begun := time.perf_counter()) < end:
                wire.sendall(requests[turn % len(requests)])
                results[number].append((_read(wire), time.perf_counter() - begun))
                turn += clients

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    barrier.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - begun
    seen = [each for result in results for each in result]
    statuses: dict[int, int] = {}
    for status, _ in seen:
        statuses[status] = statuses.get(status, 0) + 1
    answer.send((statuses, [each for _, each in seen], spent))


def _read(wire: socket.socket) -> int:
    """Read one answer with a Content-Length; its status."""
    data = b""
    while (cut := data.find(b"\r\n\r\n")) < 0:
        more = wire.recv(65536)
        if not more:
            raise ConnectionError("the server hung up")
        data += more
    head = data[:cut].lower()
    at = head.index(b"content-length:") + 15
    length = int(head[at:].split(b"\r\n", 1)[0])
    missing = cut + 4 + length - len(data)
    while missing > 0:
        missing -= len(wire.recv(65536))
    return int(head[9:12])
