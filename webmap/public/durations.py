"""How a length of time and a moment are said on a page: "2 ngày 4 giờ", "còn 11 giờ", "thứ Sáu 27/11, 10:20".

The page is written by the server alone; its script asks for it again instead of counting on its own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

CITY_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


def duration(length: timedelta) -> str:
    """The two largest units of a length of time: 2 days 4 hours, 3 hours 25 minutes, 12 minutes. From ten days
    on the hours say nothing more and are left out. To the nearest minute, so that what is gone and what is left
    add up to the deadline."""
    minutes = int((abs(length.total_seconds()) + 30) // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days >= 10:
        hours = 0
    parts = []
    if days:
        parts.append(ngettext("%(num)d ngày", "%(num)d ngày", days))
    if hours:
        parts.append(ngettext("%(num)d giờ", "%(num)d giờ", hours))
    if rest and not days:
        parts.append(ngettext("%(num)d phút", "%(num)d phút", rest))
    return " ".join(parts) or _("dưới 1 phút")


def moment(at: datetime, now: datetime) -> str:
    """Day and time, without the year in the year of `now`: 23/11 11:20, else 23/11/2025 11:20."""
    there = at.astimezone(CITY_TIME)
    same_year = there.year == now.astimezone(CITY_TIME).year
    return there.strftime("%d/%m %H:%M" if same_year else "%d/%m/%Y %H:%M")


def deadline(at: datetime, now: datetime) -> str:
    """A deadline with its weekday: "thứ Sáu 27/11, 10:20"; today it is the time alone."""
    there, here = at.astimezone(CITY_TIME), now.astimezone(CITY_TIME)
    clock = there.strftime("%H:%M")
    if there.date() == here.date():
        return str(_("%(clock)s hôm nay", clock=clock))
    weekday = (_("thứ Hai"), _("thứ Ba"), _("thứ Tư"), _("thứ Năm"), _("thứ Sáu"), _("thứ Bảy"), _("Chủ nhật"))
    day = there.strftime("%d/%m" if there.year == here.year else "%d/%m/%Y")
    return f"{weekday[there.weekday()]} {day}, {clock}"
