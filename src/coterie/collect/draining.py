"""Requests that wait in the inbox become events of the log, or rows of the quarantine, once."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Protocol

from coterie.collect.ahead import Ahead
from coterie.collect.collector import Collector, Waited
from coterie.collect.requests import Accepted, Unopened, messages
from coterie.collect.spec import Arrival
from coterie.storage.decided import Decided

MOST = 5_000
"""Messages of one transaction."""


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
        self._ahead = Ahead(collector.sharing, waiting.read)
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
            Messages, from where on further requests are left to the next call; those that other
            processes made ready come by portions.

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
        while not n and self._waits(drained):
            self._known = -1
            n, last = (self._store if self._ahead else self._collect)(drained, now, most)
            self._known = drained = last
            self._waiting.forget(last)
        return n

    def _waits(self, drained: int) -> bool:
        """Whether requests after a number are at hand, read now where none were."""
        if drained != self._known:  # the first time, or somebody else drained, or it failed
            self._read.clear()
            self._ahead.clear()
        if self._ahead.sharing is not self.collector.sharing:
            self._ahead = Ahead(self.collector.sharing, self._waiting.read)
        if self._ahead or self._read:
            return True
        self._read.extend(self._waiting.read(drained))
        if self._read and drained != self._known:
            self._left = self._decided.after(drained)
        undecided = not any(number > drained for number, _ in self._left)
        if self._read and undecided and self._ahead.begin(self._read):
            self._read.clear()
        return bool(self._ahead or self._read)

    def _store(self, drained: int, now: int, most: int) -> tuple[int, int]:
        """Give requests that were made ready ahead their fates."""
        requests, shares = self._ahead.take(most)
        sizes = [size for share in shares for size in share.sizes]
        last = requests[-1].number
        waited = Waited(_places(requests, sizes), {}, drained, last)
        self.collector.store(Unopened(requests, sizes), shares, now, waited)
        return sum(sizes), last

    def _collect(self, drained: int, now: int, most: int) -> tuple[int, int]:
        """Make whole requests ready, one at least, and give them their fates."""
        requests: list[Accepted] = []
        sizes: list[int] = []
        arrivals: list[Arrival] = []
        while self._read and len(arrivals) < most:
            requests.append(self._read.popleft())
            opened = messages(requests[-1])
            sizes.append(len(opened))
            arrivals += opened
        last = requests[-1].number
        waited = Waited(_places(requests, sizes), self._left, drained, last)
        self.collector.collect(arrivals, now, waited)
        return len(arrivals), last


def _places(requests: Sequence[Accepted], sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Of each message of these requests (:class:`coterie.storage.decided.Place`)."""
    found: list[tuple[int, int]] = []
    for request, size in zip(requests, sizes, strict=True):
        found += zip(repeat(request.number), range(size))
    return found
