"""A batch of rows into the database, in one transaction: each row new, known already, changed, or refused.

A row is known again by its external id; where it has none, by its whole content: the same row twice is one report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from pathlib import Path

from sqlalchemy import Connection

from database import clock
from database.sql import queries
from district_boundaries.areas import AreaIndex
from etl import report_rows
from etl.columns import CODE_PREFIX, KNOWN, REPORTER, UNSAID, Said, canonical
from incidents import intake, reference
from incidents.drafts import Draft, Reporter
from incidents.errors import Refusal
from incidents.reference import Reference
from incidents.revision import Revision, revise

ACTOR = "import"
STREAMED = timedelta(days=1)
"""Reports younger than this are told to open maps one by one, like any other; older ones by one `reload` at the end."""

Q = queries(Path(__file__).with_name("reports_in.sql"))


class Landed(Enum):
    """What became of a row that was not refused."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    UPDATED = "updated"


Outcome = Landed | Refusal


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A report that a row speaks of."""

    id: int
    content_hash: bytes | None


def land(connection: Connection, rows: Sequence[Said], *, columns: frozenset[str], update: bool) -> list[Outcome]:
    """Take rows in, in the caller's transaction: one outcome per row, in order. `columns` are those that the file has;
    with `update` a changed row is taken over, else refused as `changed`."""
    known, index = reference.current_with_areas(connection)
    outcomes: dict[int, Outcome] = {}
    waiting = list(range(len(rows)))
    while waiting:  # rows that speak of the same report go one after the other
        seen: set[str | bytes | None] = set()
        now: list[int] = []
        later: list[int] = []
        for pos in waiting:
            identity = rows[pos].draft.external_id or rows[pos].key
            (later if identity in seen else now).append(pos)
            seen.add(identity)
        batch = [rows[pos] for pos in now]
        landed = _land(connection, batch, columns=columns, update=update, known=known, index=index)
        outcomes.update(zip(now, landed, strict=True))
        waiting = later
    return [outcomes[pos] for pos in range(len(rows))]


def _land(
    connection: Connection,
    rows: Sequence[Said],
    *,
    columns: frozenset[str],
    update: bool,
    known: Reference,
    index: AreaIndex,
) -> list[Outcome]:
    there = _look_up(connection, rows)
    outcomes: list[Outcome] = [Landed.UNCHANGED] * len(rows)
    new = [pos for pos in range(len(rows)) if pos not in there]
    for pos, outcome in _add(connection, rows, new, known, index).items():
        outcomes[pos] = outcome
    other = {pos: found for pos, found in there.items() if found.content_hash != rows[pos].key}
    if not other:
        return outcomes
    private = not columns.isdisjoint(REPORTER)
    today = {
        values["id"]: values
        for chunk in report_rows.select(connection, index, private=True, ids=[found.id for found in other.values()])
        for values in chunk
    }
    changed: dict[int, Mapping[str, object]] = {}
    for pos, found in other.items():
        values = today[found.id]
        if (name := _difference(rows[pos], canonical(values), columns)) is None:
            continue
        if update:
            changed[pos] = values
        else:
            outcomes[pos] = Refusal(
                field=name, reason="changed", message="this external_id is there with other content; --update takes it",
                value="" if name in REPORTER else rows[pos].content.get(name, "")[:200],
            )  # fmt: skip
    for bulk, chosen in zip((True, False), _by_age(rows, changed), strict=True):
        revisions = [
            Revision(
                report_id=other[pos].id, person_said=private,
                draft=_merged(rows[pos], changed[pos], columns),
            )
            for pos in chosen
        ]  # fmt: skip
        answers = revise(connection, revisions, actor=ACTOR, bulk=bulk, known=known, index=index)
        for pos, refusal in zip(chosen, answers, strict=True):
            outcomes[pos] = refusal or Landed.UPDATED
    return outcomes


def _look_up(connection: Connection, rows: Sequence[Said]) -> dict[int, _Known]:
    """Position → the report that the row speaks of, where there is one."""
    found: dict[int, _Known] = {}

    def ask(query: str, positions: list[int], **values: object) -> None:
        if positions:
            for row in connection.execute(Q[query], values):
                key = None if row.content_hash is None else bytes(row.content_hash)
                found[positions[row.pos]] = _Known(id=row.id, content_hash=key)

    ids = [row.draft.external_id for row in rows]
    coded = [pos for pos, name in enumerate(ids) if name is not None and name.startswith(CODE_PREFIX)]
    ask(
        "known_by_code", coded, codes=[(ids[pos] or "").removeprefix(CODE_PREFIX) for pos in coded],
        reported_at=[rows[pos].draft.reported_at for pos in coded],
    )  # fmt: skip
    named = [pos for pos, name in enumerate(ids) if name is not None]
    ask("known_by_id", named, external_ids=[ids[pos] for pos in named])
    nameless = [pos for pos, name in enumerate(ids) if name is None]
    ask("known_by_content", nameless, keys=[rows[pos].key for pos in nameless])
    return found


def _add(
    connection: Connection, rows: Sequence[Said], new: Sequence[int], known: Reference, index: AreaIndex
) -> dict[int, Outcome]:
    old, young = _by_age(rows, new)
    answers: list[tuple[int, object]] = []
    if old:
        drafts = [rows[pos].draft for pos in old]
        refused = intake.take_past(connection, drafts, actor=ACTOR, known=known, index=index)
        answers += zip(old, refused, strict=True)
    if young:
        drafts = [rows[pos].draft for pos in young]
        receipts = intake.receive(connection, drafts, actor=ACTOR, known=known, index=index)
        answers += zip(young, receipts, strict=True)
    return {pos: answer if isinstance(answer, Refusal) else Landed.ADDED for pos, answer in answers}


def _by_age(rows: Sequence[Said], positions: Iterable[int]) -> tuple[list[int], list[int]]:
    """Those of reports that no open map is told of one by one, and the others."""
    since = clock.now() - STREAMED
    old: list[int] = []
    young: list[int] = []
    for pos in positions:
        at = rows[pos].draft.reported_at
        (old if at is not None and at <= since else young).append(pos)
    return old, young


def _difference(row: Said, today: Mapping[str, str], columns: frozenset[str]) -> str | None:
    """The first of the file's columns that says something else than the report does today."""
    for name in KNOWN:
        if name not in columns or name == "external_id":
            continue
        said = row.content.get(name)
        if said is None and name in UNSAID:
            continue
        if said != today.get(name):
            return name
    return None


def _merged(row: Said, today: Mapping[str, object], columns: frozenset[str]) -> Draft:
    """What a changed row says, and for what its file does not speak of, what the report says today."""
    said = row.draft

    def keep(name: str) -> bool:
        return name not in columns or (name in UNSAID and name not in row.content)

    kept: dict[str, object] = {
        name: today[name] for name in ("channel", "category", "description", "address") if keep(name)
    }
    reworded = "address" in columns and row.content.get("address") != today["address"]
    if keep("lat") and not reworded:
        kept |= {name: today[name] for name in ("lon", "lat", "precision", "accuracy_m")}
    if columns.isdisjoint(REPORTER):
        kept["reporter"] = None
    elif not all(name in columns for name in REPORTER):
        reporter = said.reporter or Reporter()
        kept["reporter"] = replace(
            reporter,
            **{name.removeprefix("reporter_"): today[name] for name in REPORTER if name not in columns},  # type: ignore[arg-type]
        )
    return replace(said, **kept)  # type: ignore[arg-type]
