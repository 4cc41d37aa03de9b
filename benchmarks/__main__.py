"""Runs the benchmarks that are asked for: a table on the screen, JSON beside the site's data."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from database.settings import current

HERE = Path(__file__).parent


def names() -> list[str]:
    """Every benchmark there is."""
    return sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_"))


def main(asked: list[str]) -> int:
    """Run them one after the other; 2 on a name that there is not."""
    known = names()
    unknown = [name for name in asked if name not in known]
    if unknown:
        print(f"Không có: {', '.join(unknown)}; có (there are): {', '.join(known)}", file=sys.stderr)
        return 2
    folder = current().data_dir / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    for name in asked or known:
        module = importlib.import_module(f"benchmarks.{name}")
        if not hasattr(module, "run"):
            continue
        result: dict[str, Any] = module.run()
        document = {"name": name, "at": datetime.now(UTC).isoformat(timespec="seconds"), **machine(), "result": result}
        (folder / f"{name}.json").write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        show(name, result)
    return 0


def machine() -> dict[str, Any]:
    """What it ran on: figures of two machines do not compare."""
    return {"processors": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()}


def show(name: str, result: dict[str, Any]) -> None:
    """The result as a table of names and values."""
    table = Table("", name, title=None)
    for key, value in _flat(result):
        table.add_row(key, f"{value:,.4g}" if isinstance(value, float) else str(value))
    Console().print(table)


def _flat(result: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in result.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key} · ")
        else:
            yield f"{before}{key}", value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
