"""The English of the pages: gather what is said in Vietnamese, keep what is translated, compile it.

``python -m webmap.translate`` reads templates, Python and scripts of ``webmap/``, renews
``translations/en/LC_MESSAGES/messages.po`` (translations already there stay), and writes from it ``messages.mo`` for
the server and ``static/js/locale/en.js`` for the scripts. It prints what still has no English and ends with 1 then.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

WEBMAP = Path(__file__).parent
FOLDER = WEBMAP / "translations" / "en" / "LC_MESSAGES"
PO, MO = FOLDER / "messages.po", FOLDER / "messages.mo"
SCRIPT_WORDS = WEBMAP / "static" / "js" / "locale" / "en.js"

_SAID = re.compile(r"""(?<![\w.$])t\(\s*(['"`])((?:\\.|(?!\1).)*)\1""", re.DOTALL)


def script_texts(file: BinaryIO, *_: object, **__: object) -> Iterator[tuple[int, str, str, list[str]]]:
    """What a script says: the first argument of ``t('…')``, wherever it stands. (Babel's own lexer loses those that
    stand in template strings beside braces.)"""
    for found in _SAID.finditer(file.read().decode()):
        yield 0, "t", found[2].replace("\\'", "'").replace('\\"', '"'), []


METHODS: list[tuple[str, Any]] = [
    ("static/vendor/**", "ignore"),
    ("static/js/locale/**", "ignore"),
    ("design/**", "ignore"),
    ("**.py", "python"),
    ("templates/**.html", "jinja2"),
    ("templates/**.txt", "jinja2"),
    ("static/js/**.js", script_texts),
]
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "t": None}


def gather() -> Catalog:
    """Every text of the pages, as a catalogue without translations; locations name the file, not the line."""
    found = Catalog(domain="messages")
    said = extract_from_dir(WEBMAP, METHODS, keywords=KEYWORDS)
    for name, _line, text, comments, _context in said:
        found.add(text, locations=[(Path(name).as_posix(), 0)], auto_comments=comments)
    return found


def known() -> Catalog:
    """The catalogue as it lies in the repository; an empty one where there is none."""
    if not PO.exists():
        return Catalog(locale="en", domain="messages")
    with PO.open("rb") as file:
        return read_po(file, locale="en", domain="messages")


def renewed() -> Catalog:
    """What is said today with the English that is known for it; what is said no longer falls out."""
    catalogue = known()
    catalogue.update(gather(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def missing(catalogue: Catalog) -> list[str]:
    """Vietnamese texts that have no English yet."""

    def untranslated(string: str | tuple[str, ...] | list[str] | None) -> bool:
        return not all(string) if isinstance(string, tuple | list) else not string

    return [str(message.id) for message in catalogue if message.id and untranslated(message.string)]


def script_words(catalogue: Catalog) -> str:
    """The part the scripts say, as an ES module."""
    words = {
        message.id: message.string
        for message in catalogue
        if message.id and message.string and any(name.endswith(".js") for name, _ in message.locations)
    }
    body = json.dumps(words, ensure_ascii=False, indent=1, sort_keys=True)
    return f"// Written by `python -m webmap.translate` from translations/en; not by hand.\nexport default {body};\n"


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def read_compiled() -> dict[str, str | tuple[str, ...] | list[str] | None]:
    """What ``messages.mo`` holds, by its Vietnamese text."""
    with MO.open("rb") as file:
        read = read_mo(file)
    return {m.id if isinstance(m.id, str) else m.id[0]: m.string for m in read if m.id}


def main() -> int:
    catalogue = renewed()
    catalogue.fuzzy = False
    catalogue.header_comment = "# English of the public pages. Renew with `python -m webmap.translate`."
    catalogue.project, catalogue.version = "hotline-1022-map", "1"
    catalogue.last_translator, catalogue.language_team = "", ""
    # Times in the header would make every run a change.
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 11, 24, tzinfo=UTC)
    FOLDER.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, catalogue, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
    PO.write_bytes(out.getvalue())
    MO.write_bytes(compiled(catalogue))
    SCRIPT_WORDS.write_text(script_words(catalogue), encoding="utf-8")
    without = missing(catalogue)
    for text in without:
        print(f"no English: {text}")
    print(f"{len(list(catalogue))} texts, {len(without)} without English")
    return 1 if without else 0


if __name__ == "__main__":
    sys.exit(main())
