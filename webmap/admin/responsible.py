"""Who is responsible here? A place, a day and how well the place is known in; every field's unit and why out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _

from database.engine import transaction
from district_boundaries import areas
from district_boundaries.areas import Area, AreaIndex
from incidents import reference
from incidents.explanation import Border, Explanation, Responsible, explain
from incidents.reference import Reference, Unit
from webmap.admin import blueprint, page, who, wording
from webmap.api import parameters
from webmap.coordinates import read_coordinates
from webmap.problems import bad_request

USUAL_METRES = 25
MOST_METRES = 1000


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked; `lon` and `lat` are None where no place was said yet."""

    typed: str
    lon: float | None
    lat: float | None
    on: date
    metres: float
    wrong: str = ""
    """what cannot be read, in words"""


@blueprint.get("/responsible")
def responsible() -> Response:
    """The page; `at` as people write coordinates, `on`, `accuracy`; `part=1` gives the answer alone."""
    asked = question()
    said = answer(asked) | {"all_reasons": "part" not in request.args or request.args.get("why") == "open"}
    if request.args.get("part"):
        return make_response(render_template("staff/_responsible_answer.html", **said))
    return page("staff/responsible.html", "responsible", **said)


@blueprint.get("/responsible.json")
def responsible_json() -> Response:
    """The same for programs: `lat`, `lon`, `on` (today), `accuracy` (metres, 25)."""
    lon, lat = parameters.position(request.args)
    on = parameters.day(request.args)
    metres = parameters.number(request.args, "accuracy") if "accuracy" in request.args else float(USUAL_METRES)
    if not 0 <= metres <= MOST_METRES:
        raise bad_request("accuracy", f"must be 0 to {MOST_METRES} metres")
    with transaction(who().context) as connection:
        known, index = reference.current_with_areas(connection)
    found = explain(known, index, [lon], [lat], on, metres)[0]
    return jsonify(_document(found, known, index))


def question() -> Question:
    """What the request asks."""
    typed = request.args.get("at", "").strip()[:100]
    wrong = ""
    place = read_coordinates(typed)
    if typed and place is None:
        wrong = _("Viết vĩ độ rồi kinh độ, ví dụ 10,79879; 106,72697.")
    try:
        on = date.fromisoformat(request.args.get("on", "").strip() or areas.today().isoformat())
    except ValueError:
        on, wrong = areas.today(), wrong or _("Ngày không đọc được.")
    try:
        metres = float(request.args.get("accuracy", "").replace(",", ".") or USUAL_METRES)
    except ValueError:
        metres = math.nan
    if not 0 <= metres <= MOST_METRES:
        metres, wrong = USUAL_METRES, wrong or _("Sai số từ 0 đến %(most)d m.", most=MOST_METRES)
    lon, lat = place or (None, None)
    return Question(typed=typed, lon=lon, lat=lat, on=on, metres=metres, wrong=str(wrong))


def answer(asked: Question) -> dict[str, Any]:
    """All that the templates show."""
    shown: dict[str, Any] = {
        "asked": asked,
        "today": areas.today(),
        "typed": asked.typed,
        "metres": wording.metres(asked.metres) if asked.metres % 1 else f"{asked.metres:.0f} m",
        "found": None,
    }
    if asked.lon is None or asked.lat is None:
        return shown
    with transaction(who().context) as connection:
        known, index = reference.current_with_areas(connection)
    found = explain(known, index, [asked.lon], [asked.lat], asked.on, asked.metres)[0]
    shown["found"] = found
    shown["typed"] = asked.typed or f"{asked.lat:.5f}, {asked.lon:.5f}"
    if found.inside:
        words = _Words(known, index)
        ward, district = (index.area(each) if each else None for each in (found.ward_id, found.district_id))
        shown |= {
            "ward": words.area(ward) if ward else None,
            "district": words.area(district) if district else None,
            "former": bool(district and district.valid_to and district.valid_to < found.on),
            "near_ward": words.border(found.ward_border) if _close(found.ward_border, asked.metres) else None,
            "unsure": words.unsure(found),
            "field_rows": [words.row(each) for each in found.fields],
            "category_rows": [words.row(each) for each in found.categories],
            "old": found.on < areas.today(),
        }
    return shown


def _close(border: Border | None, metres: float) -> bool:
    return border is not None and border.area_id != 0 and border.metres < metres


class _Words:
    """Ids turned into what the page says."""

    def __init__(self, known: Reference, index: AreaIndex) -> None:
        self.known, self.index = known, index

    def area(self, area: Area) -> dict[str, Any]:
        return {
            "name": wording.called(area),
            "code": area.code,
            "span": wording.span(area.valid_from, area.valid_to),
            "approximate": area.approximate,
            "sample": area.sample,
        }

    def unit(self, unit_id: int) -> Unit:
        return self.known.units[unit_id]

    def border(self, border: Border | None) -> dict[str, Any] | None:
        if border is None:
            return None
        return {
            "metres": wording.metres(border.metres),
            "beyond": wording.called(self.index.area(border.area_id)) if border.area_id else None,
            "unit": self.unit(border.unit_id) if border.unit_id else None,
        }

    def title(self, each: Responsible) -> str:
        lang = wording.language()
        if each.category:
            return self.known.categories[each.category].name[lang]
        return self.known.field_by_code[each.field].name[lang]

    def unsure(self, found: Explanation) -> list[dict[str, Any]]:
        """Between which units a person decides, and for what."""
        groups: dict[tuple[int, ...], list[str]] = {}
        for each in found.unsure:
            groups.setdefault(each.candidates, []).append(self.title(each))
        return [
            {"units": [wording.unit_name(self.unit(unit)) for unit in units], "for": titles}
            for units, titles in groups.items()
        ]

    def row(self, each: Responsible) -> dict[str, Any]:
        area = self.index.area(each.area_id) if each.area_id else None
        return {
            "field": each.field,
            "category": each.category,
            "title": self.title(each),
            "zone": wording.called(area) if area else "",
            "area": self.area(area) if area else None,
            "level": area.level_name[wording.language()] if area else "",
            "unit": self.unit(each.unit_id),
            "told": self.unit(each.told_unit_id) if each.told_unit_id else None,
            "others": [self.unit(unit) for unit in each.candidates[1:]],
            "rule": each.rule,
            "rule_span": wording.rule_span(each.rule) if each.rule else "",
            "border": self.border(each.border),
            "same_beyond": bool(each.border and each.border.unit_id == each.unit_id),
        }


def _document(found: Explanation, known: Reference, index: AreaIndex) -> dict[str, Any]:
    def unit(unit_id: int) -> dict[str, str] | None:
        return {"code": known.units[unit_id].code, "name": known.units[unit_id].name["vi"]} if unit_id else None

    def area(area_id: int) -> dict[str, Any] | None:
        if not area_id:
            return None
        one = index.area(area_id)
        days = (one.valid_from, one.valid_to)
        first, last = (each.isoformat() if each else None for each in days)
        return {"code": one.code, "level": one.level, "name": one.name, "valid_from": first, "valid_to": last}

    def border(one: Border | None) -> dict[str, Any] | None:
        if one is None:
            return None
        return {"metres": round(one.metres, 2), "beyond": area(one.area_id), "unit": unit(one.unit_id)}

    def answers(each: Iterable[Responsible]) -> list[dict[str, Any]]:
        return [
            {
                "field": one.field,
                "category": one.category,
                "unit": unit(one.unit_id),
                "told": unit(one.told_unit_id),
                "area": area(one.area_id),
                "rule": one.rule and {"rule": one.rule.name, "version": one.rule.version, "sample": one.rule.sample},
                "border": border(one.border),
                "candidates": [unit(candidate) for candidate in one.candidates],
            }
            for one in each
        ]

    return {
        "lat": found.lat,
        "lon": found.lon,
        "on": found.on.isoformat(),
        "accuracy_m": found.accuracy_m,
        "inside": found.inside,
        "nearest_area": found.nearest,
        "approximate_boundary": found.approximate,
        "ward": area(found.ward_id),
        "district": area(found.district_id),
        "ward_border": border(found.ward_border),
        "fields": answers(found.fields),
        "categories": answers(found.categories),
    }
