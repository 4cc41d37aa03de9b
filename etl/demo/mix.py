"""What is reported how often, when in the day, how readily twice: read from `data/mix.csv` and `data/phrases.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

_DATA = Path(__file__).with_name("data")

# Reports in each of the 24 hours of a local day, relative.
_HOURS = {
    "office": "1 1 1 1 1 3 9 18 24 24 20 15 11 14 20 20 18 15 10 8 7 5 3 2",
    "commute": "1 1 0 0 1 4 16 26 17 10 8 8 8 8 9 12 20 26 19 10 6 4 2 1",
    "evening": "3 2 1 1 1 3 6 9 10 10 9 9 9 8 8 8 9 12 20 25 22 16 10 6",
    "night": "10 6 3 2 1 1 2 4 6 6 6 5 6 6 6 6 7 9 14 22 28 30 26 18",
    "rain": "3 2 2 2 2 3 6 8 7 6 6 7 9 14 22 28 30 26 19 13 10 8 6 4",
}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One category's habits."""

    category: str
    share: float
    """of all reports outside of storms"""
    hours: float
    """median hours until resolved"""
    rain: float
    """how many times more on a day of heavy rain"""
    day: np.ndarray
    """float64[24], summing to 1: when in the day"""
    spread: float
    """0: where people live; 1: by area"""
    repeat: float
    """how readily several people report one thing, relative"""
    storm: float
    """share of what a storm brings"""
    phrases: tuple[str, ...]


@lru_cache(maxsize=1)
def kinds() -> tuple[Kind, ...]:
    """All categories, in the order of the file; `share` and `storm` each sum to 1."""
    phrases: dict[str, list[str]] = {}
    for row in _rows("phrases.csv"):
        phrases.setdefault(row["category"], []).append(row["text"])
    rows = _rows("mix.csv")
    shares, storms = (sum(float(row[name]) for row in rows) for name in ("share", "storm"))
    return tuple(
        Kind(
            category=row["category"],
            share=float(row["share"]) / shares,
            hours=float(row["hours"]),
            rain=float(row["rain"]),
            day=_profile(row["day"]),
            spread=float(row["spread"]),
            repeat=float(row["repeat"]),
            storm=float(row["storm"]) / storms,
            phrases=tuple(phrases[row["category"]]),
        )
        for row in rows
    )


def _profile(name: str) -> np.ndarray:
    hours = np.array(_HOURS[name].split(), dtype=float)
    return np.asarray(hours / hours.sum())


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
