"""Moving what the stream holds to the lake: events that it has handled, and what it recorded."""

from __future__ import annotations

from coterie.language.plan import TrackingPlan
from coterie.profiles import transitions
from coterie.profiles.stores import Stores
from coterie.storage.outbox import Outbox

UNSORTED = 0.2
"""The share of rows in the order of arrival at which the lake is sorted by person again."""


class Moving:
    """Moves events to the lake, sorts it where that pays, and then moves records.

    Parameters
    ----------
    plan : TrackingPlan
    settled : int
        Records of log entries up to this offset are not needed in the outbox any more.
    """

    def __init__(self, plan: TrackingPlan, settled: int) -> None:
        self._plan = plan
        self._settled = settled

    def __call__(self, stores: Stores) -> None:
        """Move them, as a writer."""
        move_events(stores, self._plan)
        transitions.flush(stores.lake, Outbox(stores.ledger), settled=self._settled)


def move_events(stores: Stores, plan: TrackingPlan) -> None:
    """Move events to the lake; sort it where that pays, and count who is there."""
    lake = stores.lake
    lake.flush(stores.log, plan)
    if lake.unsorted() > UNSORTED:
        lake.compact()
    lake.keep_presence()
