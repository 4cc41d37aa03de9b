"""What an analysis found, in columns; and what took no part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.hotspots.question import Question

COLUMNS = ("cell_id", "n", "z", "p", "p_fdr", "class")
HOT = ("hot99", "hot95", "hot90")
COLD = ("cold90", "cold95", "cold99")


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """How many rows took part, and how many were left out for which reason."""

    took_part: int
    void: int
    """Rejected, withdrawn or merged."""
    no_place: int
    coarse: int
    """Known only as precisely as a ward or district."""
    outside: int
    """Outside of every cell."""
    same_incident: int
    """Further reports of an incident that counts once."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Hot cells that touch: letter, the events in and beside them, the highest z, a middle (lon, lat), its name."""

    letter: str
    cells: int
    n: int
    z: float
    lon: float
    lat: float
    name: str
    ward: str


@dataclass(frozen=True, kw_only=True)
class Warning_:
    """What a reader has to know: a code, and the figures of its sentence."""

    code: str
    figures: dict[str, float | str] = field(default_factory=dict)


def of_demo(n: int) -> list[Warning_]:
    """Demo data says that it is demo data, wherever an answer goes."""
    return [Warning_(code="demo", figures={"n": n})] if n else []


@dataclass(frozen=True, kw_only=True)
class Answer:
    """n cells (or clusters of points): `columns` by name, each [n], in the order of a file; `outlines` polygons[n] in
    degrees (made when asked for); what took part; groups of hot cells; warnings; events a month (`YYYY-MM`)."""

    question: Question
    columns: dict[str, NDArray[np.generic]]
    outlines: Callable[[], NDArray[np.object_]]
    left_out: LeftOut
    clusters: tuple[Cluster, ...]
    warnings: tuple[Warning_, ...]
    months: tuple[tuple[str, int], ...]
    at: datetime
    seconds: float
    compared: Mapping[str, str] = field(default_factory=dict)
    """Of a comparison: the words that stand beside the question's; its classes say more and less."""
    readings: Mapping[str, Any] = field(default_factory=dict)
    """By language, where an answer brings its own reading."""

    history: tuple[NDArray[np.float64], ...] = ()
    """Of emerging hot spots: z and corrected p of every slice, float64[slices, n] each; not kept in files."""

    def __len__(self) -> int:
        return len(self.columns["cell_id"])

    def classes(self) -> dict[str, int]:
        """How many cells are of which class; all seven, in the order from hot to cold."""
        found = dict(
            zip(*(each.tolist() for each in np.unique(self.columns["class"], return_counts=True)), strict=True)
        )
        return {name: int(found.get(name, 0)) for name in (*HOT, "none", *COLD)}
