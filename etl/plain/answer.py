"""What a plain question found: rows in columns, who took no part, what the page draws besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.hotspots.answer import Warning_
from etl.hotspots.question import Question
from etl.plain.question import Plain

REASONS = ("void", "no_place", "coarse", "outside", "same_incident", "no_area", "no_category")
"""why an incident takes no part: rejected, withdrawn or merged; without a place; known to a ward or district alone, or
not well enough to say which spot; elsewhere; (a further report of one that counts once); in no area; without a kind"""


@dataclass(frozen=True, kw_only=True)
class PlainAnswer:
    """n rows: `columns` by name, each [n], in the order of a file; `geometry` shapes[n] in degrees, or none at all.
    `took_part` and `left` count incidents; `more`: plain values that the page and pictures show."""

    question: Question
    plain: Plain
    columns: dict[str, NDArray[Any]]
    geometry: NDArray[np.object_] | None
    took_part: int
    left: Mapping[str, int]
    warnings: tuple[Warning_, ...]
    at: datetime
    """until when what is open was watched"""
    seconds: float
    more: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def parameters(self) -> dict[str, str]:
        """The words of its address, in their fixed order."""
        said = self.plain.parameters()
        return {"method": said.pop("method")} | self.question.parameters() | said
