"""The pages of the blueprint: the map, and the look-up of a code."""

from __future__ import annotations

import re

from flask import Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from webmap.public import blueprint
from webmap.public.catalogue import FIELDS, HEROES, LEGEND, STATES


@blueprint.get("/")
def map_page() -> Response:
    answer = make_response(render_template("map.html", heroes=HEROES, fields=FIELDS, states=STATES, legend=LEGEND))
    answer.headers["Vary"] = "Cookie, Accept-Language"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@blueprint.get("/r")
def find_report() -> Answer | str:
    """A code typed as it was heard on the telephone (with or without hyphen, small letters) leads to its page."""
    heard = request.args.get("code", "")
    code = re.sub(r"[\s.\-–]", "", heard).upper()
    if re.fullmatch(r"[2-9A-HJKMNP-Z]{6,8}", code):
        return redirect(f"/r/{code}", 303)
    problem = _("Mã có sáu chữ và số, ví dụ 7TR-4KM. Không có chữ O, I, L và số 0, 1.") if heard else ""
    return render_template("find_report.html", heard=heard, problem=problem)
