"""What the page shows of a question without statistics: its table, its chart, who took no part."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from etl.analysis import Asked, rows
from webmap.admin.wording import language
from webmap.plan import wording

LEFT = (
    ("coarse", _l("Vị trí chưa đủ rõ")),
    ("no_place", _l("Không có vị trí")),
    ("outside", _l("Ngoài vùng phân tích")),
    ("no_area", _l("Không thuộc nhóm nào")),
    ("no_category", _l("Chưa phân loại")),
    ("void", _l("Bị từ chối, rút lại, đã gộp")),
)
CHANGES = (
    ("hot99", _l("Tăng, 99%")),
    ("hot95", _l("Tăng, 95%")),
    ("hot90", _l("Tăng, 90%")),
    ("none", _l("Không khác mức chung")),
    ("cold90", _l("Giảm, 90%")),
    ("cold95", _l("Giảm, 95%")),
    ("cold99", _l("Giảm, 99%")),
)
WIDE, HIGH = 480, 96
"""of the chart's drawing; the bars are 80 high"""


def result(job: rows.Job, asked: Asked) -> dict[str, Any]:
    """The stored answer in the words of the page."""
    assert job.summary is not None and job.done_at is not None and asked.plain is not None
    said = job.summary
    reading = said["reading"][language()]
    return {
        **said,
        "sentence": reading["sentence"],
        "chance": reading["chance"],
        "cautions": reading["cautions"],
        "rows_said": reading["rows"],
        "left": [(words, said["left"][name]) for name, words in LEFT if said["left"].get(name)],
        "stored": wording.moment(job.done_at),
        "stored_iso": job.done_at.isoformat(timespec="seconds"),
        "as_of": wording.number(job.as_of or 0),
        "counted": _("sự cố"),
        "marks": [],
        "legend_of": _legend(said),
        "chart": chart(said["more"]["bars"]) if asked.plain.kind == "change" else None,
    }


def _legend(said: dict[str, Any]) -> list[tuple[str, str]]:
    """The map's classes and their words."""
    if not said["geometry"]:
        return []
    if said["plain"] == "repeats":
        return [("spot", str(_("một nơi, lớn theo số lần")))]
    if said["plain"] == "change":
        return [(name, str(words)) for name, words in CHANGES]
    few = ("few", str(_("dưới 5 vụ đã xong")))
    parts = [wording.number(each, 1) for each in said["steps"]]
    if not parts:
        return [("rate1", str(_("từ 5 vụ đã xong"))), few]
    return [
        ("rate1", str(_("tới %(days)s ngày", days=parts[0]))),
        ("rate2", str(_("tới %(days)s ngày", days=parts[1]))),
        ("rate3", str(_("tới %(days)s ngày", days=parts[2]))),
        ("rate4", str(_("lâu hơn"))),
        few,
    ]


def chart(bars: list[dict[str, Any]]) -> dict[str, Any]:
    """The bars of before and after in units of their drawing, and where the date is."""
    whole = sum(bar["days"] for bar in bars) or 1
    most = max((bar["per_day"] for bar in bars), default=0) or 1
    left, found = 0.0, []
    mark = 0.0
    for bar in bars:
        wide = WIDE * bar["days"] / whole
        if bar["after"] and not mark:
            mark = left
        high = 80 * bar["per_day"] / most
        found.append(
            {
                "x": round(left + wide * 0.06, 2), "y": round(HIGH - high, 2), "width": round(wide * 0.88, 2),
                "height": round(high, 2), "after": bar["after"],
                "title": _("%(days)s ngày từ %(first)s: %(n)s vụ, %(rate)s mỗi ngày", days=bar["days"],
                           first=day(bar["first"]), n=wording.number(bar["n"]), rate=wording.number(bar["per_day"], 2)),
            }
        )  # fmt: skip
        left += wide
    return {"bars": found, "mark": round(mark, 2), "first": day(bars[0]["first"]) if bars else "", "most": most}


def day(word: str) -> str:
    """2026-11-24 as 24/11/2026."""
    return f"{date.fromisoformat(word):%d/%m/%Y}"


def moment(word: str) -> str:
    """An instant's day."""
    return f"{datetime.fromisoformat(word):%d/%m/%Y}"


def days(value: float | None, missing: str = "–") -> str:
    """Days with one digit behind the point, `missing` where there is none."""
    return missing if value is None else wording.number(value, 1) if value else "0"


def share(value: float | None) -> str:
    """93,8%."""
    return "–" if value is None else f"{wording.number(100 * value, 1)}%"


def change(value: float | None) -> str:
    """A ratio as a change: +12,3%."""
    if value is None:
        return "–"
    return f"{'+' if value >= 1 else '−'}{wording.number(100 * abs(value - 1), 0)}%"


def name(row: dict[str, Any]) -> str:
    """A row's name in the page's language."""
    return str((language() == "en" and row.get("name_en")) or row["name"])
