"""Where a stream stands, read from the stores without waking it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from coterie.profiles.live.snapshots import Snapshots
from coterie.profiles.stores import Stores
from coterie.profiles.transitions import STREAM, TABLE
from coterie.project import folder as folders
from coterie.project.reports import StreamStatus
from coterie.storage.outbox import Outbox

if TYPE_CHECKING:
    from coterie.project.project import Project

_BATCH = 10_000


def snapshots(project: Project) -> Snapshots:
    """What a project's stream keeps of its state."""
    folder = project.folder / folders.DATA / folders.SNAPSHOTS
    return Snapshots(folder, project.pseudonymiser.fingerprint)


def standing(project: Project) -> StreamStatus | None:
    """Position, lag and sizes; None where nothing was ever replayed."""
    stores = project.stores
    outbox = Outbox(stores.ledger)
    mark, newest = outbox.mark(), snapshots(project).newest()
    if mark is None:
        return None
    last = max(_last_events(stores), default=mark.clock)
    return StreamStatus(
        offset=mark.offset,
        clock=mark.clock,
        behind=stores.log.end() - mark.offset,
        lag=max(0, last - mark.clock),
        waiting_records=outbox.records(stores.lake.transaction(TABLE, STREAM)).num_rows,
        snapshot=None if newest is None else newest.offset,
        sizes={} if newest is None else newest.sizes,
        held=[] if newest is None else newest.held,
    )


def _last_events(stores: Stores) -> Iterator[int]:
    """The instants of the newest event in the lake, and of those that it does not have yet."""
    offset = stores.lake.offset()
    seen = stores.lake.presence(offset)
    if seen.num_rows:
        yield pc.max(seen["last"]).as_py()
    while entries := stores.log.read(offset, _BATCH, "event"):
        offset = entries[-1].offset
        yield max(entry.at for entry in entries)
