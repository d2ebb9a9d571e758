"""Answers that take long: worked out once, kept, and looked for again by whoever cannot wait."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from coterie.project import Project
from coterie.server.desk import Desk

Answer = TypeVar("Answer")


class Kept:
    """Answers by key, the least used of which go first; belongs to one event loop.

    Parameters
    ----------
    desk : Desk
        Works them out.
    most : int
        How many are kept.

    Notes
    -----
    A key says all that an answer depends on, the stores' edition too. Whoever asks for what is
    being worked out waits for the same answer. An error is told to one asker and not kept.
    """

    def __init__(self, desk: Desk, most: int = 256) -> None:
        self._desk = desk
        self._most = most
        self._known: OrderedDict[Hashable, asyncio.Task[Any]] = OrderedDict()

    async def answer(self, key: Hashable, question: Callable[[Project], Answer]) -> Answer:
        """The answer, however long it takes; it may be whatever the question raises."""
        return await self._collected(key, self._asked(key, question))

    async def within(
        self, key: Hashable, question: Callable[[Project], Answer], seconds: float
    ) -> Answer | None:
        """The answer, or None where it is still worked on after some seconds: ask again."""
        task = self._asked(key, question)
        done, _ = await asyncio.wait([task], timeout=seconds)
        return await self._collected(key, task) if done else None

    def known(self, key: Hashable) -> bool:
        """Whether there is an answer by now; nothing is asked for it."""
        task = self._known.get(key)
        return task is not None and task.done() and not _failed(task)

    def _asked(self, key: Hashable, question: Callable[[Project], Answer]) -> asyncio.Task[Answer]:
        if key not in self._known:
            self._known[key] = asyncio.create_task(self._work(key, question))
            self._known[key].add_done_callback(_failed)  # nobody may ask for it again
            self._tidy()
        self._known.move_to_end(key)
        return self._known[key]

    async def _work(self, key: Hashable, question: Callable[[Project], Answer]) -> Answer:
        """Have it worked out."""
        return await self._desk.ask(question)

    async def _collected(self, key: Hashable, task: asyncio.Task[Answer]) -> Answer:
        try:
            return await asyncio.shield(task)
        finally:
            if _failed(task) and self._known.get(key) is task:
                del self._known[key]

    def _tidy(self) -> None:
        """Forget the least used of what is done; what is worked on stays."""
        done = [key for key, task in self._known.items() if task.done()]
        for key in done[: max(0, len(self._known) - self._most)]:
            _failed(self._known.pop(key))


def _failed(task: asyncio.Task[Any]) -> bool:
    """Whether a task is done and has no answer."""
    return task.done() and (task.cancelled() or task.exception() is not None)
