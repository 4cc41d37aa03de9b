"""By when: the clocks that start when a report is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from database.clock import local
from incidents.reference.values import DeadlineRule, Reference


@dataclass(kw_only=True)  # not frozen, as incidents.drafts
class Deadlines:
    """The due times of one report and the rule that made them; None where a clock does not run."""

    dispatch_due_at: datetime | None
    """by when it is to be forwarded"""
    accept_due_at: datetime | None
    """by when the unit is to accept it"""
    resolve_due_at: datetime | None
    """by when it is to be resolved"""
    rule_id: int | None


_NONE = Deadlines(dispatch_due_at=None, accept_due_at=None, resolve_due_at=None, rule_id=None)


def deadlines(
    reference: Reference, categories: Sequence[str | None], reported_at: Sequence[datetime]
) -> list[Deadlines]:
    """The due times of each report, by the rules of its own day (in the city's time).

    Without a category only the dispatch clock runs.
    `reported_at` are aware times; the due times are in the same zone. ValueError on a naive one.
    """
    return [_due(reference, category, at) for category, at in zip(categories, reported_at, strict=True)]


def _due(reference: Reference, category: str | None, at: datetime) -> Deadlines:
    if at.tzinfo is None:
        raise ValueError("a deadline needs a time with a zone")
    rule = _rule(reference, category, local(at).toordinal())
    if rule is None:
        return _NONE
    return Deadlines(
        dispatch_due_at=at + timedelta(minutes=rule.dispatch_minutes),
        accept_due_at=_after(at, rule.accept_minutes),
        resolve_due_at=_after(at, rule.resolve_minutes),
        rule_id=rule.id,
    )


def _rule(reference: Reference, category: str | None, day: int) -> DeadlineRule | None:
    """The category's rule on that day; where it has none, the general one."""
    for rules in (reference.deadlines.get(category, ()), reference.deadlines.get(None, ())):
        for rule in rules:
            if rule.first <= day <= rule.last:
                return rule
    return None


def _after(at: datetime, minutes: int | None) -> datetime | None:
    return None if minutes is None else at + timedelta(minutes=minutes)
