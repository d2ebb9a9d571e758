"""Serving a project: its roles from their start to the last answer."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence

from coterie.errors import CoterieError, StoreError
from coterie.project import Project
from coterie.server.collection import Collection
from coterie.server.listening import GRACE, Listening, free
from coterie.server.roles import Role


class Serving:
    """A project, answered for until a signal or a failure ends it.

    Parameters
    ----------
    project : Project
    refused : callable
        Told why an edit cannot be used; what was in force stays.
    """

    def __init__(self, project: Project, refused: Callable[[CoterieError], None]) -> None:
        self.failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._collection = Collection(project, refused, self._broken)
        self._roles: Sequence[Role] = [self._collection]

    async def serve(self, host: str, port: int, started: Callable[[str], None]) -> None:
        """Answer requests until a signal says to stop, or nothing can be promised any more.

        Parameters
        ----------
        started : callable
            Told the address once it is listened at.

        Raises
        ------
        StoreError
            A store failed. Nothing that was acknowledged is lost; a new start recovers.
        """
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._ended.set)
        begun: list[Role] = []
        try:
            for role in self._roles:
                role.start()
                begun.append(role)
            await self._answering(host, port, started)
        finally:
            for role in begun:
                await asyncio.to_thread(role.stop)
        if self.failure is not None:
            raise _failed(self.failure) from self.failure

    async def _answering(self, host: str, port: int, started: Callable[[str], None]) -> None:
        listening = Listening(self._collection.application, host, port)
        serving = await listening.start()
        ending = asyncio.create_task(self._ended.wait())
        if not serving.done():
            started(f"http://{host}:{port}")
        await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        await self._answered()
        await listening.stop()

    async def _answered(self) -> None:
        """Take nothing more, and wait until all that was taken is answered."""
        application = self._collection.application
        application.closed = True
        loop = asyncio.get_running_loop()
        end = loop.time() + application.limits.patience
        while application.n_open and loop.time() < end:
            await asyncio.sleep(GRACE)
        await asyncio.sleep(GRACE)

    def _broken(self, failure: BaseException) -> None:
        self.failure = failure
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)


def serve(
    project: Project, host: str, port: int, started: Callable[[str], None],
    refused: Callable[[CoterieError], None],
) -> None:  # fmt: skip
    """Collect events for a project until a signal says to stop.

    Raises
    ------
    ProjectError
        The address is taken.
    StoreError
        Another process collects for this project, or a store failed.
    """
    address = free(host, port)
    with project.writing():
        pass  # the key is there from here on, and is this project's

    async def run() -> None:
        await Serving(project, refused).serve(address, port, started)

    asyncio.run(run())


def _failed(failure: BaseException) -> CoterieError:
    if isinstance(failure, CoterieError):
        return failure
    return StoreError(
        "collecting failed, and nothing more was acknowledged", got=type(failure).__name__,
        hint="start it again: what was acknowledged is kept",
    )  # fmt: skip
