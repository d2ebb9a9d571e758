"""What the stream recorded: its outbox, and the lake's table that takes the outbox in."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger, Run
from coterie.storage.outbox import RECORDS, Outbox

STREAM = "stream"
"""Who made a run, in its counts; and whose transactions the lake's table has."""

TABLE = "transitions"
"""The lake's table."""
_SPAN = 10_000
"""Records that are looked through first for the latest of some."""
_INSTANT = pa.timestamp("us", "UTC")


def made_live(run: Run) -> bool:
    """Whether the stream made a run: its records since the run before have exact instants."""
    return run.counts.get("by") == STREAM


def flush(lake: Lake, outbox: Outbox, *, settled: int) -> int:
    """Move the outbox to the lake, and return how many records that was.

    Parameters
    ----------
    settled : int
        Records of log entries up to this offset are not needed in the outbox any more.

    Notes
    -----
    Each flush has the number of its last record as its transaction, so that one that was killed
    before it could forget what it moved moves nothing twice.
    """
    held, n_records = move(lake, outbox)
    outbox.forget(held, settled)
    return n_records


def move(lake: Lake, outbox: Outbox) -> tuple[int, int]:
    """Copy to the lake what it has not of the outbox.

    Returns
    -------
    (int, int)
        The number of the last record that it has, and how many were copied.
    """
    held = lake.transaction(TABLE, STREAM)
    new = outbox.records(after=held)
    if new.num_rows:
        held = int(new["id"][-1].as_py())
        lake.write(TABLE, new, transaction=(STREAM, held))
    return held, int(new.num_rows)


def last(lake: Lake, outbox: Outbox) -> int:
    """The number of the newest record of the stream, 0 for none."""
    waiting = outbox.records()["id"]
    return int(waiting[-1].as_py()) if len(waiting) else lake.transaction(TABLE, STREAM)


def since(lake: Lake, outbox: Outbox, number: int) -> pa.Table:
    """The records after one, of the schema :data:`coterie.storage.outbox.RECORDS`, in order."""
    waiting = outbox.records(number)  # first: what leaves it meanwhile is in the lake then
    if lake.transaction(TABLE, STREAM) <= number:
        return waiting
    return _joined(_of_lake(lake, ("id", number)), waiting)


def _joined(held: pa.Table, waiting: pa.Table) -> pa.Table:
    """Records of the lake, and those of the outbox, read before, that it does not have."""
    gone = pc.max(held["id"]).as_py() or 0
    return pa.concat_tables([held, waiting.filter(pc.greater(waiting["id"], gone))])


def _of_lake(lake: Lake, above: tuple[str, int]) -> pa.Table:
    table = lake.read(TABLE, above=above)
    if table is None:
        return RECORDS.empty_table()
    return table.select(RECORDS.names).cast(RECORDS).sort_by("id")


def latest(lake: Lake, outbox: Outbox, n: int, wanted: Callable[[pa.Table], pa.Table]) -> pa.Table:
    """The last `n` records that are wanted, fewer where there are no more.

    Parameters
    ----------
    wanted : callable
        From records to those of them that are wanted.
    """
    newest, span = last(lake, outbox), _SPAN
    while True:
        found = wanted(since(lake, outbox, max(newest - span, 0)))
        if found.num_rows >= n or span >= newest:
            return found.slice(max(found.num_rows - n, 0))
        span *= 8


def read(lake: Lake, ledger: Ledger, after: int = 0) -> pa.Table:
    """Every record of the stream, those that still wait in the outbox as well, as committed.

    Parameters
    ----------
    after : int
        Only those of log entries after this offset.

    Returns
    -------
    pyarrow.Table
        The columns of :data:`coterie.storage.outbox.RECORDS`, `at` as an instant.
    """
    waiting = Outbox(ledger).records()
    waiting = waiting.filter(pc.greater(waiting["offset"], after))
    every = _joined(_of_lake(lake, ("offset", after)), waiting)
    place = every.schema.get_field_index("at")
    return every.set_column(place, "at", every["at"].cast(pa.timestamp("us")).cast(_INSTANT))
