"""The areas of a level on a day: wards, districts, and each field's zones, with their spans and sources."""

from __future__ import annotations

from datetime import date

from flask import Response, request

from database.engine import transaction
from district_boundaries import areas
from geo.text import search_key
from incidents import reference
from incidents.routing import rule_on
from webmap.admin import blueprint, page, who, wording

LEVELS = ("ward", "district", "zone")


@blueprint.get("/areas")
def area_list() -> Response:
    """`level` (ward), `field` of zones, `on` (today), `q` words of the name or the code."""
    level = request.args.get("level", "ward")
    level = level if level in LEVELS else "ward"
    words = request.args.get("q", "").strip()[:100]
    try:
        on = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        on = areas.today()
    with transaction(who().context) as connection:
        known, index = reference.current_with_areas(connection)
    field = request.args.get("field", "")
    field = field if field in known.field_by_code else known.fields[0].code
    found = index.of_level(level, field if level == "zone" else None, on)
    total = len(found)
    if words:
        key = search_key(words)
        found = [area for area in found if key in search_key(f"{area.name} {area.name_en} {area.code}")]
    units = {}
    if level == "zone":
        for area in found:
            rule = rule_on(known.field_tiers[field].rules.get(area.id, ()), on.toordinal())
            units[area.id] = known.units[rule.unit_id] if rule else None
    return page(
        "staff/areas.html",
        "area_list",
        areas=found,
        total=total,
        level=level,
        field=field,
        fields=[(each.code, each.name[wording.language()]) for each in known.fields],
        on=on,
        words=words,
        units=units,
        called=wording.called,
        span=wording.span,
        name=wording.unit_name,
        lang=wording.language(),
    )
