"""Who may open what: one rule for every address, in one table. The database says the same by itself.

An address without a rule opens to nobody, and tests/integration/test_rights.py fails. Who may not see something and
who asks for something that is not there get the same answer, and a visitor without log-in is sent to the log-in from
anything below a staff address, whether it exists or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from flask import Flask, Response, current_app, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from incidents.accounts import ROLES, Account
from webmap import sessions
from webmap.problems import Problem

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Who may open an address."""

    everybody: bool = False
    roles: frozenset[str] = field(default_factory=frozenset)
    """any of these, wherever"""
    own_unit: str | None = None
    """besides, the role `unit` where this part of the address is its own unit's code"""
    own_area: str | None = None
    """besides, the role `area` where this part of the address is its own area's code; the city's officer everywhere"""

    def allows(self, account: Account | None, where: Mapping[str, object]) -> bool:
        """Whether `account` (None: nobody is logged in) may open the address with these parts."""
        if self.everybody:
            return True
        if account is None:
            return False
        if account.roles & self.roles:
            return True
        if self.own_unit and "unit" in account.roles and account.unit_code:
            return where.get(self.own_unit) == account.unit_code
        if self.own_area and "area" in account.roles and account.area_code:
            named = (account.area_code, f"{account.area_level}:{account.area_code}")
            return account.area_level == "city" or where.get(self.own_area) in named
        return False


def _roles(*names: str) -> frozenset[str]:
    assert set(names) <= set(ROLES)
    return frozenset(names)


EVERYBODY = Rule(everybody=True)
STAFF = Rule(roles=frozenset(ROLES))
MODERATORS = Rule(roles=_roles("call_taker", "administrator"))
ADMINISTRATORS = Rule(roles=_roles("administrator"))
PLANNERS = Rule(roles=_roles("planner", "administrator"))
DESK = Rule(roles=_roles("call_taker", "administrator"))
AREA_WATCH = Rule(roles=_roles("call_taker", "administrator"), own_area="code")
UNIT_QUEUE = Rule(roles=_roles("call_taker", "administrator"), own_unit="code")

RULES: dict[str, Rule] = {
    # public
    **dict.fromkeys(
        (
            "static",
            "health.healthz",
            "health.readyz",
            "metrics.show",  # which looks at who asks by itself: this machine, or a token
            "public.map_page",
            "public.incident_list",
            "public.find_report",
            "public.report_page",
            "public.own_report",  # which asks for the report's pin by itself
            "public.lost_code",
            "public.ask_lost_code",
            "public.report_form",
            "public.report_by_form",
            "public.set_language",
            "public.set_theme",
            "public.manifest",
            "public.service_worker",
            "public.offline",
            "public.download_map",
            "reports.send",
            "reports.show",
            "reports.listing",
            "incidents.listing",
            "locate.one_point",
            "areas.listing",
            "reference.fields",
            "reference.categories",
            "reference.units",
            "geocode.forward",
            "geocode.backward",
            "geocode.forwards_as_typed",
            "hotspots.cells",
            "openapi.document",
            "openapi.page",
            "live.live",
            "tiles.announce",
            "tiles.tile",
            "photos.show",
            "login.form",
            "login.log_in",
            # which ask for a key by themselves, and show the public's columns alone
            "wall.screen",
            "wall.open_screen",
            "wall.figures",
            "wall.own_outline",
        ),
        EVERYBODY,
    ),
    # an area's officers
    **dict.fromkeys(
        (
            "area.page",
            "area.outline",
            "area.listing",
            "area.day",
            "area.record",
            "area.object_to",
            "area.route",
            "area.rate",
            "area.minutes",
            "area.wall_of_area",
            "area.figures_of_area",
        ),
        AREA_WATCH,
    ),
    "area.worker": STAFF,
    # whoever works here
    **dict.fromkeys(("login.log_out", "login.own_account", "login.end_session", "login.change_password"), STAFF),
    # whoever takes calls
    **dict.fromkeys(("admin.places", "admin.place", "admin.move_place", "admin.judge_correction"), DESK),
    # the workbench; that only one's own analysis is ended, the database sees to
    **dict.fromkeys(("plan.show", "plan.ask", "plan.state", "plan.cancel", "plan.cells", "plan.file"), PLANNERS),
    **dict.fromkeys(("plan.save", "plan.forget"), PLANNERS),
    # … and that only one's own runs by a schedule, and only one's own notices are read
    **dict.fromkeys(("plan.monthly", "plan.start_monthly", "plan.stop_monthly"), PLANNERS),
    **dict.fromkeys(("plan.subscribe", "plan.unsubscribe", "plan.notices", "plan.read_notice"), PLANNERS),
    # administration
    **dict.fromkeys(("admin.index", "admin.held", "admin.judge", "admin.held_photo"), MODERATORS),
    **dict.fromkeys(
        (
            "admin.units",
            "admin.accounts",
            "admin.categories",
            "admin.area_list",
            "admin.responsible",
            "admin.responsible_json",
            "admin.reports",
            "admin.change",
            "admin.make_change",
            "admin.settle",
            "admin.walls",
            "admin.make_wall",
            "admin.revoke_wall",
        ),
        ADMINISTRATORS,
    ),
}

STAFF_PATHS = ("/admin", "/area", "/unit", "/plan", "/desk", "/account", "/logout")


def register(app: Flask) -> None:
    """Ask the table before every request."""
    app.before_request(enforce)
    app.after_request(keep_nowhere)


def enforce() -> Answer | None:
    """Let the request through, send a visitor to the log-in, or answer as if there were nothing. Raises NotFound,
    Problem (401 for programs)."""
    endpoint = request.endpoint
    rule = RULES.get(endpoint) if endpoint else None
    if rule is not None and rule.everybody:
        return None
    staff_path = _is_staff_path()
    if endpoint is None and not staff_path:
        return None  # nothing is there: Flask says so
    if endpoint is not None and rule is None:
        log.error("an address without a rule in webmap/policy.py opens to nobody", endpoint=endpoint)
    account = sessions.account()
    if account is None and (rule is not None or staff_path):
        return _log_in_first()
    if rule is None or not rule.allows(account, request.view_args or {}):
        raise NotFound
    return None


def keep_nowhere(response: Response) -> Response:
    """What not everybody may see is kept by no browser and no proxy, and is found by no search."""
    rule = RULES.get(request.endpoint or "")
    if _is_staff_path() or (rule is not None and not rule.everybody):
        response.headers["Cache-Control"] = "no-store"
        response.headers.setdefault("X-Robots-Tag", "noindex")
    return response


def may(endpoint: str, **where: object) -> bool:
    """For navigation: whether there is such an address and whoever is logged in may open it."""
    rule = RULES.get(endpoint)
    return endpoint in current_app.view_functions and rule is not None and rule.allows(sessions.account(), where)


def _is_staff_path() -> bool:
    return request.path in STAFF_PATHS or request.path.startswith(tuple(f"{path}/" for path in STAFF_PATHS))


def _log_in_first() -> Answer:
    if request.path.startswith("/api/") or (request.accept_mimetypes and not request.accept_mimetypes.accept_html):
        raise Problem(401, "log in first")
    back = request.full_path.rstrip("?") if request.method in sessions.SAFE_METHODS else ""
    return redirect(url_for("login.form", next=back or None), 303)
