"""Messages made ready by several processes: the same facts in the same order, in less time."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import NamedTuple

from coterie.collect.limits import Refused
from coterie.collect.making import Maker, Names
from coterie.collect.quality.counting import Tally
from coterie.collect.requests import Accepted, messages
from coterie.collect.spec import Arrival
from coterie.language.plan import TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.bundles import Bundle, bundles, those
from coterie.storage.inbox import Request
from coterie.storage.payload import Fact
from coterie.storage.violations import Kind

SHARE = 500
"""Messages that are made here at once: what is known of them stays in the processor's memory."""

ATTEMPTS = 3
"""How often processes are begun: after that many of them died, everything is made here."""

Given = tuple[Pseudonymiser, TrackingPlan, int]
"""What events are made by: pseudonyms, the plan, and bytes of one event."""


class Share(NamedTuple):
    """What was made of some messages, and what only who asked for it can decide.

    `sizes` are how many messages each request had. `refused` are reason and detail of messages
    that are no facts, and `names` those that the plan does not have, both by the place of the
    message. The facts are packed where they were made.
    """

    sizes: list[int]
    facts: list[Bundle]
    refused: dict[int, tuple[str, str]]
    names: dict[int, str]
    counts: Counter[Kind]

    @property
    def n(self) -> int:
        """How many messages."""
        return sum(self.sizes)


class Made(NamedTuple):
    """What became of messages: facts, the place of the message of each, and refusals by place."""

    facts: list[Bundle]
    places: list[int]
    refused: dict[int, Refused]


class _Asked(Names):
    """Admits every name, and keeps the one that was asked for last."""

    def __init__(self) -> None:
        super().__init__(set)
        self.last = ""

    def admit(self, name: str) -> bool:
        self.last = name
        return True


class Work:
    """Makes shares of messages; the same in every process."""

    def __init__(self, given: Given) -> None:
        pseudonymiser, plan, most = given
        self._names, self._tally = _Asked(), Tally()
        self._maker = Maker(pseudonymiser, plan, self._tally, self._names, most)

    def make(self, arrivals: Sequence[Arrival], now: int | None) -> Share:
        """The facts of messages of one request; one that nobody foresaw holds up no other.

        Parameters
        ----------
        now : int or None
            Microseconds UTC as of which they are judged; None for the arrival of each.
        """
        facts: list[Fact] = []
        refused: dict[int, tuple[str, str]] = {}
        names: dict[int, str] = {}
        asked, make = self._names, self._maker.make
        ready = self._maker.many(arrivals, now)
        names.update(ready.names)
        for i, fact in enumerate(ready.facts):
            if fact is not None:
                facts.append(fact)
                continue
            arrival = arrivals[i]
            try:
                facts.append(make(arrival, arrival.received_at if now is None else now))
            except Refused as failure:
                refused[i] = failure.reason, failure.detail
            except Exception as failure:  # noqa: BLE001 - nothing here but the message can fail
                refused[i] = "unforeseen", type(failure).__name__
            if asked.last:
                names[i], asked.last = asked.last, ""
        counts, self._tally.counts = self._tally.counts, Counter()
        made = [one.packed() for one in bundles(facts)]
        return Share([len(arrivals)], made, refused, names, counts)

    def open(self, requests: Sequence[Accepted]) -> Share:
        """The facts of requests, judged as of their arrival."""
        opened = [messages(request) for request in requests]
        share = self.make([arrival for each in opened for arrival in each], None)
        return share._replace(sizes=[len(each) for each in opened])


class Sharing:
    """Makes messages ready, in this process and in others beside it.

    Parameters
    ----------
    given : (Pseudonymiser, TrackingPlan, int)
        What events are made by; the others are given it through a pipe.
    names : Names
        Of events that the plan does not have: they are admitted here, in order.
    tally : Tally
        Counts what the gate says, here and there.
    n : int
        Processes beside this one; with 0 everything is made here.

    Notes
    -----
    The others begin with the first requests that are many, and are asked once they are ready.
    What one did not give back is made again here. They end with this process, however it ends.
    """

    def __init__(self, given: Given, names: Names, tally: Tally, n: int = 0) -> None:
        self.n = n
        self._given = given
        self._names = names
        self._tally = tally
        self._work = Work(given)
        self._pool: ProcessPoolExecutor | None = None
        self._begun: Future[int] | None = None
        self._left = ATTEMPTS if n else 0

    def make(self, arrivals: Sequence[Arrival], now: int | None) -> list[Share]:
        """Make messages ready here, judged as of an instant, or of the arrival of each."""
        parts = (arrivals[i : i + SHARE] for i in range(0, len(arrivals), SHARE))
        return [self._work.make(part, now) for part in parts]

    def open(self, requests: Sequence[Accepted]) -> Share:
        """Make requests ready here."""
        return self._work.open(requests)

    def ask(self, requests: Sequence[Accepted]) -> Future[Share] | None:
        """Ask another process to make requests ready; None where none is there."""
        pool = self._pool if self.ready() else None
        if pool is None:
            return None
        said = [(r.number, r.source, r.route, r.received_at, r.body) for r in requests]
        try:
            return pool.submit(_opened, said)
        except (BrokenProcessPool, OSError):
            self.close()
            return None

    def given_back(self, future: Future[Share]) -> Share | None:
        """What another process made; None where it could not."""
        try:
            return future.result()
        except Exception:  # noqa: BLE001 - whoever asked makes it here, and says why if it fails
            return None

    def settle(self, shares: Sequence[Share]) -> Made:
        """What becomes of the messages of shares, in order: names admitted, counts counted."""
        found, start = Made([], [], {}), 0
        for share in shares:
            self._settle(share, range(start, start + share.n), found)
            start += share.n
        return found

    def ready(self) -> bool:
        """Whether another process is there to be asked; begins them, where none is."""
        if self._pool is None and self._left:
            self._left -= 1
            self._pool = ProcessPoolExecutor(
                self.n, get_context("spawn"), initializer=_begin, initargs=(self._given,)
            )
            try:
                self._begun = self._pool.submit(os.getpid)
            except OSError:
                self.close()
        begun = self._begun
        if begun is not None and begun.done() and begun.exception() is not None:
            self.close()
        return self._begun is not None and self._begun.done()

    def close(self) -> None:
        """End the other processes; the next messages that are many begin new ones."""
        pool, self._pool, self._begun = self._pool, None, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def _settle(self, share: Share, wanted: range, found: Made) -> None:
        """Add a share of the messages at some places: its names admitted, its counts counted."""
        refused = {i: Refused(*why) for i, why in share.refused.items()}
        places = [i for i in range(len(wanted)) if i not in refused]
        for i, name in sorted(share.names.items()):
            if not self._names.admit(name):
                refused[i] = self._names.refusal()
        left = [i for i in places if i not in refused]
        facts = share.facts
        if len(left) < len(places):
            facts = [*those(facts, [n for n, i in enumerate(places) if i not in refused])]
        found.facts.extend(facts)
        found.places.extend([wanted[i] for i in left])
        found.refused.update({wanted[i]: why for i, why in refused.items()})
        self._tally.counts.update(share.counts)


_works: list[Work] = []
"""Of a process that was begun to share the work: its own."""


def _begin(given: Given) -> None:
    """Become a process that shares the work; it ends with the one that began it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks ends it
    Thread(target=_follow, daemon=True).start()
    _works.append(Work(given))


def _follow() -> None:
    above = parent_process()
    if above is not None:
        above.join()
        os._exit(1)


def _opened(said: Sequence[tuple[int, str, str, int, bytes]]) -> Share:
    return _works[0].open([Request(*each) for each in said])
