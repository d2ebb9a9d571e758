"""From the log to rows of the lake: as much as one commit moves, a little at a time."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from coterie.language.plan import TrackingPlan
from coterie.storage.explode import Exploder
from coterie.storage.log import Entry, Log
from coterie.storage.payload import decode_bares

BATCH = 25_000
BYTES = 20_000_000
"""Entries of the log, and bytes of them, that one commit moves: the memory of a flush.

A server moves what it has as soon as that is more than 20,000 events: all of it in one commit.
"""

STEP = 1_000
"""Entries that are read at once, and made rows."""


def following(log: Log, after: int) -> list[Entry]:
    """Entries of one commit: a few too many bytes, rather than any read twice."""
    found: list[Entry] = []
    n_bytes = 0
    while (left := BATCH - len(found)) and n_bytes < BYTES:
        if not (read := log.unbroken(after, min(left, STEP))):
            break
        found += read
        n_bytes += sum(len(entry.payload) for entry in read)
        after = read[-1].offset
    return found


def rows(events: Sequence[Entry], plan: TrackingPlan) -> list[tuple[str, pa.Table]]:
    """The rows of these events by event name, as the lake keeps them."""
    exploder = Exploder(plan)
    for start in range(0, len(events), STEP):
        few = events[start : start + STEP]
        said = decode_bares(entry.payload for entry in few)
        exploder.add_many(said, [entry.offset for entry in few])
    return list(exploder.tables())
