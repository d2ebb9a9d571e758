"""The subset in Bytewax: the same rules in Python, one logic a person; runs in its environment.

Answers lines: how many of the events, and a folder for the answers or ``-``.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import DynamicSource, StatelessSourcePartition
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

BATCH = 10_000
CART, ORDER = 2, 3
HOUR = 3_600_000_000
DAY, MONTH = 24 * HOUR, 720 * HOUR
NEVER = 2**62

Event = tuple[str, int, int, int]
"""Whose, when, what, and cents."""
Change = tuple[str, bool, int]


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


# --- input and output ---------------------------------------------------------------------------


class Input:
    """The events in memory, batch by batch, as they come."""

    def __init__(self, folder: Path) -> None:
        self.names = (folder / "names.txt").read_text().split("\n")
        self.person = _read(folder / "person.i32", "i")
        self.at = _read(folder / "at.i64", "q")
        self.kind = _read(folder / "kind.u8", "B")
        self.cents = _read(folder / "cents.i32", "i")
        self.clocks = _read(folder / "clock.i64", "q")

    def batches(self, n: int) -> Iterator[tuple[list[Event], int]]:
        """So many events, and how far the clock goes after each batch."""
        for batch, clock in enumerate(self.clocks[: -(-n // BATCH)]):
            yield self._rows(batch * BATCH, min((batch + 1) * BATCH, n)), clock

    def _rows(self, start: int, stop: int) -> list[Event]:
        return [
            (self.names[self.person[i]], self.at[i], self.kind[i], self.cents[i])
            for i in range(start, stop)
        ]


def _read(path: Path, kind: str) -> array[Any]:
    found = array(kind)
    found.frombytes(path.read_bytes())
    return found


class Batches(DynamicSource):
    """Batches that are ready, put in the order of event time as far as the clock goes."""

    def __init__(self, batches: list[tuple[list[Event], int]]) -> None:
        self.batches = batches

    def build(self, step_id: str, worker_index: int, worker_count: int) -> Partition:
        """The only one."""
        return Partition(self.batches)


class Partition(StatelessSourcePartition):
    """Gives one list after the other."""

    def __init__(self, batches: list[tuple[list[Event], int]]) -> None:
        self._next = iter(batches)
        self._waiting: list[Event] = []

    def next_batch(self) -> list[Event]:
        """What is due, in order."""
        events, clock = next(self._next)
        waiting = sorted(self._waiting + events, key=itemgetter(1))
        due = bisect_right(waiting, clock, key=itemgetter(1))
        self._waiting = waiting[due:]
        return waiting[:due]


class Taking(DynamicSink):
    """Takes changes in memory."""

    def __init__(self, taken: list[tuple[str, Change]]) -> None:
        self.taken = taken

    def build(self, step_id: str, worker_index: int, worker_count: int) -> Taken:
        """The only one."""
        return Taken(self.taken)


class Taken(StatelessSinkPartition):
    """Where they are kept."""

    def __init__(self, taken: list[tuple[str, Change]]) -> None:
        self._taken = taken

    def write_batch(self, items: list[tuple[str, Change]]) -> None:
        """Keep some."""
        self._taken.extend(items)


def run(batches: list[tuple[list[Event], int]], end: int, into: Path | None) -> dict[str, float]:
    """One pass, and what it took."""
    taken: list[tuple[str, Change]] = []
    Person.end = end
    flow = Dataflow("subset")
    events = op.input("events", flow, Batches(batches))
    keyed = op.key_on("user", events, lambda event: event[0])
    changes = op.stateful_batch("people", keyed, lambda _: Person())
    op.output("changes", changes, Taking(taken))
    wall, cpu = time.perf_counter(), time.process_time()
    run_main(flow)
    found = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    if into is not None:
        lines = (f"{who},{name},{_verb(entered)},{at}" for who, (name, entered, at) in taken)
        (into / "changes.csv").write_text("\n".join(lines) + "\n")
    return {**found, "changes": len(taken)}


def _verb(entered: bool) -> str:
    return "entered" if entered else "exited"


def main() -> None:
    """Answer lines."""
    given, known = Input(Path(sys.argv[1])), {}
    for line in sys.stdin:
        n, into = int(line.split()[0]), line.split()[1]
        if n not in known:
            known[n] = list(given.batches(n))
            gc.freeze()
        end = given.clocks[-(-n // BATCH) - 1]
        found = run(known[n], end, None if into == "-" else Path(into))
        gc.collect()
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
