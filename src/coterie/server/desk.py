"""Questions that read the stores, asked one after the other in a thread of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from coterie.project import Project
from coterie.storage.stopping import interrupt

Answer = TypeVar("Answer")
MOST = 64
"""Questions that may wait; whoever asks one more is told to come again."""
_LOOK = 0.1
"""Seconds between two looks whether a question that is broken off has another statement."""


class Busy(Exception):
    """Too many questions wait."""


class Desk:
    """A thread with a project of its own.

    Parameters
    ----------
    project : Project
        Nobody else asks it anything.
    name : str
        Of its thread.
    """

    def __init__(self, project: Project, name: str = "desk") -> None:
        self._thread = ThreadPoolExecutor(1, name)
        self._project = project
        self._n_waiting = 0

    async def ask(self, question: Callable[[Project], Answer]) -> Answer:
        """The answer to a question, which may be whatever it raises.

        Raises
        ------
        Busy
        """
        if self._n_waiting >= MOST:
            raise Busy
        self._n_waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, question, self._project)
        finally:
            self._n_waiting -= 1

    def close(self) -> None:
        """Finish the question at hand, and answer none after it."""
        self._thread.shutdown(cancel_futures=True)
        self._project.close()


async def let_go(close: Callable[[], None]) -> None:
    """Close what questions are asked at, breaking off those at hand: nobody waits for them."""
    closing = asyncio.create_task(asyncio.to_thread(close))
    while not closing.done():
        interrupt()
        await asyncio.wait([closing], timeout=_LOOK)
    await closing
