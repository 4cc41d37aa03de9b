"""The migrated database with its reference data that every test database is copied from.

Making it takes a quarter of a minute, so the stopped cluster is kept under var/ by what it was made from, and the next
run begins with a copy. Any change of schema, loaders or reference files makes another one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from database import cluster as clusters
from database import embedded, engine, initdb, migrate
from database.commands import load_reference
from database.settings import REPOSITORY, Settings

KEPT = REPOSITORY / "var" / "test-template"
STALE_SECONDS = 1800  # a run beside this one may still be copying a younger one
MADE_FROM = (
    "app.py",
    "database",
    "district_boundaries",
    "incidents/reference",
    "geo/address",
    "geo/basemap",
    "geo/gazetteer",
    "geo/geocoder",
    "geo/data",
    "geo/text.py",
    "geo/crs.py",
)


def prepare(settings: Settings) -> None:
    """Lay the cluster with the template database under `settings.data_dir`, which has to be this process's DATA_DIR;
    it does not run yet."""
    cluster = clusters.locate(settings)
    initdb.make_folder(cluster, settings)
    kept = KEPT / _fingerprint()
    if (kept / "PG_VERSION").exists():
        try:
            _copy(kept, cluster.data)
        except subprocess.CalledProcessError:  # another run has just taken it away
            shutil.rmtree(cluster.data, ignore_errors=True)
        else:
            return
    from app import reference_sets

    with embedded.hold(settings, durable=False):
        migrate.upgrade()
        load_reference(reference_sets())
        engine.dispose()
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.iterdir():
        if time.time() - old.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    draft = KEPT / f"draft.{os.getpid()}"
    _copy(cluster.data, draft)
    if not kept.exists():
        draft.touch()
        draft.rename(kept)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)


def _fingerprint() -> str:
    digest = hashlib.sha256(str(sorted(clusters.installed_versions())).encode())
    for name in MADE_FROM:
        place = REPOSITORY / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and path.suffix not in (".pyc", ".md"):
                digest.update(f"{path.relative_to(REPOSITORY)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
