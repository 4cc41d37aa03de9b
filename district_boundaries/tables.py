"""The tables of `raster`, kept: in memory with their day, and in DATA_DIR/raster for the next process, by content."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
from datetime import date
from pathlib import Path

import numpy as np
import shapely

from database.settings import current
from district_boundaries import raster
from district_boundaries.areas import AreaIndex, Day
from district_boundaries.raster import Raster

RECIPE = 1  # raised when a table of the same lines comes out differently
WORTH_BUILDING = 50_000  # points at once: below, the exact way is done before the table would be
WORTH_READING = 2_000
WORTH_USING = 16
KEPT = 12  # tables in the folder; the oldest go

_lock = threading.Lock()
_made: dict[str, Raster] = {}


def of(day: Day, points: int) -> Raster | None:
    """The table of a day where it is there, or where so many points are worth making it; None: use the exact way."""
    if points < WORTH_USING:
        return None
    held = _made.get(day.hash) if day.hashed or points >= WORTH_READING else None
    if held is not None or points < WORTH_READING:
        return held
    folder = _folder() / day.hash
    if points < WORTH_BUILDING and not folder.is_dir():
        return None
    return prepare(day)


def prepare(day: Day) -> Raster:
    """The table of a day, made now if need be: what a bulk run does before its first batch."""
    with _lock:
        held = _made.get(day.hash)
        if held is None:
            held = _read(_folder() / day.hash)
            if held is None:
                held = raster.build(day)
                _write(held, _folder() / day.hash)
            _made[day.hash] = held
        return held


def missing(index: AreaIndex) -> list[Day]:
    """The days of boundaries, at most KEPT of them and the newest last, whose tables are not in the folder."""
    days = [index.day(first) for first in (date.min, *index.changes)[-KEPT:]]
    return [day for day in days if not (_folder() / day.hash).is_dir()]


def make(day: Day) -> None:
    """Make a day's table and keep it in the folder, not in memory: seconds of work ahead of who will need it."""
    _write(raster.build(day), _folder() / day.hash)


def hold(day: Day, table: Raster) -> None:
    """Use this table for the day in this process."""
    _made[day.hash] = table


def digest(day: Day) -> str:
    """What a table depends on: layers, codes in their order, lines."""
    whole = hashlib.sha256(f"{RECIPE} {day.layers} {[(a.level, a.field, a.code) for a in day.areas]}".encode())
    for shape in shapely.to_wkb(day.geometries):
        whole.update(shape)
    return whole.hexdigest()[:32]


def _folder() -> Path:
    return current().data_dir / "raster"


def _read(folder: Path) -> Raster | None:
    try:
        west, south, width, height = np.load(folder / "frame.npy").tolist()
        coarse, fine, combinations = (
            np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("coarse", "fine", "combinations")
        )
        if len(coarse) != int(width) * int(height):
            return None
        os.utime(folder)
    except (OSError, ValueError):
        return None
    return Raster(west, south, int(width), int(height), coarse, fine, np.array(combinations))


def _write(table: Raster, folder: Path) -> None:
    """Keep the table; a disk that is full or read-only only means that the next process makes it again."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as making:
            new = Path(making) / "table"
            new.mkdir()
            np.save(new / "frame.npy", np.array([table.west, table.south, table.width, table.height]))
            for name in ("coarse", "fine", "combinations"):
                np.save(new / f"{name}.npy", getattr(table, name))
            if not folder.exists():
                new.rename(folder)
        kept = sorted(
            (one for one in folder.parent.iterdir() if not one.name.startswith(".")),
            key=lambda one: one.stat().st_mtime,
        )
        for old in kept[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError:
        return
