"""The units: fields, kind, contact points, what is open. One without a contact point stands out."""

from __future__ import annotations

from pathlib import Path

from flask import Response, request
from flask_babel import get_locale

from database.engine import transaction
from database.sql import queries
from district_boundaries import areas
from geo.text import search_key
from incidents import reference
from webmap.admin import blueprint, page, who

Q = queries(Path(__file__).with_suffix(".sql"))


@blueprint.get("/units")
def units() -> Response:
    """By name; `?q=` words of the name or the code, `?only=` missing (no contact point) or sample."""
    lang = "en" if str(get_locale()) == "en" else "vi"
    words, only = request.args.get("q", "").strip(), request.args.get("only", "")
    with transaction(who().context) as connection:
        known = reference.current(connection)
        numbers = {row.unit_id: row for row in connection.execute(Q["numbers"])}
    today = areas.today()
    connected = [unit for unit in known.units.values() if unit.connected and unit.in_force(today)]
    missing = [unit for unit in connected if not numbers[unit.id].contacts]
    sample = [unit for unit in connected if unit.sample]
    shown = {"missing": missing, "sample": sample}.get(only, connected)
    if words:
        key = search_key(words)
        shown = [unit for unit in shown if key in search_key(f"{unit.name['vi']} {unit.name['en']} {unit.code}")]
    return page(
        "staff/units.html",
        "units",
        units=shown,
        numbers=numbers,
        fields={field.code: field.name[lang] for field in known.fields},
        name=lambda unit: unit.name[lang] or unit.name["vi"],
        words=words,
        only=only if only in ("missing", "sample") else "",
        counts={"": len(connected), "missing": len(missing), "sample": len(sample)},
    )
