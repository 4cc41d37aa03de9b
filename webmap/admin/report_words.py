"""A report in words on staff's pages: its kind, place, symbol, what happened to it, and why a change was refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from database import clock
from district_boundaries.areas import AreaIndex
from incidents import reassignment
from incidents.public import step_text
from incidents.reassignment import CannotChange, Hand
from incidents.reference import Reference, Unit
from incidents.workflow import state
from webmap.admin import wording
from webmap.public.durations import moment
from webmap.public.report_view import (
    CHANGE_REASONS,
    CHANNEL_ICONS,
    CHANNEL_NAMES,
    MOVE_REASONS,
    OBJECTIONS,
    WITHDRAWALS,
)


def unit_or_desk(unit: Unit | None) -> str:
    return wording.unit_name(unit) if unit else str(_("đơn vị phụ trách"))


def category_name(known: Reference, code: str | None) -> str:
    category = known.categories.get(code or "")
    return category.name[wording.language()] if category else str(_("Chưa phân loại"))


def place_words(place: str, ward_id: int | None, index: AreaIndex) -> str:
    ward = wording.called(index.area(ward_id)) if ward_id else ""
    return " · ".join(part for part in (place, ward) if part) or str(_("Chưa rõ vị trí"))


def symbol_name(kind: str, status: str, due_at: Any) -> str:
    if kind == "other":
        return "d-other"
    shown = state(status, due_at, clock.now())
    return f"m-{kind}-{'resolved' if shown == 'gone' else shown}"


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def hand_row(known: Reference, hand: Hand) -> dict[str, Any]:
    """One thing that happened, as a row of the timeline."""
    data, now = hand.data, clock.now()
    unit = known.unit_by_code.get(data.get("unit") or "")
    icon, detail = "arrow", ""
    if hand.kind in ("report.received", "report.joined"):
        channel = data.get("channel", "")
        words = CHANNEL_NAMES.get(channel, lambda: channel)()
        icon, title = CHANNEL_ICONS.get(channel, "arrow"), str(_("Tiếp nhận qua %(channel)s", channel=words))
        waits = data.get("status") in ("received", "classified")
        detail = str(_("chờ người chọn đơn vị") if waits else _("tự động giao %(unit)s", unit=unit_or_desk(unit)))
    elif hand.kind == "incident.assigned":
        icon, title = "send", str(_("Giao %(unit)s", unit=unit_or_desk(unit)))
    elif hand.kind == "incident.objected":
        icon, title = "arrow", str(_("Báo không thuộc địa bàn"))
        detail = OBJECTIONS[data["reason"]]() if data.get("reason") in OBJECTIONS else ""
    elif hand.kind == "report.place_corrected":
        far = data.get("metres")
        icon = "pin"
        title = str(_("Sửa vị trí, cách chỗ cũ %(far)s", far=wording.metres(far)) if far else _("Đã xác định vị trí"))
    elif hand.kind == "report.photo_added":
        icon, title = "camera", str(_("Thêm ảnh"))
    elif hand.kind == "report.withdrawn":
        icon, title = "close", str(_("Người báo rút lại"))
    elif hand.kind == "incident.category_changed":
        icon, title = "send", str(_("Sửa loại thành %(category)s", category=category_name(known, data.get("category"))))
    else:
        title = step_text({"status": data.get("status", "received"), "unit": data.get("unit")}, known)[
            wording.language()
        ]
    why = {"report.place_corrected": MOVE_REASONS, "report.withdrawn": WITHDRAWALS}.get(hand.kind, CHANGE_REASONS)
    if data.get("reason") in why:
        detail = why[data["reason"]]()
    return {
        "icon": icon,
        "title": title,
        "detail": " · ".join(part for part in (_actor(hand), detail) if part),
        "at": hand.at,
        "when": moment(hand.at, now),
    }


def _actor(hand: Hand) -> str:
    """Who it was: a role or a desk, never a person's name; nothing for the machine."""
    if hand.label:
        return hand.label
    if hand.actor.startswith("account:"):
        return str(_("quản trị") if "administrator" in hand.roles else _("cán bộ"))
    return str(_("người dân")) if hand.actor in ("public", "reporter") else ""


def refusal(refused: CannotChange, own: Mapping[str, Any]) -> str:
    """Why nothing was changed: `own`, the words of this kind of change by problem, or those of every kind."""
    words = {
        "meanwhile": _("Việc này vừa có thay đổi khác. Xem lại rồi hãy đổi; những gì anh/chị nhập vẫn còn."),
        "no_reason": _("Chọn một lý do."),
        "long_note": _("Ghi thêm dài quá %(most)d chữ.", most=reassignment.NOTE_LENGTH),
    }
    return str({**words, **own}[refused.problem])
