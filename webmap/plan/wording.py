"""What the workbench says: what was asked in one line, how far it is, what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from database import clock
from district_boundaries.areas import AreaIndex
from etl.analysis import Asked, rows
from etl.hotspots import reading
from etl.hotspots.question import BadQuestion, Question
from etl.plain import Plain
from incidents.reference import Reference
from webmap.admin.wording import called, language
from webmap.plan import asking

CLASSES = (
    ("hot99", _l("Nóng 99%")),
    ("hot95", _l("Nóng 95%")),
    ("hot90", _l("Nóng 90%")),
    ("none", _l("Không có ý nghĩa")),
    ("cold90", _l("Lạnh 90%")),
    ("cold95", _l("Lạnh 95%")),
    ("cold99", _l("Lạnh 99%")),
)
CHANGES = (
    ("hot99", _l("Tăng, 99%")),
    ("hot95", _l("Tăng, 95%")),
    ("hot90", _l("Tăng, 90%")),
    ("same", _l("Nóng cả hai kỳ, không đổi")),
    ("none", _l("Chưa đủ khác, hoặc dưới 6 vụ")),
    ("cold90", _l("Giảm, 90%")),
    ("cold95", _l("Giảm, 95%")),
    ("cold99", _l("Giảm, 99%")),
)
EMERGING = {
    "new": (_l("Mới"), _l("Chỉ nóng ở lát cuối, trước đó chưa bao giờ")),
    "consecutive": (_l("Liên tiếp"), _l("Nóng liền mấy lát cuối; trước đó không")),
    "intensifying": (_l("Tăng mạnh dần"), _l("Nóng ít nhất 90% số lát và càng ngày càng mạnh")),
    "persistent": (_l("Dai dẳng"), _l("Nóng ít nhất 90% số lát, không tăng không giảm")),
    "diminishing": (_l("Giảm dần"), _l("Nóng ít nhất 90% số lát, đang yếu đi")),
    "sporadic": (_l("Lúc có lúc không"), _l("Lát cuối nóng, trước đó lúc có lúc không, chưa từng lạnh")),
    "oscillating": (_l("Dao động"), _l("Lát cuối nóng, nhưng có lát từng lạnh")),
    "historical": (_l("Đã qua"), _l("Nóng ít nhất 90% số lát, riêng lát cuối không")),
}
MARKS = {
    "new": "M12 5v14M5 12h14", "consecutive": "M5 19v-3M12 19V6M19 19V6", "intensifying": "m6 12 6-6 6 6M6 19l6-6 6 6",
    "persistent": "M5 9h14M5 15.5h14", "diminishing": "m6 5 6 6 6-6M6 12l6 6 6-6",
    "sporadic": "M5.5 17h.01M12 8h.01M18.5 17h.01", "oscillating": "m4 15 4.5-7 6 9L20 8",
    "historical": "M17.5 12a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0",
}  # fmt: skip
"""the marks of the map's sprite, on a grid of 24"""
LEFT_OUT = (
    ("coarse", _l("Chỉ biết tới phường")),
    ("same_incident", _l("Trùng một sự cố")),
    ("no_place", _l("Không có vị trí")),
    ("outside", _l("Ngoài vùng phân tích")),
    ("void", _l("Bị từ chối, rút lại, đã gộp")),
)
_STEPS = {
    "": _l("Đang bắt đầu"),
    "events": _l("Đọc sự cố"),
    "cells": _l("Chia ô"),
    "method": _l("Tính"),
    "names": _l("Gọi tên nơi nóng"),
    "keeping": _l("Lưu kết quả"),
}
_STATES = {
    "waiting": _l("đang chờ"),
    "running": _l("đang chạy"),
    "done": _l("xong"),
    "failed": _l("không chạy được"),
    "cancelled": _l("đã huỷ"),
}
_PARTS = {
    "since": _l("Ngày"),
    "until": _l("Ngày cuối"),
    "area": _l("Ở đâu"),
    "within": _l("Vùng đã vẽ"),
    "cell_m": _l("Ô"),
    "h3": _l("Ô"),
    "cells": _l("Ô"),
    "method": _l("Cách tính"),
    "category": _l("Cái gì"),
    "field": _l("Cái gì"),
    "form": _l("Phân tích"),
    "date": _l("Ngày mốc"),
    "least": _l("Ít nhất"),
    "by": _l("Theo"),
    "other_since": _l("Kỳ trước"),
    "other_until": _l("Kỳ trước"),
    "other_category": _l("Loại thứ hai"),
}


def number(value: float, digits: int = 0) -> str:
    """As people of the page's language write it."""
    return str(format_decimal(round(value, digits) if digits else round(value)))


def count(value: float) -> str:
    """A count; one digit behind the point where it was carried over in shares."""
    return number(value) if float(value).is_integer() else number(value, 1)


def date(at: datetime) -> str:
    """24/11/2026."""
    return f"{clock.local(at):%d/%m/%Y}"


def moment(at: datetime) -> str:
    """14:32 24/11/2026."""
    return f"{clock.local(at):%H:%M %d/%m/%Y}"


def wrong(error: BadQuestion) -> str:
    """Which part of the form is wrong, and why."""
    part = _PARTS.get(error.part)
    return f"{part}: {error.reason}" if part else error.message


def span(question: Question) -> str:
    """01/06/2026 – 29/11/2026, the last day included."""
    if question.since is None or question.until is None:
        return ""
    return f"{date(question.since)} – {date(question.until - timedelta(microseconds=1))}"


def what(question: Question, known: Reference) -> str:
    """What is counted, by its names."""
    lang = language()
    chosen = f"category:{','.join(question.category)}" if question.category else ""
    for choice in asking.what_choices(known):
        if choice.value == (chosen or (f"field:{','.join(question.field)}" if question.field else "")):
            return choice.name
    names = [known.categories[code].name for code in question.category if code in known.categories]
    names += [known.field_by_code[code].name for code in question.field if code in known.field_by_code]
    return ", ".join(name[lang] or name["vi"] for name in names)


def where(question: Question, index: AreaIndex) -> str:
    """The area's name, or the city."""
    area = index.by_code(question.area) if question.area else None
    place = called(area) if area else str(_("Cả thành phố"))
    return str(_("%(place)s, vùng đã vẽ", place=place) if question.within else place)


def plainly(plain: Plain) -> str:
    """A plain question and what its rows are of."""
    words = next(str(short) for name, short, _words in asking.PLAIN if name == plain.kind)
    if plain.kind == "repeats":
        return str(_("%(what)s, từ %(n)s lần", what=words, n=plain.least))
    by = next(str(each) for name, each in asking.BY if name == plain.by)
    if plain.date is not None:
        return str(_("%(what)s %(date)s, theo %(by)s", what=words, date=date(plain.date), by=by))
    return str(_("%(what)s, theo %(by)s", what=words, by=by))


def cells(n: int, question: Question) -> str:
    """So many cells, or areas where these were asked for."""
    if question.cells == "road":
        return str(_("%(n)s đoạn đường", n=number(n)))
    return str(_("%(n)s khu vực", n=number(n)) if question.cells else _("%(n)s ô", n=number(n)))


def beside(place: Mapping[str, Any], question: Question) -> str:
    """Of a place of several areas that there are others than the one it is called by."""
    return reading.beside(int(place.get("cells", 1)), question, language())


def _field(code: str, known: Reference) -> str:
    found = known.field_by_code.get(code)
    return (found.name[language()] or found.name["vi"]) if found else code


def how(question: Question, known: Reference) -> str:
    """The method and its cells."""
    method = next(str(short) for name, short, _words in asking.METHODS if name == question.method)
    if question.method == "st-dbscan":
        return method
    if question.h3 is not None:
        return f"{method}, H3 {question.h3}"
    if question.cells:
        level, _colon, field = question.cells.partition(":")
        areas = dict([*asking.AREAS, ("road", asking.ROAD)]).get(level) or _(
            "vùng: %(field)s", field=_field(field, known)
        )
        return ", ".join((method, str(areas), *(str(words) for per, words in asking.EXPOSURES if per == question.per)))
    return str(_("%(method)s, ô %(metres)s m", method=method, metres=f"{question.cell_m:g}"))


def question(asked: Asked, known: Reference, index: AreaIndex) -> str:
    """All of it in one line."""
    kind, days = what(asked.question, known), span(asked.question)
    if asked.other is not None and asked.compare == "categories":
        kind = f"A: {kind}, B: {what(asked.other, known)}"
    elif asked.other is not None:
        days = _("%(days)s so với %(before)s", days=days, before=span(asked.other))
    way = plainly(asked.plain) if asked.plain is not None else how(asked.question, known)
    parts = [kind, days, where(asked.question, index), way]
    return " · ".join(part for part in parts if part)


def recent(row: Mapping[str, Any], known: Reference, index: AreaIndex) -> dict[str, Any]:
    """A line of what was asked lately."""
    asked = Asked.of_address(row["parameters"])
    return {
        "address": f"/plan?{row['parameters']}&run={row['id']}",
        "title": question(asked, known, index),
        "at": row["asked_at"],
        "when": moment(row["asked_at"]),
        "state": state(row["state"]),
        "done": row["state"] == "done",
    }


def saved(row: Mapping[str, Any], known: Reference, index: AreaIndex, account: int) -> dict[str, Any]:
    """A line of what was saved under a name."""
    return {
        "id": row["id"],
        "name": row["name"],
        "address": f"/plan?{row['parameters']}&run={row['analysis_id']}",
        "title": question(Asked.of_address(row["parameters"]), known, index),
        "own": row["saved_by"] == account,
    }


def state(name: str) -> str:
    """A job's state."""
    return str(_STATES[name])


def progress(job: rows.Job) -> str:
    """How far a job is, in words."""
    if job.state == "waiting" and job.ahead:
        return str(_("Đang chờ: %(n)s phân tích khác đứng trước", n=job.ahead))
    if job.state == "running":
        return f"{_STEPS.get(job.step, '')}…"
    if job.state == "failed":
        return str(_("Không chạy được: %(reason)s", reason=job.reason))
    return str({"waiting": _("Đang chờ tới lượt"), "cancelled": _("Đã huỷ"), "done": _("Xong")}[job.state])


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A month of the chart, in units of its drawing."""

    x: float
    y: float
    height: float
    label: str
    title: str


def bars(months: list[tuple[str, int]]) -> list[Bar]:
    """The chart's bars, 480 × 46 units; months without any are drawn as none."""
    if not months:
        return []
    counts = dict(months)
    first, last = _month(months[0][0]), _month(months[-1][0])
    every = [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)]
    wide, most = 480 / len(every), max(counts.values())
    sparse = -(-len(every) // 14)
    return [
        Bar(
            x=round(place * wide + wide * 0.1, 2),
            y=round(46 - 44 * counts.get(month, 0) / most, 2),
            height=round(44 * counts.get(month, 0) / most, 2),
            label=str(int(month[5:])) if place % sparse == 0 else "",
            title=f"{month[5:]}/{month[:4]}: {number(counts.get(month, 0))}",
        )
        for place, month in enumerate(every)
    ]


def _month(word: str) -> int:
    return int(word[:4]) * 12 + int(word[5:7]) - 1


def result(job: rows.Job, asked: Asked) -> dict[str, Any]:
    """What the page shows of an answer."""
    assert job.summary is not None and job.done_at is not None
    said = job.summary
    reading = said["reading"][language()]
    months = [(month, n) for month, n in said["months"]]
    chart = bars(months)
    tested = asked.question.method not in ("kde", "st-dbscan")
    return {
        **said,
        "legend": [(name, words, said["classes"][name]) for name, words in CLASSES] if tested else [],
        **_compared(said),
        **_emerging(said),
        "sentence": reading["sentence"],
        "chance": reading["chance"],
        "cautions": reading["cautions"],
        "cold": sum(said["classes"][name] for name in ("cold90", "cold95", "cold99")),
        "left": [(words, said["left_out"][name]) for name, words in LEFT_OUT if said["left_out"][name]],
        "bars": chart,
        "bar_width": round(480 / len(chart) * 0.8, 2) if chart else 0,
        "by_month": [(f"{month[5:]}/{month[:4]}", number(n)) for month, n in months],
        "months_span": f"{_short(months[0][0])} – {_short(months[-1][0])}" if months else "",
        "stored": moment(job.done_at),
        "stored_iso": job.done_at.isoformat(timespec="seconds"),
        "as_of": number(job.as_of or 0),
        "counted": _("sự cố") if asked.question.count == "incidents" else _("phản ánh"),
    }


def _emerging(said: dict[str, Any]) -> dict[str, Any]:
    """The eight classes with their small bars (96 × 24 units, the line at 14), and the names of the slices."""
    found = said.get("emerging")
    if found is None:
        return {"emerging": None}
    wide = 96 / max(1, len(found["slices"]))
    rows_ = []
    for each in found["classes"]:
        words, sentence = EMERGING[each["name"]]
        most = (
            max((abs(z) for z in each["bars"]), default=1) or 1
        )  # each class on its own scale: its shape is what counts
        small = []
        for number_, z in enumerate(each["bars"]):
            height = round(abs(z) / most * (13 if z >= 0 else 9), 2)
            top = round(14 - height, 2) if z >= 0 else 14
            small.append({"x": round(number_ * wide, 2), "y": top, "height": height, "cold": z < 0})
        rows_.append(
            {
                "name": each["name"],
                "words": words,
                "sentence": sentence,
                "n": each["n"],
                "bars": small,
                "mark": MARKS[each["name"]],
            }
        )
    names = [_slice(each) for each in found["slices"]]
    return {"emerging": rows_, "slices": names, "small_width": round(wide * 0.75, 2), "legend": []}


def _slice(name: str) -> str:
    return _short(name) if len(name) == len("2026-10") else f"{name[8:]}/{name[5:7]}/{name[:4]}"


def _compared(said: dict[str, Any]) -> dict[str, Any]:
    """What a comparison says in other words than an analysis of one span."""
    more = said.get("comparison")
    if more is None:
        return {"marks": said["places"], "legend_title": _("Điểm nóng, sau hiệu chỉnh FDR"), "comparison": None}
    spans = more["kind"] == "spans"
    names = (_("Trước"), _("Sau")) if spans else ("B", "A")
    counts = said["classes"] | {"same": more["same"], "none": said["classes"]["none"] - more["same"]}
    up, down = (_("tăng"), _("giảm")) if spans else (_("A nhiều hơn"), _("B nhiều hơn"))
    return {
        "comparison": more,
        "marks": more["places"],
        "legend_title": _("Sau so với trước, sau hiệu chỉnh FDR") if spans else _("A so với B, sau hiệu chỉnh FDR"),
        "legend": [(name, words, counts[name]) for name, words in CHANGES],
        "part_names": names,
        "parts": (("before", names[0]), ("after", names[1]), ("", _("Hiệu số"))),
        "change_words": {
            "more": up, "new": _("mới nóng") if spans else up, "less": down, "gone": _("hết nóng") if spans else down,
            "same": _("không đổi"), **dict.fromkeys(("hot99", "hot95", "hot90"), up),
            **dict.fromkeys(("cold99", "cold95", "cold90"), down),
        },
    }  # fmt: skip


def _short(month: str) -> str:
    return f"{int(month[5:])}/{month[:4]}"
