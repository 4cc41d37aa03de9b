"""Hot cells that touch are one place on the map, with a letter and the name of what lies there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from etl.hotspots.answer import HOT, Cluster
from geo import crs
from geo.geocoder import AreaNames
from geo.grid import Cells
from geo.reverse import around as names_around

MOST = 26


def hot_places(
    cells: Cells, columns: dict[str, NDArray[np.generic]], around: sparse.csr_array, names: AreaNames
) -> tuple[Cluster, ...]:
    """The largest groups of neighbouring hot cells, most events first, at most as many as there are letters."""
    hot = np.flatnonzero(np.isin(columns["class"], HOT))
    if not len(hot):
        return ()
    _, member = connected_components(around[hot][:, hot], directed=False)
    n, z = columns["n"].astype(np.int64), columns["z"][hot].astype(np.float64)
    # What made the cells hot lies in them or beside them.
    events = np.array([n[with_neighbours(hot[member == group], around)].sum() for group in range(member.max() + 1)])
    chosen = np.argsort(-events, kind="stable")[:MOST]
    # Named by the cell that stands out most: there is a street, while the middle of a bent group may lie in the river.
    peaks = [hot[np.flatnonzero(member == group)[np.argmax(z[member == group])]] for group in chosen]
    lon, lat = crs.from_metres(cells.x[peaks], cells.y[peaks])
    found = []
    for letter, (group, x, y) in enumerate(zip(chosen.tolist(), lon.tolist(), lat.tolist(), strict=True)):
        of = member == group
        name, ward = name_of(x, y, names)
        found.append(
            Cluster(
                letter=chr(ord("A") + letter), cells=int(of.sum()), n=int(events[group]), z=float(z[of].max()),
                lon=x, lat=y, name=name, ward=ward,
            )
        )  # fmt: skip
    return tuple(found)


def with_neighbours(cells: NDArray[np.int64], around: sparse.csr_array) -> NDArray[np.int64]:
    """The cells and what is beside them, each once."""
    return np.union1d(cells, around[cells].indices)


def name_of(lon: float, lat: float, names: AreaNames) -> tuple[str, str]:
    """What lies there (a street, else the ward), and the ward."""
    from database.clock import local, now

    places = [place for place, _ in names_around(lon, lat, names, on=local(now()).date())]
    ward = next((place.ward for place in places if place.ward), "")
    street = next((place.street for place in places if place.street), "")
    return street or ward, ward
