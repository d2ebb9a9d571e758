"""What the stream recorded: its outbox, and the lake's table that takes the outbox in."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from coterie.storage.lake import Lake
from coterie.storage.ledger import Ledger, Run
from coterie.storage.outbox import RECORDS, Outbox

STREAM = "stream"
"""Who made a run, in its counts; and whose transactions the lake's table has."""

_TABLE = "transitions"
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
    held = _held(lake)
    new = outbox.records(after=held)
    if new.num_rows:
        held = new["id"][-1].as_py()
        lake.write(_TABLE, new, transaction=(STREAM, held))
    outbox.forget(held, settled)
    return int(new.num_rows)


def _held(lake: Lake) -> int:
    """The last number that the lake has."""
    table = lake.read(_TABLE)
    return 0 if table is None else pc.max(table["id"]).as_py() or 0


def read(lake: Lake, ledger: Ledger) -> pa.Table:
    """Every record of the stream, those that still wait in the outbox as well, as committed.

    Returns
    -------
    pyarrow.Table
        The columns of :data:`coterie.storage.outbox.RECORDS`, `at` as an instant.
    """
    waiting = Outbox(ledger).records()  # first: what leaves it meanwhile is in the lake then
    table = lake.read(_TABLE)
    held = RECORDS.empty_table() if table is None else table.select(RECORDS.names).cast(RECORDS)
    last = pc.max(held["id"]).as_py() or 0
    every = pa.concat_tables([held.sort_by("id"), waiting.filter(pc.greater(waiting["id"], last))])
    place = every.schema.get_field_index("at")
    return every.set_column(place, "at", every["at"].cast(pa.timestamp("us")).cast(_INSTANT))
