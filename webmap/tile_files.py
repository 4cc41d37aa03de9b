"""Tiles that are made once and kept on the disk, in DATA_DIR/tiles: a folder a layer, in it one a version.

An empty file is a tile without anything in it. Another version's folder is taken away by the first tile of the new one.
A disk that is full or cannot be written keeps nothing, and no tile is lost for it.
"""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path

from database import settings

Tile = tuple[int, int, int]
"""zoom, column, row"""
_tidied: set[Path] = set()


def read(layer: str, version: str, tile: Tile) -> bytes | None:
    """The tile's content; None where it has not been made."""
    try:
        return _path(layer, version, tile).read_bytes()
    except OSError:
        return None


def keep(layer: str, version: str, tile: Tile, content: bytes) -> None:
    """Write it beside its name and rename it: nobody ever reads half a tile."""
    path = _path(layer, version, tile)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        draft.replace(path)
        return
    with suppress(OSError):
        draft.unlink()


def tidy(layer: str, version: str) -> None:
    """Take away what other versions have left, once a process."""
    folder = _folder(layer)
    if folder / version in _tidied:
        return
    _tidied.add(folder / version)
    with suppress(OSError):
        for other in folder.iterdir():
            if other.name != version:
                shutil.rmtree(other, ignore_errors=True)


def _folder(layer: str) -> Path:
    return settings.current().data_dir / "tiles" / layer


def _path(layer: str, version: str, tile: Tile) -> Path:
    z, x, y = tile
    return _folder(layer) / version / str(z) / str(x) / f"{y}.mvt"
