"""Prepared geometries and threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

_lock = threading.RLock()


def one_at_a_time(call: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Let one thread at a time into what touches prepared geometries.

    GEOS keeps state inside them (indexes built at first use, the other geometry's lines while two are compared) and
    shapely lets go of the interpreter's lock meanwhile: two threads on the same one corrupt memory.
    """

    @wraps(call)
    def guarded(*arguments: Arguments.args, **named: Arguments.kwargs) -> Answer:
        with _lock:
            return call(*arguments, **named)

    return guarded
