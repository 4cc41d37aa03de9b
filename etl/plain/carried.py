"""Counts by areas of another day: what lies at a point is where it is; what is known to a former area alone is carried
over by the share of it that lies in each (`area_link`: shares of land)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from district_boundaries.areas import Area
from etl.plain.rows import Booleans, Floats, Incidents, Integers, Q


@dataclass(frozen=True, kw_only=True)
class Carried:
    """n incidents over m areas. `area` int64[n]: the one each lies in, -1 where it is spread over several or lies in
    none; `spread` bool[n]: carried over by shares; `row, to, share`: those shares, parallel arrays."""

    areas: list[Area]
    area: Integers
    spread: Booleans
    row: Integers
    to: Integers
    share: Floats

    def counts(self, chosen: Booleans) -> Floats:
        """How many of the chosen incidents are of each area, float64[m]; whole numbers where none is spread."""
        many = len(self.areas)
        here = self.area[chosen & (self.area >= 0)]
        found = np.bincount(here, minlength=many).astype(np.float64)
        some = chosen[self.row]
        return found + np.bincount(self.to[some], weights=self.share[some], minlength=many)

    @property
    def nowhere(self) -> Booleans:
        """Which lie in none of the areas and are in no share of one."""
        lost = self.area < 0
        lost[self.row] = False
        return lost


def over(connection: Connection, found: Incidents, level: str, there: list[Area]) -> Carried:
    """Where each incident is, by the areas `there` of a level (`ward`: of today; `district`: the last ones)."""
    ids = np.array([area.id for area in there], dtype=np.int64)
    now = found.now_ward if level == "ward" else found.now_district
    own = found.ward if level == "ward" else found.district
    area = _position(ids, now)
    # Known to an area of its own day alone: that one, where it still is one; else the shares of it.
    vague = found.vague if level == "ward" else found.vague & (found.precision == "district")
    kept = _position(ids, own)
    area[vague & (kept >= 0)] = kept[vague & (kept >= 0)]
    source = np.where(found.precision == "district", found.district, found.ward)
    moved = vague & (kept < 0) & (source > 0)
    if level == "district":
        # A ward of today may lie in several former districts; a former one lay in the district of its day.
        lone = found.vague & (found.precision == "ward")
        area[lone & (kept >= 0)] = kept[lone & (kept >= 0)]
        moved |= lone & (kept < 0) & (found.ward > 0)
    links = connection.execute(Q["shares"], {"to": ids.tolist()}).all()
    shares: dict[int, list[tuple[int, float]]] = {}
    place = {int(each): number for number, each in enumerate(ids.tolist())}
    for link in links:
        shares.setdefault(link.from_id, []).append((place[link.to_id], link.share))
    row, to, share = [], [], []
    spread = np.zeros(len(found), dtype=np.bool_)
    for number in np.flatnonzero(moved).tolist():
        parts = shares.get(int(source[number]))
        if not parts:
            continue  # no line is known of that area: it stays where its middle is
        spread[number] = True
        area[number] = -1
        for where, part in parts:
            row.append(number)
            to.append(where)
            share.append(part)
    return Carried(
        areas=there, area=area, spread=spread, row=np.array(row, dtype=np.int64), to=np.array(to, dtype=np.int64),
        share=np.array(share, dtype=np.float64),
    )  # fmt: skip


def _position(ids: NDArray[np.int64], wanted: Integers) -> Integers:
    """The place of each wanted id in `ids`, -1 where it is none of them."""
    if not len(ids):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(ids)
    at = order[np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)]
    return np.where(ids[at] == wanted, at, -1).astype(np.int64)
