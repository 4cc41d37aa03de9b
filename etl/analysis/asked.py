"""What a planner asks of the workbench: one question, two that are compared, or one without statistics. One spelling,
so one address."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Connection

from database.clock import moment
from district_boundaries import areas
from etl.hotspots.question import BadQuestion, Question
from etl.plain import KINDS, Plain
from incidents import reference

COMPARISONS = ("", "spans", "categories")
SMALLEST_M = 100.0
"""Finer cells over the whole city are for the command line."""
MOST_PERMUTATIONS = 9999
WHAT = ("since", "until", "field", "category", "area", "within")
"""what a plain question takes of the others: what, when, where"""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`question`; with `compare` also `other`: the span before it (`spans`), or what else is counted (`categories`);
    with `plain` the question says what, when and where of a plain one."""

    question: Question
    compare: str = ""
    other: Question | None = None
    plain: Plain | None = None

    @property
    def kind(self) -> str:
        """Of the job: `hotspots` or `plain`."""
        return "plain" if self.plain else "hotspots"

    def parameters(self) -> dict[str, str]:
        """Words in a fixed order: what was asked has them once and the same way."""
        said = self.question.parameters()
        if self.plain is not None:
            own = self.plain.parameters()
            return {"method": own.pop("method")} | said | own
        if self.other is None:
            return said
        theirs = self.other.parameters()
        said["compare"] = self.compare
        names = ("since", "until") if self.compare == "spans" else ("field", "category")
        return said | {f"other_{name}": theirs[name] for name in names if name in theirs}

    def address(self) -> str:
        """The parameters as a query string."""
        return urlencode(self.parameters())

    def hash(self) -> bytes:
        """By which a stored answer is found again: SHA-256 of the address."""
        return hashlib.sha256(self.address().encode()).digest()

    @classmethod
    def read(cls, words: Mapping[str, str]) -> Self:
        """From the words of an address or a form. Raises BadQuestion."""
        asked_plainly = words.get("method", "") in KINDS
        question = Question.read({name: words.get(name, "") for name in WHAT} if asked_plainly else words)
        if question.since is None or question.until is None:
            raise BadQuestion("since", "cần ngày đầu và ngày cuối (both ends of the span are needed)")
        if asked_plainly:
            return cls(question=question, plain=Plain.read(words, question))
        _affordable(question)
        compare = words.get("compare", "")
        if compare not in COMPARISONS:
            raise BadQuestion("compare", ", ".join(filter(None, COMPARISONS)))
        if not compare:
            return cls(question=question)
        if question.cells:
            raise BadQuestion(
                "cells",
                "so sánh chia ô, và cho số theo phường, quận cũ bên cạnh: hãy chọn ô vuông hay lục giác (a comparison "
                "has cells, and counts by wards and former districts beside them: choose squares or hexagons)",
            )
        if question.method != "gi-star" or question.per:
            raise BadQuestion("method", "so sánh dùng gi-star theo số đếm (comparisons are of counts, by gi-star)")
        return cls(question=question, compare=compare, other=_other(question, compare, words))

    @classmethod
    def of_address(cls, address: str) -> Self:
        """From a query string that `address` gave."""
        return cls.read(dict(parse_qsl(address)))


def known(connection: Connection, asked: Asked) -> None:
    """Codes that are none are said before there is a job, not by one that finds nothing. Raises BadQuestion."""
    there = reference.current(connection)
    for question in (asked.question, *([asked.other] if asked.other else [])):
        for name, codes, all_ in (
            ("field", question.field, there.field_by_code),
            ("category", question.category, there.categories),
        ):
            for code in codes:
                if code not in all_:
                    raise BadQuestion(name, f"{code[:40]!r}: không có (no such code)")
    area, index = asked.question.area, areas.current(connection)
    if area and index.by_code(area) is None:
        raise BadQuestion("area", f"{area[:40]!r}: không có (no such area)")
    if asked.question.cells not in ("", "road"):
        from etl.hotspots import study  # scipy's statistics

        study.layer(asked.question, index)


def _other(question: Question, compare: str, words: Mapping[str, str]) -> Question:
    if compare == "categories":
        other = Question.read({"field": words.get("other_field", ""), "category": words.get("other_category", "")})
        if not other.field and not other.category:
            raise BadQuestion("other_category", "cần loại thứ hai (a second category is needed)")
        if (other.field, other.category) == (question.field, question.category):
            raise BadQuestion("other_category", "hai loại như nhau (both are the same)")
        return replace(question, field=other.field, category=other.category)
    try:
        since, until = moment(words.get("other_since", "")), moment(words.get("other_until", ""))
    except ValueError:
        raise BadQuestion("other_since", "cần hai ngày của kỳ trước (both days of the span before)") from None
    if since >= until:
        raise BadQuestion("other_until", "phải sau ngày đầu (must come after its beginning)")
    assert question.since is not None
    if until > question.since:
        raise BadQuestion("other_until", "kỳ trước phải kết thúc trước kỳ sau (the span before must end first)")
    return replace(question, since=since, until=until)


def _affordable(question: Question) -> None:
    """What would take a machine of the site for too long is for the command line. Raises BadQuestion."""
    whole = not question.area and not question.within
    if question.engine != "own":
        raise BadQuestion("engine", "chỉ ở dòng lệnh (for the command line only)")
    if whole and question.h3 is None and question.cell_m < SMALLEST_M:
        raise BadQuestion("cell_m", f"từ {SMALLEST_M:g} m với cả thành phố (at least, over the whole city)")
    if question.cells == "road" and whole:
        raise BadQuestion(
            "cells",
            "chọn một khu vực hoặc vẽ vùng; cả thành phố ở dòng lệnh (choose or draw an area; the whole city is for "
            "the command line)",
        )
    if question.h3 is not None and question.h3 > 9 and whole:
        raise BadQuestion("h3", "tới 9 với cả thành phố (at most 9 over the whole city)")
    if question.permutations > MOST_PERMUTATIONS:
        raise BadQuestion("permutations", f"tới {MOST_PERMUTATIONS} (at most)")
