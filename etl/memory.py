"""What a long run has to say to the C library and to Python's collector: neither memory nor time is to grow with it."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_M_ARENA_MAX = -8
_ARENAS = 2


def give_back() -> None:
    """Hand freed memory back to the system: reading areas takes 30 MB more than keeping them."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):
        pass


def few_arenas() -> None:
    """Keep all threads on two heaps. glibc gives each thread one of its own and hardly takes memory back from it:
    50 MB in an import. Where there is no glibc nothing happens."""
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
    except (OSError, AttributeError):
        pass


_ALLOCATED = 200_000
"""More containers than batches under way hold at once: what a batch leaves behind has no cycles and goes by itself."""


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Keep the collector of cycles from looking through areas, streets and rows again and again meanwhile: a fifth of
    an import's time in Python."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATED, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
