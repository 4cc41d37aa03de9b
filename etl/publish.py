"""A file that appears under its name when it is whole, and beside it the sidecar that makes it reproducible."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from etl.errors import UnreadableFile

SOURCE = "1022 · © OpenStreetMap contributors (ODbL) for roads"


@contextmanager
def published(path: Path, *, private: bool = False) -> Iterator[Path]:
    """A name beside `path` to write to; what was written takes the place of `path` at the end, all parts of it (a
    shapefile has several), and nothing is left where it failed. Raises UnreadableFile where that cannot be.

    `x.shp.zip` is written as a shapefile and packed.
    """
    packed = path.suffix.lower() == ".zip"
    inner = path.with_suffix("") if packed else path
    # A folder of its own, so that every part is there, whatever a driver calls it.
    folder = path.with_name(f".{path.name}.{os.getpid()}.part")
    mode = 0o600 if private else 0o644
    try:
        folder.mkdir(mode=0o700)
        part = folder / inner.name
        yield part
        made = sorted(each for each in folder.iterdir() if not each.name.endswith(("-journal", "-wal", "-shm")))
        if packed:
            whole = folder / path.name
            with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as out:
                for each in made:
                    out.write(each, each.name)
            made = [whole]
        for each in made:
            each.chmod(mode)
            each.replace(path.with_name(each.name))
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sidecar_path(path: Path) -> Path:
    """Where the sidecar of a file stands: `OUT.gpkg.json` beside `OUT.gpkg`."""
    return path.with_name(f"{path.name}.json")


def write_sidecar(path: Path, told: Mapping[str, Any], libraries: tuple[str, ...], *, private: bool = False) -> Path:
    """Put down beside `path` what is `told` of it, its size, hash, the moment, and the versions it was made with."""
    document = {
        "file": path.name,
        "bytes": path.stat().st_size,
        "sha256": digest(path),
        **told,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(libraries),
        "source": SOURCE,
    }
    beside = sidecar_path(path)
    try:
        beside.touch(0o600 if private else 0o644)
        beside.chmod(0o600 if private else 0o644)
        beside.write_text(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(f"{beside}: {error.strerror or error}") from error
    return beside


def digest(path: Path) -> str:
    """The SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions(libraries: tuple[str, ...]) -> dict[str, str]:
    """Python, SQLite, and what of `libraries` is installed."""
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
