"""What happened to an incident, in words: for the day's diary and for one incident's record."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from district_boundaries.areas import AreaIndex
from incidents import public
from incidents.public import step_text
from incidents.reference import Reference
from webmap.admin.wording import called, language, unit_name
from webmap.public.report_view import CHANNEL_NAMES


def told(row: Any, known: Reference, index: AreaIndex) -> dict[str, Any]:
    """A line of the diary: when, what happened, to what and where."""
    category = known.categories.get(row.category or "")
    ward = index.area(row.now_ward_id) if row.now_ward_id else None
    return {
        "at": public.instant(row.at),
        "code": row.code,
        "symbol": row.symbol,
        "what": happened(row.kind, row.data, known),
        "of": category.name[language()] if category else str(_("Chưa phân loại")),
        "where": row.place or (called(ward) if ward else ""),
    }


def happened(kind: str, data: dict[str, Any], known: Reference) -> str:
    """An event of the record in a few words; never who did it."""
    if kind == "report.received":
        channel = CHANNEL_NAMES.get(data.get("channel", ""), lambda: "")()
        return str(_("Tiếp nhận qua %(channel)s", channel=channel)) if channel else str(_("Tiếp nhận"))
    if kind == "report.joined":
        return str(_("Thêm một phản ánh cùng việc"))
    if kind == "incident.objected":
        return str(_("Báo không thuộc địa bàn"))
    if kind == "incident.category_changed":
        category = known.categories.get(data.get("category") or "")
        return str(_("Sửa loại thành %(category)s", category=category.name[language()] if category else "–"))
    if kind == "incident.assigned":
        unit = known.unit_by_code.get(data.get("unit") or "")
        return str(_("Giao %(unit)s", unit=unit_name(unit) if unit else "–"))
    return step_text({"status": data.get("status", "received"), "unit": data.get("unit")}, known)[language()]
