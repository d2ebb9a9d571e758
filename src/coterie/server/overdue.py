"""Whoever waits for too long is cancelled, by one timer for all of them."""

from __future__ import annotations

import asyncio
from asyncio import Future
from typing import Any

_PARTS = 8
"""How many times the timer looks within the time that somebody may wait."""


class Overdue:
    """What may take so long and no longer; of one event loop.

    Parameters
    ----------
    patience : float
        Seconds; cancelled is who takes up to an eighth longer.

    Notes
    -----
    Everything has the same time, so that what began first is due first: the order of a dictionary.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._open: dict[int, tuple[float, Future[Any]]] = {}
        self._last = 0
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, waited: Future[Any], loop: asyncio.AbstractEventLoop) -> int:
        """Watch a task or future from now on; returns what ends that."""
        self._last += 1
        self._open[self._last] = loop.time() + self._patience, waited
        if self._timer is None:
            self._timer = loop.call_later(self._patience / _PARTS, self._look, loop)
        return self._last

    def end(self, number: int) -> bool:
        """Watch it no more; whether it was cancelled here."""
        return self._open.pop(number, None) is None

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        while self._open:
            number = next(iter(self._open))
            due, waited = self._open[number]
            if due > now:
                self._timer = loop.call_later(self._patience / _PARTS, self._look, loop)
                return
            del self._open[number]
            waited.cancel()
        self._timer = None
