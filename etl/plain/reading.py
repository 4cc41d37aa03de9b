"""A plain answer in words, in Vietnamese and English: what it says, how it was reckoned, what to be careful of."""

from __future__ import annotations

from typing import Any

import numpy as np

from etl.hotspots.answer import Warning_
from etl.hotspots.reading import DEMO, Reading, number
from etl.plain.answer import PlainAnswer
from etl.plain.repeats import SAME_PLACE_M, WORST_M

TITLES = {
    "repeats": ("Nơi báo lại nhiều lần", "Places reported again and again"),
    "closing": ("Thời gian xử lý xong", "Time to close"),
    "change": ("Trước và sau một ngày", "Before and after a date"),
}
BY = {
    "ward": ("phường, xã hôm nay", "wards of today"),
    "ward_then": ("phường, xã lúc báo", "wards at the time"),
    "district": ("quận, huyện cũ", "former districts"),
    "unit": ("đơn vị", "units"),
    "category": ("loại", "kinds"),
}
REASONS = {
    "void": ("bị từ chối, rút lại, đã gộp", "rejected, withdrawn or merged"),
    "no_place": ("không có vị trí", "without a place"),
    "coarse": ("vị trí chưa đủ rõ", "place not known well enough"),
    "outside": ("ngoài vùng", "outside of the area"),
    "same_incident": ("báo lại sự cố đã đếm", "further reports of a counted incident"),
    "no_area": ("không thuộc nhóm nào", "in none of the groups"),
    "no_category": ("chưa phân loại", "without a kind"),
}
_WARNINGS = {
    "demo": DEMO,
    "soon_again": (
        "Ở {places} nơi có hai sự cố cách nhau dưới 1 ngày: có thể là một sự cố báo hai lần mà chưa ai gộp.",
        "At {places} places two incidents lie less than a day apart: they may be one that nobody joined.",
    ),
    "cells": (
        "{places} nơi là ô khoảng 100 m: vị trí phản ánh xây dựng không bao giờ được nêu tới nhà, nên hai công trình "
        "cạnh nhau có thể nằm chung một ô.",
        "{places} places are cells of about 100 m: reports of construction are never shown at a house, so two "
        "buildings "
        "beside each other may share a cell.",
    ),
    "rough": (
        "{places} nơi có báo cáo chỉ chính xác trên {metres} m: có lẽ, chưa chắc, là cùng một chỗ.",
        "{places} places have reports known only to more than {metres} m: probably, not surely, the same spot.",
    ),
    "censored": (
        "{open} sự cố còn mở (một nửa đã hơn {days} ngày) chưa biết khi nào xong. Trung vị của số đã xong bỏ qua "
        "chúng "
        "nên thường quá ngắn; trung vị Kaplan–Meier có tính chúng.",
        "{open} incidents are still open (half of them for more than {days} days): how long they take is not "
        "known yet. "
        "The median of those closed leaves them out and is mostly too short; the Kaplan–Meier median reckons "
        "with them.",
    ),
    "few_closed": (
        "{groups} nhóm có dưới {least} sự cố đã xong: quá ít để đánh giá, không xếp hạng.",
        "{groups} groups have fewer than {least} closed ones: too few to judge, not ranked.",
    ),
    "not_judged": (
        "{n} sự cố chưa tới hạn hoặc không có hạn, không tính vào tỉ lệ đúng hạn.",
        "{n} incidents have no deadline or are not due yet, and do not count for the share in time.",
    ),
    "not_over": (
        "Kỳ sau còn {days} ngày nữa mới hết: số của kỳ sau chưa đủ.",
        "The later span ends in {days} days: its counts are not whole yet.",
    ),
    "followed_longer": (
        "Sự cố của kỳ trước được theo dõi lâu hơn: so thời gian xử lý bằng trung vị Kaplan–Meier, không bằng "
        "trung vị của "
        "số đã xong. Đổi sau một ngày không có nghĩa là vì ngày đó.",
        "Those of the earlier span were watched for longer: compare times by the Kaplan–Meier median, not by "
        "that of the "
        "closed ones. A change after a day need not be because of it.",
    ),
    "not_tested": (
        "{groups} nhóm có dưới {least} vụ trong cả hai kỳ, không thử.",
        "{groups} groups have fewer than {least} in both spans and are not tested.",
    ),
    "reform": (
        "Hai kỳ nằm hai bên ngày 1/7/2025: cả hai đếm theo cùng một ranh (phường hôm nay, quận cũ theo ranh cuối).",
        "The spans lie on both sides of 1 July 2025: both are counted by the same borders (wards of today, former "
        "districts by their last ones).",
    ),
    "carried": (
        "{n} sự cố chỉ biết tới một phường, quận thời trước: được chia theo phần đất của nơi đó nằm trong mỗi "
        "khu vực, nên "
        "số đếm có phần lẻ.",
        "{n} incidents are known only to a ward or district of their day: they are carried over by the share of "
        "its land "
        "in each area, so counts may be fractions.",
    ),
}  # fmt: skip


def title(answer: PlainAnswer, lang: str) -> str:
    """What was asked, as a heading."""
    return TITLES[answer.plain.kind][0 if lang == "vi" else 1]


def read(answer: PlainAnswer, lang: str = "vi") -> Reading:
    """One sentence, a paragraph on how it was reckoned, the cautions, and how many took part."""
    k = 0 if lang == "vi" else 1
    sentence, how = {"repeats": _repeats, "closing": _closing, "change": _change}[answer.plain.kind](answer, lang)
    return Reading(
        sentence=sentence[k],
        chance=how[k],
        cautions=tuple(_caution(each, lang) for each in answer.warnings),
        rows=_rows(answer, lang)[k],
    )


def _repeats(answer: PlainAnswer, lang: str) -> tuple[tuple[str, str], tuple[str, str]]:
    least, n, columns = answer.plain.least, number(len(answer), lang), answer.columns
    how = (
        f"Cùng một nơi: cách sự cố đầu tiên ở đó không quá {SAME_PLACE_M:g} m (vị trí chính xác tới {WORST_M:g} "
        "m); phản "
        "ánh xây dựng thì trong cùng ô khoảng 100 m. Mỗi sự cố đếm một lần, dù nhiều người báo.",
        f"The same place: within {SAME_PLACE_M:g} m of the first incident there (places known to {WORST_M:g} m); of "
        "construction, in the same cell of about 100 m. An incident counts once, however many reported it.",
    )
    if not len(answer):
        return (f"Không nơi nào có từ {least} sự cố.", f"No place has {least} incidents or more."), how
    most = int(columns["n"].max())
    opened = int((columns["open"] > 0).sum())
    named = str(columns["street"][0] or columns["ward"][0])
    return (
        f"{n} nơi có từ {least} sự cố, nhiều nhất {most} lần ở {named}; {number(opened, lang)} nơi hiện còn sự cố mở.",
        f"{n} places have {least} incidents or more, most of all {named} with {most}; at {number(opened, lang)} "
        "something is open now.",
    ), how


def _days(value: float | None, lang: str) -> str:
    return "–" if value is None or not np.isfinite(value) else number(value, lang, 1)


def _closing(answer: PlainAnswer, lang: str) -> tuple[tuple[str, str], tuple[str, str]]:
    whole = answer.more["whole"]
    how = (
        f"Tính theo ngày, từ lúc báo tới lúc báo xong, gồm cả ngày nghỉ; theo {BY[answer.plain.by][0]}. Đúng hạn: "
        "phần xong "
        "trong hạn, trên số đã xong hoặc đã quá hạn. Kaplan–Meier (1958) coi sự cố còn mở là “lâu hơn thế”.",
        f"In days from the report until it was said to be done, days off included; by {BY[answer.plain.by][1]}. "
        "In time: "
        "the share closed by the deadline, of those closed or past it. Kaplan–Meier (1958) takes what is open as "
        "“longer than that”.",
    )
    if whole["median_days"] is None:
        return ("Quá ít sự cố đã xong để đánh giá.", "Too few incidents were closed to judge."), how
    median, survival = _days(whole["median_days"], lang), _days(whole["km_median_days"], lang)
    share = "–" if whole["in_time_share"] is None else f"{number(100 * whole['in_time_share'], lang, 1)}%"
    reached = whole["km_median_days"] is not None
    closed, opened = number(whole["closed"], lang), number(whole["open"], lang)
    vi = f"tính cả {opened} còn mở: " + (f"{survival} ngày" if reached else "chưa tới một nửa đã xong")
    en = f"with the {opened} still open: " + (f"{survival} days" if reached else "not yet half of all are done")
    return (
        f"Một nửa của {closed} sự cố đã xong mất không quá {median} ngày; {vi}. Đúng hạn {share}.",
        f"Half of the {closed} closed ones took no more than {median} days; {en}. In time: {share}.",
    ), how


def percent(value: float | None, lang: str) -> str:
    """A ratio as a change: +12,3%."""
    if value is None or not np.isfinite(value):
        return "–"
    return f"{'+' if value >= 1 else '−'}{number(100 * abs(value - 1), lang, 1)}%"


def _change(answer: PlainAnswer, lang: str) -> tuple[tuple[str, str], tuple[str, str]]:
    here, city, days = answer.more["here"], answer.more["city"], number(answer.more["days"], lang)
    kinds = answer.columns["change"]
    up, down = (int(sum(str(kind).startswith(word) for kind in kinds)) for word in ("more", "less"))
    by = BY[answer.plain.by]
    how = (
        f"Hai kỳ dài {days} ngày mỗi kỳ. Từng nhóm ({by[0]}) được so với mức đổi của cả thành phố bằng phép thử "
        "nhị thức "
        "chính xác (Przyborowski, Wilenski 1940), hiệu chỉnh cho mọi nhóm; khoảng tin cậy 95% theo "
        "Clopper–Pearson (1934).",
        f"Two spans of {days} days each. Each group ({by[1]}) is held against the whole city's change by an exact "
        "binomial "
        "test (Przyborowski and Wilenski 1940), corrected for all groups; 95% intervals by Clopper and Pearson "
        "(1934).",
    )
    if not here["before"] and not here["after"]:
        return ("Không có sự cố nào trong cả hai kỳ.", "There was no incident in either span."), how
    rates = [number(here[name], lang, 2) for name in ("per_day_before", "per_day_after")]
    interval = f"{percent(here['low'], lang)} … {percent(here['high'], lang)}"
    change, all_ = percent(here["ratio"], lang), percent(city["ratio"], lang)
    scoped = bool(answer.question.area or answer.question.within)
    vi = f" Cả thành phố: {all_}." if scoped else ""
    en = f" The whole city: {all_}." if scoped else ""
    way = "lên" if here["after"] >= here["before"] else "xuống"
    return (
        f"Từ {rates[0]} {way} {rates[1]} vụ mỗi ngày ({change}, khoảng 95%: {interval}).{vi} "
        f"Khác mức của thành phố: {up} nhóm tăng, {down} nhóm giảm.",
        f"From {rates[0]} to {rates[1]} a day ({change}, 95% interval {interval}).{en} "
        f"Otherwise than the city: {up} groups rose, {down} fell.",
    ), how


def _caution(warning: Warning_, lang: str) -> str:
    shown = {
        name: number(float(value), lang, 0 if float(value) == int(float(value)) else 1)
        for name, value in warning.figures.items()
    }
    return _WARNINGS[warning.code][0 if lang == "vi" else 1].format(**shown)


def _rows(answer: PlainAnswer, lang: str) -> tuple[str, str]:
    said = [(number(n, lang), *REASONS[name]) for name, n in answer.left.items() if n]
    took = number(answer.took_part, lang)
    left: tuple[Any, Any] = (", ".join(f"{n} {vi}" for n, vi, _ in said), ", ".join(f"{n} {en}" for n, _, en in said))
    return (
        f"{took} sự cố được tính" + (f"; không tính: {left[0]}" if said else "") + ".",
        f"{took} incidents took part" + (f"; left out: {left[1]}" if said else "") + ".",
    )
