"""Hot cells that touch are one place on the map, with a letter and the name of what lies there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from etl.hotspots.answer import HOT, Cluster
from etl.hotspots.area_cells import AreaCells
from geo import crs
from geo.geocoder import AreaNames
from geo.grid import Units
from geo.reverse import around as names_around

MOST = 26


@dataclass(frozen=True, kw_only=True)
class Group:
    """Hot cells that touch, int64[k] ascending; the events in and beside them, the highest z, and the cell it is of."""

    cells: NDArray[np.int64]
    n: int
    z: float
    peak: int


def hot_places(
    cells: Units, columns: dict[str, NDArray[np.generic]], around: sparse.csr_array, names: AreaNames
) -> tuple[Cluster, ...]:
    """The largest groups of neighbouring hot cells, most events first, at most as many as there are letters."""
    found = []
    for letter, group in enumerate(hot_groups(columns, around)[:MOST]):
        (x,), (y,) = crs.from_metres(cells.x[[group.peak]], cells.y[[group.peak]])
        name, ward = called(cells, group.peak, (float(x), float(y)), names)
        found.append(
            Cluster(
                letter=chr(ord("A") + letter), cells=len(group.cells), n=group.n, z=group.z,
                lon=float(x), lat=float(y), name=name, ward=ward,
            )
        )  # fmt: skip
    return tuple(found)


def hot_groups(columns: dict[str, NDArray[np.generic]], around: sparse.csr_array) -> list[Group]:
    """Every group of neighbouring hot cells, most events first: the first of them are lettered in this order."""
    hot = np.flatnonzero(np.isin(columns["class"], HOT))
    if not len(hot):
        return []
    _, member = connected_components(around[hot][:, hot], directed=False)
    n, z = columns["n"].astype(np.int64), columns["z"].astype(np.float64)
    found = []
    for number in range(member.max() + 1):
        of = hot[member == number]
        # What made the cells hot lies in them or beside them. Named by the cell that stands out most: there is a
        # street, while the middle of a bent group may lie in the river.
        events = int(n[with_neighbours(of, around)].sum())
        found.append(Group(cells=of, n=events, z=float(z[of].max()), peak=int(of[np.argmax(z[of])])))
    return sorted(found, key=lambda group: -group.n)


def with_neighbours(cells: NDArray[np.int64], around: sparse.csr_array) -> NDArray[np.int64]:
    """The cells and what is beside them, each once."""
    return np.union1d(cells, around[cells].indices)


def called(cells: Units, row: int, at: tuple[float, float], names: AreaNames) -> tuple[str, str]:
    """An area's own name; of a cell what lies `at` its middle (lon, lat), and the ward; of a piece of road its own."""
    own = "" if cells.names is None else str(cells.names[row])
    if isinstance(cells, AreaCells):
        return own, ""
    street, ward = name_of(*at, names)
    return own or street, ward


def name_of(lon: float, lat: float, names: AreaNames) -> tuple[str, str]:
    """What lies there (a street, else the ward), and the ward."""
    from database.clock import local, now

    places = [place for place, _ in names_around(lon, lat, names, on=local(now()).date())]
    ward = next((place.ward for place in places if place.ward), "")
    street = next((place.street for place in places if place.street), "")
    return street or ward, ward
