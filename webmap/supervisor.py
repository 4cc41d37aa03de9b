"""Runs a site: the embedded database, the web processes, the stream process and the worker.

`python -m webmap.supervisor` stays in the foreground, starts again what dies, and on SIGINT or SIGTERM lets requests
finish and ends all of it. It signals only processes it has started itself.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from database import embedded
from database.errors import ClusterError, OperatorError
from database.settings import REPOSITORY, Settings, current
from webmap import welcome
from webmap.lifetime import die_with_parent

TICK_SECONDS = 0.25
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 4.0  # whatever dies is started again within five
STEADY_SECONDS = 20.0  # having lived that long, a death counts as the first one again
OPEN_FILES = 65_536  # the stream process holds a socket for each stream


class PortTaken(OperatorError):
    """Something else listens where the site should."""


class AlreadyRunning(OperatorError):
    """This DATA_DIR is served already."""


@dataclass(kw_only=True)
class Program:
    """One process that is kept alive."""

    name: str
    command: Sequence[str]
    drain_seconds: float  # how long it may finish what it has begun
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    due: float = 0.0  # when to start it again, on the monotonic clock

    def keep_alive(self) -> None:
        """Start it where it does not run and its time has come."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self.deaths = 1 if now - self.started > STEADY_SECONDS else self.deaths + 1
            delay = min(FIRST_DELAY_SECONDS * 2 ** (self.deaths - 1), LONGEST_DELAY_SECONDS)
            self.due, self.process = now + delay, None
            say(f"{self.name} đã dừng ({_ending(code)}), chạy lại sau {delay:.1f} s (ended, starting again)")
        if now >= self.due:
            self.started = now
            self.process = subprocess.Popen(
                [*die_with_parent(), *self.command], cwd=REPOSITORY, stdin=subprocess.DEVNULL, start_new_session=True
            )

    def end(self) -> None:
        """Let it finish, and end it after its time."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(self.drain_seconds)
        except subprocess.TimeoutExpired:
            say(f"{self.name} không kịp dừng (did not end in time)")
            self.process.kill()
            self.process.wait()


class Supervisor:
    """The site of one DATA_DIR. Raises OperatorError from `run` where it cannot begin."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ending = False
        self.hurry = False
        self.greeted = False
        self.database_due = 0.0
        python = sys.executable
        self.programs = [  # in the order of starting; ended the other way round
            Program(name="worker", command=[python, "-m", "webmap.worker"], drain_seconds=10),
            Program(name="stream", command=[python, "-m", "webmap.live.process"], drain_seconds=5),
            Program(
                name="web",
                command=[python, "-m", "gunicorn", "--config", str(Path(__file__).with_name("gunicorn_conf.py"))],
                drain_seconds=15,
            ),
        ]

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        with ExitStack() as held:
            held.enter_context(_only_one(self.settings.data_dir))
            _claim_port(self.settings.port)
            cluster = None
            if self.settings.database_url is None:
                cluster = held.enter_context(embedded.hold(self.settings))
            _allow_open_files()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self._end)
            try:
                while not self.ending:
                    if cluster is not None:
                        self._keep_database(cluster)
                    for program in self.programs:
                        program.keep_alive()
                    self._greet()
                    time.sleep(TICK_SECONDS)
            finally:
                say("Đang dừng (stopping)…")
                for program in reversed(self.programs):
                    program.end()

    def _keep_database(self, cluster: embedded.Cluster) -> None:
        if embedded.running(cluster) is not None or time.monotonic() < self.database_due:
            return
        say("Cơ sở dữ liệu đã dừng, chạy lại (the database ended, starting again)")
        try:
            embedded.start(cluster)
        except ClusterError as error:
            say(error.format_message())
            self.database_due = time.monotonic() + LONGEST_DELAY_SECONDS

    def _greet(self) -> None:
        if not self.greeted and welcome.is_ready(self.settings.port):
            self.greeted = True
            for line in welcome.lines(self.settings):
                say(line)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        if self.ending:  # asked twice: do not wait for anybody
            for program in self.programs:
                if program.process is not None:
                    program.process.kill()
        self.ending = True


def say(line: str) -> None:
    """A line for the person in front of the screen."""
    print(line, flush=True)


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"mã {code}"


def _claim_port(port: int) -> None:
    """Find out before anything starts whether the address is free. Raises PortTaken."""
    deadline = time.monotonic() + 5  # the processes of a supervisor that was killed are just ending
    while True:
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if time.monotonic() < deadline:
                    time.sleep(0.2)
                    continue
                raise PortTaken(
                    f"Cổng {port} đang bận: {error.strerror}; chọn cổng khác bằng PORT=… (the port is in use, choose "
                    "another one by PORT=…)"
                ) from error
            return


def _only_one(data_dir: Path) -> IO[str]:
    """A lock for as long as the site runs. Raises AlreadyRunning with the process id of the other."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "site.pid").open("a+")
    except OSError as error:
        raise OperatorError(f"Không ghi được {data_dir}: {error.strerror} (cannot write there)") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        other = lock.read().strip()
        lock.close()
        raise AlreadyRunning(
            f"Trang của {data_dir} đang chạy rồi, tiến trình {other} (this site is running already)"
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main() -> int:
    """Run the site of this environment; 1 with one clear line where it cannot begin."""
    try:
        Supervisor(current()).run()
    except OperatorError as error:
        print(error.format_message(), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
