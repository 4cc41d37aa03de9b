"""Handing a client's socket from a web process to the stream process.

A thread that waits with an open stream is a thread lost to everybody else, so the web process only checks the request
and passes the connection on (SCM_RIGHTS). Its own copy is swapped for a dead one by dup2: closing it outright makes
gunicorn 27 count the connection off twice, and a SIGTERM then waits for nobody. The BrokenPipeError that ends the
request is what gunicorn takes for a client that left; without it, it would shut the stream down. Tied to gunicorn's
gthread worker and its pinned version (docs/decisions/0003); tests/integration/test_live.py holds it.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask

from webmap.live.rendezvous import socket_path

ADDRESS = "/api/v1/live"
WISH = "hotline.live"
"""the key of the WSGI environ under which the view leaves what the stream is to be"""
TAKEN = b"taken"
_WAIT_S = 2.0

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]


def register(app: Flask) -> None:
    """Let connections to the stream's address leave for the stream process."""
    app.wsgi_app = HandOver(app.wsgi_app, socket_path(app.config["SETTINGS"]))  # type: ignore[method-assign]


class HandOver:
    """WSGI middleware. Where the view left a wish, and there is a socket and a process to take it, the connection
    goes there; in every other case the view's own answer (503 with Retry-After) goes out."""

    def __init__(self, app: WsgiApp, path: Path) -> None:
        self._app = app
        self._path = path

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != ADDRESS:
            return self._app(environ, start_response)
        held: list[tuple[Any, ...]] = []

        def hold(*arguments: Any) -> Callable[[bytes], object]:
            held[:] = [arguments]
            return lambda _: None

        body = self._app(environ, hold)
        wish = environ.get(WISH)
        client: Any = environ.get("gunicorn.socket")
        plain = isinstance(client, socket.socket) and not isinstance(client, ssl.SSLSocket)
        if wish is not None and plain and hand_over(self._path, client, wish):
            close = getattr(body, "close", None)
            if close is not None:
                close()
            _retire(client)
            raise BrokenPipeError(errno.EPIPE, "this connection went to the stream process")
        start_response(*held[0])
        return body


def hand_over(path: Path, client: socket.socket, wish: dict[str, Any]) -> bool:
    """Pass the connection on; whether the stream process has taken it. It says so before it writes to the client, and
    does not write where nobody hears it say so: never do both sides answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
        control.settimeout(_WAIT_S)
        try:
            control.connect(str(path))
            socket.send_fds(control, [json.dumps(wish).encode()], [client.fileno()])
            return control.recv(16) == TAKEN
        except OSError:
            return False


def _retire(client: socket.socket) -> None:
    """Put a dead connection in the place of the one that was handed over, under the same descriptor."""
    ours, theirs = socket.socketpair()
    os.dup2(ours.fileno(), client.fileno())
    ours.close()
    theirs.close()
