"""/login, /logout and /account: one's own sessions and password."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask_babel import format_datetime
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from database.engine import transaction
from incidents import accounts, passwords
from incidents.accounts import Account
from webmap import policy, sessions
from webmap.problems import Problem
from webmap.titles import titles

blueprint = Blueprint("login", __name__)


class StaffPage(NamedTuple):
    """A page in the navigation of those who work here."""

    title: str
    address: str


@blueprint.get("/login")
def form() -> Response:
    """The form; `?username=` fills in a name, `?next=` is where to go afterwards."""
    return _form(request.args.get("username", "")[:100])


@blueprint.post("/login")
def log_in() -> Answer:
    """Open a session and go on; or the form again, with one sentence whatever was wrong."""
    username, password = request.form.get("username", "")[:100], request.form.get("password", "")[:500]
    opened = None
    if sessions.login_form_is_ours():
        with transaction(accounts.LOGIN) as connection:
            opened = accounts.log_in(connection, username, password)
            before = sessions.session_key()
            if opened is not None and before is not None:
                accounts.end(connection, before)
    if opened is None:
        return _form(username, wrong=True)
    account, secret = opened
    answer = redirect(_own_path(request.form.get("next", "")) or home(account), 303)
    sessions.open_cookie(answer, secret)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/logout")
def log_out() -> Answer:
    """End this session, in the database and in the browser."""
    key = sessions.session_key()
    if key is not None:
        with transaction(accounts.LOGIN) as connection:
            accounts.end(connection, key)
    answer = redirect("/", 303)
    sessions.close_cookie(answer)
    return answer


@blueprint.get("/account")
def own_account() -> Response:
    """Where one is logged in, and one's password."""
    return _account_page()


@blueprint.post("/account/sessions/<key>")
def end_session(key: str) -> Answer:
    """End one of one's own sessions; one that is somebody else's is not there."""
    who = _who()
    with transaction(who.context) as connection:
        mine = {each.id.hex(): each.id for each in accounts.sessions(connection, who.id)}
        if key not in mine:
            raise Problem(404, "there is no such session")
        accounts.end(connection, mine[key])
    return redirect("/account", 303)


@blueprint.post("/account/password")
def change_password() -> Response:
    """Another password, after the present one; ends every other session."""
    who = _who()
    with transaction(accounts.LOGIN) as connection:
        right = accounts.log_in(connection, who.username, request.form.get("old", "")[:500])
        if right is not None:
            accounts.end(connection, accounts.session_id(right[1]))
    if right is None:
        return _account_page(_("Mật khẩu hiện nay không đúng."), wrong=True)
    try:
        with transaction(who.context) as connection:
            accounts.change_password(connection, who, request.form.get("new", "")[:500], kept=sessions.session_key())
    except passwords.WeakPassword as error:
        return _account_page(str(error), wrong=True)
    return _account_page(_("Đã đổi mật khẩu."))


@blueprint.app_context_processor
def navigation() -> dict[str, object]:
    """`staff_pages()` for templates."""
    return {"staff_pages": staff_pages}


def staff_pages() -> list[StaffPage]:
    """What whoever is logged in may open, of what is there."""
    who = sessions.account()
    if who is None:
        return []
    area = who.area_code or "79"
    candidates = [
        (_("Bàn tiếp nhận"), "/desk"),
        (_("Toàn thành phố") if area == "79" else _("Địa bàn"), f"/area/{area}"),
        (_("Việc của đơn vị"), f"/unit/{who.unit_code}"),
        (_("Phân tích"), "/plan"),
        (_("Quản trị"), "/admin"),
    ]
    return [StaffPage(title, address) for title, address in candidates if _opens(address)]


def home(account: Account) -> str:
    """Where a role's work is."""
    wanted = {
        "administrator": "/admin",
        "call_taker": "/desk",
        "unit": f"/unit/{account.unit_code}",
        "area": f"/area/{account.area_code}",
        "planner": "/plan",
    }
    there = [address for role, address in wanted.items() if role in account.roles and _opens(address, account)]
    return there[0] if there else ("/admin" if "call_taker" in account.roles else "/account")


def _opens(address: str, account: Account | None = None) -> bool:
    from werkzeug.exceptions import HTTPException
    from werkzeug.routing import RequestRedirect

    try:
        endpoint, where = current_app.create_url_adapter(request).match(address, method="GET")  # type: ignore[union-attr]
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    rule = policy.RULES.get(endpoint)
    return rule is not None and rule.allows(account or sessions.account(), where)


def _form(username: str, *, wrong: bool = False) -> Response:
    shown = [
        {"username": each.username, "title": titles(each)[0], "label": each.label}
        for each in (_demo_accounts() if current_app.config["SETTINGS"].demo else [])
    ]
    page = render_template(
        "staff/login.html",
        username=username,
        wrong=wrong,
        next=_own_path(request.values.get("next", "")),
        token=sessions.token(),
        demo_accounts=shown,
    )
    answer = make_response(page, 401 if wrong else 200)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    sessions.remember_form(answer)
    return answer


def _account_page(said: str = "", *, wrong: bool = False) -> Response:
    who = _who()
    with transaction(who.context) as connection:
        open_ones = accounts.sessions(connection, who.id)
    page = render_template(
        "staff/account.html",
        who=who,
        sessions=open_ones,
        own_session=sessions.session_key(),
        said=said,
        said_wrong=wrong,
        moment=_moment,
    )
    return make_response(page, 422 if wrong else 200)


def _who() -> Account:
    who = sessions.account()
    assert who is not None  # webmap.policy has let it through
    return who


def _demo_accounts() -> list[Account]:
    with transaction(accounts.LOGIN) as connection:
        return [each for each in accounts.everyone(connection) if each.demo and not each.disabled]


def _moment(at: datetime) -> str:
    said: str = format_datetime(at, "HH:mm dd/MM/yyyy")
    return said


def _own_path(said: str) -> str:
    """A path of this site, or nothing: nobody is led elsewhere by a link to the log-in."""
    parts = urlsplit(said)
    fine = said.startswith("/") and not said.startswith(("//", "/\\", "/log")) and not parts.netloc
    return said if fine and said.isprintable() and "\\" not in said else ""
