"""Emerging hot spots as the workbench shows them: eight classes with their history, and every slice of the map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from database.clock import CITY_TIME
from etl.hotspots.answer import Answer
from geo.statistics import discovery_rate

CLASSES = (
    "new", "consecutive", "intensifying", "persistent", "diminishing", "sporadic", "oscillating", "historical",
)  # fmt: skip
STEPS = ("none", "hot90", "hot95", "hot99", "cold90", "cold95", "cold99")
"""by their digit in a cell's history"""


def patterns(answer: Answer) -> NDArray[np.str_]:
    """The class that each cell is drawn in, str[n]: one of CLASSES, or `none`; cold histories are not drawn."""
    pattern = answer.columns["pattern"].astype(np.str_)
    hot = np.char.startswith(pattern, "hot ")
    return np.where(hot, np.char.replace(pattern, "hot ", ""), "none")


def steps(answer: Answer, rows: NDArray[np.int64]) -> list[str]:
    """The history of each of these cells: a digit a slice, old to new."""
    z, p = (each[:, rows] for each in answer.history)
    digit = np.empty(z.shape, dtype="<U1")
    for number, row in enumerate(z):
        kind = discovery_rate.classes(np.nan_to_num(row), p[number])
        digit[number] = np.array([str(STEPS.index(each)) for each in kind.tolist()], dtype="<U1")
    return ["".join(column) for column in digit.T.tolist()]


def summary(answer: Answer) -> dict[str, Any]:
    """How many cells each class has and the mean z of its cells in every slice; the slices' names."""
    kind = patterns(answer)
    z = np.nan_to_num(answer.history[0])
    found = []
    for name in CLASSES:
        of = kind == name
        bars = z[:, of].mean(axis=1).round(2).tolist() if of.any() else []
        found.append({"name": name, "n": int(of.sum()), "bars": bars})
    return {"classes": found, "slices": _names(answer, len(z))}


def _names(answer: Answer, many: int) -> list[str]:
    """`2026-10` of a month; of a week the day it ended on."""
    if answer.question.slices == "month":
        year, month = (int(each) for each in answer.months[0][0].split("-"))
        return [f"{year + (month - 1 + k) // 12:04}-{(month - 1 + k) % 12 + 1:02}" for k in range(many)]
    assert answer.question.until is not None
    end = np.datetime64(answer.question.until.astimezone(CITY_TIME).date())
    return [str(end - np.timedelta64(7 * (many - 1 - k) + 1, "D")) for k in range(many)]
