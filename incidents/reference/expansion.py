"""The compact lines of responsibilities.csv, spread over the areas they name: one rule an area and span of days.

A line for an area's own code goes before a line for `*`: it takes its days from it. Two lines of the same kind for one
category (or field), area and day are refused by name, as is an area that nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from incidents.reference.committees import AreaRow, Holders, held
from incidents.reference.errors import BadLine, BadReference
from incidents.reference.files import COMMITTEES, ResponsibilityLine
from incidents.reference.spans import Span, common, without, words

FILE = "responsibilities.csv"


@dataclass(frozen=True, kw_only=True)
class Responsibility:
    """Who acts for a category or field in one area over one span of days."""

    rule: str
    field: str
    category: str | None
    area_id: int
    unit: str
    """a unit's code"""
    told: str | None
    valid: Span
    sample: bool
    source: str


def expand(
    lines: Sequence[ResponsibilityLine],
    areas: Iterable[AreaRow],
    holders: Holders,
    committee_of: Mapping[int, str],
) -> list[Responsibility]:
    """Every responsibility that the lines make over these areas. Raises BadReference with every line to mend."""
    layers: dict[tuple[str, str], dict[str, list[AreaRow]]] = {}
    for area in areas:
        layers.setdefault((area.level, area.field), {}).setdefault(area.code, []).append(area)
    problems: list[BadLine] = []
    taken: dict[tuple[str | None, str, int], list[tuple[Span, ResponsibilityLine]]] = {}
    made: list[Responsibility] = []
    for line in sorted(lines, key=lambda line: (line.area == "*", line.line)):
        layer = layers.get((line.level, line.field if line.level == "zone" else ""), {})
        if not layer:  # no boundaries of this kind yet: nobody can be responsible there, and `units check` says so
            continue
        if line.area != "*" and line.area not in layer:
            what = f"zone of {line.field}" if line.level == "zone" else line.level
            problems.append(BadLine(FILE, line.line, f"no {what} bears the code {line.area!r}"))
            continue
        clashes: set[int] = set()
        for area in (row for code in ([line.area] if line.area != "*" else layer) for row in layer[code]):
            days = common(line.valid, area.valid)
            if days is None:
                continue
            key = (line.category, line.field, area.id)
            before = taken.setdefault(key, [])
            if line.area == "*":
                parts = without(days, [span for span, other in before if other.area != "*"])
            else:
                parts = [days]
            for part in parts:
                for span, other in before:
                    shared = common(span, part)
                    if shared and (other.area == "*") == (line.area == "*") and other.line not in clashes:
                        clashes.add(other.line)
                        problems.append(
                            BadLine(
                                FILE,
                                line.line,
                                f"rule {line.rule!r} and rule {other.rule!r} (line {other.line}) both hold for "
                                f"{line.category or line.field} in {area.name} ({area.code}), {words(shared)}",
                            )
                        )
                before.append((part, line))
                made += _in_area(line, area, part, holders, committee_of)
    if problems:
        raise BadReference(sorted(problems, key=lambda problem: problem.line))
    return made


def _in_area(
    line: ResponsibilityLine, area: AreaRow, days: Span, holders: Holders, committee_of: Mapping[int, str]
) -> list[Responsibility]:
    """One line in one area: cut where the committee in charge, or the one to be told, changes."""
    parts: list[tuple[Span, str]] = [(days, line.unit)]
    if line.unit in COMMITTEES:
        parts = [(part, committee_of[holder.id]) for part, holder in held(area, line.unit, holders, days)]
    told: list[tuple[Span, str | None]] = [(days, line.told)]
    if line.told in COMMITTEES:
        told = [(part, committee_of[holder.id]) for part, holder in held(area, line.told, holders, days)]
        told += [(part, None) for part in without(days, [span for span, _ in told])]
    return [
        Responsibility(
            rule=line.rule,
            field=line.field,
            category=line.category,
            area_id=area.id,
            unit=unit,
            told=other,
            valid=shared,
            sample=line.sample,
            source=line.source,
        )
        for part, unit in parts
        for tell, other in told
        if (shared := common(part, tell))
    ]
