"""The documentation names what is there: links resolve, files and functions of the architecture exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FILE = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|sql|csv|md|sh|parquet))`")
ROW = re.compile(r"^\| [^|]+ \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_resolve(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in target or target.startswith(("#", "mailto:")):
            continue
        assert (page.parent / target.split("#")[0]).exists(), target


def defined(file: Path) -> set[str]:
    """Functions and classes of a module, and the names that it makes at its top."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


def test_every_file_that_the_architecture_names_exists() -> None:
    for page in [ROOT / "docs/architecture.md", *ROOT.glob("docs/decisions/*.md"), ROOT / "CONTRIBUTING.md"]:
        for file in FILE.findall(page.read_text(encoding="utf-8")):
            if "/" in file:
                assert (ROOT / file).exists(), f"{name(page)}: {file}"


def test_every_function_on_a_reports_way_exists() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    text = text[text.index("## The way of a report") : text.index("## What is settled")]
    checked = 0
    for files, functions in ROW.findall(text):
        modules = [ROOT / file for file in FILE.findall(files) if file.endswith(".py")]
        if not modules:
            continue
        known = set().union(*(defined(module) for module in modules))
        for function in re.findall(r"`(\w+)`", functions):
            assert function in known, f"{function} is not in {files}"
            checked += 1
    assert checked > 20
    for function, file in re.findall(r"`(\w+)` of\s+`([\w/.]+\.py)`", text):
        assert function in defined(ROOT / file), f"{function} is not in {file}"


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for page in folder.glob("0*.md"):
        assert f"({page.name})" in listed
        assert page.read_text(encoding="utf-8").startswith(f"# {page.name[:4]} ")
