"""The kinds of incident: field, map layer, clocks, who is asked for them, what is open."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Response
from flask_babel import gettext as _

from database.engine import transaction
from database.sql import queries
from district_boundaries import areas
from incidents import reference
from incidents.reference import Category, Reference
from webmap.admin import blueprint, page, who, wording
from webmap.public.durations import duration

Q = queries(Path(__file__).with_suffix(".sql"))


@blueprint.get("/categories")
def categories() -> Response:
    """In the order of the file, field by field."""
    with transaction(who().context) as connection:
        known = reference.current(connection)
        opened = {row.category: row.open for row in connection.execute(Q["open"])}
    lang = wording.language()
    rows = [_row(known, each) | {"open": opened.get(each.code, 0)} for each in known.categories.values()]
    by_field = [(field, [row for row in rows if row["category"].field == field.code]) for field in known.fields]
    return page("staff/categories.html", "categories", by_field=by_field, lang=lang, total=len(rows))


def _row(known: Reference, category: Category) -> dict[str, Any]:
    today = areas.today().toordinal()
    clocks = next((rule for rule in known.deadlines.get(category.code, ()) if rule.first <= today <= rule.last), None)
    tiers = known.tiers.get(category.code, ())
    own = bool(tiers) and tiers[0] is not known.field_tiers[category.field]
    levels = {"ward": _("phường, xã"), "district": _("quận, huyện"), "zone": _("vùng của lĩnh vực")}
    used = [tier for tier in tiers if any(r.first <= today <= r.last for rules in tier.rules.values() for r in rules)]
    units = {
        rule.unit_id
        for tier in used
        for rules in tier.rules.values()
        for rule in rules
        if rule.first <= today <= rule.last
    }
    return {
        "category": category,
        "symbol": f"h-{category.hero}" if category.hero != "other" else f"f-{category.field}",
        "own": own,
        "by": ", ".join(str(levels[tier.level]) for tier in used),
        "units": len(units),
        "only": known.units[next(iter(units))] if len(units) == 1 else None,
        "accept": duration(timedelta(minutes=clocks.accept_minutes)) if clocks and clocks.accept_minutes else "",
        "resolve": duration(timedelta(minutes=clocks.resolve_minutes)) if clocks and clocks.resolve_minutes else "",
        "sample": bool(clocks and clocks.sample),
        "urgency": {
            "emergency": _("khẩn cấp"),
            "high": _("gấp"),
            "normal": _("thường"),
            "low": _("thấp"),
        }[category.urgency],
    }
