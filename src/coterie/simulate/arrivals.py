"""How events arrive: seconds later, now and then much later, and some of them again.

Everything has arrived by the shop's last instant. An event is *late* when it arrives more than
an hour after it occurred (at most seven days); a *duplicate* is a further delivery of the same
message, seconds to minutes after the first, one in ten times two or three of them (retries).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coterie.simulate.arrays import Flags, Ints, Reals, Words, scramble, stream
from coterie.simulate.columns import Columns
from coterie.simulate.parameters import DAY, HOUR, SECOND, ShopParameters
from coterie.simulate.people import People

STAGE = 5
_MOST_EVENTS_BITS = 24


@dataclass(frozen=True)
class Deliveries:
    """One row a delivery, in order of arrival; `again` marks the duplicates."""

    event: Columns
    received_at: Ints
    message: Words
    again: Flags
    late: Flags

    def __len__(self) -> int:
        return len(self.received_at)


def deliver(wanted: ShopParameters, people: People, events: Columns, cell: int) -> Deliveries:
    """The deliveries of a cell's events; those that occur after the last instant are not seen."""
    rng = stream(wanted.seed, cell, STAGE)
    events = events[events.occurred_at <= wanted.until]
    events = events[np.lexsort((events.kind, events.occurred_at, events.row))]
    nth = np.arange(len(events)) - np.searchsorted(events.row, events.row)
    message = scramble((people.number[events.row] << _MOST_EVENTS_BITS) + nth, wanted.seed)
    late, received = _received(rng, wanted, events.occurred_at)
    copies = _copies(rng, wanted.duplicate_share, len(events))
    once = np.arange(len(events), dtype=np.int64)
    source = np.concatenate([once, np.repeat(once, copies)])
    again = np.arange(len(source)) >= len(events)
    retried = (rng.uniform(1, 600, len(source)) * SECOND).astype(np.int64)
    arrived = np.minimum(received[source] + np.where(again, retried, 0), wanted.until)
    order = np.lexsort((again, message[source], arrived))
    source = source[order]
    return Deliveries(events[source], arrived[order], message[source], again[order], late[source])


def _received(
    rng: np.random.Generator, wanted: ShopParameters, occurred: Ints
) -> tuple[Flags, Ints]:
    room = np.minimum(wanted.until - occurred, 7 * DAY).astype(np.float64)
    late = (rng.random(len(occurred)) < wanted.late_share) & (room > 2 * HOUR)
    evenly = rng.random(len(occurred))
    soon: Reals = 0.1 * SECOND + rng.exponential(1.5 * SECOND, len(occurred))
    longest = np.maximum(room / HOUR, 2.0)
    much: Reals = HOUR + (longest ** (0.05 + 0.95 * evenly) - 1) * HOUR
    delay = np.where(late, much, soon).astype(np.int64)
    delay = np.where(late, np.maximum(delay, HOUR + SECOND), delay)
    return late, np.minimum(occurred + delay, wanted.until)


def _copies(rng: np.random.Generator, share: float, n: int) -> Ints:
    chosen = rng.random(n) < share
    many = rng.choice(3, size=n, p=(0.9, 0.06, 0.04))
    return np.where(chosen, 1 + many, 0).astype(np.int64)
