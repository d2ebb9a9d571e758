"""Requests that wait in the inbox become events of the log, or rows of the quarantine, once."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple, Protocol

from coterie.collect import bodies
from coterie.collect.bodies import BATCH_EVENTS
from coterie.collect.collector import Collector, Waited
from coterie.collect.spec import Arrival
from coterie.storage.decided import Decided

MOST = 5_000
"""Messages of one transaction."""


class Accepted(Protocol):
    """One request as it was acknowledged (:class:`coterie.storage.inbox.Request`)."""

    @property
    def number(self) -> int:
        """1, 2, 3 …, never used twice."""
        ...

    @property
    def source(self) -> str:
        """Whose write key it came with."""
        ...

    @property
    def route(self) -> str:
        """``batch``, or the kind that its address said."""
        ...

    @property
    def received_at(self) -> int:
        """Microseconds UTC."""
        ...

    @property
    def body(self) -> bytes:
        """JSON, unpacked."""
        ...


class Inbox(Protocol):
    """What draining needs of the inbox (:class:`coterie.storage.inbox.Waiting`)."""

    def read(self, after: int) -> Sequence[Accepted]:
        """The next requests in order, nothing where there are none."""
        ...

    def end(self) -> int:
        """The last number on disk, 0 for none."""
        ...

    def forget(self, upto: int) -> None:
        """Delete what holds no request above this number."""
        ...


class Drain:
    """What takes requests out of the inbox, in order, each exactly once.

    Parameters
    ----------
    waiting : Waiting
    collector : Collector

    Notes
    -----
    Rows of the quarantine are committed first, and with them which messages they were; then the
    events, and with them the number of their last request. Wherever a crash falls, the requests
    whose number is not committed are drained again, what the quarantine has of them is left
    out, and every message has its one fate. An event is judged as of its arrival, however much
    later it is drained.
    """

    def __init__(self, waiting: Inbox, collector: Collector) -> None:
        self.collector = collector
        self._waiting = waiting
        self._decided = Decided(collector.ledger)
        self._read: deque[Accepted] = deque()
        self._left: Mapping[tuple[int, int], bool] = {}
        self._known = -1

    @property
    def end(self) -> int:
        """The number of the last request that was acknowledged, 0 for none."""
        return self._waiting.end()

    @property
    def behind(self) -> int:
        """How many requests wait."""
        return max(0, self.end - self.collector.log.drained())

    def drain(self, now: int, most: int = MOST) -> int:
        """Give the next messages their fates; the caller holds the project's write lock.

        Parameters
        ----------
        now : int
            Microseconds UTC: when what is refused comes into quarantine.
        most : int
            Messages, from where on further requests are left to the next call.

        Returns
        -------
        int
            How many messages got their fate; 0 where nothing waits.

        Raises
        ------
        StoreError
            A store failed; whatever was not committed still waits.
        """
        n, drained = 0, self.collector.log.drained()
        while not n and (requests := self._next(drained, most)):
            n, drained = self._collect(requests, drained, now), requests[-1].number
        return n

    def _next(self, drained: int, most: int) -> list[_Opened]:
        """Whole requests after a number: at least one, where one waits."""
        if drained != self._known:  # the first time, or somebody else drained, or it failed
            self._read.clear()
        if not self._read:
            self._read.extend(self._waiting.read(drained))
        found: list[_Opened] = []
        n = 0
        while self._read and n < most:
            request = self._read.popleft()
            found.append(_Opened(request.number, messages(request)))
            n += len(found[-1].arrivals)
        return found

    def _collect(self, requests: Sequence[_Opened], drained: int, now: int) -> int:
        if drained != self._known:
            self._left = self._decided.after(drained)
        self._known = -1
        last = requests[-1].number
        places: list[tuple[int, int]] = []
        for request in requests:
            places += zip(repeat(request.number), range(len(request.arrivals)))
        arrivals = [arrival for request in requests for arrival in request.arrivals]
        self.collector.collect(arrivals, now, Waited(places, self._left, drained, last))
        self._known = last
        self._waiting.forget(last)
        return len(arrivals)


class _Opened(NamedTuple):
    """A request and its messages."""

    number: int
    arrivals: list[Arrival]


def messages(request: Accepted) -> list[Arrival]:
    """The messages of a request; one that cannot be read at all is one message."""
    source, route, at = request.source, request.route, request.received_at
    try:
        found = (bodies.batch if route == "batch" else bodies.single)(request.body)
    except bodies.Unreadable:
        return [Arrival(source, request.body, "$", route, at)]
    sent_at, context, n = found.sent_at, found.context, len(found.messages)
    paths = map(_place, range(n)) if route == "batch" else repeat("$", n)
    pairs = zip(found.messages, paths, strict=True)
    return [Arrival(source, one, path, route, at, sent_at, context) for one, path in pairs]


@lru_cache(maxsize=BATCH_EVENTS)
def _place(i: int) -> str:
    return f"$.batch[{i}]"
