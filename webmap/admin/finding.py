"""A report found by its code, which somebody typed into a page's own field."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from incidents.codes import normalise
from incidents.errors import UnknownCode

TYPED = 40


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What was typed (`?code=`), where it leads, and what is wrong with it; all empty where nothing was typed."""

    typed: str = ""
    wrong: str = ""
    there: Answer | None = None


def sought(endpoint: str) -> Sought:
    """Leads to `endpoint` with the report's `code`; whether there is such a report is for that page to say."""
    typed = request.args.get("code", "").strip()[:TYPED]
    if not typed:
        return Sought()
    try:
        return Sought(typed=typed, there=redirect(url_for(endpoint, code=normalise(typed)), 303))
    except UnknownCode:
        wrong = _("Mã này không đúng: có một ký tự sai hoặc hai ký tự đổi chỗ.")
        return Sought(typed=typed, wrong=wrong)
