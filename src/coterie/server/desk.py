"""Questions that read the stores, asked one after the other in a thread of their own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import get_native_id
from typing import TypeVar
from zoneinfo import ZoneInfo

from coterie.language.wording import ZONE
from coterie.project import Project
from coterie.storage.stopping import interrupt

Answer = TypeVar("Answer")
MOST = 64
"""Questions that may wait; whoever asks one more is told to come again."""
NICE = 10
"""How much less urgent is what nobody can wait for."""
_REST, _LONGEST = 0.05, 1.0
"""Seconds without a question after which a desk rests, and the most that are waited for that."""
_LOOK = 0.1
"""Seconds between two looks whether a question that is broken off has another statement."""


class Busy(Exception):
    """Too many questions wait, or none is answered any more."""


class Desk:
    """A thread with a project of its own.

    Parameters
    ----------
    project : Project
        Nobody else asks it anything.
    name : str
        Of its thread.
    patient : bool
        Whether the answers may take as long as they need: the thread, and those of the databases
        that it opens, step back behind everything else.

    Notes
    -----
    Its English tells instants by the clocks of the project's zone.
    """

    def __init__(self, project: Project, name: str = "desk", *, patient: bool = False) -> None:
        self._thread = ThreadPoolExecutor(1, name, self._begin, (patient,))
        self._project = project
        self._n_waiting = 0
        self._dropped = False
        self._answered_at = float("-inf")

    def _begin(self, patient: bool) -> None:
        """In the thread: sentences tell instants by the clocks of the project's zone."""
        if patient:
            step_back()
        ZONE.set(ZoneInfo(self._project.settings.zone))

    async def ask(self, question: Callable[[Project], Answer]) -> Answer:
        """The answer to a question, which may be whatever it raises.

        Raises
        ------
        Busy
        """
        if self._dropped or self._n_waiting >= MOST:
            raise Busy
        loop = asyncio.get_running_loop()
        self._n_waiting += 1
        try:
            return await loop.run_in_executor(self._thread, question, self._project)
        finally:
            self._n_waiting -= 1
            self._answered_at = loop.time()

    async def ask_at_rest(self, question: Callable[[Project], Answer]) -> Answer:
        """The same, once nobody has asked for a moment: pages ask several questions in a row.

        Where somebody always asks, it waits a second.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + _LONGEST
        while loop.time() < end and (self._n_waiting or loop.time() < self._answered_at + _REST):
            await asyncio.sleep(_REST)
        before = self._answered_at
        try:
            return await self.ask(question)
        finally:
            self._answered_at = before  # no page's

    def drop(self) -> None:
        """Answer no more than the question at hand; whoever waits for another is let go."""
        self._dropped = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Finish the question at hand, and answer none after it."""
        self._thread.shutdown(cancel_futures=True)
        self._project.close()


def step_back() -> None:
    """Make this thread less urgent, and all that it begins: Linux gives each thread its own turn.

    Where urgency is that of a whole process, nothing is changed.
    """
    if sys.platform == "linux":
        thread = get_native_id()
        now = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(19, now + NICE))


async def let_go(close: Callable[[], None]) -> None:
    """Close what questions are asked at, breaking off those at hand: nobody waits for them."""
    closing = asyncio.create_task(asyncio.to_thread(close))
    while not closing.done():
        interrupt()
        await asyncio.wait([closing], timeout=_LOOK)
    await closing
