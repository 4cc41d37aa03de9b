"""The units: fields, kind, contact points, what is open. One without a contact point stands out."""

from __future__ import annotations

from pathlib import Path

from flask import Response, request
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from database.engine import transaction
from database.sql import queries
from district_boundaries import areas
from district_boundaries.areas import AreaIndex
from geo.text import search_key
from incidents import reference
from incidents.reference import Reference
from webmap.admin import blueprint, page, responsible, who
from webmap.admin.wording import called
from webmap.public.durations import duration

Q = queries(Path(__file__).with_suffix(".sql"))

LOOKED_AT = 200_000
"""so many of the record's last events say how long units take to accept"""
NAMED = 2
"""so many areas are named, more are counted"""


@blueprint.get("/units")
def units() -> Response:
    """By name; `?q=` words of the name or the code, `?only=` missing (no contact point) or sample."""
    lang = "en" if str(get_locale()) == "en" else "vi"
    words, only = request.args.get("q", "").strip(), request.args.get("only", "")
    with transaction(who().context) as connection:
        known = reference.current(connection)
        index = areas.current(connection)
        numbers = {row.unit_id: row for row in connection.execute(Q["numbers"])}
        accepts = {row.unit_id: duration(row.median) for row in connection.execute(Q["accepts"], {"events": LOOKED_AT})}
    today = areas.today()
    connected = [unit for unit in known.units.values() if unit.connected and unit.in_force(today)]
    missing = [unit for unit in connected if not numbers[unit.id].contacts]
    sample = [unit for unit in connected if unit.sample]
    shown = {"missing": missing, "sample": sample}.get(only, connected)
    covers = covered(known, index)
    if words:
        key = search_key(words)
        said = {unit.id: f"{unit.name['vi']} {unit.name['en']} {unit.code} {covers.get(unit.id, '')}" for unit in shown}
        shown = [unit for unit in shown if key in search_key(said[unit.id])]
    return page(
        "staff/units.html",
        "units",
        units=shown,
        numbers=numbers,
        covers=covers,
        accepts=accepts,
        **responsible.answer(responsible.question()),
        fields={field.code: field.name[lang] for field in known.fields},
        name=lambda unit: unit.name[lang] or unit.name["vi"],
        words=words,
        only=only if only in ("missing", "sample") else "",
        counts={"": len(connected), "missing": len(missing), "sample": len(sample)},
    )


def covered(known: Reference, index: AreaIndex) -> dict[int, str]:
    """Unit → where it is responsible today, in words: "Khu 1 – trung tâm và phía nam", "12 vùng"."""
    today = areas.today()
    found: dict[int, dict[str, set[int]]] = {}
    for tier in {id(tier): tier for tiers in known.tiers.values() for tier in tiers}.values():
        level = f"{tier.level}:{tier.field}"
        for area_id, rules in tier.rules.items():
            if not index.area(area_id).valid_on(today):
                continue
            for rule in rules:
                if rule.first <= today.toordinal() <= rule.last:
                    found.setdefault(rule.unit_id, {}).setdefault(level, set()).add(area_id)
    layers = {f"{level}:{field}": len(index.of_level(level, field)) for level, field in index.layers if level != "city"}
    return {unit: _where(levels, layers, index) for unit, levels in found.items()}


def _where(levels: dict[str, set[int]], layers: dict[str, int], index: AreaIndex) -> str:
    if any(len(ids) == layers[level] for level, ids in levels.items()):
        return str(_("Toàn thành phố"))
    ids = sorted({each for ids in levels.values() for each in ids}, key=lambda each: index.area(each).code)
    if len(ids) <= NAMED:
        return ", ".join(called(index.area(each)) for each in ids)
    only_wards = all(level.startswith("ward:") for level in levels)
    if only_wards:
        return str(ngettext("%(num)s phường, xã", "%(num)s phường, xã", len(ids)))
    return str(ngettext("%(num)s vùng", "%(num)s vùng", len(ids)))
