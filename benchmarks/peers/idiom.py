"""The subset as a user of Bytewax writes it: one event after the other, a state for each user.

Bytewax has timers of event time in its windows alone, and those begin at fixed instants. Whatever
has to be exact is a logic of its own, as its documentation shows: events wait in the state until
nothing earlier can come, and instants at which something may change by itself lie in a heap.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from operator import attrgetter

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import Source
from bytewax.operators import StatefulLogic
from bytewax.outputs import Sink

HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
LATE = timedelta(minutes=5)
BEFORE, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass
class Event:
    """What somebody did."""

    user: str
    name: str
    at: datetime
    cents: int


@dataclass
class Change:
    """Somebody enters a segment or leaves it."""

    segment: str
    entered: bool
    at: datetime


@dataclass
class Profile:
    """What is known of a user."""

    watermark: datetime = BEFORE
    waiting: list[Event] = field(default_factory=list)
    timers: list[datetime] = field(default_factory=list)
    orders: deque[Event] = field(default_factory=deque)
    carts: deque[datetime] = field(default_factory=deque)
    spend: int = 0
    last_seen: datetime | None = None
    last_order: datetime | None = None
    abandoned: datetime | None = None
    vip: bool = False
    high: bool = False


class Customer(StatefulLogic[Event, Change, None]):
    """Keeps the segments of one user current."""

    def __init__(self, until: datetime) -> None:
        self.profile = Profile()
        self.until = until

    def on_item(self, value: Event) -> tuple[list[Change], bool]:
        """Events come up to five minutes late."""
        profile = self.profile
        insort(profile.waiting, value, key=attrgetter("at"))
        profile.watermark = max(profile.watermark, value.at - LATE)
        return self._advance(profile.watermark), StatefulLogic.RETAIN

    def on_eof(self) -> tuple[list[Change], bool]:
        """The end: what would have changed by itself."""
        return self._advance(self.until), StatefulLogic.RETAIN

    def snapshot(self) -> None:
        """Nothing is kept: nobody here has checkpoints."""

    def _advance(self, until: datetime) -> list[Change]:
        """Events and timers, in the order of time."""
        profile, changes = self.profile, list[Change]()
        while True:
            event = profile.waiting[0].at if profile.waiting else NEVER
            timer = profile.timers[0] if profile.timers else NEVER
            if min(event, timer) > until:
                return changes
            if timer <= event:
                self._expire(heappop(profile.timers), changes)
            else:
                self._apply(profile.waiting.pop(0), changes)

    def _expire(self, at: datetime, changes: list[Change]) -> None:
        profile = self.profile
        while profile.carts and profile.carts[0] + HOUR <= at:
            cart = profile.carts.popleft()
            if profile.last_order is None or profile.last_order <= cart:
                if profile.abandoned is None:
                    changes.append(Change("abandoned_cart", True, at))
                profile.abandoned = at
                heappush(profile.timers, at + DAY)
        if profile.abandoned is not None and profile.abandoned + DAY <= at:
            profile.abandoned = None
            changes.append(Change("abandoned_cart", False, at))
        self._decide(at, changes)

    def _apply(self, event: Event, changes: list[Change]) -> None:
        profile = self.profile
        profile.last_seen = event.at
        if event.name == "Product Added":
            profile.carts.append(event.at)
            heappush(profile.timers, event.at + HOUR)
        elif event.name == "Order Completed":
            profile.last_order = event.at
            profile.orders.append(event)
            heappush(profile.timers, event.at + MONTH)
            profile.spend += event.cents
            self._decide(event.at, changes)

    def _decide(self, at: datetime, changes: list[Change]) -> None:
        profile = self.profile
        while profile.orders and profile.orders[0].at + MONTH <= at:
            profile.orders.popleft()
        spend_30d = sum(order.cents for order in profile.orders)
        vip = len(profile.orders) >= 3 and spend_30d > 30_000
        if vip != profile.vip:
            profile.vip = vip
            changes.append(Change("vip", vip, at))
        if not profile.high and profile.spend > 100_000:
            profile.high = True
            changes.append(Change("high_spenders", True, at))


def flow(source: Source[Event], sink: Sink[tuple[str, Change]], until: datetime) -> Dataflow:
    """From events to changes of segments."""
    flow = Dataflow("segments")
    events = op.input("events", flow, source)
    users = op.key_on("user", events, lambda event: event.user)
    changes = op.stateful("customers", users, lambda _: Customer(until))
    op.output("changes", changes, sink)
    return flow
