"""Moving what the stream holds to the lake: events that it has handled."""

from __future__ import annotations

from coterie.language.plan import TrackingPlan
from coterie.storage.lake import Lake
from coterie.storage.log import Log

UNSORTED = 0.2
"""The share of rows in the order of arrival at which the lake is sorted by person again."""


def move_events(log: Log, lake: Lake, plan: TrackingPlan) -> None:
    """Move events to the lake, as a writer; sort it where that pays, and count who is there."""
    lake.flush(log, plan, until=log.end())
    if lake.unsorted() > UNSORTED:
        lake.compact()
    lake.keep_presence()
