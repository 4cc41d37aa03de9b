"""The record: what happened, sealed behind the writers so that nobody can change it unseen.

Writers insert events (`events.write`) in the transaction that changes the state. One sequencer gives the visible ones
their number and chains a SHA-256 over each (`sequencer`); `verify` recomputes it all; `feed` is how consumers read on.
"""

from __future__ import annotations

from incidents.record.events import NewEvent, write
from incidents.record.feed import last_seq

__all__ = ["NewEvent", "last_seq", "write"]
