"""`/r/find`: a lost code, by the telephone number that was left with the report.

The answer is the same whether or not the number is known, so that nobody learns who reported. Nothing is looked up and
nothing is kept as long as no sender is connected: `SENDERS` is where the channel that sends messages will hang itself.
"""

from __future__ import annotations

from collections.abc import Callable

import phonenumbers
from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from webmap.public import blueprint
from webmap.public.origin import refuse_others

SENDERS: list[Callable[[str], object]] = []
"""Each is handed the number (E.164) and sends whatever codes belong to it, on its own time: the page does not wait."""


@blueprint.get("/r/find")
def lost_code() -> Response:
    """The form."""
    return _page()


@blueprint.post("/r/find")
def ask_lost_code() -> Response:
    """The same answer for every number that can be one."""
    refuse_others()
    typed = request.form.get("phone", "").strip()[:40]
    number = _number(typed)
    if number is None:
        return _page(typed=typed, wrong=_("Số điện thoại chưa đúng, ví dụ 0908 123 456."))
    for sender in SENDERS:
        sender(number)
    return _page(asked=True)


def _number(typed: str) -> str | None:
    try:
        found = phonenumbers.parse(typed, "VN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def _page(*, typed: str = "", wrong: str = "", asked: bool = False) -> Response:
    page = render_template("report/find.html", typed=typed, wrong=wrong, asked=asked, connected=bool(SENDERS))
    answer = make_response(page, 422 if wrong else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer
