"""Where pictures are drawn: those of values in memory at once, and others behind each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import TypeVar

from coterie.project import Project
from coterie.server.api.rooms.explore_questions import is_held
from coterie.server.desk import Desk
from coterie.server.kept import Kept

Answer = TypeVar("Answer")


class Drawings(Kept):
    """Pictures by key, each drawn once.

    Parameters
    ----------
    reading : Desk
        Has the last answer in memory, and draws what is asked of its values alone.
    drawing : Desk
        Draws what takes seconds or minutes: nobody who looks at one trait waits behind it.
    """

    def __init__(self, reading: Desk, drawing: Desk) -> None:
        super().__init__(drawing)
        self._reading = reading

    async def _work(self, key: Hashable, question: Callable[[Project], Answer]) -> Answer:
        match key:
            case ((_, str() as definitions), asked, _) if is_held(asked):
                if await self._reading.ask(partial(_unedited, definitions)):
                    return await self._reading.ask(question)
        return await super()._work(key, question)


def _unedited(definitions: str, project: Project) -> bool:
    """Whether today's definitions are those that the last answer was by."""
    if project.library.hash() != definitions:
        project.reload()
    return project.library.hash() == definitions
