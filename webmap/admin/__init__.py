"""/admin: a module a tab. A tab names itself in TABS and hangs its routes on the blueprint; who may open which stands
in webmap/policy.py."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answer

from incidents.accounts import Account
from webmap import policy, sessions

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


class Tab(NamedTuple):
    """A tab: its endpoint's name in this blueprint, its title."""

    endpoint: str
    title: object


TABS: list[Tab] = [
    Tab("held", _l("Chờ duyệt")),
    Tab("places", _l("Sửa vị trí")),
    Tab("units", _l("Đơn vị")),
    Tab("categories", _l("Loại sự cố")),
    Tab("area_list", _l("Địa bàn")),
    Tab("responsible", _l("Ai chịu trách nhiệm")),
    Tab("reports", _l("Đổi đơn vị, loại")),
    Tab("accounts", _l("Tài khoản")),
    Tab("walls", _l("Màn hình tường")),
]


@blueprint.get("")
def index() -> Answer:
    """The first tab that whoever is logged in may open."""
    first = next(tab for tab in TABS if policy.may(f"admin.{tab.endpoint}"))
    return redirect(url_for(f"admin.{first.endpoint}"), 303)


def page(template: str, tab: str, **said: object) -> Response:
    """A tab's page, with the tabs above it. Staff pages are kept by nobody."""
    shown = [each for each in TABS if policy.may(f"admin.{each.endpoint}")]
    answer = make_response(render_template(template, tabs=shown, tab=tab, **said))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def who() -> Account:
    """Whoever is logged in; webmap.policy has let them through."""
    found = sessions.account()
    assert found is not None
    return found


from webmap.admin import (  # noqa: E402  (routes hang themselves on the blueprint)
    accounts,
    area_list,
    categories,
    changes,
    held,
    places,
    responsible,
    units,
    walls,
)

__all__ = [
    "TABS",
    "Tab",
    "accounts",
    "area_list",
    "blueprint",
    "categories",
    "changes",
    "held",
    "page",
    "places",
    "responsible",
    "units",
    "walls",
    "who",
]
