"""From a plain question to its answer."""

from __future__ import annotations

from sqlalchemy import Connection

from etl.hotspots.question import Question
from etl.hotspots.run import Step
from etl.plain import change, closing, repeats
from etl.plain.answer import PlainAnswer
from etl.plain.question import Plain

ANSWERS = {"repeats": repeats.answer, "closing": closing.answer, "change": change.answer}


def run(connection: Connection, question: Question, plain: Plain, *, step: Step = lambda name: None) -> PlainAnswer:
    """Answer it from the public read model in one snapshot. `step` hears each step as it begins and may raise to
    cancel. Raises BadQuestion."""
    return ANSWERS[plain.kind](connection, question, plain, step=step)
