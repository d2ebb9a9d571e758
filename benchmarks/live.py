"""From an event to a change that a subscriber sees, at a steady rate, in one process.

Needs `coterie[stream]`. A shop of the retail recipe is followed by `Live`; its drain hands over the
events that are due by the rate, each stamped with the instant at which it was due, and the log has
them on disk before they are acted on. What passes until a subscriber is told of the change that an
event caused is the delay: it holds the wait for the step before, the log's commit, the step, and
the commit of records and position. Beside it, in the same run, the naive way: a database in memory
that has all events is asked anew, for the people of each small batch, who is in one of the
segments. PostHog publishes 18 ms (median) and 83 ms (99 %) at 75 events a second.

With ``--http N`` the events come in requests of N from another process, over HTTP, by a collector
in a process of its own (`coterie serve --role collect`); the delay begins when a request is due.
The server has two processors and the sender two others, as customers have machines of their own;
``--together`` puts the sender on those of the server.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Flag
from threading import Thread
from typing import Any

import duckdb
import msgspec
import numpy as np
import pyarrow as pa
from common.press import cores, started, stopped
from common.results import keep
from common.sending import people
from common.traffic import Traffic, copied

from coterie.engines.stream.compiled import COMPILED
from coterie.language.events import Event
from coterie.profiles.live.replay import Manner
from coterie.project import Project
from coterie.project.receiving import draining
from coterie.project.streaming.live import Change, Live
from coterie.project.streaming.opening import LIMIT

SECOND = 1_000_000
WARM = 2.0
"""Seconds at the beginning that do not count."""


def main() -> None:
    """Measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rate", type=int, default=10_000, help="events a second")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--keep", type=float, default=60.0, help="seconds between two snapshots")
    parser.add_argument("--reads", type=int, default=0, help="lookups of people a second")
    parser.add_argument("--http", type=int, default=0, help="events of a request; 0 for no HTTP")
    parser.add_argument("--together", action="store_true", help="the sender shares the processors")
    chosen = parser.parse_args()
    if not COMPILED:
        raise SystemExit("without Numba there is nothing to measure: pip install 'coterie[stream]'")
    with TemporaryDirectory(prefix="coterie-bench-") as folder:
        shop = copied(chosen.people, Path(folder) / "shop")
        measured = _over_http(shop, chosen) if chosen.http else _followed(shop, chosen)
        measured["naive"] = _naive(shop)
    size = {
        "people": chosen.people, "events a second": chosen.rate, "seconds": chosen.seconds,
        "seconds between snapshots": chosen.keep, "lookups a second": chosen.reads,
        "events a request": chosen.http, "sender on the same processors": chosen.together,
    }  # fmt: skip
    measured["PostHog, published, at 75 events a second"] = {"p50 ms": 18, "p99 ms": 83}
    way = ("-http" if chosen.http else "") + ("-together" if chosen.together else "")
    keep(f"live-{chosen.people}-{chosen.rate}{way}", size, measured)


class Arrivals:
    """A drain that hands over events as they are due by a rate."""

    def __init__(self, project: Project, events: Sequence[Event], rate: int) -> None:
        self._log = project.stores.log
        self._events, self._rate = events, rate
        self.began, self.done = 0.0, 0
        self.due_at: dict[str, int] = {}
        self.sizes: list[int] = []

    @property
    def behind(self) -> int:
        """Events that are due and were not handed over."""
        if not self.began:
            return 0
        due = int((time.time() - self.began) * self._rate)
        return min(due, len(self._events)) - self.done

    def drain(self, now: int, most: int = 5_000) -> int:
        """Hand over what is due."""
        n = min(self.behind, most)
        if n <= 0:
            return 0
        some = [self._stamped(i) for i in range(self.done, self.done + n)]
        self._log.append_events(some)
        self.done += n
        self.sizes.append(n)
        return n

    def _stamped(self, i: int) -> Event:
        at = int((self.began + i / self._rate) * SECOND)
        event = msgspec.structs.replace(self._events[i], occurred_at=at, received_at=at)
        self.due_at[str(event.user_id)] = at
        return event


class Heard:
    """What a subscriber was told, and how long after the events that caused it."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self.delays: list[float] = []
        self.causes: Counter[str] = Counter()

    def __call__(self, changes: list[Change]) -> None:
        """Called by the stream after each commit."""
        now, due_at = time.time(), self._arrivals.due_at
        counting = now > self._arrivals.began + WARM
        for change in changes:
            self.causes[change.cause] += 1
            if counting and change.cause in ("event", "late") and change.profile in due_at:
                self.delays.append((now - due_at[change.profile] / SECOND) * 1e3)


def _followed(shop: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    with Project(shop) as project:
        traffic = Traffic(project, chosen.people, time.time_ns())
        events = [traffic.event(0) for _ in range(int(chosen.rate * chosen.seconds))]
        arrivals = Arrivals(project, events, chosen.rate)
        live, heard = Live(project, drain=arrivals), Heard(arrivals)
        live.subscribe(heard)
        with _running(live, Manner(limit=LIMIT, keep=chosen.keep)):
            reads = _traffic(live, arrivals, traffic.people, len(events), chosen.reads)
            standing = live.standing()
    return {
        "delay ms": _percentiles(heard.delays),
        "events": {
            "handed over": arrivals.done, "a step": _percentiles(arrivals.sizes),
            "handled": 0 if standing is None else standing.handled,
        },
        "changes": dict(heard.causes),
        "cpu": {"cores in use": round(reads.pop("cores"), 2)},
        "lookup us": reads,
    }  # fmt: skip


def _traffic(
    live: Live, arrivals: Arrivals, people: list[str], n: int, reads: int
) -> dict[str, float]:
    """Let the events come, look people up meanwhile, and wait until all were handled."""
    took: list[float] = []
    arrivals.began, spent = time.time(), time.process_time()
    while arrivals.done < n:
        if not reads:
            time.sleep(0.05)
            continue
        due = int((time.time() - arrivals.began) * reads)
        for i in range(len(took), due):
            began = time.perf_counter()
            live.profile(people[i * 7_919 % len(people)])
            took.append((time.perf_counter() - began) * SECOND)
        time.sleep(0.001)
    cores = (time.process_time() - spent) / (time.time() - arrivals.began)
    time.sleep(0.5)
    return {"cores": cores, **(_percentiles(took) if took else {})}


# --- over HTTP ------------------------------------------------------------------------------------


class Sent:
    """When each event was to be sent, so that a change is known to be of the newest before it."""

    def __init__(self, traffic: Traffic, chosen: argparse.Namespace, seed: int) -> None:
        self.began = time.time() + 1.0
        self._at: dict[str, list[float]] = {}
        n = int(chosen.rate * chosen.seconds)
        for i, person in enumerate(people(seed, n, chosen.people)):
            at = self.began + (i - i % chosen.http) / chosen.rate
            self._at.setdefault(traffic.people[person], []).append(at)
        self.delays: list[float] = []
        self.causes: Counter[str] = Counter()

    def __call__(self, changes: list[Change]) -> None:
        """Called by the stream after each commit."""
        now = time.time()
        for change in changes:
            self.causes[change.cause] += 1
            sent = self._at.get(change.profile, [])
            i = bisect_right(sent, now)
            if i and change.cause in ("event", "late") and now > self.began + WARM:
                self.delays.append((now - sent[i - 1]) * 1e3)


def _over_http(shop: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    seed, n = time.time_ns() % 2**32, int(chosen.rate * chosen.seconds)
    with Project(shop) as project:
        _, key = project.sources.add("web")
        traffic, port = Traffic(project, chosen.people, seed), _port()
        coterie = Path(sys.executable).with_name("coterie")
        roles = ["--role", "collect", "--port", str(port)]
        server = started([coterie, "serve", "-p", shop, *roles], port)
        live = Live(project, drain=draining(project))
        with _running(live, Manner(limit=LIMIT, keep=chosen.keep)):
            sent = Sent(traffic, chosen, seed)
            live.subscribe(sent)
            numbers = map(str, (chosen.rate, chosen.http, n, chosen.people, seed))
            script = Path(__file__).with_name("common") / "sending.py"
            ours, others = cores()
            shared = ours if chosen.together else others
            sender = ["taskset", "-c", shared, sys.executable, str(script)]
            spent = time.process_time()
            subprocess.run([*sender, str(port), key, str(sent.began), *numbers], check=True)
            wall = time.time() - sent.began
            spent = time.process_time() - spent
            time.sleep(1.0)
            standing = live.standing()
        stopped(server)
    return {
        "delay ms": _percentiles(sent.delays),
        "events": {
            "sent": n, "seconds": round(wall, 1),
            "handled": 0 if standing is None else standing.handled,
        },
        "changes": dict(sent.causes),
        "cpu": {"cores in use by the engine": round(spent / wall, 2)},
    }  # fmt: skip


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _running(live: Live, manner: Manner) -> Iterator[None]:
    stop, thread = Flag(), Thread(target=lambda: live.run(stop.is_set, manner=manner))
    thread.start()
    while not live.ready and thread.is_alive():
        time.sleep(0.05)
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _percentiles(found: Sequence[float]) -> dict[str, float]:
    if not len(found):
        return {}
    p50, p99, p999, most = np.percentile(found, [50, 99, 99.9, 100]).round(2).tolist()
    return {"p50": p50, "p99": p99, "p99.9": p999, "max": most}


# --- the naive way --------------------------------------------------------------------------------

_HESITANT = """
SELECT profile FROM (
    SELECT profile, max("at") FILTER (name = 'Product Added') AS added,
           max("at") FILTER (name = 'Order Completed') AS ordered
    FROM events WHERE profile IN (SELECT profile FROM touched) GROUP BY profile)
WHERE added <= ? - 1800000000 AND (ordered IS NULL OR ordered < added)
"""


def _naive(shop: Path, batches: int = 200, size: int = 30) -> dict[str, Any]:
    """Milliseconds for each small batch: insert it, and ask who of its people is in one segment."""
    with Project(shop) as project, duckdb.connect() as con:
        entries = [e.event for e in project.stores.log.read(0, 10**9, "event")]
        con.register("found", _table(entries[:-1]))
        con.execute("CREATE TABLE events AS FROM found ORDER BY profile")
        took = []
        for i in range(batches):
            some = _table(entries[i * size : (i + 1) * size])
            began = time.perf_counter()
            con.register("touched", some)
            con.execute("INSERT INTO events FROM touched")
            con.execute(_HESITANT, [time.time_ns() // 1_000]).fetchall()
            took.append((time.perf_counter() - began) * 1e3)
        n = con.execute("SELECT count(*) FROM events").fetchone()
    return {"ms a batch of 30, one segment": _percentiles(took), "events": n[0] if n else 0}


def _table(events: Sequence[Event]) -> pa.Table:
    columns = {
        "profile": pa.array([event.user_id for event in events], pa.string()),
        "at": pa.array([event.occurred_at for event in events], pa.int64()),
        "name": pa.array([event.name for event in events], pa.string()),
    }
    return pa.table(columns)


if __name__ == "__main__":
    main()
