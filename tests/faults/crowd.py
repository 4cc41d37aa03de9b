"""Many clients of the event stream in one process of their own, each coming back as a browser does; and somebody who
sends reports at a steady rate and repeats what was not answered."""

from __future__ import annotations

import asyncio
import http.client
import json
import multiprocessing
import random
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection


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
                    while await reader.readline() not in (b"\r\n", b""):
                        pass
                    kind = ""
                    while line := await reader.readline():
                        if line.startswith(b"id: "):
                            first = not last
                            last = line[4:].strip().decode()
                            if first:
                                joined.release()
                        elif line.startswith(b"event: "):
                            kind = line[7:].strip().decode()
                        elif line.startswith(b"data: "):
                            ids[number].append(int(last))
                            times[number].append(time.monotonic())
                            if int(last) not in codes and kind == "report.created":
                                codes[int(last)] = json.loads(line[6:])["code"]
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


class Sender:
    """`with Sender(port, seconds=…, a_second=…) as sent:` waits at its end until every report has been answered."""

    def __init__(self, port: int, *, seconds: float, a_second: float) -> None:
        self._port, self._seconds, self._a_second = port, seconds, a_second
        self.answered: dict[str, float] = {}
        """when the 201 came, by code: right behind the commit"""
        self.repeated = 0
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Sender:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        with ThreadPoolExecutor(16) as pool:
            for number in range(int(self._seconds * self._a_second)):
                time.sleep(max(0.0, began + number / self._a_second - time.monotonic()))
                pool.submit(self._post)

    def _post(self) -> None:
        body = json.dumps({"channel": "web", "category": "fallen_tree", "lat": 10.7725, "lon": 106.698})
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        while True:
            wire = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
            try:
                wire.request("POST", "/api/v1/reports", body, headers)
                answer = wire.getresponse()
                said = answer.read()
                if answer.status == 201:
                    self.answered[json.loads(said)["code"]] = time.monotonic()
                    return
            except (OSError, http.client.HTTPException):
                pass
            finally:
                wire.close()
            self.repeated += 1
            time.sleep(0.3)
