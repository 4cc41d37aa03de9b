"""Ward and district committees, made from the areas: one for each ward and district and each time it was in force.

Today's committee of a ward and that of a former ward of the same code and name are two units: the reform of July 2025
dissolved the one and formed the other. Where one area has several rows (better and worse boundaries of the same ward),
it has one committee.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from geo.text import search_key
from incidents.reference.spans import FIRST, LAST, Span, common, last_day, without

TITLES = {
    "phuong": ("Chủ tịch UBND phường", "ward"),
    "xa": ("Chủ tịch UBND xã", "commune"),
    "thi_tran": ("Chủ tịch UBND thị trấn", "township"),
    "dac_khu": ("Chủ tịch UBND đặc khu", "special zone"),
    "quan": ("Chủ tịch UBND quận", "district"),
    "huyen": ("Chủ tịch UBND huyện", "district"),
    "thi_xa": ("Chủ tịch UBND thị xã", "town"),
    "thanh_pho": ("Chủ tịch UBND thành phố", "city"),
}
SOURCE = "made from the wards and districts in force"


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """What committees and responsibilities need of an area."""

    id: int
    level: str
    field: str
    code: str
    name: str
    name_en: str
    kind: str
    valid: Span


Holders = Mapping[tuple[int, str], Sequence[AreaRow]]
"""(area id, level) → the wards or districts that hold the area's inner point, lowest code first, whatever the day"""


@dataclass(frozen=True, kw_only=True)
class Committee:
    """A committee as a unit, before it has an id."""

    code: str
    name_vi: str
    name_en: str
    kind: str
    """ward_committee or district_committee"""
    parent: str | None
    head: str
    area_id: int
    valid: Span


def held(area: AreaRow, level: str, holders: Holders, days: Span) -> list[tuple[Span, AreaRow]]:
    """Who of `level` holds the area, over which of these days; the lowest code where two do.

    On its own level an area is held by itself.
    """
    if area.level == level:
        days_of_its_own = common(days, area.valid)
        return [(days_of_its_own, area)] if days_of_its_own else []
    found: list[tuple[Span, AreaRow]] = []
    open_days = [days]
    for holder in holders.get((area.id, level), ()):
        rest: list[Span] = []
        for part in open_days:
            if shared := common(part, holder.valid):
                found.append((shared, holder))
                rest += without(part, [shared])
            else:
                rest.append(part)
        open_days = rest
    return sorted(found, key=lambda pair: pair[0])


def committees(areas: Iterable[AreaRow], holders: Holders) -> tuple[list[Committee], dict[int, str]]:
    """Every committee, districts first, and the code of the committee of each ward and district by area id."""
    groups: dict[tuple[str, str, str, bool], list[AreaRow]] = {}
    for area in areas:
        if area.level in ("ward", "district"):
            groups.setdefault((area.level, area.code, area.name, area.valid[1] >= LAST), []).append(area)
    made: list[Committee] = []
    code_of: dict[int, str] = {}
    taken: set[str] = set()
    for (level, code, name, in_force), rows in sorted(groups.items()):  # "district" sorts before "ward"
        newest = max(rows, key=lambda row: row.valid[1])
        ended = last_day(newest.valid)
        own = f"UBND-{code}" if in_force or ended is None else f"UBND-{code}-{ended.year}"
        unique, number = own, 1
        while unique in taken:
            number += 1
            unique = f"{own}-{number}"
        taken.add(unique)
        for row in rows:
            code_of[row.id] = unique
        district = _last_district(newest, holders) if level == "ward" else None
        title, word = TITLES.get(newest.kind, ("Chủ tịch UBND", ""))
        plain = newest.name_en or search_key(name).title()
        made.append(
            Committee(
                code=unique,
                name_vi=f"UBND {name}, {district.name}" if district and not in_force else f"UBND {name}",
                name_en=f"People's Committee of {plain}{f' {word}' if word and word not in plain.lower() else ''}",
                kind=f"{level}_committee",
                parent=code_of.get(district.id) if district and not in_force else None,
                head=title,
                area_id=newest.id,
                valid=(min((row.valid[0] for row in rows), default=FIRST), newest.valid[1]),
            )
        )
    return made, code_of


def _last_district(ward: AreaRow, holders: Holders) -> AreaRow | None:
    holding = held(ward, "district", holders, ward.valid)
    return holding[-1][1] if holding else None
