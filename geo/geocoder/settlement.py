"""Where in an area people are: metres of street in cells of 1/500 degree (about 220 m).

An address that names no more than a ward lies where the ward's houses are, not where its fields are. The lengths of
named and residential streets say where that is. The cells are made once from an OpenStreetMap extract and kept
beside this file (`settlement.csv`, ODbL 1.0, © OpenStreetMap contributors):

    python -m geo.geocoder.settlement EXTRACT.osm.pbf geo/geocoder/settlement.csv
"""

from __future__ import annotations

import csv
import sys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CELLS_PER_DEGREE = 500
FILE = Path(__file__).with_name("settlement.csv")

# Houses stand along streets, thinly along the roads that only pass through.
_WEIGHT = {
    "primary": 0.7,
    "secondary": 1.0,
    "tertiary": 1.0,
    "residential": 1.0,
    "living_street": 1.0,
    "unclassified": 0.7,
    "pedestrian": 0.7,
    "trunk": 0.3,
    "service": 0.2,
    "road": 0.5,
    "track": 0.1,
}
_STEP_M = 20.0
# Land without a street still may hold an address: what an empty cell weighs, in metres of street.
FLOOR_M = 20.0


@cache
def _grid() -> tuple[int, int, NDArray[np.float64]]:
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = np.array([[int(x) for x in row] for row in list(csv.reader(lines))[1:]], dtype=np.int64)
    west, south = int(rows[:, 0].min()), int(rows[:, 1].min())
    grid = np.zeros((int(rows[:, 0].max()) - west + 1, int(rows[:, 1].max()) - south + 1))
    grid[rows[:, 0] - west, rows[:, 1] - south] = rows[:, 2]
    return west, south, grid


def density(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres of street in the cell of each point (degrees), never below the floor: a weight, not a count of people."""
    west, south, grid = _grid()
    column = np.floor(lon * CELLS_PER_DEGREE).astype(np.int64) - west
    row = np.floor(lat * CELLS_PER_DEGREE).astype(np.int64) - south
    known = (column >= 0) & (row >= 0) & (column < grid.shape[0]) & (row < grid.shape[1])
    found = grid[np.where(known, column, 0), np.where(known, row, 0)]
    result: NDArray[np.float64] = np.where(known, found, 0.0) + FLOOR_M
    return result


def make(extract: Path, out: Path) -> int:
    """Writes the cells of an OpenStreetMap extract (any file that GDAL's OSM driver reads); returns how many."""
    import pyogrio
    import shapely

    streets = pyogrio.read_dataframe(extract, layer="lines", where="highway IS NOT NULL", columns=["highway"])
    cells: dict[tuple[int, int], float] = {}
    for kind, line in zip(streets.highway, streets.geometry, strict=True):
        weight = _WEIGHT.get(kind, 0.0)
        if not weight:
            continue
        metres = shapely.segmentize(line, _STEP_M / 110_000)
        x, y = np.asarray(metres.coords).T
        middle_x, middle_y = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
        length = np.hypot(np.diff(x) * np.cos(np.radians(middle_y)), np.diff(y)) * 111_195 * weight
        for column, row, part in zip(
            np.floor(middle_x * CELLS_PER_DEGREE).astype(int),
            np.floor(middle_y * CELLS_PER_DEGREE).astype(int),
            length,
            strict=True,
        ):
            cells[(int(column), int(row))] = cells.get((int(column), int(row)), 0.0) + float(part)
    kept = [(column, row, round(part)) for (column, row), part in sorted(cells.items()) if part >= 10]
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["column", "row", "street_m"])
        writer.writerows(kept)
    return len(kept)


if __name__ == "__main__":
    print(make(Path(sys.argv[1]), Path(sys.argv[2])), "cells")
