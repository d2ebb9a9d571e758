"""The newest changes, held for everybody who follows them; whoever is further behind reads stores.

A follower is a number: that of the last change it was told. It holds nothing here, so that a
thousand slow ones take no more memory than one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import islice

from coterie.project.streaming.live import Change

KEPT = 10_000


class Feed:
    """The newest changes; belongs to one event loop.

    Parameters
    ----------
    kept : int
        How many are held.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._changes: deque[Change] = deque(maxlen=kept)
        self._news = asyncio.Event()
        self.newest = 0
        self.floor = 0
        self.closed = False

    def begin(self, newest: int) -> None:
        """Say which change was the last before any is published."""
        if not self._changes and newest > self.newest:
            self.newest = self.floor = newest

    def publish(self, changes: Sequence[Change]) -> None:
        """Hold what was committed; what is held already is let be."""
        new = [change for change in changes if change.id > self.newest]
        if not new:
            return
        if new[0].id > self.newest + 1:  # something between was told before anybody listened
            self._changes.clear()
            self.floor = new[0].id - 1
        self._changes.extend(new)
        if len(self._changes) == self._changes.maxlen:
            self.floor = max(self.floor, self._changes[0].id - 1)
        self.newest = new[-1].id
        self._wake()

    def forget(self) -> None:
        """Hold nothing, so that followers read the stores: somebody was erased there."""
        self._changes.clear()
        self.floor = self.newest

    def after(self, number: int, most: int) -> list[Change] | None:
        """The next changes after one; None where they are held no more."""
        if number < self.floor:
            return None
        behind = 0
        for change in reversed(self._changes):
            if change.id <= number:
                break
            behind += 1
        start = len(self._changes) - behind
        return list(islice(self._changes, start, start + most))

    async def news(self, number: int, seconds: float) -> None:
        """Wait until there is a change after one, but not longer than some seconds."""
        if self.newest > number or self.closed:
            return
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return

    def close(self) -> None:
        """Let everybody who waits go."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
