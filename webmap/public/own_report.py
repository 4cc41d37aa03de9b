"""What a reporter does on their report's page with its pin: correct place or category, add a photo, withdraw.

One address takes it all, as a form: `POST /r/{code}/own` with `pin` and `act`. Without the pin nothing of it is shown.
The pin travels in the body alone, never in an address, so that no log holds it; its page is kept by nobody. Works
without a script; the page's script puts the same part into the report's page (`?part=1`).
"""

from __future__ import annotations

import time
from typing import Any

import limits
from flask import Response, current_app, make_response, render_template, request
from flask_babel import gettext as _
from limits import strategies

from database.engine import transaction
from district_boundaries import areas
from incidents import own_report as acts
from incidents import photos, reference, relocation
from incidents.codes import normalise, spoken
from incidents.drafts import FoundPlace
from incidents.errors import NoSuchReport, UnknownCode
from incidents.own_report import CannotDo, NotYours
from incidents.reference import Reference
from webmap import callers
from webmap.api import report_body
from webmap.coordinates import read_coordinates
from webmap.problems import Problem
from webmap.public import blueprint
from webmap.public.language import chosen as language
from webmap.public.origin import refuse_others
from webmap.public.report_view import WITHDRAWALS

WRONG_PINS = (limits.parse("10 per 10 minutes"), limits.parse("60 per day"))
"""of one address; a pin of eight symbols out of thirty cannot be guessed at this pace"""
SOURCE = "reporter"


@blueprint.post("/r/<typed>/own")
def own_report(typed: str) -> Response:
    """The part for the reporter, after doing what `act` says."""
    refuse_others()
    try:
        code = normalise(typed)
    except UnknownCode:
        raise Problem(404, "there is no such report") from None
    pin = request.form.get("pin", "").strip()[:40]
    _refuse_guessing()
    try:
        context = acts.context(code, pin)
    except NoSuchReport:
        raise Problem(404, "there is no such report") from None
    except NotYours:
        _count_wrong()
        wrong = _("Mã riêng chưa đúng: tám chữ và số, ở trang sau khi gửi.")
        return _page(code, {"mine": None, "wrong": wrong}, 403)
    said: dict[str, Any] = {"done": "", "problem": "", "problem_of": "", "candidates": None, "asked": request.form}
    status = 200
    act = request.form.get("act", "")
    try:
        said |= _do(context, code, act)
    except CannotDo as refused:
        said |= {"problem": _words(refused), "problem_of": act}
        status = 409 if refused.problem in ("accepted", "shared", "ended") else 422
    except Problem as refused:
        if refused.status not in (413, 422):
            raise
        words = _("Một ảnh không dùng được. Chọn ảnh JPEG, PNG hoặc WebP, nhiều nhất 5 ảnh.")
        said, status = said | {"problem": words, "problem_of": act}, 422
    with transaction(context) as connection:
        known = reference.current(connection)
        said |= {"mine": acts.own(connection, code), "pin": pin, "categories": _categories(known)}
    said |= {"reasons": {reason: WITHDRAWALS[reason]() for reason in acts.WITHDRAWALS}, "most": photos.MAX_PHOTOS}
    return _page(code, said, status)


def _do(context: Any, code: str, act: str) -> dict[str, Any]:
    """What came of it, for the page. Raises CannotDo, Problem."""
    form = request.form
    if act == "photo":
        # Stored before the transaction that names them, as with a new report.
        uploads = report_body.uploaded(request.files.getlist("photos"))
        if not uploads:
            raise CannotDo("no_photo", "photos")
        stored = tuple(report_body.store(upload, number) for number, upload in enumerate(uploads, start=1))
    with transaction(context) as connection:
        known, index = reference.current(connection), areas.current(connection)
        if act == "find":
            found = relocation.by_address(connection, form.get("address", "").strip()[:500], areas.today())
            return {"candidates": [{"number": k, "place": each} for k, each in enumerate(found)]}
        if act == "place":
            place = _place(connection, form)
            if place is None:
                raise CannotDo("no_place", "place")
            acts.correct_place(connection, known, index, code, place)
            return {"done": _("Đã sửa vị trí. Tổng đài và đơn vị thấy ngay.")}
        if act == "category":
            acts.correct_category(connection, known, index, code, form.get("category", ""))
            return {"done": _("Đã sửa loại sự cố.")}
        if act == "photo":
            acts.add_photos(connection, code, stored)
            return {"done": _("Đã nhận ảnh. Ảnh hiện công khai sau khi tổng đài xem.")}
        if act == "withdraw":
            ends = acts.withdraw(connection, known, code, form.get("reason", ""))
            if ends:
                return {"done": _("Đã rút phản ánh.")}
            return {"done": _("Đã rút. Người khác cũng báo sự cố này, nên việc xử lý vẫn tiếp tục.")}
    return {}


def _place(connection: Any, form: Any) -> FoundPlace | None:
    address, pick = form.get("address", "").strip()[:500], form.get("pick", type=int)
    if address and pick is not None:
        found = relocation.by_address(connection, address, areas.today())
        return found[pick] if 0 <= pick < len(found) else None
    point = read_coordinates(form.get("at", "")[:100])
    return relocation.pinned(*point, SOURCE) if point else None


def _categories(known: Reference) -> list[tuple[str, list[tuple[str, str]]]]:
    lang = language()
    return [
        (
            field.name[lang],
            [(c.code, c.name[lang]) for c in known.categories.values() if c.field == field.code and not c.retired],
        )
        for field in known.fields
    ]


def _page(code: str, said: dict[str, Any], status: int) -> Response:
    template = "report/_own.html" if request.args.get("part") else "report/own.html"
    answer = make_response(render_template(template, code=code, spoken=spoken(code), **said), status)
    answer.headers["Cache-Control"] = "no-store"  # it bears the reporter's own secret
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _refuse_guessing() -> None:
    """Raises Problem 429 where an address has typed too many wrong pins."""
    counter: strategies.RateLimiter | None = current_app.extensions.get("rate_limits")
    if counter is None:
        return
    for item in WRONG_PINS:
        if not counter.test(item, "pin", callers.address()):
            reset = counter.get_window_stats(item, "pin", callers.address()).reset_time
            wait = str(max(1, round(reset - time.time())))
            raise Problem(429, "too many wrong pins from your address", headers={"Retry-After": wait})


def _count_wrong() -> None:
    counter: strategies.RateLimiter | None = current_app.extensions.get("rate_limits")
    if counter is not None:
        for item in WRONG_PINS:
            counter.hit(item, "pin", callers.address())


def _words(refused: CannotDo) -> str:
    words = {
        "accepted": _("Đơn vị đã nhận việc, không tự sửa được nữa. Gọi 1022 để nói thêm."),
        "shared": _("Người khác cũng báo sự cố này, nên không tự sửa được. Gọi 1022 để nói thêm."),
        "ended": _("Phản ánh này đã kết thúc."),
        "no_reason": _("Chọn một lý do."),
        "too_many_photos": _("Nhiều nhất %(most)d ảnh.", most=photos.MAX_PHOTOS),
        "no_photo": _("Chọn ít nhất một ảnh."),
        "unknown_category": _("Chọn lại một việc trong danh sách."),
        "nothing": _("Chưa đổi gì."),
        "same_place": _("Chưa đổi gì: chọn một điểm khác."),
        "no_place": _("Chọn một điểm trên bản đồ, hoặc tìm một địa chỉ rồi chọn."),
        "outside_city": _("Vị trí nằm ngoài Thành phố Hồ Chí Minh"),
        "closed": _("Phản ánh này đã kết thúc."),
    }
    return str(words[refused.problem])
