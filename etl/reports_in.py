"""A file of reports through the one door, batch by batch.

Each batch is a transaction of its own, so an import that was killed is started again: what is there is `unchanged`, and
the end is the same. Two batches are under way at once: while the database writes one, the steps of the next are worked
out; a third stands in the way of both, and in memory. A row that cannot be taken is refused by line and reason and
never holds back the others.
"""

from __future__ import annotations

import contextvars
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exc

from database.engine import OPERATOR, transaction
from district_boundaries import areas, tables
from etl import landing
from etl.columns import Layout, Said, read, secret
from etl.landing import ACTOR, Landed, Outcome, Q
from etl.memory import few_arenas, give_back, rarely_collected
from etl.readers import Batch, Source
from etl.rejects import Rejects
from etl.twins import Twins
from incidents import record
from incidents.errors import Refusal
from incidents.record.events import BULK_IMPORTED, NewEvent
from incidents.reference import Reference

WORKERS = 2
_MANY = 50
"""Rows: where every one of so many cannot be stored, the fault is not theirs."""
Values = Mapping[str, Mapping[str, str]]


@dataclass(kw_only=True)
class Tally:
    """How many rows became what."""

    read: int = 0
    added: int = 0
    unchanged: int = 0
    rejected: int = 0
    updated: int = 0

    def line(self, *, update: bool) -> str:
        """As the command ends."""
        figures = f"{self.read} read, {self.added} added, {self.unchanged} unchanged, {self.rejected} rejected"
        return f"{figures}, {self.updated} updated" if update else figures


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a file is taken in."""

    layout: Layout
    channel: str
    """of rows that name none"""
    values: Values
    """column → the file's word → ours"""
    update: bool = False
    dry_run: bool = False
    twins: Twins | None = None
    """looks for rows that say the same under another id"""


class _Undone(Exception):
    """A dry run's transaction ends here."""


def bring_in(
    source: Source,
    way: Way,
    rejects: Rejects,
    *,
    advance: Callable[[int, Tally], object] = lambda done, tally: None,
    watch: Callable[[Batch, list[Outcome]], object] = lambda batch, outcomes: None,
) -> Tally:
    """Take all rows of `source` in and return how many became what. `advance` hears after each batch how far the file
    is read, `watch` what became of its rows. Raises UnreadableFile where the file breaks off, OperationalError where
    the database goes away."""
    tally = Tally()
    few_arenas()
    _recall_tables()
    give_back()
    seen = _Seen() if way.dry_run else None
    with rarely_collected():
        for batch, outcomes in _in_order(source.batches(), lambda batch: _take(batch, way, seen), way):
            tally.read += len(outcomes)
            for pos, outcome in enumerate(outcomes):
                if isinstance(outcome, Refusal):
                    tally.rejected += 1
                    rejects.add(batch.lines[pos], outcome, batch.rows[pos])
                else:
                    setattr(tally, outcome.value, getattr(tally, outcome.value) + 1)
            watch(batch, outcomes)
            advance(batch.done, tally)
    if not way.dry_run:
        _finish(tally)
    return tally


def _recall_tables() -> None:
    """Lay the tables of days that are kept on disk at hand: a batch spread over many years asks each for a few points
    only, which would not make it look there."""
    with transaction(OPERATOR) as connection:
        index = areas.current(connection)
    for first in (date.min, *index.changes):
        tables.of(index.day(first), tables.WORTH_READING)


def _in_order(
    batches: Iterator[Batch], take: Callable[[Batch], list[Outcome]], way: Way
) -> Iterator[tuple[Batch, list[Outcome]]]:
    """Batches with what became of their rows, in the file's order, a few at a time."""
    workers = 1 if way.dry_run or way.twins else WORKERS  # what is judged by earlier rows goes in their order
    with ThreadPoolExecutor(workers, thread_name_prefix="import") as pool:
        under_way: deque[tuple[Batch, Future[list[Outcome]]]] = deque()
        try:
            for batch in batches:
                under_way.append((batch, pool.submit(contextvars.copy_context().run, take, batch)))
                if len(under_way) > workers:
                    done, outcomes = under_way.popleft()
                    yield done, outcomes.result()
            while under_way:
                done, outcomes = under_way.popleft()
                yield done, outcomes.result()
        finally:
            for _, outcomes in under_way:
                outcomes.cancel()


def _take(batch: Batch, way: Way, seen: _Seen | None) -> list[Outcome]:
    """One batch, from cells to outcomes."""
    outcomes: list[Outcome] = [Landed.UNCHANGED] * len(batch.rows)
    key = secret()
    positions, rows = [], []
    for pos, cells in enumerate(batch.rows if batch.meant is None else batch.meant):
        fault = batch.faults.get(pos)
        understood = fault or read(cells, way.layout, channel=way.channel, key=key, values=way.values)
        if isinstance(understood, Refusal):
            outcomes[pos] = understood
        else:
            positions.append(pos)
            rows.append(understood)
    if way.twins is not None:
        refused = way.twins.look([batch.lines[pos] for pos in positions], rows)
        outcomes = [refused.get(batch.lines[pos], outcome) for pos, outcome in enumerate(outcomes)]
        kept = [k for k, pos in enumerate(positions) if batch.lines[pos] not in refused]
        positions, rows = [positions[k] for k in kept], [rows[k] for k in kept]
    for pos, outcome in zip(positions, _land(rows, way), strict=True):
        outcomes[pos] = outcome
    if seen is not None:
        for pos, row in zip(positions, rows, strict=True):
            outcomes[pos] = seen.judge(row, outcomes[pos], update=way.update)
    return outcomes


def _land(rows: Sequence[Said], way: Way) -> list[Outcome]:
    """Rows into the database. Where a batch fails because another one brought the same row, it is tried once more; else
    its halves are tried, down to the row that is at fault. Raises what failed where it was no row's fault."""
    if not rows:
        return []
    for last in (False, True):
        try:
            return _in_one_transaction(rows, way)
        except Exception as error:  # one row must not hold back the others, whatever it brings
            if isinstance(error, exc.OperationalError | exc.InterfaceError) and not _may_pass(error):
                raise
            failure = error
            if last or not (isinstance(error, exc.IntegrityError) or _may_pass(error)):
                break
    if len(rows) == 1:
        return [Refusal(field="", reason="not_stored", message=str(failure), value=_told(failure))]
    half = len(rows) // 2
    outcomes = _land(rows[:half], way) + _land(rows[half:], way)
    if len(rows) >= _MANY and all(isinstance(each, Refusal) and each.reason == "not_stored" for each in outcomes):
        raise failure
    return outcomes


def _in_one_transaction(rows: Sequence[Said], way: Way) -> list[Outcome]:
    outcomes: list[Outcome] = []
    try:
        with transaction(OPERATOR) as connection:
            outcomes = landing.land(connection, rows, columns=way.layout.columns, update=way.update)
            if way.dry_run:
                raise _Undone
    except _Undone:
        pass
    return outcomes


def _may_pass(error: Exception) -> bool:
    """Two transactions that stood in each other's way; anything else operational means that the database is gone."""
    return isinstance(error, exc.DBAPIError) and getattr(error.orig, "sqlstate", None) in ("40P01", "40001")


def _told(failure: Exception) -> str:
    """What kind of failure, without the data that it may quote."""
    cause = failure.orig if isinstance(failure, exc.DBAPIError) else failure
    return type(cause).__name__


def _finish(tally: Tally) -> None:
    """Open maps load anew, once: after this run, or after one that was killed before it could say so."""
    with transaction(OPERATOR) as connection:
        if connection.execute(Q["last_bulk"]).scalar() not in (None, BULK_IMPORTED):
            told = {"added": tally.added, "updated": tally.updated}
            record.write(connection, [NewEvent(kind=BULK_IMPORTED, actor=ACTOR, data=told)])


class _Seen:
    """What a dry run would have brought in: its batches are undone, so the next ones cannot find it in the database."""

    def __init__(self) -> None:
        self._content: dict[str | bytes | None, bytes | None] = {}

    def judge(self, row: Said, outcome: Outcome, *, update: bool) -> Outcome:
        identity = row.draft.external_id or row.key
        before = self._content.get(identity)
        if outcome in (Landed.ADDED, Landed.UPDATED):
            if before is None:
                self._content[identity] = row.key
            elif before == row.key:
                return Landed.UNCHANGED
            elif update:
                self._content[identity] = row.key
                return Landed.UPDATED
            else:
                return Refusal(field="external_id", reason="changed", message="twice in this file, with other content")
        return outcome


def words(known: Reference, mapped: Values) -> dict[str, dict[str, str]]:
    """The words that stand for codes: the names of categories and units, and a mapping file's own."""
    found: dict[str, dict[str, str]] = {
        "category": {
            name.casefold(): code for code, category in known.categories.items() for name in category.name.values()
        },
        "unit": {unit.name["vi"].casefold(): unit.code for unit in known.units.values()},
    }
    for column, pairs in mapped.items():
        found[column] = {**found.get(column, {}), **pairs}
    return found
