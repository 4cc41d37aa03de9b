"""What accounts are called: by their roles, in the reader's language, never by a person's name."""

from __future__ import annotations

from flask_babel import gettext as _

from incidents.accounts import ROLES, Account


def titles(account: Account) -> list[str]:
    """Of each of its roles, the widest first: "Quản trị", "Cán bộ phường"."""
    words: dict[str, str] = {
        "administrator": _("Quản trị"),
        "call_taker": _("Tổng đài viên"),
        "unit": _("Cán bộ đơn vị"),
        "area": {"city": _("Trực ban thành phố"), "district": _("Cán bộ quận, huyện cũ")}.get(
            account.area_level or "", _("Cán bộ phường")
        ),
        "planner": _("Cán bộ quy hoạch"),
    }
    assert words.keys() == set(ROLES)
    return [title for role, title in words.items() if role in account.roles]
