"""The subset in Bytewax, by hand: rules as in Flink's `Person.java`, a list of events at a time.

The source puts each batch in the order of time, as far as the clock goes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from operator import itemgetter

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import Sink
from given import Lists

CART, ORDER = 2, 3
HOUR = 3_600_000_000
DAY, MONTH = 24 * HOUR, 720 * HOUR
NEVER = 2**62

Event = tuple[str, int, int, int]
"""Whose, when, what, and cents."""
Change = tuple[str, bool, int]
Batch = tuple[list[Event], int]
"""Events, and how far the clock goes after them."""


class Person(StatefulBatchLogic):
    """The five traits and three segments of one person; changes have their exact instants."""

    __slots__ = (
        "abandoned", "carts", "high", "lapse", "last_seen", "left", "next", "orders", "pending",
        "spend", "spend_30d", "vip",
    )  # fmt: skip
    end = NEVER

    def __init__(self) -> None:
        self.orders: deque[tuple[int, int]] = deque()
        self.carts: deque[int] = deque()
        self.spend = self.spend_30d = self.last_seen = self.abandoned = self.pending = 0
        self.vip = self.high = self.left = False
        self.lapse = self.next = NEVER

    def on_batch(self, values: list[Event]) -> tuple[list[Change], bool]:
        """What happened to the person, in order."""
        changes: list[Change] = []
        for _, at, kind, cents in values:
            if self.next <= at:
                self.bring(at, changes)
            self.last_seen = at
            if kind == CART:
                self.carts.append(at)
                self.pending += 1
                self.next = min(self.next, at + HOUR)
            elif kind == ORDER:
                self._order(at, cents, changes)
        return changes, False

    def on_eof(self) -> tuple[list[Change], bool]:
        """The end: what would have changed by itself."""
        changes: list[Change] = []
        self.bring(self.end, changes)
        return changes, False

    def snapshot(self) -> None:
        """Nothing is kept."""

    def bring(self, t: int, changes: list[Change]) -> None:
        """Act on every deadline up to an instant, one by one, and let go of what is over."""
        while True:
            ripe = self.carts[-self.pending] + HOUR if self.pending else NEVER
            leaves = self.abandoned + DAY if self.left else NEVER
            at = min(ripe, leaves, self.lapse)
            if at > t:
                break
            if at == ripe:
                self.pending -= 1
                self.abandoned = at
                if not self.left:
                    self.left = True
                    changes.append(("abandoned_cart", True, at))
            elif at == leaves:
                self.left = False
                changes.append(("abandoned_cart", False, at))
            else:
                self.vip, self.lapse = False, NEVER
                changes.append(("vip", False, at))
        self.next = at
        self._let_go(t)

    def _let_go(self, t: int) -> None:
        carts, orders = self.carts, self.orders
        while carts and carts[0] + HOUR <= t:
            carts.popleft()
        while orders and orders[0][0] + MONTH <= t:
            self.spend_30d -= orders.popleft()[1]

    def _order(self, at: int, cents: int, changes: list[Change]) -> None:
        self._let_go(at)
        self.pending = 0
        self.orders.append((at, cents))
        self.spend += cents
        self.spend_30d += cents
        if not self.high and self.spend > 100_000:
            self.high = True
            changes.append(("high_spenders", True, at))
        if len(self.orders) >= 3 and self.spend_30d > 30_000:
            if not self.vip:
                self.vip = True
                changes.append(("vip", True, at))
            self.lapse = self._lapse()
        self.next = min(self.abandoned + DAY if self.left else NEVER, self.lapse)

    def _lapse(self) -> int:
        rest, left = self.spend_30d, len(self.orders)
        for at, cents in self.orders:
            rest -= cents
            left -= 1
            if left < 3 or rest <= 30_000:
                return at + MONTH
        return NEVER


def flow(batches: Iterable[Batch], sink: Sink[tuple[str, Change]], end: int) -> Dataflow:
    """From events to changes of segments."""
    Person.end = end
    flow = Dataflow("subset")
    events = op.input("events", flow, Lists(in_order(batches)))
    keyed = op.key_on("user", events, lambda event: event[0])
    changes = op.stateful_batch("people", keyed, lambda _: Person())
    op.output("changes", changes, sink)
    return flow


def in_order(batches: Iterable[Batch]) -> Iterator[list[Event]]:
    """What is due after each batch, in order."""
    waiting: list[Event] = []
    for events, clock in batches:
        waiting = sorted(waiting + events, key=itemgetter(1))
        due = bisect_right(waiting, clock, key=itemgetter(1))
        yield waiting[:due]
        waiting = waiting[due:]
