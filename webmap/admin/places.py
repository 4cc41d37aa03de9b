"""A report's place corrected by a person here: by a point or a new address, with a reason; and what was learnt of it.

What it would do (areas, unit, deadline, the line in the record) is said before it is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from database import clock
from database.engine import transaction
from database.sql import queries
from district_boundaries import areas
from district_boundaries.areas import AreaIndex
from geo.geocoder import corrections
from incidents import reassignment, reference, relocation
from incidents.codes import spoken
from incidents.drafts import DEFAULT_ACCURACY_M, FoundPlace
from incidents.errors import NoSuchReport
from incidents.reassignment import CannotChange
from incidents.record.events import CORRECTION_JUDGED, NewEvent, write
from incidents.reference import Reference
from incidents.relocation import Relocation
from incidents.workflow import OPEN
from webmap.admin import blueprint, page, who, wording
from webmap.admin.finding import sought
from webmap.admin.report_words import capital, category_name, hand_row, place_words, refusal, symbol_name
from webmap.coordinates import read_coordinates
from webmap.problems import Problem
from webmap.public.durations import deadline, duration, moment
from webmap.public.report_view import MOVE_REASONS, PRECISIONS

Q = queries(Path(__file__).with_suffix(".sql"))
AT_ONCE = 50
SOURCE = "staff"
LEAST_ACCURACY_M, MOST_ACCURACY_M = 1.0, 1000.0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the form says."""

    at: str
    """coordinates as typed, or as the map wrote them"""
    address: str
    pick: int | None
    """which of the places that the address may mean"""
    accuracy_m: float
    reason: str
    note: str
    seen: int | None


@blueprint.get("/places")
def places() -> Answer:
    """Find a report by its code; below, those whose place nobody is sure of, and what was learnt."""
    one = sought("admin.place")
    if one.there:
        return one.there
    with transaction(who().context) as connection:
        known, index = reference.current(connection), areas.current(connection)
        unsure = connection.execute(Q["unsure"], {"limit": AT_ONCE}).all()
        learnt = corrections.learnt(connection, limit=AT_ONCE)
    now = clock.now()
    rows = [
        {
            "code": row.code,
            "symbol": symbol_name(row.kind, row.status, row.due_at),
            "title": category_name(known, row.category),
            "place": place_words(row.place, row.ward_id, index),
            "address": row.address,
            "precision": PRECISIONS[row.precision](round(row.accuracy_m or 0)) if row.precision else "",
            "when": moment(row.received_at, now),
            "at": row.received_at,
        }
        for row in unsure
    ]
    return page(
        "staff/places.html",
        "places",
        typed=one.typed,
        wrong=one.wrong,
        rows=rows,
        learnt=[learnt_words(each) for each in learnt],
        spoken=spoken,
        most=AT_ONCE,
        done=request.args.get("done", ""),
    )


@blueprint.post("/corrections/<int:number>")
def judge_correction(number: int) -> Answer:
    """Let what a reporter corrected count, or take back what was learnt; and back to where one came from."""
    verdict, me = request.form.get("verdict", ""), who()
    if verdict not in ("confirm", "undo"):
        abort(400)
    with transaction(me.context) as connection:
        found = corrections.one(connection, number)
        if found is None:
            raise Problem(404, "there is no such correction")
        act = corrections.confirm if verdict == "confirm" else corrections.undo
        if act(connection, number, by=me.context.actor):
            data = {"correction": number, "verdict": verdict}
            write(connection, [NewEvent(kind=CORRECTION_JUDGED, actor=me.context.actor, data=data)])
    code = request.form.get("code", "")
    if code and found.origin == f"report:{code}":
        return redirect(url_for("admin.place", code=code, done=verdict), 303)
    return redirect(url_for("admin.places", done=verdict), 303)


@blueprint.get("/reports/<code>/place")
def place(code: str) -> Answer:
    """The form; `?part=plan` with its fields gives what the move would do, alone."""
    with transaction(who().context) as connection:
        return _form(connection, code, part=request.args.get("part") == "plan")


@blueprint.post("/reports/<code>/place")
def move_place(code: str) -> Answer:
    """Move it and go back to it, or the form again with what is missing."""
    asked, me = _asked(request.form), who()
    try:
        with transaction(me.context) as connection:
            found = _chosen(connection, asked)
            if found is None:
                raise CannotChange("no_place", "at")
            relocation.move(
                connection,
                reference.current(connection),
                areas.current(connection),
                code,
                found,
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
    return redirect(url_for("admin.place", code=code, done="moved"), 303)


def _form(connection: Connection, code: str, *, part: bool = False, refused: CannotChange | None = None) -> Answer:
    try:
        was, now = reassignment.standing(connection, code), relocation.place_now(connection, code)
    except NoSuchReport:
        raise Problem(404, "there is no such report") from None
    known, index = reference.current(connection), areas.current(connection)
    asked = _asked(request.values)
    problem, moved = refused, None
    candidates = relocation.by_address(connection, asked.address, areas.today()) if asked.address else []
    chosen = _chosen(connection, asked, candidates)
    if chosen is not None:
        try:
            moved = relocation.plan(connection, known, index, code, chosen, at=clock.now())
        except CannotChange as wrong:
            problem = problem or wrong
    elif asked.at and not asked.address:
        problem = problem or CannotChange("no_place", "at")
    said: dict[str, Any] = {
        "code": code,
        "was": was,
        "now": now,
        "asked": asked,
        "old": _spot_words(now.words, now.precision, now.accuracy_m, now.ward_id, now.district_id, index),
        "new": _new_words(moved, index) if moved else None,
        "plan": _plan_words(connection, known, moved, asked),
        "problem": _problem(problem) if problem else "",
        "name": wording.unit_name,
    }
    if part:
        return make_response(render_template("staff/_place_plan.html", **said))
    said |= {
        "spoken": spoken,
        "symbol": symbol_name(was.kind, was.status, was.resolve_due_at),
        "title": category_name(known, was.category),
        "open": was.status in OPEN,
        "candidates": [
            {
                "number": k,
                "words": each.label or asked.address,
                "metres": wording.metres(each.accuracy_m),
                "place": each,
            }
            for k, each in enumerate(candidates)
        ],
        "reasons": {reason: capital(MOVE_REASONS[reason]()) for reason in relocation.REASONS},
        "learns": relocation.MISPLACED,
        "hands": [hand_row(known, each) for each in reassignment.history(connection, was.id)],
        "learnt": [learnt_words(each) for each in corrections.learnt(connection, origin=f"report:{code}")],
        "problem_field": problem.field if problem else "",
        "done": "" if refused else request.args.get("done", ""),
        "note_length": reassignment.NOTE_LENGTH,
    }
    answer = page("staff/place.html", "places", **said)
    if refused:
        answer.status_code = 409 if refused.problem in ("closed", "meanwhile") else 422
    return answer


def _asked(values: Any) -> Asked:
    try:
        accuracy = float(values.get("accuracy", "").replace(",", ".") or DEFAULT_ACCURACY_M)
    except ValueError:
        accuracy = DEFAULT_ACCURACY_M
    return Asked(
        at=values.get("at", "").strip()[:100],
        address=values.get("address", "").strip()[:500],
        pick=values.get("pick", type=int),
        accuracy_m=min(max(accuracy, LEAST_ACCURACY_M), MOST_ACCURACY_M),
        reason=values.get("reason", "")[:40],
        note=values.get("note", "")[:2000],
        seen=values.get("seen", type=int),
    )


def _chosen(connection: Connection, asked: Asked, candidates: list[FoundPlace] | None = None) -> FoundPlace | None:
    """The place that the form means: one of those of its address, else its coordinates; None where neither is said."""
    if asked.address and asked.pick is not None:
        found = candidates or relocation.by_address(connection, asked.address, areas.today())
        return found[asked.pick] if 0 <= asked.pick < len(found) else None
    point = read_coordinates(asked.at)
    return relocation.pinned(*point, SOURCE, asked.accuracy_m) if point else None


def _spot_words(  # noqa: PLR0917
    words: str,
    precision: str | None,
    accuracy_m: float | None,
    ward_id: int | None,
    district_id: int | None,
    index: AreaIndex,
) -> dict[str, str]:
    """A place as the form says it: street, areas, how well it is known."""
    ward = wording.called(index.area(ward_id)) if ward_id else ""
    district = index.area(district_id) if district_id else None
    former = ""
    if district is not None:
        called = wording.called(district)
        former = str(_("%(district)s cũ", district=called)) if district.valid_to else called
    return {
        "words": words or ward or str(_("Chưa rõ vị trí")),
        "areas": ", ".join(part for part in (ward, former) if part),
        "precision": str(PRECISIONS[precision](round(accuracy_m or 0))) if precision else "",
    }


def _new_words(moved: Relocation, index: AreaIndex) -> dict[str, str]:
    found = moved.place
    return _spot_words(found.label, found.precision, found.accuracy_m, moved.ward_id, moved.district_id, index)


def _plan_words(
    connection: Connection, known: Reference, moved: Relocation | None, asked: Asked
) -> dict[str, Any] | None:
    """What would come of it: how far, which unit, by when, the line in the record."""
    if moved is None:
        return None
    now, planned, was = clock.now(), moved.planned, moved.was
    seal = reassignment.last_seal(connection)
    lines = [("event", "report.place_corrected"), ("actor", who().context.actor)]
    if moved.metres is not None:
        lines.append(("metres", f"{moved.metres:.0f}"))
    lines.append(("reason", asked.reason or "–"))
    if planned and planned.unit_changes:
        lines += [("event", "incident.assigned"), ("from", known.units[was.unit_id].code)]
        lines.append(("to", known.units[planned.unit_id].code))
    if seal:
        lines.append(("prev", f"{seal[1][:8]}…{seal[1][-4:]}"))
    return {
        "lines": lines,
        "lon": moved.place.lon,
        "lat": moved.place.lat,
        "radius": round(moved.place.accuracy_m),
        "far": wording.metres(round(moved.metres)) if moved.metres is not None else "",
        "unit_now": known.units[was.unit_id],
        "unit": known.units[planned.unit_id] if planned else None,
        "unit_changes": bool(planned and planned.unit_changes),
        "candidates": [known.units[each] for each in moved.candidates],
        "due": deadline(planned.due_at, now) if planned and planned.due_at else "",
        "waiting": bool(planned and planned.status in ("received", "classified")),
        "not_counted": duration(planned.not_counted)
        if planned and planned.unit_changes and planned.not_counted.total_seconds() >= 60
        else "",
        "joined": planned is None,
        "learns": asked.reason == relocation.MISPLACED and bool(moved.now.address),
    }


def learnt_words(each: corrections.Correction) -> dict[str, Any]:
    """A correction as a row: what is known of the address, of which report, whether it counts."""
    code = each.origin.removeprefix("report:") if each.origin.startswith("report:") else ""
    return {
        "id": each.id,
        "words": each.words,
        "code": code,
        "waits": each.waits,
        "undone": each.undone_at is not None,
        "by_reporter": each.made_by == "reporter",
        "lat": each.lat,
        "lon": each.lon,
        "at": each.made_at,
        "when": moment(each.made_at, clock.now()),
    }


def _problem(refused: CannotChange) -> str:
    words = {
        "closed": _("Việc này đã kết thúc, không sửa vị trí được nữa."),
        "outside_city": _("Vị trí nằm ngoài Thành phố Hồ Chí Minh"),
        "same_place": _("Chưa đổi gì: chọn một điểm khác."),
        "no_place": _("Chọn một điểm trên bản đồ, viết toạ độ, hoặc tìm một địa chỉ rồi chọn."),
    }
    return refusal(refused, words)
