"""What a plain question says besides what, when and where. One spelling, so that an address holds all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from database.clock import local, moment
from etl.hotspots.question import BadQuestion, Question

KINDS = ("repeats", "closing", "change")
BY = ("ward", "ward_then", "district", "unit", "category")
"""`ward`: today's; `ward_then`: of the incident's own day; `district`: the former ones"""
AREAS = ("ward", "ward_then", "district")
FEWEST, MOST = 2, 50


@dataclass(frozen=True, kw_only=True)
class Plain:
    """`kind`: one of KINDS. `by`: what a row is of (closing, change). `least`: how often a place was reported at least
    (repeats). `date`: the day that parts both spans, the first of the later one (change)."""

    kind: str
    by: str = "ward"
    least: int = 3
    date: datetime | None = None

    def parameters(self) -> dict[str, str]:
        """Words in a fixed order, without what is usual; `method` names the kind."""
        said = {"method": self.kind}
        if self.kind == "repeats":
            return said | ({"least": str(self.least)} if self.least != 3 else {})
        said |= {"by": self.by} if self.by != "ward" else {}
        return said | ({"date": local(self.date).date().isoformat()} if self.date else {})

    @classmethod
    def read(cls, words: Mapping[str, str], question: Question) -> Self | None:
        """From an address's words, beside the question of what, when, where; None where none of these is asked.
        Raises BadQuestion."""
        kind = words.get("method", "")
        if kind not in KINDS:
            return None
        if kind == "repeats":
            return cls(kind=kind, least=_least(words.get("least", "")))
        by = words.get("by", "") or "ward"
        if by not in BY:
            raise BadQuestion("by", ", ".join(BY))
        if kind == "closing":
            return cls(kind=kind, by=by)
        return cls(kind=kind, by=by, date=_date(words.get("date", ""), question))


def _least(word: str) -> int:
    try:
        least = int(word or 3)
    except ValueError:
        least = -1
    if not FEWEST <= least <= MOST:
        raise BadQuestion("least", f"từ {FEWEST} tới {MOST} lần (is {FEWEST} to {MOST})")
    return least


def _date(word: str, question: Question) -> datetime:
    try:
        at = moment(word)
    except ValueError:
        raise BadQuestion("date", "cần một ngày (a day is needed)") from None
    assert question.since is not None and question.until is not None
    if not question.since < at < question.until:
        raise BadQuestion("date", "phải nằm giữa hai đầu kỳ (must lie between both ends of the span)")
    if at - question.since != question.until - at:
        raise BadQuestion("date", "hai kỳ phải dài bằng nhau (both spans must be equally long)")
    return at


def equal_spans(date_: date, days: int, today: date) -> tuple[date, date]:
    """The first day of the span before, and the day after the last one of the span after: as long as each other, `days`
    or as many as have passed by the end of `today`. Raises BadQuestion where none has."""
    passed = (today - date_).days + 1
    if passed < 1:
        raise BadQuestion("date", "chưa tới ngày đó (that day is yet to come)")
    many = min(days, passed)
    return date_ - timedelta(days=many), date_ + timedelta(days=many)
