"""Many clients of the event stream in one process of their own, each coming back as a browser does."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
import re
import time
from multiprocessing.connection import Connection

_ID = re.compile(rb"^id: (\d+)$", re.MULTILINE)


class Crowd:
    """Open streams, until `take` ends them. Times are on the monotonic clock, which all processes share."""

    def __init__(self, port: int, count: int) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_main, args=(theirs, port, count), daemon=True)
        self._process.start()
        assert self._pipe.recv() == "open"

    def take(self) -> tuple[list[list[int]], list[list[float]], dict[int, str], int]:
        """Each stream's ids in the order in which they came, when, the code that each id is about, and how often
        streams were opened."""
        self._pipe.send("end")
        found: tuple[list[list[int]], list[list[float]], dict[int, str], int] = self._pipe.recv()
        self._process.join(20)
        return found


def _main(pipe: Connection, port: int, count: int) -> None:
    asyncio.run(_crowd(pipe, port, count))


async def _crowd(pipe: Connection, port: int, count: int) -> None:
    ids: list[list[int]] = [[] for _ in range(count)]
    times: list[list[float]] = [[] for _ in range(count)]
    codes: dict[int, str] = {}
    opened = 0
    joined = asyncio.Semaphore(0)

    async def client(number: int) -> None:
        nonlocal opened
        last = ""
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                resume = f"Last-Event-ID: {last}\r\n" if last else ""
                writer.write(f"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\n{resume}\r\n".encode())
                if b" 200 " in await reader.readline():
                    opened += 1
                    rest = b""
                    while data := await reader.read(262_144):  # whole reads: two hundred clients are one process
                        at = time.monotonic()
                        *blocks, rest = (rest + data).split(b"\n\n")
                        for block in blocks:
                            seq = _ID.search(block)
                            if seq is None:
                                continue
                            if not last:
                                joined.release()
                            last = seq[1].decode()
                            if b"\ndata: " in block:
                                ids[number].append(int(last))
                                times[number].append(at)
                                if int(last) not in codes and b"event: report.created" in block:
                                    codes[int(last)] = json.loads(block.split(b"data: ", 1)[1])["code"]
                writer.close()
            except OSError:
                pass
            await asyncio.sleep(random.uniform(0.5, 1.5))

    tasks = [asyncio.create_task(client(number)) for number in range(count)]
    for _ in range(count):
        await joined.acquire()
    pipe.send("open")
    await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
    pipe.send((ids, times, codes, opened))
    for task in tasks:
        task.cancel()
