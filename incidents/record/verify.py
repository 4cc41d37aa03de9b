"""Recompute the whole record and say where it was touched.

First pass: every seal against the one stored before it, in constant memory. What does not fit is suspicious, and so is
what follows it, since a seal's hash stands in the next one's. Second pass, over the suspicious ones alone: is it the
event of another place (reordered), or of no place (altered)? What merely follows a touched seal is cleared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, Row

from database.sql import queries
from incidents.record import head as anchor
from incidents.record.hashing import GENESIS, EventRow, chained

_SHOWN_OF_A_HOLE = 1_000
_SUSPICIOUS_MOST = 10_000
_COMPARED_MOST = 500

Q = queries(Path(__file__).parent / "verify.sql")


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """One place where the record is not as it was sealed."""

    seq: int
    what: str
    """altered, deleted, reordered or truncated"""

    def __str__(self) -> str:
        return f"{self.what} seq={self.seq}"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of a verification."""

    findings: list[Finding]
    sealed: int
    """seals read"""
    unsealed: int
    """events that wait for their seal: no fault"""

    @property
    def whole(self) -> bool:
        return not self.findings


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A seal and the event it points to, None where that is gone."""

    seq: int
    hash: bytes
    event: EventRow | None


def verify(connection: Connection, head_path: Path) -> Verdict:
    """Recompute every seal, in the caller's transaction (read committed).

    The head is read before the statement that reads the record takes its snapshot: the sequencer writes the head
    after its commit, so one that goes on sealing meanwhile is never taken for a cut tail.
    """
    head = anchor.read(head_path)
    lost = anchor.lost(head_path)
    anchors = {known.seq: known.hash for known in [*lost, *([head] if head else [])]}
    findings: set[Finding] = set()
    suspicious: list[int] = []
    before: _Place | None = None
    count = 0
    for place in _places(connection.execute(Q["record"], execution_options={"yield_per": 5_000})):
        count += 1
        expected = before.seq + 1 if before else 1
        if place.seq != expected:
            findings.update(_hole(expected, place.seq))
        previous = _hash_before(place.seq, before, anchors)
        if place.event is None:
            findings.add(Finding(seq=place.seq, what="deleted"))
        elif previous is not None and chained(previous, place.seq, place.event) != place.hash:
            suspicious.append(place.seq)
        known = anchors.get(place.seq)
        if known is not None and known != place.hash and suspicious[-1:] != [place.seq]:
            suspicious.append(place.seq)
        before = place
    findings.update(_judge(connection, suspicious[:_SUSPICIOUS_MOST], anchors))
    findings.update(Finding(seq=seq, what="altered") for seq in suspicious[_SUSPICIOUS_MOST:])
    last = before.seq if before else 0
    if head is not None and head.seq > last:
        findings.add(Finding(seq=last + 1, what="truncated"))
    unsealed = int(connection.execute(Q["unsealed"]).scalar_one())
    return Verdict(findings=sorted(findings), sealed=count, unsealed=unsealed)


def _places(rows: Iterable[Row[tuple[object, ...]]]) -> Iterator[_Place]:
    for row in rows:
        event = None
        if row.id is not None:
            event = EventRow(
                id=row.id,
                at=row.at,
                kind=row.kind,
                incident_id=row.incident_id,
                report_id=row.report_id,
                actor=row.actor,
                data=row.data,
            )
        yield _Place(seq=row.seq, hash=bytes(row.hash), event=event)


def _hole(first: int, end: int) -> Iterator[Finding]:
    """Missing numbers from `first` up to, without, `end`; of a very long hole the beginning."""
    for seq in range(first, min(end, first + _SHOWN_OF_A_HOLE)):
        yield Finding(seq=seq, what="deleted")


def _hash_before(seq: int, before: _Place | None, anchors: dict[int, bytes]) -> bytes | None:
    """The hash that a seal chains on; None behind a hole, unless an anchor remembers it."""
    if seq == 1:
        return GENESIS
    if before is not None and before.seq == seq - 1:
        return before.hash
    return anchors.get(seq - 1)


def _judge(connection: Connection, seqs: list[int], anchors: dict[int, bytes]) -> Iterator[Finding]:
    """The second pass. The hashes that may truly have stood at a touched place are carried along, so that what only
    follows it is cleared."""
    if not seqs:
        return
    wanted = sorted({*seqs, *(seq - 1 for seq in seqs)})
    rows = connection.execute(Q["some_of_the_record"], {"seqs": wanted})
    places = {place.seq: place for place in _places(rows)}
    strangers = [places[seq] for seq in seqs[:_COMPARED_MOST]]
    true: dict[int, list[bytes]] = {}
    for seq in seqs:
        place = places[seq]
        if place.event is None:  # already found deleted
            continue
        befores = true.get(seq - 1) or [places[seq - 1].hash if seq - 1 in places else anchors.get(seq - 1, GENESIS)]
        what, true[seq] = _one(place, place.event, befores, strangers, anchors.get(seq))
        if what:
            yield Finding(seq=seq, what=what)


def _one(
    place: _Place, event: EventRow, befores: list[bytes], strangers: list[_Place], anchored: bytes | None
) -> tuple[str | None, list[bytes]]:
    """What happened to one suspicious place, and which hashes may have stood there."""
    for before in befores:
        own = chained(before, place.seq, event)
        if own == place.hash and anchored in (None, own):
            return None, [own]
        for other in strangers:
            if other.seq == place.seq or other.event is None:
                continue
            # Swapped by pointing the seals at each other's events, or by exchanging what the events say.
            for theirs in (other.event, replace(other.event, id=event.id)):
                swapped = chained(before, place.seq, theirs)
                if swapped in (place.hash, anchored, other.hash):
                    return "reordered", [swapped]
    # Either the event was touched, then the stored hash is the true one; or the hash, then the computed one is.
    candidates = [place.hash, *(chained(before, place.seq, event) for before in befores)]
    return "altered", [anchored] if anchored else candidates
