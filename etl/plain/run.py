"""From a plain question to its answer."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from etl.hotspots.answer import of_demo
from etl.hotspots.question import Question
from etl.hotspots.run import Step
from etl.plain import change, closing, repeats
from etl.plain.answer import PlainAnswer
from etl.plain.question import Plain
from etl.plain.rows import Q, words

ANSWERS = {"repeats": repeats.answer, "closing": closing.answer, "change": change.answer}


def run(connection: Connection, question: Question, plain: Plain, *, step: Step = lambda name: None) -> PlainAnswer:
    """Answer it from the public read model in one snapshot. `step` hears each step as it begins and may raise to
    cancel. Raises BadQuestion."""
    answer = ANSWERS[plain.kind](connection, question, plain, step=step)
    demo = connection.execute(Q["demo"], words(question)).scalar_one()
    return replace(answer, warnings=(*of_demo(demo), *answer.warnings))
