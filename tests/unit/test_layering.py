"""The house's layers: script/lint refuses an import upwards."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from database.settings import REPOSITORY

PACKAGES = ("webmap", "etl", "incidents", "district_boundaries", "geo", "database")


@pytest.mark.parametrize(
    ("file", "line", "kept"),
    [
        ("geo/text.py", "", True),
        ("geo/wrong.py", "import incidents.intake", False),
        ("database/wrong.py", "from geo import text", False),
        ("incidents/wrong.py", "from webmap.problems import Problem", False),
        ("etl/right.py", "import incidents.intake", True),
    ],
)
def test_an_import_upwards_is_refused(tmp_path: Path, file: str, line: str, kept: bool) -> None:
    for package in PACKAGES:
        for source in (REPOSITORY / package).rglob("*.py"):
            target = tmp_path / source.relative_to(REPOSITORY)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a") as changed:
        changed.write(f"\n{line}\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode == 0) is kept, done.stdout


def test_the_application_starts_without_what_only_some_commands_need() -> None:
    """A web process, the worker and an import would each carry 230 MB of libraries that they never call."""
    heavy = (
        "pandas",
        "geopandas",
        "pyarrow",
        "pyogrio",
        "scipy",
        "numba",
        "folium",
        "matplotlib",
        "sklearn",
        "openpyxl",
    )
    script = f"import sys, app; app.create_app(); print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
