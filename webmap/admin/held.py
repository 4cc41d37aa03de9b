"""What waits to be looked at before the public sees it: texts and photos, released or refused one by one."""

from __future__ import annotations

from typing import cast

from flask import Response, abort, redirect, request, send_file, url_for
from flask_babel import format_datetime, get_locale, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from database.engine import transaction
from incidents import moderation, photos, reference
from incidents.codes import spoken
from incidents.errors import NoSuchReport
from incidents.moderation import Verdict
from webmap.admin import blueprint, page, who
from webmap.problems import Problem

AT_ONCE = 50


@blueprint.get("/held")
def held() -> Response:
    """The oldest first."""
    lang = "en" if str(get_locale()) == "en" else "vi"
    with transaction(who().context) as connection:
        total = moderation.count_held(connection)
        waiting = moderation.held(connection, limit=AT_ONCE)
        known = reference.current(connection)

    def category(code: str | None) -> str:
        found = known.categories.get(code or "")
        return found.name[lang] if found else _("Chưa phân loại")

    done = request.args.get("done", type=int)
    return page(
        "staff/held.html",
        "held",
        held=waiting,
        total=total,
        spoken=spoken,
        category=category,
        moment=lambda at: format_datetime(at, "HH:mm dd/MM/yyyy"),
        done=None if done is None else ngettext("Đã duyệt %(num)s mục.", "Đã duyệt %(num)s mục.", done),
    )


@blueprint.post("/held/<code>")
def judge(code: str) -> Answer:
    """Release or refuse what is ticked of a report."""
    verdict = request.form.get("verdict", "")
    if verdict not in ("released", "refused"):
        abort(400)
    me = who()
    try:
        with transaction(me.context) as connection:
            done = moderation.judge(
                connection,
                code,
                cast(Verdict, verdict),
                text=request.form.get("text") == "1",
                photos=request.form.getlist("photo"),
                actor=me.context.actor,
            )
    except NoSuchReport:
        raise Problem(404, "there is no such report") from None
    return redirect(url_for("admin.held", done=done), 303)


@blueprint.get("/held/photos/<sha256>.jpg")
def held_photo(sha256: str) -> Response:
    """A photo that the public does not see yet, its small version."""
    with transaction(who().context) as connection:
        allowed = moderation.may_see_photo(connection, sha256)
    path = photos.path(sha256, small=True)
    if not allowed or not path.exists():
        raise Problem(404, "there is no such photo")
    answer = send_file(path, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
