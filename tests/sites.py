"""Real sites for tests: the supervisor in a process of its own, on a free port and a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
START_SECONDS = 90


@dataclass(kw_only=True)
class Site:
    """A running site. `environment` is what its processes see: give it to commands that should work on it."""

    port: int
    data_dir: Path
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        """Status and body (JSON where it is JSON) of a GET; 0 and the reason where nothing answers."""
        return self._send(urllib.request.Request(self.url + path, headers=headers))

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        """Status and body of a POST of JSON."""
        data = json.dumps(body).encode()
        sent = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json", **headers})
        return self._send(sent)

    def _send(self, request: urllib.request.Request) -> tuple[int, Any]:
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, _body(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _body(error.read())
        except OSError as error:
            return 0, str(error)

    def wait_until(self, path: str, status: int, seconds: float = START_SECONDS) -> float:
        """Wait until `path` answers with `status`; how many seconds that took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.get(path)[0] == status:
                return time.monotonic() - began
            assert self.process.poll() is None, f"the site ended:\n{self.said()}"
            time.sleep(0.1)
        raise AssertionError(f"{path} is {self.get(path)} after {seconds} s:\n{self.said()}")

    def said(self) -> str:
        """What its processes wrote, the end of it."""
        return self.log.read_text(errors="replace")[-6000:]

    def children(self) -> dict[int, str]:
        """The processes that the supervisor started, with their command lines."""
        return {process: command for process, parent, command in processes() if parent == self.process.pid}

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it as a person would; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)


def processes() -> Iterator[tuple[int, int, str]]:
    """Every process of this machine: id, parent, command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        if state[0] != "Z":
            yield int(folder.name), int(state[1]), command


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def site_environment(data_dir: Path, port: int, **more: str) -> dict[str, str]:
    """The environment of a site for tests: no demo, no limits, nothing of the caller's settings."""
    dropped = {"DATABASE_URL", "DATA_DIR", "PORT", "DEMO", "RATE_LIMITS", "SECRET_KEY"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"DATA_DIR": str(data_dir), "PORT": str(port), "DEMO": "off", "RATE_LIMITS": "off"} | more


def command(environment: dict[str, str], *arguments: str, seconds: float = 180) -> subprocess.CompletedProcess[str]:
    """Run `flask --app app …` as an operator would."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
    )


def start(data_dir: Path, **more: str) -> Site:
    """Start a site, without waiting until it answers. Its database has to be there (`db upgrade`)."""
    data_dir.mkdir(parents=True, exist_ok=True)
    port = int(more.pop("PORT", 0)) or free_port()
    environment = site_environment(data_dir, port, **more)
    log = data_dir / "test-site.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "webmap.supervisor"],
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Site(port=port, data_dir=data_dir, environment=environment, log=log, process=process)


@contextmanager
def running(data_dir: Path, **more: str) -> Iterator[Site]:
    """A site that answers, ended with the block."""
    site = start(data_dir, **more)
    try:
        site.wait_until("/readyz", 200)
        yield site
    finally:
        site.stop()


def _body(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")
