"""The subset in Bytewax, as users write it or by hand; runs in its environment.

Answers lines: how many of the events, a folder for the answers or ``-``, and how it is written.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from typing import Any

import by_hand
import idiom
from bytewax.dataflow import Dataflow
from bytewax.testing import run_main
from given import Input, Lists, Row, Taking

NAMES = ["page", "Product Viewed", "Product Added", "Order Completed", "Email Opened"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Flow = Callable[[Taking], Dataflow]


def as_users_write_it(given: Input, n: int) -> Flow:
    """Every event an object, in the order of arrival."""
    lists = [[_event(row) for row in arrived(rows)] for rows, _ in given.batches(n)]
    return lambda sink: idiom.flow(Lists(lists), sink, _instant(given.end(n)))


def with_rules_by_hand(given: Input, n: int) -> Flow:
    """Every event a tuple, name by name."""
    batches = list(given.batches(n))
    return lambda sink: by_hand.flow(batches, sink, given.end(n))


WAYS = {"idiom": as_users_write_it, "hand": with_rules_by_hand}


def arrived(rows: Iterable[Row]) -> list[Row]:
    """A batch in the order in which its events came: one that is late came after a later one."""
    kinds = [[row for row in rows if row[2] == kind] for kind in range(len(NAMES))]
    latest = [at for kind in kinds for at in accumulate((row[1] for row in kind), max)]
    came = zip(latest, (row for kind in kinds for row in kind), strict=True)
    return [row for _, row in sorted(came, key=itemgetter(0))]


def _event(row: Row) -> idiom.Event:
    user, at, kind, cents = row
    return idiom.Event(user, NAMES[kind], _instant(at), cents)


def _instant(at: int) -> datetime:
    return EPOCH + at * MICROSECOND


def run(flow: Flow, into: Path | None) -> dict[str, float]:
    """One pass, and what it took."""
    taken: list[tuple[str, Any]] = []
    dataflow = flow(Taking(taken))
    wall, cpu = time.perf_counter(), time.process_time()
    run_main(dataflow)
    found = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    if into is not None:
        lines = (",".join(map(str, _line(who, change))) for who, change in taken)
        (into / "changes.csv").write_text("\n".join(lines) + "\n")
    return {**found, "changes": len(taken)}


def _line(who: str, change: Any) -> tuple[str, str, str, int]:
    if isinstance(change, idiom.Change):
        at = (change.at - EPOCH) // MICROSECOND
        change = change.segment, change.entered, at
    name, entered, at = change
    return who, name, "entered" if entered else "exited", at


def main() -> None:
    """Answer lines."""
    given = Input(Path(sys.argv[1]))

    @cache
    def known(way: str, n: int) -> Flow:
        flow = WAYS[way](given, n)
        gc.freeze()
        return flow

    for line in sys.stdin:
        n, into, way = line.split()
        found = run(known(way, int(n)), None if into == "-" else Path(into))
        gc.collect()
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
