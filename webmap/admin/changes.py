"""A report given to another unit or another category, by a person and with a reason; and those that wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from database import clock
from database.engine import transaction
from database.sql import queries
from district_boundaries import areas
from district_boundaries.areas import AreaIndex
from incidents import reassignment, reference
from incidents.codes import spoken
from incidents.errors import NoSuchReport
from incidents.explanation import explain
from incidents.reassignment import CannotChange, Planned, Standing
from incidents.reference import Reference, Unit
from incidents.workflow import OPEN
from webmap.admin import blueprint, page, who, wording
from webmap.admin.finding import sought
from webmap.admin.report_words import capital, category_name, hand_row, place_words, refusal, symbol_name, unit_or_desk
from webmap.problems import Problem
from webmap.public.durations import deadline, duration, moment
from webmap.public.report_view import CHANGE_REASONS, OBJECTIONS

Q = queries(Path(__file__).with_suffix(".sql"))
AT_ONCE = 50


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the form says."""

    unit: str
    """a unit's code; empty: whom the rules name"""
    category: str
    reason: str
    note: str
    seen: int | None


@blueprint.get("/reports")
def reports() -> Answer:
    """Find a report by its code; below, those whose unit a person has to choose, the oldest first."""
    one = sought("admin.change")
    if one.there:
        return one.there
    with transaction(who().context) as connection:
        known, index = reference.current_with_areas(connection)
        waiting = connection.execute(Q["waiting"], {"desk": known.desk.id, "limit": AT_ONCE}).all()
    now = clock.now()
    rows = [
        {
            "code": row.code,
            "symbol": symbol_name(row.kind, row.status, row.due_at),
            "title": category_name(known, row.category),
            "place": place_words(row.place, row.ward_id, index),
            "units": [known.units[unit] for unit in row.candidate_unit_ids],
            "late": row.due_at is not None and row.due_at < now,
            "left": duration(row.due_at - now) if row.due_at else "",
            "demo": row.demo,
            "objected": row.objected,
        }
        for row in waiting
    ]
    return page(
        "staff/reports.html", "reports", typed=one.typed, wrong=one.wrong, rows=rows, spoken=spoken, most=AT_ONCE
    )


@blueprint.get("/reports/<code>")
def change(code: str) -> Answer:
    """The form; `?part=plan` with its fields gives what the change would do, alone."""
    with transaction(who().context) as connection:
        return _form(connection, code, part=request.args.get("part") == "plan")


@blueprint.post("/reports/<code>")
def make_change(code: str) -> Answer:
    """Change it and go back to it, or the form again with what is missing."""
    asked, me = _asked(request.form), who()
    try:
        with transaction(me.context) as connection:
            reassignment.reassign(
                connection,
                *reference.current_with_areas(connection),
                code,
                unit=asked.unit or None,
                category=asked.category or None,
                reason=asked.reason,
                note=asked.note,
                seen=asked.seen,
                actor=me.context.actor,
            )
    except NoSuchReport:
        raise Problem(404, "there is no such report") from None
    except CannotChange as refused:
        with transaction(me.context) as connection:
            return _form(connection, code, refused=refused)
    return redirect(url_for("admin.change", code=code, done=1), 303)


@blueprint.post("/reports/<code>/settle")
def settle(code: str) -> Answer:
    """Whoever said that it is not theirs was wrong, or it is mended elsewhere: it stays as it is."""
    me = who()
    try:
        with transaction(me.context) as connection:
            reassignment.settle(connection, code, actor=me.context.actor)
    except NoSuchReport:
        raise Problem(404, "there is no such report") from None
    return redirect(url_for("admin.change", code=code), 303)


def _form(connection: Connection, code: str, *, part: bool = False, refused: CannotChange | None = None) -> Answer:
    try:
        was = reassignment.standing(connection, code)
    except NoSuchReport:
        raise Problem(404, "there is no such report") from None
    known, index = reference.current_with_areas(connection)
    now = clock.now()
    asked = _asked(request.values)
    chosen = "unit" in request.values
    planned, problem = None, refused
    try:
        unit = asked.unit if chosen else known.units[was.unit_id].code
        planned = reassignment.plan(
            known, index, was, unit=unit or None, category=asked.category or None, at=clock.now()
        )
    except CannotChange as wrong:
        problem = problem or wrong
    said: dict[str, Any] = {
        "code": was.code,
        "was": was,
        "asked": asked,
        "chosen_unit": asked.unit if chosen else known.units[was.unit_id].code,
        "chosen_category": asked.category or was.category or "",
        "plan": _plan_words(connection, known, was, planned, asked),
    }
    if part:
        answer = make_response(render_template("staff/_change_plan.html", **said))
        return answer
    category = planned.category if planned else was.category
    said |= {
        "spoken": spoken,
        "symbol": symbol_name(was.kind, was.status, was.resolve_due_at),
        "title": category_name(known, was.category),
        "place": place_words(was.place, was.ward_id, index),
        "near": _near(known, index, was),
        "open": was.status in OPEN,
        "objections": [
            {
                "by": _objector(each, known, index),
                "why": OBJECTIONS[each.reason](),
                "note": each.note,
                "when": moment(each.at, now),
            }
            for each in reassignment.objections(connection, was.id)
        ],
        "unit_now": known.units[was.unit_id],
        "units": _units(known, was, planned, category),
        "categories": _categories(known),
        "reasons": {reason: capital(CHANGE_REASONS[reason]()) for reason in reassignment.REASONS},
        "hands": [hand_row(known, each) for each in reassignment.history(connection, was.id)],
        "problem": _problem(problem) if problem else "",
        "problem_field": problem.field if problem else "",
        "done": bool(request.args.get("done")) and not refused,
        "note_length": reassignment.NOTE_LENGTH,
        "name": wording.unit_name,
    }
    answer = page("staff/change.html", "reports", **said)
    if refused:
        answer.status_code = 409 if refused.problem in ("closed", "meanwhile") else 422
    return answer


def _asked(values: Any) -> Asked:
    return Asked(
        unit=values.get("unit", "")[:80],
        category=values.get("category", "")[:80],
        reason=values.get("reason", "")[:40],
        note=values.get("note", "")[:2000],
        seen=values.get("seen", type=int),
    )


def _plan_words(
    connection: Connection, known: Reference, was: Standing, planned: Planned | None, asked: Asked
) -> dict[str, Any]:
    """The line that will be written, whom it tells, the new deadline."""
    if planned is None or not planned.kinds:
        return {"lines": [], "told": [], "due": "", "not_counted": "", "unit": None}
    now, me = clock.now(), who()
    seal = reassignment.last_seal(connection)
    lines: list[tuple[str, str]] = [("event", " + ".join(planned.kinds)), ("actor", me.context.actor)]
    if planned.category_changes:
        lines += [("from", was.category or "–"), ("to", planned.category or "–")]
    if planned.unit_changes:
        lines += [("from", known.units[was.unit_id].code), ("to", known.units[planned.unit_id].code)]
    lines.append(("reason", asked.reason or "–"))
    if seal:
        lines.append(("prev", f"{seal[1][:8]}…{seal[1][-4:]}"))
    return {
        "lines": lines,
        "unit": known.units[planned.unit_id],
        "told": [known.units[each] for each in planned.told],
        "reporter": was.known_reporter,
        "due": deadline(planned.due_at, now) if planned.due_at else "",
        "waiting": planned.status in ("received", "classified"),
        "not_counted": duration(planned.not_counted) if planned.not_counted.total_seconds() >= 60 else "",
        "former": known.units[was.unit_id],
    }


def _units(
    known: Reference, was: Standing, planned: Planned | None, category: str | None
) -> list[tuple[str, list[Unit]]]:
    """Who can be chosen, the likeliest first, each once."""
    today = areas.today()
    taken: set[int] = {was.unit_id}
    field = known.categories[category].field if category else None
    connected = [unit for unit in known.units.values() if unit.connected and unit.in_force(today)]
    candidates = [*was.candidate_unit_ids, *((planned.rule_unit_id, *planned.candidates) if planned else ())]
    groups = [
        (_("Ứng viên ở đây"), [known.units[each] for each in dict.fromkeys(candidates)]),
        (_("Cùng lĩnh vực"), [unit for unit in connected if field in unit.fields]),
        (_("Tổng đài"), [known.desk]),
        (_("Ủy ban phường, xã, đặc khu"), [u for u in known.units.values() if _committee(u) and u.in_force(today)]),
        (_("Đơn vị khác"), connected),
    ]
    made: list[tuple[str, list[Unit]]] = []
    for title, units in groups:
        new = [unit for unit in units if unit.id not in taken and unit.in_force(today)]
        taken |= {unit.id for unit in new}
        if new:
            made.append((str(title), new))
    return made


def _committee(unit: Unit) -> bool:
    return unit.kind == "ward_committee"


def _categories(known: Reference) -> list[tuple[str, list[tuple[str, str]]]]:
    lang = wording.language()
    return [
        (
            field.name[lang],
            [(c.code, c.name[lang]) for c in known.categories.values() if c.field == field.code and not c.retired],
        )
        for field in known.fields
    ]


def _near(known: Reference, index: AreaIndex, was: Standing) -> str:
    """ "cách ranh Phường An Khánh 12 m", where that is less than the place is sure."""
    if was.lon is None or was.lat is None or not was.accuracy_m:
        return ""
    found = explain(known, index, [was.lon], [was.lat], clock.local(was.opened_at).date(), was.accuracy_m)[0]
    own = next((each for each in (*found.categories, *found.fields) if each.category == was.category), None)
    border = own.border if own and own.category else found.ward_border
    if border is None or not border.area_id or border.metres >= was.accuracy_m:
        return ""
    beyond = wording.called(index.area(border.area_id))
    return str(_("cách ranh %(area)s %(metres)s", area=beyond, metres=wording.metres(border.metres)))


def _objector(each: Any, known: Reference, index: AreaIndex) -> str:
    """The area or the unit that it was said for."""
    if each.area_id:
        return wording.called(index.area(each.area_id))
    return unit_or_desk(known.units[each.unit_id]) if each.unit_id else str(_("cán bộ"))


def _problem(refused: CannotChange) -> str:
    words = {
        "closed": _("Việc này đã kết thúc, không đổi đơn vị hay loại được nữa."),
        "nothing": _("Chưa đổi gì: chọn đơn vị khác hoặc loại khác."),
        "unknown_unit": _("Chọn một đơn vị trong danh sách."),
        "unknown_category": _("Chọn một loại trong danh sách."),
    }
    return refusal(refused, words)
