"""Who may open what: every address of the site × every role, made from the site's own map of addresses."""

from __future__ import annotations

import re

import pytest

from incidents.accounts import ROLES, Account
from tests import logins
from webmap import policy

ADMINISTRATION, MODERATION = {"administrator"}, {"administrator", "call_taker"}
PLANNING = {"administrator", "planner"}
STAFF = {
    "login.log_out": set(ROLES),
    "login.own_account": set(ROLES),
    "login.end_session": set(ROLES),
    "login.change_password": set(ROLES),
    "admin.index": MODERATION,
    "admin.held": MODERATION,
    "admin.judge": MODERATION,
    "admin.held_photo": MODERATION,
    "admin.places": MODERATION,
    "admin.place": MODERATION,
    "admin.move_place": MODERATION,
    "admin.judge_correction": MODERATION,
    "admin.units": ADMINISTRATION,
    "admin.accounts": ADMINISTRATION,
    "admin.categories": ADMINISTRATION,
    "admin.area_list": ADMINISTRATION,
    "admin.responsible": ADMINISTRATION,
    "admin.responsible_json": ADMINISTRATION,
    "admin.reports": ADMINISTRATION,
    "admin.change": ADMINISTRATION,
    "admin.make_change": ADMINISTRATION,
    "admin.settle": ADMINISTRATION,
    "admin.walls": ADMINISTRATION,
    "admin.make_wall": ADMINISTRATION,
    "admin.revoke_wall": ADMINISTRATION,
    **dict.fromkeys(("plan.show", "plan.ask", "plan.state", "plan.cancel", "plan.cells", "plan.file"), PLANNING),
    **dict.fromkeys(("plan.save", "plan.forget"), PLANNING),
    **dict.fromkeys(("plan.monthly", "plan.start_monthly", "plan.stop_monthly"), PLANNING),
    **dict.fromkeys(("plan.subscribe", "plan.unsubscribe", "plan.notices", "plan.read_notice"), PLANNING),
}
"""Said a second time, apart from webmap/policy.py. What stands in neither is public there, or the test fails."""
OWN = {"area.": "area", "unit.": "unit"}
"""Endpoints whose rule also asks whose area or unit it is: looked at by test_own_areas_and_units."""


@pytest.fixture(scope="module")
def everybody(application, database_url):
    """A client for each role, logged in, and one that is not."""
    clients = {"nobody": application.test_client()}
    for role in ROLES:
        own = {"unit": {"unit_id": logins.unit("CX-1")}, "area": {"area_id": logins.area("26743", "ward")}}
        logins.create(f"mot-{role.replace('_', '-')}", role, **own.get(role, {}))
        clients[role] = application.test_client()
        assert logins.log_in(clients[role], f"mot-{role.replace('_', '-')}").status_code == 303
    return clients


def addresses(application) -> list[tuple[str, str, str]]:
    """Every endpoint, method and a path that leads there."""
    found = []
    for rule in application.url_map.iter_rules():
        path = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda part: "7" if part[1] == "int" else "x", rule.rule)
        found += [(rule.endpoint, method, path) for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return found


def test_every_address_has_a_rule(application) -> None:
    there = {endpoint for endpoint, *_ in addresses(application)}
    assert there <= set(policy.RULES), "add a rule to webmap/policy.py, and to STAFF here unless it is public"
    public = {endpoint for endpoint in there if policy.RULES[endpoint].everybody}
    assert not public & set(STAFF)
    assert {each for each in there - public if not each.startswith(tuple(OWN))} <= set(STAFF)


def test_who_may_and_who_may_not(application, everybody, monkeypatch) -> None:
    """Views are replaced, so that an answer says one thing: whether the request got through to its view."""
    for endpoint in list(application.view_functions):
        monkeypatch.setitem(application.view_functions, endpoint, lambda **_: "opened")
    absent = {name: client.get("/admin/there-is-no-such-page") for name, client in everybody.items()}
    tried = 0
    for endpoint, method, path in addresses(application):
        if endpoint.startswith(tuple(OWN)):
            continue
        for role, client in everybody.items():
            may = role in STAFF[endpoint] if endpoint in STAFF else True
            headers = dict(logins.ORIGIN)
            if method != "GET" and role != "nobody":
                headers["X-CSRF-Token"] = token(application, client)
            answer = client.open(path, method=method, headers=headers)
            what = f"{role} {method} {path}"
            tried += 1
            if may:
                assert answer.text == "opened", what
            elif role == "nobody":
                assert answer.status_code == 303 and answer.location.startswith("/login"), what
            else:
                # The same as for a page that does not exist: the difference tells nothing.
                assert answer.status_code == absent[role].status_code == 404, what
                assert answer.data == absent[role].data, what
                assert said(answer) == said(absent[role]), what
    assert tried > 100


def said(answer) -> dict[str, str]:
    """Its headers, but for the number that every request has."""
    return {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}


def token(application, client) -> str:
    """The token of a client's session."""
    from webmap import sessions

    secret = client.get_cookie("session").value
    with application.test_request_context(headers={"Cookie": f"session={secret}"}):
        return sessions.token()


@pytest.mark.parametrize("path", ["/admin", "/admin/nothing", "/area/79", "/area/99999", "/unit/X", "/plan", "/desk"])
def test_a_visitor_learns_not_even_which_staff_pages_exist(everybody, path) -> None:
    answer = everybody["nobody"].get(path)
    assert (answer.status_code, answer.location) == (303, f"/login?next={path}")
    program = everybody["nobody"].get(path, headers={"Accept": "application/json"})
    assert program.status_code == 401 and program.mimetype == "application/problem+json"


def test_own_areas_and_units() -> None:
    def account(role: str, **own: str) -> Account:
        return Account(id=1, username="x", roles=frozenset({role}), **own)

    ward = account("area", area_code="26743", area_level="ward")
    city = account("area", area_code="79", area_level="city")
    unit = account("unit", unit_code="CX-1")
    watch, queue = policy.AREA_WATCH, policy.UNIT_QUEUE
    for code, may in (
        ("26743", True),
        ("ward:26743", True),
        ("26744", False),
        ("79", False),
        ("district:26743", False),
    ):
        assert watch.allows(ward, {"code": code}) is may
        assert watch.allows(city, {"code": code}) and watch.allows(account("call_taker"), {"code": code})
        assert not watch.allows(account("planner"), {"code": code}) and not watch.allows(None, {"code": code})
    assert queue.allows(unit, {"code": "CX-1"}) and not queue.allows(unit, {"code": "CX-2"})
    assert not queue.allows(ward, {"code": "26743"}) and not queue.allows(unit, {})


def test_an_address_without_a_rule_opens_to_nobody(application, everybody, monkeypatch) -> None:
    assert everybody["administrator"].get("/admin/units").status_code == 200
    monkeypatch.delitem(policy.RULES, "admin.units")
    assert everybody["administrator"].get("/admin/units").status_code == 404
