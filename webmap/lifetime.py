"""How long a process of the site lives: until it is told to end, or until whoever started it is gone."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path


class Lifetime:
    """Made in the main thread at the start of a process. A supervisor that was killed cannot end its children, so
    they look after it themselves."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._ended = threading.Event()

    def heed_signals(self) -> None:
        """End on SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ended.set())

    def end(self) -> None:
        self._ended.set()

    def goes_on(self) -> bool:
        return not self._ended.is_set() and os.getppid() == self._parent

    def wait(self, seconds: float) -> None:
        """Sleep, but not past the end."""
        self._ended.wait(seconds)


def die_with_parent() -> list[str]:
    """What stands before a command so that the kernel ends it with the thread that started it: a killed process must
    not leave others behind that hold its port or do its work twice."""
    for setpriv in ("/usr/bin/setpriv", "/bin/setpriv"):
        if Path(setpriv).exists():
            return [setpriv, "--pdeathsig", "TERM", "--"]
    return []
