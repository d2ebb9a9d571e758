"""A hundred thousand people whose windows end in the same second, while events go on coming.

Needs `coterie[stream]`. A project's stream follows a clock in a process of its own, as
`coterie replay --follow` does. Everybody in it ordered within one second, so that within one second
everybody leaves a segment. Meanwhile this process sends orders of newcomers, one at a time, and
waits for the record of each entrance to stand in the outbox: what passes between is the delay. It
is told for the seconds before the crowd and for those in which the crowd leaves.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from common.events import DATA
from common.results import keep

from coterie.engines.stream.compiled import COMPILED
from coterie.language.events import Event
from coterie.language.plan import PlannedEvent, Property, TrackingPlan
from coterie.language.time import micros
from coterie.profiles.live.replay import Manner
from coterie.project import Project
from coterie.project.folder import create
from coterie.project.streaming.stream import LIMIT

DEFINITIONS = """\
from coterie import event, hours, segment, stages, trait

order = event("Order Completed")
orders = trait(order.count())
recent = trait(order.count(within=hours(1)))
spend = trait(order.sum("revenue"))
active = segment(recent >= 1)
mood = stages({"keen": recent >= 2, "warm": recent == 1}, otherwise="cold")
"""
ORDER = "Order Completed"
PLAN = TrackingPlan(
    events={ORDER: PlannedEvent(properties={"revenue": Property(type="decimal", scale=2)})}
)
CROWD = datetime(2026, 1, 1, tzinfo=UTC)
"""The second in which all of them ordered; an hour later they leave."""
LEFT = CROWD + timedelta(hours=1)
SECOND = 1_000_000
PAUSE = 0.025
"""Seconds between two newcomers."""
QUIET, LEAD = 8.0, 12.0
"""Seconds of the clock before the crowd leaves in which delays count, and with which it begins."""


def main() -> None:
    """Measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--limit", type=int, default=LIMIT, help="deadlines of one step")
    chosen = parser.parse_args()
    if not COMPILED:
        raise SystemExit("without Numba there is nothing to measure: pip install 'coterie[stream]'")
    with_crowd = _followed(_made(chosen.people), chosen.people, chosen.limit)
    size = {"people": chosen.people, "deadlines of a step": chosen.limit}
    keep(f"crowd-{chosen.people}", size, with_crowd)


# --- the shop ------------------------------------------------------------------------------------


def _made(people: int) -> Path:
    """A shop of so many people, replayed to some seconds before they leave."""
    folder = DATA / "crowd"
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    create(folder)
    (folder / "definitions.py").write_text(DEFINITIONS)
    with Project(folder, clock=lambda: LEFT) as project:
        project.receive(PLAN, _crowd(people))
        project.stream.replay(LEFT - timedelta(seconds=LEAD))
    return folder


def _crowd(people: int) -> Iterator[list[Event]]:
    instants = micros(CROWD) + np.random.default_rng(4).integers(0, SECOND, people)
    events = [_order(f"person {i}", int(at)) for i, at in enumerate(instants)]
    for start in range(0, people, 20_000):
        yield events[start : start + 20_000]


def _order(who: str, at: int) -> Event:
    return Event(
        source="shop", message_id=who, name=ORDER, occurred_at=at, received_at=at, user_id=who,
        properties={"revenue": 5},
    )  # fmt: skip


# --- the stream, in a process of its own ---------------------------------------------------------


class Clock:
    """A clock that stood at the beginning when the machine's stood at `began`."""

    def __init__(self, began: float) -> None:
        self._began = began

    def __call__(self) -> datetime:
        """What it shows."""
        return LEFT + timedelta(seconds=time.time() - self._began - LEAD)


def _follow(folder: Path, began: float, limit: int, ended: Any) -> None:
    with Project(folder, clock=Clock(began)) as project:
        manner = Manner(limit=limit, keep=1e9)
        project.stream.replay(follow=True, manner=manner, stopping=ended.is_set)


def _followed(folder: Path, people: int, limit: int) -> dict[str, Any]:
    context = get_context("spawn")
    began, ended = time.time(), context.Event()
    stream = context.Process(target=_follow, args=(folder, began, limit, ended))
    stream.start()
    try:
        seen = Seen(folder / "data" / "ledger.db", people)
        sent = _sent(folder, began, seen)
    finally:
        ended.set()
        stream.join()
    return _told(sent, seen, began + LEAD)


def _sent(folder: Path, began: float, seen: Seen) -> dict[str, float]:
    """When each newcomer's order was sent, until the whole crowd has left."""
    sent, clock = {}, Clock(began)
    looking = Thread(target=seen.look)
    looking.start()
    with Project(folder, clock=clock) as project:
        while looking.is_alive():
            name = f"newcomer {len(sent)}"
            sent[project.pseudonymiser.person(name)] = time.time()
            project.receive(PLAN, [[_order(name, micros(clock()))]])
            time.sleep(PAUSE)
    looking.join()
    return sent


class Seen:
    """When the record of each entrance stood in the outbox, and how long the crowd took.

    Parameters
    ----------
    ledger : Path
    people : int
        Of the crowd.
    """

    def __init__(self, ledger: Path, people: int) -> None:
        self._db = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, check_same_thread=False)
        self._people = people
        self.entered: dict[str, float] = {}
        self.left: list[float] = []

    def look(self) -> None:
        """Look every few milliseconds, until everybody has left."""
        query = "SELECT id, profile, change, at FROM outbox WHERE segment = 'active' AND id > ?"
        last, n_left = self._last(), 0
        while n_left < self._people:
            now = time.time()
            for number, profile, change, _ in self._db.execute(query, [last]).fetchall():
                last = max(last, number)
                n_left += change == "exited"
                if change == "exited":
                    self.left.append(now)
                else:
                    self.entered[profile] = now
            time.sleep(0.002)

    def _last(self) -> int:
        (found,) = self._db.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()
        return int(found)


def _told(sent: dict[str, float], seen: Seen, crowd: float) -> dict[str, Any]:
    """Delays in milliseconds, of those sent before the crowd and while it left."""
    pairs = [(at, seen.entered[who] - at) for who, at in sent.items() if who in seen.entered]
    before = [delay for at, delay in pairs if crowd - QUIET <= at < crowd - 1]
    amid = [delay for at, delay in pairs if crowd <= at <= seen.left[-1]]
    return {
        "the crowd": {
            "left within seconds": round(seen.left[-1] - crowd, 2),
            "newcomers meanwhile": len(amid),
        },
        "delay of a live event, ms": {
            "before the crowd": _spread(before),
            "while it leaves": _spread(amid),
        },
        "longest delay while the crowd leaves, ms": round(max(amid) * 1e3, 1),
        "longer than the longest before it by, ms": round((max(amid) - max(before)) * 1e3, 1),
    }


def _spread(delays: list[float]) -> dict[str, float]:
    cuts = {"p50": 50, "p99": 99, "longest": 100}
    return {name: round(float(np.percentile(delays, p)) * 1e3, 1) for name, p in cuts.items()}


if __name__ == "__main__":
    main()
