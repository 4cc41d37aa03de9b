"""`python -m etl.analysis.process ID`: one analysis, in a process of its own.

Ending the process is how a job is cancelled; what it has not stored yet is as if it had not been. It exits 0 when the
job has ended, done or with a reason; anything else is an accident, and whoever started it may try again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from database.engine import WORKER, dispose, engine, transaction
from etl.analysis import emerging, hot_news, kept, rows, schedule
from etl.analysis.asked import Asked
from etl.analysis.summary import cells, summary
from etl.hotspots.question import BadQuestion

Step = Callable[[str], object]
Said = tuple[dict[str, Any], dict[str, bytes]]
"""what the page says, and the parts that are kept"""
PROGRESS = {"events": 0.05, "cells": 0.2, "method": 0.45, "names": 0.85, "keeping": 0.95}
"""how far an analysis is when a step begins, as a share; most of the time is the method's"""


def main(job: int) -> int:
    """Answer the job; 0 when it has ended."""
    with transaction(WORKER) as connection:
        row = rows.find(connection, job)
    if row is None or row.state != "running":
        return 0
    try:
        _answer(job, Asked.of_address(row.parameters))
    except BadQuestion as error:
        with transaction(WORKER) as connection:
            rows.fail(connection, job, error.message)
    finally:
        dispose()
    return 0


def _answer(job: int, asked: Asked) -> None:
    def step(name: str) -> None:
        with transaction(WORKER) as connection:
            rows.step(connection, job, name, PROGRESS[name])

    step("events")
    with transaction(WORKER) as connection:
        scheduled = schedule.is_run(connection, job)
    # One snapshot for all that is read, and the record's number belongs to it.
    with engine("public").connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        as_of = rows.sealed(connection)
        if asked.plain is not None:
            said, parts = _plainly(connection, asked, step)
        else:
            said, parts = _by_cells(connection, asked, step, scheduled=scheduled)
    with transaction(WORKER) as connection:
        rows.done(connection, job, said, parts, as_of)


def _by_cells(connection: Connection, asked: Asked, step: Step, *, scheduled: bool) -> Said:
    from etl.analysis import hot_places
    from etl.analysis.compare import compare
    from etl.hotspots.run import run

    if asked.other is not None:
        found = compare(connection, asked, step=step)
        answer, more = found.answer, {"comparison": found.more}
    else:
        answer, more = run(connection, asked.question, step=step), {}
        if answer.history:
            more = {"emerging": emerging.summary(answer)}
    parts = {hot_news.PART: hot_places.pack(answer, connection)} if scheduled else {}
    step("keeping")
    parts |= {"answer": kept.pack(answer), "cells": cells(answer)}
    if asked.other is not None:
        parts |= {f"cells-{when}": cells(answer, f"class_{when}") for when in ("before", "after")}
    return summary(answer) | more, parts


def _plainly(connection: Connection, asked: Asked, step: Step) -> Said:
    from etl.plain import kept, page
    from etl.plain.run import run

    assert asked.plain is not None
    answer = run(connection, asked.question, asked.plain, step=step)
    step("keeping")
    return page.summary(answer), {"answer": kept.pack(answer), "cells": page.shapes(answer)}


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
