"""How areas, units, rules and spans of days are called on the pages of the administration."""

from __future__ import annotations

from datetime import date

from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _

from district_boundaries.areas import Area
from incidents.reference import Unit
from incidents.reference.spans import first_day, last_day
from incidents.reference.values import Rule
from webmap.public.report_view import area_name


def language() -> str:
    """The page's, `vi` or `en`."""
    return "en" if str(get_locale()) == "en" else "vi"


def unit_name(unit: Unit) -> str:
    """Its full name, without the mark of sample configuration."""
    return unit.name[language()] or unit.name["vi"]


def called(area: Area) -> str:
    """An area by its name; a zone by its own."""
    if area.level == "zone":
        return (area.name_en if language() == "en" else "") or area.name
    return area_name(area, language())


def day(on: date) -> str:
    """24/11/2026, in both languages."""
    return on.strftime("%d/%m/%Y")


def span(first: date | None, last: date | None) -> str:
    """Days in force: "từ 01/07/2025", "tới 30/06/2025"; nothing where neither end is known."""
    if first and last:
        return f"{day(first)} – {day(last)}"
    if first:
        return str(_("từ %(day)s", day=day(first)))
    return str(_("tới %(day)s", day=day(last))) if last else ""


def rule_span(rule: Rule) -> str:
    """The days for which a rule holds."""
    days = (rule.first, rule.last)
    return span(first_day(days), last_day(days)) or str(_("mọi ngày"))


def metres(length: float) -> str:
    """A distance on the ground: 5 m, 833 m, 1,9 km. Never rounded up, so that "less than the uncertainty" shows."""
    if length < 10:
        return f"{format_decimal(int(length * 10) / 10)} m"
    if length < 1000:
        return f"{int(length)} m"
    return f"{format_decimal(round(length / 1000, 1))} km"
