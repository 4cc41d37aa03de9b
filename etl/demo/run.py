"""One run of the generator, by name: `demo-SEED-MONTHS-REPORTS-UNTIL`. Each of its reports bears that name and its
number as external id, so that the database itself says what was filled in and where an interrupted run goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_KEY = re.compile(r"demo-(\d+)-(\d+)-(\d+)-(\d{8}T\d{4}Z)(?:-(\d+))?")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the generator needs to make the same reports again."""

    seed: int
    months: int
    reports: int
    until: datetime
    """end of the span, to the minute"""

    @property
    def key(self) -> str:
        return f"demo-{self.seed}-{self.months}-{self.reports}-{self.until.astimezone(UTC):%Y%m%dT%H%MZ}"

    def external_id(self, number: int) -> str:
        return f"{self.key}-{number}"


def parse(external_id: str) -> tuple[Run, int]:
    """The run and the number of a demo report. Raises ValueError on an id that is none."""
    found = _KEY.fullmatch(external_id)
    if found is None or found[5] is None:
        raise ValueError(f"{external_id!r} is not a demo report's id")
    until = datetime.strptime(found[4], "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
    return Run(seed=int(found[1]), months=int(found[2]), reports=int(found[3]), until=until), int(found[5])
