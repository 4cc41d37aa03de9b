"""Reporting on the public pages: what the sheet on the map is built from, and `/report`, the same as a plain form.

The plain form works without JavaScript and without a map: an address in place of a pin. It goes through the same
door, with a key made when the form was shown, so that sending it twice makes one report.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from flask import Response, make_response, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _
from pydantic import ValidationError

from database import clock
from database.engine import read
from incidents import reference
from incidents.reference import Reference
from webmap.api import report_body, reports
from webmap.problems import LATER, Problem, later
from webmap.public import blueprint, questions
from webmap.public.choices import CHOICES
from webmap.public.durations import deadline
from webmap.public.origin import refuse_others

_FORM_FIELDS = ("address", "category", "description", "name", "phone")


@blueprint.app_context_processor
def choices() -> dict[str, Any]:
    """`report_choices()` for templates: the eight choices, the whole list by field, and the scripts' catalogue."""
    return {"report_choices": _choices}


def _choices() -> dict[str, Any]:
    known = _reference()
    lang = "en" if str(get_locale()) == "en" else "vi"
    return {
        "choices": CHOICES,
        "fields": _by_field(known, lang) if known else [],
        "catalogue": {
            category.code: {
                "field": category.field,
                "group": category.group,
                "urgency": category.urgency,
                "name": dict(category.name),
                "short": dict(category.short_name),
                **questions.of(category.code),
            }
            for category in (known.categories.values() if known else ())
        },
    }


_last: list[Reference] = []


def _reference() -> Reference | None:
    """The reference data; while the database is away the last that this process has read, None where it has none."""
    try:
        with read() as connection:
            _last[:] = [reference.current(connection)]
    except LATER:
        pass
    return _last[0] if _last else None


def _by_field(known: Reference, lang: str) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name[lang],
            "categories": [
                {"code": category.code, "name": category.name[lang], "kind": category.kind}
                for category in known.categories.values()
                if category.field == field.code
            ],
        }
        for field in known.fields
    ]


@blueprint.get("/report")
def report_form() -> Response:
    """The form, empty but for what a link may bring along: `?address=`, `?category=`."""
    said = {name: request.args.get(name, "") for name in ("address", "category")}
    return _page(said, secrets.token_urlsafe(16))


@blueprint.post("/report")
def report_by_form() -> Response:
    """Take the form in: the page with the code, or the form again with what was said and what is wrong."""
    refuse_others()
    said = {name: request.form.get(name, "").strip() for name in _FORM_FIELDS}
    key = request.form.get("key", "")[:100] or secrets.token_urlsafe(16)
    try:
        answer = reports.take(_sent(said), f"form:{key}")
    except LATER as error:
        return _form_later(said, key, later(error))
    except Problem as problem:
        if problem.status == 409:  # the form was changed and sent again: that is another report
            words = _("Phản ánh trước đã được nhận. Gửi lần nữa để báo thêm.")
            return _page(said, secrets.token_urlsafe(16), [("", words)])
        if problem.status not in (413, 422):
            raise
        return _page(said, key, [(error.field, _words(error.field, error.message)) for error in problem.errors])
    due = deadline(datetime.fromisoformat(answer["due_at"]), clock.now()) if answer["due_at"] else ""
    page = make_response(render_template("report/sent.html", answer=answer, due=due), 201)
    page.headers["Cache-Control"] = "no-store"  # it bears the reporter's own secret
    return page


def _form_later(said: dict[str, str], key: str, problem: Problem) -> Response:
    """The form with everything that was written in it and the same key, so that sending it again is the same report."""
    words = [("", _("Hệ thống đang tạm nghỉ, chưa có gì được lưu. Nội dung vẫn còn ở đây: gửi lại sau ít giây."))]
    if any(part.filename for part in request.files.getlist("photos")):
        words.append(("photos", _("Trình duyệt không giữ được ảnh: hãy chọn lại ảnh.")))
    page = _page(said, key, words)
    page.status_code = problem.status
    page.headers.update(problem.headers)
    return page


def _sent(said: dict[str, str]) -> report_body.Sent:
    """The form's fields as the interface's body."""
    reporter = {name: said[name] for name in ("name", "phone") if said[name]}
    fields: dict[str, Any] = {"channel": "web"} | {
        name: said[name] for name in ("address", "category", "description") if said[name]
    }
    if reporter:
        fields["reporter"] = reporter
    uploads = report_body.uploaded(request.files.getlist("photos"))
    try:
        return report_body.Sent(report_body.ReportBody.model_validate(fields), uploads)
    except ValidationError as error:
        raise report_body.invalid(error) from None


def _page(said: dict[str, str], key: str, wrong: list[tuple[str, str]] | None = None) -> Response:
    page = render_template("report/form.html", said=said, key=key, wrong=wrong or [])
    answer = make_response(page, 422 if wrong else 200)
    answer.headers["Cache-Control"] = "no-store"  # every form has a key of its own
    return answer


def _words(field: str, message: str) -> str:
    """What is wrong, in the page's language, where the field is one of the form's."""
    known: dict[str, str] = {
        "address": _("Viết địa chỉ nơi có sự cố, ví dụ 92 Nguyễn Hữu Cảnh, Bình Thạnh."),
        "lat": _("Địa chỉ này nằm ngoài Thành phố Hồ Chí Minh."),
        "description": _("Viết vài chữ về sự cố, hoặc chọn một việc trong danh sách."),
        "category": _("Chọn lại một việc trong danh sách."),
        "photos": _("Một ảnh không dùng được. Chọn ảnh JPEG, PNG hoặc WebP, nhiều nhất 5 ảnh."),
        "reporter.phone": _("Số điện thoại chưa đúng, ví dụ 0908 123 456."),
    }
    return known.get(field, message)
