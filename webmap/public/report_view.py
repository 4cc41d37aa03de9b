"""What a report's page says, worked out from its public row: the band, the answer, the timeline, the facts.

Nothing here asks the database; the page's route hands in what it read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from district_boundaries.areas import Area
from incidents.reference import Reference, Unit
from incidents.workflow import DONE, OPEN, state
from webmap.public.durations import deadline, duration, moment

CHANNEL_NAMES = {
    "phone": lambda: _("điện thoại"),
    "sms": lambda: _("tin nhắn"),
    "web": lambda: _("web"),
    "app": lambda: _("ứng dụng di động"),
    "email": lambda: _("thư điện tử"),
    "social": lambda: _("mạng xã hội"),
}
CHANNEL_ICONS = {"phone": "phone", "sms": "chat", "web": "globe", "app": "device", "email": "mail", "social": "chat"}
PRECISIONS = {
    "pin": lambda metres: _("Chính xác ±%(metres)d m", metres=metres),
    "rooftop": lambda metres: _("Theo số nhà, ±%(metres)d m", metres=metres),
    "interpolated": lambda metres: _("Theo số nhà gần đó, ±%(metres)d m", metres=metres),
    "street": lambda metres: _("Trên đường đó, ±%(metres)d m", metres=metres),
    "intersection": lambda metres: _("Tại giao lộ, ±%(metres)d m", metres=metres),
    "place": lambda metres: _("Theo tên địa điểm, ±%(metres)d m", metres=metres),
    "ward": lambda metres: _("Chỉ biết tới phường, xã"),
    "district": lambda metres: _("Chỉ biết tới quận, huyện cũ"),
}

CHANGE_REASONS = {
    "other_side": lambda: _("nằm ở phần của đơn vị kia, đã xem tại chỗ"),
    "wrong_category": lambda: _("nhầm loại sự cố"),
    "wrong_border": lambda: _("ranh giới trên bản đồ sai"),
    "returned": lambda: _("đơn vị trả lại"),
    "other": lambda: _("lý do khác"),
    "moved": lambda: _("theo vị trí mới"),
    "reporter": lambda: _("người báo sửa"),
}
"""Why a person gave a report to another unit (`incidents.reassignment.REASONS`); or what it follows from."""

MOVE_REASONS = {
    "misplaced": lambda: _("máy đặt sai chỗ của địa chỉ này"),
    "mispinned": lambda: _("ghim đặt nhầm chỗ"),
    "known_better": lambda: _("nay biết rõ hơn"),
    "other": lambda: _("lý do khác"),
    "reporter": lambda: _("người báo sửa"),
}
"""Why a place was corrected (`incidents.relocation.REASONS`), or by whom."""

WITHDRAWALS = {
    "gone": lambda: _("việc đã ổn, không cần xử lý nữa"),
    "mistake": lambda: _("báo nhầm"),
    "twice": lambda: _("đã báo hai lần"),
    "other": lambda: _("lý do khác"),
}
"""Why a reporter withdrew (`incidents.own_report.WITHDRAWALS`)."""


OBJECTIONS = {
    "other_area": lambda: _("Nằm ở địa bàn khác"),
    "wrong_place": lambda: _("Vị trí trên bản đồ sai"),
    "not_our_task": lambda: _("Không phải việc của chúng tôi"),
    "other": lambda: _("Lý do khác"),
}
"""Why something is not ours (`incidents.objection.REASONS`)."""


@dataclass(frozen=True, kw_only=True)
class Band:
    """The state in one line and one more: what, how long, against which deadline."""

    tone: str
    """ok, warn, late, grey or plain: the ground it stands on"""
    badge: str
    """a status symbol of the sheet"""
    title: str
    line: str


@dataclass(frozen=True, kw_only=True)
class TimelineRow:
    """One step; `at` is None for what has yet to come."""

    icon: str
    tone: str
    title: str
    detail: str
    when: str
    at: datetime | None = None
    note: str = ""
    """what a person said about it, for everybody to read"""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the unit said about the result, or why nothing was done."""

    text: str
    unit: Unit | None
    rejected: bool
    """a reason in place of a result"""
    margin: str
    """how long before the deadline, empty where late or without one"""


def symbol(row: Mapping[str, Any], now: datetime) -> str:
    """The map symbol's name in the sheet: m-tree-late; a plain silhouette where the category is not known yet."""
    if row["kind"] == "other":
        return "d-other"
    shown = state(row["status"], row["due_at"], now)
    return f"m-{row['kind']}-{'resolved' if shown == 'gone' else shown}"


def title(row: Mapping[str, Any], known: Reference, lang: str) -> str:
    """The category's name, or that nobody has said yet."""
    category = known.categories.get(row["category"]) if row["category"] else None
    return category.name[lang] if category else _("Phản ánh chưa phân loại")


def place(row: Mapping[str, Any], ward: Area | None, lang: str) -> str:
    """Street and ward, as far as they are known."""
    street = "" if row["precision"] in ("ward", "district") else row["place"]
    parts = [street, area_name(ward, lang) if ward else ""]
    # A place known from an address often ends with the ward's name already.
    if ward and ward.short_name and ward.short_name in street:
        parts.pop()
    return ", ".join(part for part in parts if part) or row["place"] or _("Chưa rõ vị trí")


_KINDS_EN = {
    "phuong": "ward",
    "xa": "commune",
    "thi_tran": "township",
    "dac_khu": "special zone",
    "quan": "district",
    "huyen": "district",
    "thi_xa": "town",
    "thanh_pho": "city",
}


def area_name(area: Area, lang: str) -> str:
    """The full name; in English the name stays as it is and its kind follows: Thạnh Mỹ Tây ward, District 1."""
    kind = _KINDS_EN.get(area.kind)
    if lang != "en" or kind is None or not area.short_name:
        return area.name
    return f"{kind.capitalize()} {area.short_name}" if area.short_name.isdigit() else f"{area.short_name} {kind}"


def where(ward: Area | None, district: Area | None, lang: str) -> str:
    """Ward and former district: "Phường Thạnh Mỹ Tây, Quận Bình Thạnh cũ"."""
    names = []
    if ward:
        names.append(area_name(ward, lang))
    if district:
        name = area_name(district, lang)
        names.append(_("%(district)s cũ", district=name) if district.valid_to else name)
    return ", ".join(names) or _("Chưa rõ")


def band(row: Mapping[str, Any], now: datetime) -> Band:
    """The band on top of the page."""
    status, due_at = row["status"], row["due_at"]
    opened_at = row["opened_at"]
    shown = state(status, due_at, now)
    together = (
        ngettext("%(num)d người cùng báo.", "%(num)d người cùng báo.", row["reports"]) if row["reports"] > 1 else ""
    )
    if shown == "resolved":
        ended_at = row["resolved_at"] or row["updated_at"]
        over = due_at is not None and ended_at > due_at
        limit = ""
        if due_at is not None and due_at > opened_at:
            limit = _("Hạn là %(span)s.", span=duration(due_at - opened_at))
            if over:
                limit = _("Trễ %(span)s so với hạn.", span=duration(ended_at - due_at))
        name = _("Đã xong trong %(span)s", span=duration(ended_at - opened_at))
        return Band(tone="warn" if over else "ok", badge="status-resolved", title=name, line=_join(limit, together))
    if status == "rejected":
        ended_at = _last(row["steps"], "rejected") or row["updated_at"]
        within = ""
        if due_at is not None:
            within = (
                _("Trả lời sau %(span)s, trong hạn.", span=duration(ended_at - opened_at))
                if ended_at <= due_at
                else _("Trả lời sau %(span)s, trễ hạn.", span=duration(ended_at - opened_at))
            )
        return Band(tone="grey", badge="status-rejected", title=_("Không xử lý"), line=_join(within, together))
    if status == "withdrawn":
        return Band(
            tone="grey", badge="status-rejected", title=_("Người báo đã rút phản ánh này"), line=_("Không xử lý tiếp.")
        )
    if status == "merged":
        name, line = _("Đã gộp vào một sự cố khác"), _("Việc xử lý tiếp tục ở đó.")
        return Band(tone="grey", badge="status-merged", title=name, line=line)
    if shown == "late" and due_at is not None:
        return Band(
            tone="late",
            badge="status-late",
            title=_("Trễ hạn %(span)s", span=duration(now - due_at)),
            line=_join(_("Hạn là %(deadline)s.", deadline=deadline(due_at, now)), together),
        )
    return _open_band(status, shown, due_at, now, together)


def _open_band(status: str, shown: str, due_at: datetime | None, now: datetime, together: str) -> Band:
    words = {
        "received": _("Đã tiếp nhận"),
        "classified": _("Đã phân loại, chờ chuyển đơn vị"),
        "assigned": _("Đã chuyển đơn vị"),
        "accepted": _("Đơn vị đã nhận việc"),
        "in_progress": _("Đang xử lý"),
        "returned": _("Đơn vị trả lại, tổng đài xem lại"),
        "reopened": _("Đã mở lại"),
    }
    name = words.get(status, _("Đang xử lý"))
    limit = ""
    if due_at is not None:
        name = _("%(state)s · còn %(span)s", state=name, span=duration(due_at - now))
        limit = (
            _("Tổng đài xem và chuyển đơn vị trước %(deadline)s.", deadline=deadline(due_at, now))
            if status in ("received", "classified")
            else _("Hạn xử lý: %(deadline)s.", deadline=deadline(due_at, now))
        )
    return Band(tone="plain", badge=f"status-{shown}", title=name, line=_join(limit, together))


def answer(row: Mapping[str, Any], known: Reference) -> Answer | None:
    """The unit's words with the last step that ended the work, where there are any."""
    for step in reversed(row["steps"]):
        if step["status"] in DONE | {"rejected"}:
            if not step.get("note"):
                continue
            at, due_at = _at(step), row["due_at"]
            early = due_at is not None and step["status"] in DONE and at <= due_at
            return Answer(
                text=step["note"],
                unit=known.unit_by_code.get(step.get("unit") or ""),
                rejected=step["status"] == "rejected",
                margin=_("Trước hạn %(span)s", span=duration(due_at - at)) if early else "",
            )
        if step["status"] in OPEN:
            return None
    return None


def timeline(row: Mapping[str, Any], known: Reference, lang: str, now: datetime) -> list[TimelineRow]:
    """Newest first: what has yet to come, then every step, with the moment the deadline passed in its place."""
    rows = [_step(step, row, known, lang, now) for step in _without_repeats(row["steps"])]
    due_at, status = row["due_at"], row["status"]
    if due_at is not None and status in OPEN:
        if due_at < now:
            late = TimelineRow(
                icon="alert", tone="late", title=_("Quá hạn"), detail="", when=moment(due_at, now), at=due_at
            )
            after = next((pos for pos, each in enumerate(rows) if each.at and each.at > due_at), len(rows))
            rows.insert(after, late)
        else:
            waiting = status in ("received", "classified")
            rows.append(
                TimelineRow(
                    icon="clock",
                    tone="",
                    title=_("Chờ tổng đài chuyển đơn vị") if waiting else _("Chờ đơn vị xử lý xong"),
                    detail="",
                    when=_("tới %(moment)s", moment=moment(due_at, now)),
                )
            )
    return rows[::-1]


def _without_repeats(steps: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Steps that changed something: the same status with the same unit again is not news."""
    kept: list[Mapping[str, Any]] = []
    last: tuple[object, object] | None = None
    for step in steps:
        what = (step["status"], step.get("unit"))
        if what != last or step.get("note") or step.get("category") or step.get("moved"):
            kept.append(step)
        last = what
    return kept


def _step(step: Mapping[str, Any], row: Mapping[str, Any], known: Reference, lang: str, now: datetime) -> TimelineRow:
    at, status = _at(step), step["status"]
    unit = known.unit_by_code.get(step.get("unit") or "")
    channel = CHANNEL_NAMES[row["channel"]]()
    icon, words = {
        "received": (CHANNEL_ICONS[row["channel"]], _("Tiếp nhận qua %(channel)s", channel=channel)),
        "classified": ("check", _("Đã phân loại")),
        "assigned": ("send", _assigned_words(at, row)),
        "accepted": ("check", _("Đơn vị nhận việc")),
        "in_progress": ("arrow", _("Bắt đầu xử lý")),
        "resolved": ("check", _("Đã xong")),
        "closed": ("check", _("Đã đóng")),
        "returned": ("back", _("Đơn vị trả lại: không thuộc phần việc của đơn vị")),
        "merged": ("arrow", _("Gộp vào một sự cố khác")),
        "rejected": ("close", _("Không xử lý, có lý do")),
        "withdrawn": ("close", _("Người báo rút lại")),
        "reopened": ("back", _("Mở lại")),
    }.get(status, ("arrow", status))
    grey = status in ("rejected", "withdrawn", "merged", "returned")
    if step.get("moved") in MOVE_REASONS:
        return _moved(step, now)
    if step.get("reason") in CHANGE_REASONS:
        return _changed(step, known, lang, now)
    withdrawn = WITHDRAWALS.get(step.get("withdrawn", ""))
    if withdrawn:
        return TimelineRow(icon=icon, tone="", title=words, detail=withdrawn(), when=moment(at, now), at=at)
    return TimelineRow(
        icon=icon,
        tone="" if grey else "done",
        title=words,
        detail=unit_name(unit, lang) if unit and status != "received" else "",
        when=moment(at, now),
        at=at,
    )


def _moved(step: Mapping[str, Any], now: datetime) -> TimelineRow:
    """The place was corrected: how far, and why."""
    metres, at = step.get("metres"), _at(step)
    words = _("Đã xác định vị trí") if metres is None else _("Sửa vị trí, cách chỗ cũ %(far)s", far=_far(metres))
    why = MOVE_REASONS[step["moved"]]()
    note = step.get("note") or ""
    return TimelineRow(icon="pin", tone="done", title=words, detail=why, when=moment(at, now), at=at, note=note)


def _far(metres: float) -> str:
    return f"{metres:.0f} m" if metres < 1000 else f"{format_decimal(round(metres / 1000, 1))} km"


def _changed(step: Mapping[str, Any], known: Reference, lang: str, now: datetime) -> TimelineRow:
    """Another unit or another category by a person's decision, with its reason."""
    at, status = _at(step), step["status"]
    unit, category = known.unit_by_code.get(step.get("unit") or ""), known.categories.get(step.get("category") or "")
    if category is not None:
        words = _("Sửa loại sự cố thành: %(category)s", category=category.name[lang])
    else:
        words = _("Trả về tổng đài") if status == "classified" else _("Chuyển sang đơn vị khác")
    parts = [unit_name(unit, lang) if unit else "", CHANGE_REASONS[step["reason"]]()]
    return TimelineRow(
        icon="send",
        tone="done",
        title=words,
        detail=" · ".join(part for part in parts if part),
        when=moment(at, now),
        at=at,
        note=step.get("note") or "",
    )


def _assigned_words(at: datetime, row: Mapping[str, Any]) -> str:
    after = at - row["reported_at"]
    if after.total_seconds() < 60:
        return str(_("Chuyển đơn vị ngay"))
    return str(_("Chuyển đơn vị sau %(span)s", span=duration(after)))


def unit_name(unit: Unit, lang: str) -> str:
    """A unit's name with its mark where it is sample configuration."""
    name = unit.name[lang] or unit.name["vi"]
    return f"{name} ({_('mẫu')})" if unit.sample else name


def channels(codes: Sequence[str]) -> str:
    """The ways in, as one phrase with a capital."""
    words = ", ".join(CHANNEL_NAMES[code]() for code in codes)
    return words[:1].upper() + words[1:]


def precision(row: Mapping[str, Any]) -> str:
    """How well the place is known."""
    if row["precision"] is None:
        return str(_("Chưa rõ vị trí"))
    if row["hero"] == "construction" and row["precision"] == "street":
        return str(_("Không nêu đúng nhà, ±%(metres)d m", metres=round(row["accuracy_m"] or 0)))
    return str(PRECISIONS[row["precision"]](round(row["accuracy_m"] or 0)))


def _at(step: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(step["at"])


def _last(steps: Sequence[Mapping[str, Any]], status: str) -> datetime | None:
    return next((_at(step) for step in reversed(steps) if step["status"] == status), None)


def _join(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
