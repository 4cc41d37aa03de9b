"""A mapping file: what the columns of somebody else's file are called, and their words for our codes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from etl.columns import KNOWN
from etl.errors import UnreadableFile

_LINE = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[^=:,;\t]+?)\s*[=:,;\t]\s*(.+?)\s*")


@dataclass(frozen=True, kw_only=True)
class Dictionary:
    """Our column → the file's column; column → the file's word → our code."""

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read(path: Path) -> Dictionary:
    """JSON `{"reported_at": "Ngày", …}` or `{"columns": {…}, "values": {"category": {"Cây đổ": "fallen_tree"}}}`, or
    lines `reported_at = Ngày` (also with `:` or a comma between). Either side may be ours. Raises UnreadableFile."""
    try:
        written = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnreadableFile(f"{path}: không phải UTF-8 (not UTF-8 text)") from None
    document = _json(written, path) if written.lstrip().startswith("{") else _lines(written, path)
    columns = document.get("columns")
    pairs = columns if isinstance(columns, dict) else {n: to for n, to in document.items() if isinstance(to, str)}
    values = document.get("values") or {}
    if not isinstance(values, dict) or not all(isinstance(words, dict) for words in values.values()):
        raise UnreadableFile(f"{path}: values: {{cột: {{từ: mã}}}} (column, then word and code)")
    return Dictionary(
        columns=_ours_first({str(name): str(to) for name, to in pairs.items()}, path),
        values={str(name): _words(words) for name, words in values.items()},
    )


def _json(written: str, path: Path) -> dict[str, object]:
    try:
        document = json.loads(written)
    except ValueError as error:
        raise UnreadableFile(f"{path}: không phải JSON (not JSON): {error}") from None
    return dict(document)


def _lines(written: str, path: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for number, line in enumerate(written.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(("#", "[")):
            continue
        pair = _LINE.fullmatch(line)
        if pair is None:
            raise UnreadableFile(f"{path}, dòng (line) {number}: cần (expected) cột_của_ta = cột trong tệp")
        found[_unquoted(pair[1])] = _unquoted(pair[2])
    return found


def _ours_first(pairs: Mapping[str, str], path: Path) -> dict[str, str]:
    """Our name → theirs, whichever side ours are written on; a line that is a heading of the two is left out."""
    if all(name.casefold() in KNOWN for name in pairs):
        return {name.casefold(): to for name, to in pairs.items()}
    if all(to.casefold() in KNOWN for to in pairs.values()):
        return {to.casefold(): name for name, to in pairs.items()}
    first, *rest = pairs.items()
    if rest and first[0].casefold() not in KNOWN and first[1].casefold() not in KNOWN:
        return _ours_first(dict(rest), path)
    unknown = [name for name, to in pairs.items() if name.casefold() not in KNOWN and to.casefold() not in KNOWN]
    raise UnreadableFile(f"{path}: không biết cột (unknown column) {', '.join(unknown or pairs)}")


def _words(words: Mapping[str, object]) -> dict[str, str]:
    return {str(word): str(code) for word, code in words.items()} | {
        str(word).casefold(): str(code) for word, code in words.items()
    }


def _unquoted(word: str) -> str:
    return word[1:-1] if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'" else word
