"""How soon the workbench answers with a million people: every page, every filter, the count.

Needs `coterie[serve,stream]`. A project of the retail recipe around a generated lake is served by
all roles on two processors, its clock going on from its last run, while events come over HTTP at
a steady rate. Each page and filter is asked for over HTTP, one request after the other, each time
with another person, segment, trait or day; the time ends with the answer's last byte. The first
request of each kind is told apart: what was published is counted once, and then known.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Flag
from threading import Thread
from typing import Any

import numpy as np
from common.events import DATA, PLAN
from common.press import started
from common.results import keep
from common.shops import busy, lent, shop_of
from common.visits import AIMS, VISITS, Filling, Visit

from coterie.language.types import Decimal, Integer
from coterie.project import Project
from coterie.server.api.rooms.segment_questions import shown_traits

PORT, PATIENCE = 8799, 900.0
MOST = 30.0
"""Seconds after which a request counts as not answered."""
FINE = {http.client.OK, http.client.SEE_OTHER}
"""Who is found by an id is shown at their own address."""


def main() -> None:
    """Ask for everything, again and again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--times", type=int, default=40, help="requests of each kind")
    parser.add_argument("--busy", type=int, default=100_000, help="events of one person")
    parser.add_argument("--rate", type=int, default=100, help="events a second meanwhile")
    chosen = parser.parse_args()
    if chosen.events != 20 * chosen.people:
        raise SystemExit("people have 20 events each: --events must be 20 times --people")
    with TemporaryDirectory(prefix="workbench-", dir=DATA) as place:
        measured, waited = _measured(lent(shop_of(chosen.events), Path(place) / "shop"), chosen)
    size = {"people": chosen.people, "events": chosen.events, "times": chosen.times}
    size |= {"events of one person": chosen.busy, "events a second meanwhile": chosen.rate}
    found = {kind: _of(kind, measured) for kind in AIMS}
    found |= {"aims, p95 ms": AIMS, "seconds until ready": round(waited, 1)}
    keep(f"workbench-{chosen.people}", size, found)


def _measured(folder: Path, chosen: argparse.Namespace) -> tuple[dict[Visit, Any], float]:
    with Project(folder) as project:
        _, key = project.sources.add("bench")
        lake, library = project.stores.lake, project.library
        known = lake.presence(lake.offset())["profile"].slice(0, 100_000).to_pylist()
        numbers = [n for n in library.traits if isinstance(library.type(n), Integer | Decimal)]
        told = {name: shown_traits(project.published, name) for name in library.segments}
        filling = Filling(known, list(library.segments), numbers, told)
        project.receive(PLAN, busy(chosen.busy))
    script = Path(__file__).with_name("common") / "pages.py"
    server = started([sys.executable, script, folder, str(PORT)], PORT)
    try:
        waited = _ready()
        with_events = Sender(key, chosen.rate)
        with_events.start()
        measured = {visit: _asked(visit, filling, chosen.times) for visit in VISITS}
        with_events.end.set()
        with_events.join()
    finally:
        server.kill()  # it would publish everybody's values first
        server.communicate()
    return measured, waited


def _of(kind: str, measured: dict[Visit, Any]) -> dict[str, Any]:
    return {visit.name: found for visit, found in measured.items() if visit.kind == kind}


def _ready() -> float:
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE:
        with suppress(OSError):
            if _get("/ready")[0] == http.client.OK:
                return time.perf_counter() - began
        time.sleep(0.5)
    raise SystemExit("the server was not ready in time")


def _asked(visit: Visit, filling: Filling, times: int) -> dict[str, Any]:
    """Milliseconds of one kind of request."""
    took, statuses, size = [], set(), 0
    for path, body in filling.of(visit, times):
        began = time.perf_counter()
        status, answer = _get(path, body)
        took.append((time.perf_counter() - began) * 1e3)
        statuses.add(status)
        size = max(size, len(answer))
    found: dict[str, Any] = _percentiles(took) | {"kb": round(size / 1e3, 1)}
    if not statuses <= FINE:
        found["statuses"] = sorted(statuses)
    print(f"  {visit.kind} {visit.name}: {found}", flush=True)
    return found


def _percentiles(took: Sequence[float]) -> dict[str, float]:
    p50, p95, most = np.percentile(took, [50, 95, 100]).round(1).tolist()
    return {"p50": p50, "p95": p95, "most": most, "first": round(took[0], 1)}


def _get(path: str, body: str = "") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=MOST)
    said = {"accept": "text/html"} | ({"content-type": "application/json"} if body else {})
    connection.request("POST" if body else "GET", path, body or None, said)
    try:
        reply = connection.getresponse()
        return reply.status, reply.read()
    except TimeoutError:
        return http.client.GATEWAY_TIMEOUT, b""
    finally:
        connection.close()


class Sender(Thread):
    """Sends page views of newcomers at a steady rate.

    Parameters
    ----------
    key : str
        A write key.
    rate : int
        Events a second, in ten requests.
    """

    def __init__(self, key: str, rate: int) -> None:
        super().__init__(daemon=True)
        self.end = Flag()
        self._each = rate // 10
        self._key = key

    def run(self) -> None:
        """Send until it is ended."""
        import httpx

        address, auth = f"http://127.0.0.1:{PORT}", (self._key, "")
        with httpx.Client(base_url=address, auth=auth, timeout=MOST) as client:
            for batch in self._batches():
                if self.end.wait(0.1):
                    return
                client.post("/v1/batch", content=json.dumps({"batch": batch})).raise_for_status()

    def _batches(self) -> Iterator[list[dict[str, Any]]]:
        began, n = time.time_ns(), 0
        while True:
            numbers = range(n, n + self._each)
            n += self._each
            yield [
                {"type": "page", "userId": f"new-{began}-{i % 1000}", "messageId": f"{began}-{i}",
                 "properties": {"path": f"/p/{i % 200}"}}
                for i in numbers
            ]  # fmt: skip


if __name__ == "__main__":
    main()
