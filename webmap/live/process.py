"""The stream process: `python -m webmap.live.process`. One listener on the database, every event stream of the site.

It takes connections from the web processes (`handover`), hears one notice a sealed batch, reads the batch once and
tells everybody (`hub`). It holds nothing that the record does not have: killed, its clients reconnect and resume.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
import shapely
import structlog

from database import settings, urls
from database.engine import dispose, read
from district_boundaries import areas
from webmap import logs
from webmap.lifetime import Lifetime
from webmap.live import messages
from webmap.live.client import Client
from webmap.live.filters import Filter
from webmap.live.handover import TAKEN
from webmap.live.hub import RING, Hub
from webmap.live.rendezvous import make_folder, socket_path

LISTEN = "LISTEN record"
_LOOK_S = 5.0
"""after so long without a notice the record is looked at anyway"""
_REST = 1.0
_REST_MOST_S = 0.1
"""after telling everybody, rest so many times as long as that took, at most so long"""
_SPARE_FILES = 64

log = structlog.get_logger(__name__)


class StreamProcess:
    """Everything the process holds."""

    def __init__(self, path: Path, database_url: str) -> None:
        self._path = path
        self._database_url = database_url
        self._most_streams = _raise_file_limit() - _SPARE_FILES
        self.lifetime = Lifetime()
        self.hub: Hub

    async def run(self) -> None:
        """Until the lifetime ends."""
        loop = asyncio.get_running_loop()
        ending = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.lifetime.end)
        self.hub = await self._begin()
        listener = self._open()
        loop.add_reader(listener.fileno(), self._accept, listener)
        following = loop.create_task(self._follow())
        beating = loop.create_task(self._beat(ending))
        try:
            await ending.wait()
        finally:
            for task in (following, beating):
                task.cancel()
            loop.remove_reader(listener.fileno())
            listener.close()
            self.hub.close()

    async def _begin(self) -> Hub:
        """Wait for the database, take up the record at its end, and have the latest of it at hand: a thousand clients
        that come back after a restart are then answered without asking the database a thousand times."""
        while True:
            try:
                position = await asyncio.to_thread(messages.position)
                floor = max(0, position - RING // 2)
                hub = Hub(floor, messages.stretch, messages.position, _inside)
                recent: list[messages.Message] = []
                while hub.position < position:
                    stretch = await asyncio.to_thread(messages.stretch, hub.position)
                    recent.extend(stretch.messages)
                    hub.position = max(stretch.upto, hub.position)
                    if not stretch.full:
                        break
                hub.position = max(hub.position, position)
                hub.remember(recent, floor)
                return hub
            except Exception as error:
                if not self.lifetime.goes_on():
                    raise
                log.warning("waiting for the database", error=str(error))
                await asyncio.sleep(0.3)

    async def _follow(self) -> None:
        """Hear notices and pass on what they are about. A connection that breaks is made again; what was sealed
        meanwhile is read by number, so no notice is needed for it."""
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._database_url, autocommit=True, connect_timeout=5, application_name="hotline-1022 live"
                )
                async with connection:
                    await connection.execute(LISTEN)
                    await self._read_on()
                    while True:
                        async for _ in connection.notifies(timeout=_LOOK_S, stop_after=1):
                            pass
                        await self._read_on()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("the record cannot be heard", error=str(error))
                await asyncio.sleep(0.3)

    async def _read_on(self) -> None:
        while True:
            stretch = await asyncio.to_thread(messages.stretch, self.hub.position)
            if stretch.upto > self.hub.position:
                begun = time.monotonic()
                self.hub.publish(stretch)
                # With many streams on a busy machine: what comes meanwhile goes out in one write a stream.
                await asyncio.sleep(min(_REST_MOST_S, _REST * (time.monotonic() - begun)))
            if not stretch.full:
                return

    async def _beat(self, ending: asyncio.Event) -> None:
        tick = 0
        while self.lifetime.goes_on():
            await asyncio.sleep(0.25)
            tick += 1
            if tick % 4 == 0:
                self.hub.beat(tick // 4)
        ending.set()

    def _open(self) -> socket.socket:
        """The socket where connections are handed over; takes the place of one that a killed process left."""
        make_folder(self._path)
        fresh = self._path.with_name(f"s.{os.getpid()}")
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.setblocking(False)
        listener.bind(str(fresh))
        listener.listen(4096)
        fresh.rename(self._path)
        return listener

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(64):
            try:
                control, _address = listener.accept()
            except OSError:
                return
            control.setblocking(False)
            asyncio.get_running_loop().add_reader(control.fileno(), self._take, control)

    def _take(self, control: socket.socket) -> None:
        """One web process hands over one connection, or asks how it goes."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(control.fileno())
        descriptors: list[int] = []
        with control:
            try:
                data, descriptors, _flags, _address = socket.recv_fds(control, 65_536, 1)
                wish = json.loads(data) if data else None
                if wish is None:
                    pass
                elif "stats" in wish:
                    control.send(json.dumps(self._stats()).encode())
                elif descriptors and self.hub.streams < self._most_streams:
                    control.send(TAKEN)
                    connection = socket.socket(fileno=descriptors.pop())
                    client = Client(loop, connection, Filter.from_json(wish["filter"]), self.hub.leave)
                    self.hub.join(client, wish["after"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                log.warning("a connection could not be taken over", error=str(error))
            finally:
                for descriptor in descriptors:
                    os.close(descriptor)

    def _stats(self) -> dict[str, Any]:
        counts = self.hub.counts
        return {
            "streams": self.hub.streams,
            "position": self.hub.position,
            "messages": counts.messages,
            "opened": counts.opened,
            "ended": counts.dropped,
            "replayed": counts.replayed,
            "pid": os.getpid(),
        }


def stats(path: Path) -> dict[str, Any] | None:
    """How the stream process goes; None where there is none. For /metrics and the benchmark."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
        control.settimeout(1.0)
        try:
            control.connect(str(path))
            control.send(b'{"stats": true}')
            found: dict[str, Any] = json.loads(control.recv(65_536))
        except (OSError, ValueError):
            return None
        return found


@lru_cache(maxsize=256)
def _polygon(area_id: int) -> shapely.Geometry:
    """An area's polygon never changes under its id: a new boundary is a new area."""
    with read() as connection:
        polygon = areas.current(connection).geometry(area_id)
    shapely.prepare(polygon)
    return polygon


def _inside(area_id: int, lon: float, lat: float) -> bool:
    return bool(shapely.intersects_xy(_polygon(area_id), lon, lat))


def _raise_file_limit() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard if hard != resource.RLIM_INFINITY else 1_000_000


def main() -> None:
    """Run until told to end, or until the process that started this one is gone."""
    logs.configure("stream")
    here = settings.current()
    process = StreamProcess(socket_path(here), urls.url(here, "public"))
    try:
        asyncio.run(process.run())
    finally:
        dispose()


if __name__ == "__main__":
    main()
