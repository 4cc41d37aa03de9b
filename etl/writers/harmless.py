"""Text that a spreadsheet would take for a formula is made harmless, and the reader takes it back.

A comma-separated file has no types: a cell `=HYPERLINK(…)` that somebody reported is carried out where the file is
opened (OWASP, "CSV Injection"). Such a cell gets an apostrophe in front, which spreadsheets take as "this is text". A
text that already begins with apostrophes before such a sign gets one more, so that taking one away always gives back
what was there. Numbers and telephone numbers (`-5`, `+84 903 111 222`) carry nothing out and stay as they are.
"""

from __future__ import annotations

import re

_LEADS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # the last four: the same signs in full width
_RISKY = re.compile(f"'*[{_LEADS}]")
_MARKED = re.compile(f"'+[{_LEADS}]")
_NUMBER = re.compile(r"[+-]?[\d ().]*\d(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
MARK = "'"


def harmless(cell: str) -> str:
    """The cell as it may stand in a file without types."""
    if cell[:1] in _FIRST and _RISKY.match(cell) and not _NUMBER.fullmatch(cell):
        return MARK + cell
    return cell


def looks_like_formula(cell: str) -> bool:
    """Whether a spreadsheet might carry the cell out."""
    return cell[:1] in _FIRST and bool(_RISKY.match(cell)) and not _NUMBER.fullmatch(cell)


def original(cell: str) -> str:
    """What `harmless` was given."""
    return cell[1:] if cell[:1] == MARK and _MARKED.match(cell) else cell


_FIRST = frozenset("'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
