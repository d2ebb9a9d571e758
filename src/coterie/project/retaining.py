"""How long the log keeps what was collected (`[log] keep_days`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coterie.language.time import DAY
from coterie.profiles.stores import Stores
from coterie.project.streaming.standing import snapshots
from coterie.storage.outbox import Outbox

if TYPE_CHECKING:
    from coterie.project.project import Project

STEP = 1_000
"""Entries that are forgotten in one transaction."""


def forget(project: Project, most: int = STEP) -> int:
    """Forget some of the log's entries that were received long ago, as a writer; how many.

    Notes
    -----
    Only what the lake holds durably goes, and only what the last run, the stream and its newest
    snapshot have behind them: nobody reads it from the log again.
    """
    days = project.settings.log.keep_days
    if days is None:
        return 0
    stores = project.stores
    old = stores.log.old(project.now() - days * DAY, most)
    upto = _upto(project, stores) if old else 0
    doomed = [offset for offset in old if offset <= upto]
    if doomed:
        stores.log.forget(doomed)
    return len(doomed)


def forget_all(project: Project) -> int:
    """Forget all of them, one turn of writing after the other; how many."""
    n = 0
    while project.settings.log.keep_days is not None:
        with project.writing():
            gone = forget(project)
        n += gone
        if not gone:
            break
    return n


def _upto(project: Project, stores: Stores) -> int:
    """The last offset that nobody reads on from."""
    run, mark = stores.ledger.last_run(), Outbox(stores.ledger).mark()
    newest = snapshots(project).newest()
    passed = [] if run is None else [int(run.counts["offset"])]
    passed += [each.offset for each in (mark, newest) if each is not None]
    return min([stores.lake.offset(), *passed]) if passed else 0
