"""What was asked, in a line for people: which kinds, when, where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from database.clock import local, moment
from district_boundaries import areas
from etl.hotspots.question import Question
from incidents import reference

_WORDS = {
    "vi": {
        "every": "Mọi loại", "always": "từ trước tới nay", "since": "từ {}", "until": "tới hết {}", "against": "so với",
        "city": "cả thành phố", "drawn": "trong vùng đã vẽ",
    },
    "en": {
        "every": "All kinds", "always": "all time", "since": "since {}", "until": "until {}", "against": "against",
        "city": "the whole city", "drawn": "inside a drawn area",
    },
}  # fmt: skip


def subject(connection: Connection, question: Question, lang: str, compared: Mapping[str, str] | None = None) -> str:
    """ "Lún, sụt mặt đường · 31/05/2026 – 30/11/2026 · cả thành phố"; last days included. `compared`: the other side's
    parameters of a comparison, as in its address."""
    words, other = _WORDS[lang], compared or {}
    what, when = (
        _kinds(connection, question.field, question.category, lang),
        _span(question.since, question.until, lang),
    )
    second = Question.read({name: other.get(f"other_{name}", "") for name in ("field", "category")})
    if second.field or second.category:
        what = f"A: {what}, B: {_kinds(connection, second.field, second.category, lang)}"
    elif other:
        since, until = (moment(other[name]) if other.get(name) else None for name in ("other_since", "other_until"))
        when = f"{when} {words['against']} {_span(since, until, lang)}"
    return " · ".join((what, when, _where(connection, question, lang)))


def _kinds(connection: Connection, fields: Iterable[str], categories: Iterable[str], lang: str) -> str:
    known = reference.current(connection)
    names = [known.categories[code].name for code in categories if code in known.categories]
    names += [known.field_by_code[code].name for code in fields if code in known.field_by_code]
    return ", ".join(name[lang] or name["vi"] for name in names) or _WORDS[lang]["every"]


def _span(since: datetime | None, until: datetime | None, lang: str) -> str:
    words = _WORDS[lang]
    first = f"{local(since):%d/%m/%Y}" if since else ""
    last = f"{local(until - timedelta(microseconds=1)):%d/%m/%Y}" if until else ""
    if first and last:
        return f"{first} – {last}"
    return words["since"].format(first) if first else words["until"].format(last) if last else words["always"]


def _where(connection: Connection, question: Question, lang: str) -> str:
    area = areas.current(connection).by_code(question.area) if question.area else None
    name = _WORDS[lang]["city"]
    if area is not None:
        name = (area.name_en if lang == "en" else "") or area.name
    return f"{name}, {_WORDS[lang]['drawn']}" if question.within else name
