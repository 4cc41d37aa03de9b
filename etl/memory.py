"""What a long run with threads has to say to the C library so that its memory does not grow with the work done."""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8
_ARENAS = 2


def few_arenas() -> None:
    """Keep all threads on two heaps. glibc gives each thread one of its own and hardly takes memory back from it:
    50 MB in an import. Where there is no glibc nothing happens."""
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
    except (OSError, AttributeError):
        pass
