"""Reports scattered over a box, and a heap of them at one place: what analyses of where things cluster are tried on."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from database import clock

CENTRE = (106.6600, 10.8000)  # lon, lat
BOX = (106.60, 10.74, 106.72, 10.86)  # west, south, east, north: the inner city
CITY = (106.36, 10.37, 107.03, 11.16)
SPREAD = 0.0012  # degrees of one standard deviation of a heap
COLUMNS = ("external_id", "channel", "reported_at", "category", "description", "address", "lat", "lon")

When = Callable[[random.Random, bool], str]
"""When a report came in, as a file says it; whether it is one of the heap."""


def rows(
    name: str,
    scattered: int,
    heaped: int = 0,
    *,
    when: When,
    seed: int | str | None = None,
    where: tuple[float, float] = CENTRE,
    box: tuple[float, float, float, float] = BOX,
    category: str = "road_subsidence",
) -> Iterator[dict[str, str]]:
    """Rows with external ids `name`-0, …, those of the heap last; the same for the same seed (None: the name)."""
    dice = random.Random(name if seed is None else seed)
    for number in range(scattered + heaped):
        heap = number >= scattered
        lon = dice.gauss(where[0], SPREAD) if heap else dice.uniform(box[0], box[2])
        lat = dice.gauss(where[1], SPREAD) if heap else dice.uniform(box[1], box[3])
        yield {
            "external_id": f"{name}-{number}", "channel": ("phone", "app")[number % 2],
            "reported_at": when(dice, heap), "category": category, "lat": f"{lat:.6f}", "lon": f"{lon:.6f}",
        }  # fmt: skip


def in_months(months: Sequence[int], year: int = 2026) -> When:
    return lambda dice, heap: f"{dice.randrange(1, 29):02}/{dice.choice(months):02}/{year} 08:00"


def back_from_today(days: int, *, heap_days: int | None = None) -> When:
    """From the day before yesterday back; the heap, where it is said, fewer days."""
    today = clock.local(clock.now()).date()

    def when(dice: random.Random, heap: bool) -> str:
        ago = dice.randrange(2, heap_days if heap and heap_days else days)
        return f"{today - timedelta(days=ago):%d/%m/%Y} 08:00"

    return when


def write(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """A file for `reports import`."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)
