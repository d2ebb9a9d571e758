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
from typing import Any, NamedTuple

from msgspec.structs import astuple

from coterie.collect.limits import Refused
from coterie.collect.making import Maker, Names
from coterie.collect.quality.counting import Tally
from coterie.collect.spec import Arrival
from coterie.language.plan import TrackingPlan
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.bundles import Bundle, bundle
from coterie.storage.payload import Fact
from coterie.storage.violations import Kind

SHARE = 500
"""Messages that a process takes at once; four times as many are worth asking another for."""

ATTEMPTS = 3
"""How often processes are begun: after that many of them died, everything is made here."""

AHEAD = 2
"""Shares that wait for one process, so that it never waits for this one."""

Given = tuple[Pseudonymiser, TrackingPlan, int]
"""What events are made by: pseudonyms, the plan, and bytes of one event."""


class Share(NamedTuple):
    """What was made of some messages, and what only who asked for it can decide.

    `refused` are reason and detail of messages that are no facts, and `names` those that the plan
    does not have, both by the place of the message. The facts are packed where they were made.
    """

    facts: Bundle
    refused: dict[int, tuple[str, str]]
    names: dict[int, str]
    counts: Counter[Kind]


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
        """The facts of messages; one that nobody foresaw holds up no other.

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
        return Share(bundle(facts).packed(), refused, names, counts)


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
    The others begin with the first messages that are many, and are asked once they are ready.
    This process makes what the others have no time for, and again what one did not give back.
    They end with this one, however it ends.
    """

    def __init__(self, given: Given, names: Names, tally: Tally, n: int = 0) -> None:
        self._given = given
        self._names = names
        self._tally = tally
        self._n = n
        self._work = Work(given)
        self._pool: ProcessPoolExecutor | None = None
        self._begun: Future[int] | None = None
        self._left = ATTEMPTS if n else 0

    def make(self, arrivals: Sequence[Arrival], now: int | None) -> Made:
        """What becomes of messages, in order.

        Parameters
        ----------
        now : int or None
            Microseconds UTC as of which they are judged; None for the arrival of each.
        """
        parts = [arrivals[i : i + SHARE] for i in range(0, len(arrivals), SHARE)]
        if len(arrivals) < 4 * SHARE or not self.ready():
            shares = [self._work.make(part, now) for part in parts]
        else:
            shares = self._shares(parts, now)
        found, start = Made([], [], {}), 0
        for part, share in zip(parts, shares, strict=True):
            self._settle(share, range(start, start + len(part)), found)
            start += len(part)
        return found

    def ready(self) -> bool:
        """Whether another process is there to be asked; begins them, where none is."""
        if self._pool is None and self._left:
            self._left -= 1
            self._pool = ProcessPoolExecutor(
                self._n, get_context("spawn"), initializer=_begin, initargs=(self._given,)
            )
            self._begun = self._asked(os.getpid)
        begun = self._begun
        if begun is not None and begun.done() and begun.exception() is not None:
            self.close()
        return self._begun is not None and self._begun.done()

    def close(self) -> None:
        """End the other processes; the next messages that are many begin new ones."""
        pool, self._pool, self._begun = self._pool, None, None
        if pool is not None:
            pool.shutdown(wait=False)

    def _asked(self, work: Any, *said: Any) -> Future[Any] | None:
        """Ask another process; None where there is none any more."""
        if self._pool is None:
            return None
        try:
            return self._pool.submit(work, *said)
        except (BrokenProcessPool, OSError):
            self.close()
            return None

    def _shares(self, parts: Sequence[Sequence[Arrival]], now: int | None) -> list[Share]:
        """The shares in order; whenever the others have enough to do, this process makes one."""
        made: list[Share | Future[Share]] = []
        waiting: list[Future[Share]] = []
        for part in parts:
            waiting = [each for each in waiting if not each.done()]
            if len(waiting) < AHEAD * self._n and (
                asked := self._asked(_made, list(zip(*map(astuple, part), strict=True)), now)
            ):
                made.append(asked)
                waiting.append(asked)
            else:
                made.append(self._work.make(part, now))
        return [
            one if isinstance(one, Share) else self._given_back(one) or self._work.make(part, now)
            for part, one in zip(parts, made, strict=True)
        ]

    def _given_back(self, future: Future[Share]) -> Share | None:
        """What another process made; None where it could not."""
        try:
            return future.result()
        except BrokenProcessPool:
            self.close()
        except Exception:  # noqa: BLE001, S110 - this process makes it again, and says why if it fails
            pass
        return None

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
            facts = facts.those([n for n, i in enumerate(places) if i not in refused])
        found.facts.append(facts)
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


def _made(columns: Sequence[tuple[Any, ...]], now: int | None) -> Share:
    return _works[0].make(list(map(Arrival, *columns)), now)
