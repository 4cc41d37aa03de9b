"""Keys of the screens on walls: made for one area, shown once, taken away with one button."""

from __future__ import annotations

from flask import Response, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from database.engine import transaction
from district_boundaries import areas
from incidents import wall_keys
from webmap.admin import blueprint, page, who
from webmap.admin.wording import called
from webmap.problems import Problem


@blueprint.get("/walls")
def walls() -> Response:
    """All keys, and a form for another one."""
    return _page()


@blueprint.post("/walls")
def make_wall() -> Response:
    """Make a key; the answer is the only page that ever shows it."""
    typed = request.form.get("area", "").strip()[:60]
    label = request.form.get("label", "")[:200]
    level, _colon, code = typed.split(" ")[0].rpartition(":")
    me = who()
    with transaction(me.context) as connection:
        area = areas.current(connection).by_code(code, level or None)
        if area is None or area.level == "zone":
            wrong = _("Không có địa bàn nào mang mã này.")
            return _page(typed=typed, label=label, wrong=str(wrong), status=422)
        secret = wall_keys.make(connection, area.id, label, actor=me.context.actor)
    return _page(made=f"{request.host_url}wall#{secret}", made_for=called(area))


@blueprint.post("/walls/<int:key>/revoke")
def revoke_wall(key: int) -> Answer:
    """Take a key away: its screen says so at its next question."""
    me = who()
    with transaction(me.context) as connection:
        if not wall_keys.revoke(connection, key, actor=me.context.actor):
            raise Problem(404, "there is no such key")
    return redirect("/admin/walls", 303)


def _page(status: int = 200, **said: str) -> Response:
    with transaction(who().context) as connection:
        index = areas.current(connection)
        keys = wall_keys.everyone(connection)
    told: dict[str, object] = {"typed": "", "label": "", "wrong": "", "made": "", **said}
    told |= {"keys": keys, "area": index.area, "called": called, "label_length": wall_keys.LABEL_LENGTH}
    told["choices"] = [area for level in ("city", "ward", "district") for area in index.of_level(level)]
    answer = page("staff/walls.html", "walls", **told)
    answer.status_code = status
    return answer
