"""Rows that say the same under another id: same moment, category, words and place.

A row with its own id is another report by right, so by itself this is only counted and told. Where a file is known to
hold the same things twice (two systems' exports, one laid under the other) they can be refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from database.engine import OPERATOR, transaction
from database.sql import queries
from etl.columns import Said
from incidents.errors import Refusal

Q = queries(Path(__file__).with_name("twins.sql"))
Judgement = Literal["tell", "reject"]
REASON = "same_content"
_SAME_PLACE = 6
"""Decimals of a degree, a tenth of a metre."""
_MOST_EXAMPLES = 5


@dataclass(kw_only=True)
class Twins:
    """Looks at the rows of one import in their order. `found`: how many said the same as an earlier row or a report
    that is there; `examples`: lines and what they repeat."""

    judgement: Judgement = "tell"
    found: int = 0
    lines: set[int] = field(default_factory=set)
    examples: list[tuple[int, str]] = field(default_factory=list)
    _seen: dict[bytes, tuple[int, str | bytes]] = field(default_factory=dict)

    def look(self, lines: Sequence[int], rows: Sequence[Said]) -> dict[int, Refusal]:
        """Line → why it is refused; empty where rows are only told of."""
        refused: dict[int, Refusal] = {}
        there = self._in_the_database(rows)
        for pos, (line, row) in enumerate(zip(lines, rows, strict=True)):
            same = there.get(pos) or self._earlier(line, row)
            if same is None:
                continue
            self.found += 1
            self.lines.add(line)
            if len(self.examples) < _MOST_EXAMPLES:
                self.examples.append((line, same))
            if self.judgement == "reject":
                refused[line] = Refusal(
                    field="external_id", reason=REASON, value=same,
                    message="the same moment, category, words and place as another report",
                )  # fmt: skip
        return refused

    def _earlier(self, line: int, row: Said) -> str | None:
        content = row.content
        place = _rounded(row) or content.get("address", "").casefold()
        words = (content.get("reported_at", ""), content.get("category", ""),
                 content.get("description", "").casefold(), place)  # fmt: skip
        key = hashlib.blake2b("\x1f".join(words).encode(), digest_size=12).digest()
        identity = row.draft.external_id or row.key
        first, whose = self._seen.setdefault(key, (line, identity))
        # The same id twice is another matter: unchanged, or changed.
        return None if whose == identity else f"line {first}"

    def _in_the_database(self, rows: Sequence[Said]) -> dict[int, str]:
        if not rows:
            return {}
        drafts = [row.draft for row in rows]
        with transaction(OPERATOR) as connection:
            answers = connection.execute(
                Q["known"],
                {
                    "external_ids": [draft.external_id for draft in drafts],
                    "keys": [row.key for row in rows],
                    "reported_at": [draft.reported_at for draft in drafts],
                    "categories": [draft.category for draft in drafts],
                    "descriptions": [(draft.description or "").lower() for draft in drafts],
                    "addresses": [(draft.address or "").lower() for draft in drafts],
                    "lons": [draft.lon for draft in drafts],
                    "lats": [draft.lat for draft in drafts],
                },
            ).all()
        return {row.pos: row.external_id or f"code:{row.code}" for row in answers}


def _rounded(row: Said) -> str:
    if row.draft.lon is None or row.draft.lat is None:
        return ""
    return f"{row.draft.lon:.{_SAME_PLACE}f} {row.draft.lat:.{_SAME_PLACE}f}"
