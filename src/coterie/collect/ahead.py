"""Requests made ready before their turn comes, here and in other processes, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from coterie.collect.requests import Accepted
from coterie.collect.sharing import Share, Sharing

BYTES = 750_000
"""Of the requests that a process takes at once; twice as many are worth asking another for."""

EACH = 4
"""Portions that wait for one process, so that it never waits for this one."""

MOST = 20
"""Portions that are held at once."""


class _Portion:
    """Requests, and what was made of them, or who was asked to make it."""

    def __init__(self, requests: Sequence[Accepted]) -> None:
        self.requests = requests
        self.made: Share | Future[Share] | None = None

    @property
    def waits(self) -> bool:
        """Whether another process has it still."""
        return isinstance(self.made, Future) and not self.made.done()


class Ahead:
    """Has requests made ready by the other processes while this one stores what came before.

    Parameters
    ----------
    sharing : Sharing
    read : callable
        The next requests after a number (:meth:`coterie.storage.inbox.Waiting.read`).

    Notes
    -----
    This process makes a portion only while the first one is not there yet, and no other process
    was asked for it; so nobody waits as long as there is something to make.
    """

    def __init__(self, sharing: Sharing, read: Callable[[int], Sequence[Accepted]]) -> None:
        self.sharing = sharing
        self._read = read
        self._portions: deque[_Portion] = deque()
        self._rest: deque[Accepted] = deque()
        self._upto = 0

    def __bool__(self) -> bool:
        return bool(self._portions)

    def begin(self, requests: Sequence[Accepted]) -> bool:
        """Go on with these, where they are many and another process is there."""
        if sum(len(one.body) for one in requests) < 2 * BYTES or not self.sharing.ready():
            return False
        self.clear()
        self._rest.extend(requests)
        self._upto = requests[-1].number
        self._fill()
        return True

    def clear(self) -> None:
        """Forget all of it: somebody else drained, or storing it failed."""
        self._portions.clear()
        self._rest.clear()

    def take(self, most: int) -> tuple[list[Accepted], list[Share]]:
        """The next requests and what was made of them, until there are so many messages."""
        requests: list[Accepted] = []
        shares: list[Share] = []
        while self._portions and sum(share.n for share in shares) < most:
            share = self._first()
            requests += self._portions.popleft().requests
            shares.append(share)
            self._fill()
        return requests, shares

    def _fill(self) -> None:
        """Hold as many portions as may be, and ask the other processes for some."""
        while len(self._portions) < MOST and (requests := self._next()):
            self._portions.append(_Portion(requests))
        waiting = sum(portion.waits for portion in self._portions)
        for portion in self._portions:
            if waiting >= EACH * self.sharing.n:
                break
            if portion.made is None:
                portion.made = self.sharing.ask(portion.requests)
                waiting += 1

    def _next(self) -> list[Accepted]:
        """The next requests of a portion: one at least, where one waits."""
        if not self._rest and (more := self._read(self._upto)):
            self._rest.extend(more)
            self._upto = more[-1].number
        found: list[Accepted] = []
        n = 0
        while self._rest and n < BYTES:
            found.append(self._rest.popleft())
            n += len(found[-1].body)
        return found

    def _first(self) -> Share:
        """What was made of the first portion; until it is there, this process makes others."""
        first = self._portions[0]
        while first.made is None or first.waits:
            left = next((portion for portion in self._portions if portion.made is None), None)
            if left is None:
                break
            left.made = self.sharing.open(left.requests)
            self._fill()
        made = self.sharing.given_back(first.made) if isinstance(first.made, Future) else first.made
        return made or self.sharing.open(first.requests)
