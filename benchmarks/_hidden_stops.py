"""Bus stops in five folds, each hidden with every stop within 30 m of it; a gazetteer without a fold; answers beside
the truth. What the parts of benchmarks/geocoder.py share."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from district_boundaries import shipped as areas_shipped
from district_boundaries.area_names import AreaNames
from district_boundaries.areas import Area, AreaIndex
from geo.crs import to_metres
from geo.gazetteer import compact, gaps, osm, shipped, stops
from geo.gazetteer.records import Records
from geo.geocoder import Place, geocode
from geo.text import fold, nfc

ON = date(2026, 8, 1)
FOLDS = 5
TUNING_FOLDS = (0, 1, 2)
REPORTED_FOLDS = (3, 4)  # on which no setting was chosen
NEAR_M = 30.0
SAMPLE = Path(
    os.environ.get("ADDRESSES", Path(__file__).resolve().parents[1].parent / "shared" / "data" / "addresses_sample.csv")
)

Row = dict[str, str]
Answers = list[tuple[Row, Place | None]]


def base() -> Records:
    """All records but those of the bus."""
    found = osm.read(shipped.EXTRACT)
    found += stops.renames(shipped.RENAMES)
    found += stops.pois(shipped.POIS)
    return found


class Folds:
    """The stops by fold, and a gazetteer without those of one."""

    def __init__(self) -> None:
        self.rows = all_stops()
        self.base = base()
        self._of = folds(self.rows)
        self._made: dict[int, AreaNames] = {}

    def without(self, fold: int) -> AreaNames:
        """The gazetteer that does not know the stops of a fold; made once."""
        if fold not in self._made:
            kept = [row for row, of in zip(self.rows, self._of, strict=True) if of != fold]
            self._made[fold] = names_of(self.base, kept)
        return self._made[fold]

    def whole(self, drawn: bool = True) -> AreaNames:
        """The gazetteer with all stops; `drawn`: with streets drawn through what stands on them."""
        return names_of(self.base, self.rows, drawn)

    def own(self, fold: int) -> list[Row]:
        """The stops of a fold that have a house number."""
        return [row for row, of in zip(self.rows, self._of, strict=True) if of == fold and numbered(row)]


def all_stops() -> list[dict[str, str]]:
    """The stops as the file has them."""
    with shipped.STOPS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def folds(rows: Sequence[dict[str, str]]) -> list[int]:
    """A fold for each stop, the same for all stops that hang together within 30 m."""
    x, y = to_metres([float(row["lon"]) for row in rows], [float(row["lat"]) for row in rows])
    tree = cKDTree(np.column_stack([x, y]))
    group = np.arange(len(rows))
    pairs = tree.query_pairs(NEAR_M, output_type="ndarray")
    changed = True
    while changed:
        low = np.minimum(group[pairs[:, 0]], group[pairs[:, 1]])
        before = group.copy()
        np.minimum.at(group, pairs[:, 0], low)
        np.minimum.at(group, pairs[:, 1], low)
        changed = bool((before != group).any())
    return [int(number * 2654435761 % 4294967296) % FOLDS for number in group.tolist()]


def numbered(row: dict[str, str]) -> bool:
    """Whether a stop has a house number and a street."""
    found = fold(nfc(row["address_no"])).strip()
    return (
        found[:1].isdigit() and bool(row["street"].strip()) and fold(row["street"]) not in ("viet nam", "ngoai thanh")
    )


def names_of(base: Records, kept: Sequence[dict[str, str]], drawn: bool = True) -> AreaNames:
    """The areas, and the streets as they are known with the stops `kept`."""
    records = Records(
        streets=list(base.streets),
        numbers=list(base.numbers),
        landmarks=list(base.landmarks),
        other_names=base.other_names,
    )
    records += stops.records_of(kept)
    records += stops.paths(shipped.PATHS, kept)
    missing = gaps.missing
    try:
        if not drawn:
            gaps.missing = lambda *_: []  # type: ignore[assignment]
        gazetteer = compact.build(records)
    finally:
        gaps.missing = missing
    gazetteer.version = ("bench", id(records))
    return AreaNames(area_index(), gazetteer)


_AREAS: list[AreaIndex] = []


def area_index() -> AreaIndex:
    """The areas that ship, read once."""
    if not _AREAS:
        rows = areas_shipped.rows()
        areas = [
            Area(
                id=number, level=row.level, field=row.field, code=row.code, name=row.name, kind=row.kind,
                valid_from=row.valid_from, valid_to=row.valid_to, approximate=row.approximate, source=row.source,
            )
            for number, row in enumerate(rows, 1)
        ]  # fmt: skip
        _AREAS.append(AreaIndex(areas, [row.geometry for row in rows]))
    return _AREAS[0]


def answers(rows: Sequence[dict[str, str]], texts: Sequence[str], names: AreaNames) -> Answers:
    """Each row with the first answer to its text."""
    found = geocode(texts, names, on=ON, limit=1)
    return [(row, places[0] if places else None) for row, places in zip(rows, found, strict=True)]


def distances(found: Answers) -> np.ndarray:
    """Metres from each answer to the truth; infinite where nothing was answered."""
    x, y = to_metres([float(row["lon"]) for row, _ in found], [float(row["lat"]) for row, _ in found])
    px, py = to_metres([p.lon if p else 0.0 for _, p in found], [p.lat if p else 0.0 for _, p in found])
    return np.where([p is None for _, p in found], np.inf, np.hypot(px - x, py - y))


def wards_right(found: Answers) -> np.ndarray:
    """Whether the ward answered is the one in force at the truth."""
    index = AreaNames(area_index())
    within = index.within(
        np.array([float(row["lon"]) for row, _ in found]), np.array([float(row["lat"]) for row, _ in found]), ON
    )
    return np.array([p is not None and p.ward_code == w.ward_code for (_, p), w in zip(found, within, strict=True)])


def measured(found: Answers) -> dict[str, Any]:
    """Shares within 100, 250, 500, 1,000 m, median, ward of 2025 right."""
    distance = distances(found)
    return {
        "n": len(found),
        **{f"within_{m}": round(float((distance <= m).mean()), 4) for m in (100, 250, 500, 1000)},
        "median_m": round(float(np.median(distance)), 1),
        "ward_right": round(float(wards_right(found).mean()), 4),
    }


def intervals(found: Answers) -> dict[str, list[float]]:
    """Where the shares of so few rows lie, 19 times in 20: drawn again 2,000 times."""
    distance, ward = distances(found), wards_right(found)
    drawn = np.random.default_rng(17).integers(0, len(found), (2000, len(found)))
    shares = {"within_100": distance <= 100, "within_500": distance <= 500, "ward_right": ward}
    return {
        name: [round(float(edge), 3) for edge in np.quantile(true[drawn].mean(axis=1), (0.025, 0.975))]
        for name, true in shares.items()
    }
