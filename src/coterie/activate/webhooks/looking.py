"""Looking at what is new, in a thread of its own: a busy stream keeps no message waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from coterie.activate.webhooks.enqueuing import Enqueuer
from coterie.storage.destinations import Destination, Destinations

LOOK = 1.0
"""Seconds between two looks at what nobody tells of: destinations that were added, retries."""

TIDY = 1.0
"""Seconds between two looks at what may be forgotten."""

MOMENT = 0.01
"""Seconds between two looks, however often somebody asks for one."""


class Seen(NamedTuple):
    """What a look found.

    Parameters
    ----------
    destinations : list of Destination
        Those there are.
    more : bool
        Whether there is more to be looked at.
    """

    destinations: list[Destination]
    more: bool


class Looking:
    """Looks at destinations and changes, one look at a time.

    Parameters
    ----------
    destinations : Destinations
    enqueuer : Enqueuer
    tidy : callable
        Forgets some of what is kept for too long.
    """

    def __init__(
        self,
        destinations: Destinations,
        enqueuer: Enqueuer,
        tidy: Callable[[], object] = lambda: None,
    ) -> None:
        self._destinations = destinations
        self._enqueuer = enqueuer
        self._terms: dict[int, str] = {}
        self._thread = ThreadPoolExecutor(1, "looking")
        self._current: asyncio.Future[Seen] | None = None
        self._stale = False
        self._last = self._tidied = 0.0
        self._tidy = tidy
        self.at = 0.0

    @property
    def busy(self) -> bool:
        """Whether a look goes on."""
        return self._current is not None

    def ask(self) -> None:
        """Look soon."""
        self.at = min(self.at, self._last + MOMENT)

    def outdate(self) -> None:
        """Something was decided since the look that goes on began: what it finds is old."""
        self._stale = self.busy
        self.ask()

    def begin(self, time: float, event: asyncio.Event) -> None:
        """Begin a look where it is time and none goes on; the event is set when it is over."""
        if self._current is not None or time < self.at:
            return
        self._stale, self._last, self.at = False, time, time + LOOK
        tidy = time >= self._tidied + TIDY
        self._tidied = time if tidy else self._tidied
        loop = asyncio.get_running_loop()
        self._current = loop.run_in_executor(self._thread, self._look, tidy)
        self._current.add_done_callback(lambda _: event.set())

    def end(self) -> Seen | None:
        """What the last look found, once; None while there is nothing new.

        Raises
        ------
        CoterieError
            The stores failed; the next look tries again.
        """
        if self._current is None or not self._current.done():
            return None
        found, self._current = self._current, None
        seen = found.result()
        if seen.more or self._stale:
            self.at = 0.0
        return None if self._stale else seen

    async def close(self) -> None:
        """Let the look that goes on end."""
        if self._current is not None:
            await asyncio.wait([self._current])
        self._thread.shutdown(wait=False)

    def _look(self, tidy: bool) -> Seen:
        """See which destinations there are, and enqueue some of what is new for each."""
        known = self._destinations.every()
        more = False
        if self._enqueuer.ready():
            for each in known:
                more |= self._enqueue(each)
        if tidy:
            self._tidy()
        return Seen(known, more)

    def _enqueue(self, to: Destination) -> bool:
        """One step of looking at what changed; whether there may be more."""
        terms = self._enqueuer.terms()
        if self._terms.get(to.id) != terms and self._enqueuer.sweep(to):
            self._terms[to.id] = terms
        return self._enqueuer.step(to) is not None
