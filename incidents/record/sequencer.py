"""The sequencer: it numbers and seals the events that became visible, in batches, behind the writers.

Which events are new? Those of transactions that had not ended when it last looked. Every event carries the id of its
transaction, and a snapshot's xmin is the id below which everything has ended: what lies below the xmin of the last
sweep was visible to it (and is sealed) or was rolled back. So a sweep reads `event.xid >= xmin of the last sweep` and
leaves out what has a seal. The xmin lives in memory only: a process that starts makes one sweep over all events. That
also makes a restore into another cluster safe, where transaction ids start again lower than those on the rows.

Order: a sweep is one statement, one snapshot, ordered by event id. A writer holds its incident's lock until it has
committed, so of two events of one incident the later one has the higher id, and no snapshot shows it without the other.

Death at any instruction: seals and notice are one transaction; the head is written after it and caught up at the next
start; the lock falls with the transaction. Two sequencers alternate under the lock, and seal(event_id) is unique.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Connection

from database.engine import WORKER, transaction
from database.sql import queries
from incidents.record import head as anchor
from incidents.record.hashing import GENESIS, EventRow, chained
from incidents.record.head import Head

BATCH = 2_000
"""events sealed in one transaction, under one notice"""
POLL_S = 0.05
IDLE_S = 0.1

Q = queries(Path(__file__).parent / "sequencer.sql")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What one batch did."""

    count: int
    head: Head | None
    """the record's end after it; None while the record is empty"""
    more: bool = False
    """whether events that were already visible still wait for a seal"""


class Sequencer:
    """Seals what is visible. One object per process; its memory is only a shortcut."""

    def __init__(self, head_path: Path, *, batch: int = BATCH) -> None:
        self._head_path = head_path
        self._batch = batch
        self._horizon: str | None = None
        self._waiting: deque[int] = deque()

    def step(self) -> Sealed | None:
        """Seal one batch in a transaction of its own and write the head. None while another sequencer holds the lock.

        Raises what the database raises; the object stays usable, and begins with a sweep over all events again.
        """
        try:
            with transaction(WORKER) as connection:
                sealed = self.seal(connection)
        except BaseException:
            self._horizon = None
            self._waiting.clear()
            raise
        if sealed and sealed.count and sealed.head:
            anchor.write(self._head_path, sealed.head)
        return sealed

    def seal(self, connection: Connection) -> Sealed | None:
        """Seal one batch in the caller's transaction (read committed: the sweep's snapshot must be younger than the
        lock). The head is the caller's to write, after the commit."""
        lock = connection.execute(Q["lock"]).one()
        if not lock.mine:
            return None
        if not self._waiting:
            self._sweep(connection, lock.horizon)
        ids = [self._waiting.popleft() for _ in range(min(self._batch, len(self._waiting)))]
        if not ids:
            return Sealed(count=0, head=None)
        events = [EventRow(**row) for row in connection.execute(Q["events_to_seal"], {"ids": ids}).mappings()]
        end = self._end(connection)
        seq, digest = (end.seq, end.hash) if end else (0, GENESIS)
        seqs, hashes = [], []
        for event in events:
            seq += 1
            digest = chained(digest, seq, event)
            seqs.append(seq)
            hashes.append(digest)
        if events:
            connection.execute(
                Q["insert_seals"], {"seqs": seqs, "ids": [event.id for event in events], "hashes": hashes}
            )
            connection.execute(Q["notify"], {"seq": seq})
        return Sealed(count=len(events), head=Head(seq=seq, hash=digest), more=bool(self._waiting))

    def _sweep(self, connection: Connection, horizon: str) -> None:
        """All visible unsealed events, in one snapshot. `horizon` was taken before it, which is the safe side."""
        if self._horizon is None:
            found = connection.execute(Q["unsealed_all"])
        else:
            found = connection.execute(Q["unsealed_since"], {"horizon": self._horizon})
        self._waiting.extend(found.scalars())
        self._horizon = horizon

    def _end(self, connection: Connection) -> Head | None:
        """The seal to chain on: the last in the database, unless the head on disk says that its tail was cut.

        Then the number goes on after the head, on the head's hash: the hole stays for `verify` to find, and no
        reader of the stream ever meets a number twice.
        """
        row = connection.execute(Q["last_seal"]).one_or_none()
        last = Head(seq=row.seq, hash=bytes(row.hash)) if row else None
        known = anchor.read(self._head_path)
        if known is None or known == last:
            return last
        if last is not None and known.seq <= last.seq:
            at = connection.execute(Q["seal_at"], {"seq": known.seq}).one_or_none()
            if at is not None and bytes(at.hash) == known.hash:
                return last  # the process before this one died between commit and head
        log.error("the database does not bear out the record's head", head=str(known), last=str(last))
        anchor.keep_lost(self._head_path, known)
        return known if last is None or known.seq > last.seq else last


def run_once(connection: Connection, head_path: Path) -> int:
    """Seal every visible event in the caller's transaction; returns how many. For tests and operators' commands."""
    sequencer = Sequencer(head_path)
    total = 0
    while (sealed := sequencer.seal(connection)) is not None and sealed.count:
        total += sealed.count
        if not sealed.more:
            break
    return total


def run_forever(head_path: Path, *, running: Callable[[], bool], wait: Callable[[float], object] = time.sleep) -> None:
    """Seal until `running` says no. A database that is away is tried again, ever more slowly, up to two seconds.

    Idle it polls every 50 to 100 ms. Where a long transaction holds back the horizon and sweeps grow dear, it
    rests nine times as long as one takes, up to a second.
    """
    sequencer = Sequencer(head_path)
    failures = 0
    pause = POLL_S
    while running():
        began = time.monotonic()
        try:
            sealed = sequencer.step()
        except Exception as error:
            # Away, restarting, disk full: nothing is lost, all of it waits in the table.
            failures += 1
            if failures in (1, 10) or failures % 100 == 0:
                log.warning("cannot seal", error=str(error), failures=failures)
            wait(min(2.0, 0.1 * failures))
            continue
        failures = 0
        if sealed is not None and sealed.more:
            continue
        busy = sealed is not None and sealed.count > 0
        pause = POLL_S if busy else min(IDLE_S, pause + 0.01)
        wait(max(pause, min(1.0, 9 * (time.monotonic() - began) - POLL_S)))
