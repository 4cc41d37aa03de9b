"""How far a demo report has come: the steps behind it at the end of the span."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from incidents.drafts import PastStep

_STALLED = 0.035  # of the things wait several times as long: these are late
_OTHER_ENDS = (("rejected", 0.012), ("withdrawn", 0.004))
_SHORTEST_HOURS = 4.0  # longer than the span in which a thing is reported again


def past(
    reported_at: datetime, until: datetime, median_hours: float, random: np.random.Generator
) -> tuple[PastStep, ...]:
    """The steps of a thing reported at `reported_at` that lie before `until`, oldest first: accepted within
    hours (the door has assigned it), resolved around the category's median, closed some days later; a few rejected or
    withdrawn, a few stalled."""
    stalled = 4.0 + 4.0 * float(random.random()) if random.random() < _STALLED else 1.0
    accepted = 0.05 + float(random.lognormal(np.log(0.12 * median_hours + 0.5), 0.6))
    work = median_hours * float(random.lognormal(0, 0.55)) * stalled
    resolved = max(_SHORTEST_HOURS, accepted + work)
    closed = resolved + 24 * float(random.uniform(2, 6))
    started = accepted + 0.25 * (resolved - accepted)
    plan = [("accepted", accepted), ("in_progress", started), ("resolved", resolved), ("closed", closed)]
    draw, limit = random.random(), 0.0
    for ending, share in _OTHER_ENDS:
        limit += share
        if draw < limit:
            plan = [(ending, max(_SHORTEST_HOURS, accepted))]
            break
    steps = (PastStep(at=reported_at + timedelta(seconds=round(3600 * hours)), status=status) for status, hours in plan)
    return tuple(step for step in steps if step.at < until)
