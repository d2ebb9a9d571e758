"""Serving a project: its roles from their start to the last answer."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext

from coterie.errors import CoterieError, ProjectError, StoreError
from coterie.project import Project
from coterie.server.api.guard import Guard, loopback
from coterie.server.desk import let_go
from coterie.server.listening import GRACE, Listening, free
from coterie.server.logs import FilteringBoundLogger, foreign, logger, place
from coterie.server.parts import Parts
from coterie.server.roles import API, ROLES, Role


class Serving:
    """A project, answered for until a signal or a failure ends it.

    Parameters
    ----------
    project : Project
    roles : collection of str
        Of `ROLES`.
    guard : Guard
    log : FilteringBoundLogger
    refused : callable
        Told why an edit cannot be used; what was in force stays.
    access : bool
        Whether each answer is logged.
    """

    def __init__(
        self, project: Project, roles: Collection[str], guard: Guard, log: FilteringBoundLogger,
        refused: Callable[[CoterieError], None], *, access: bool,
    ) -> None:  # fmt: skip
        self.failure: CoterieError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._log = log
        self._patience = project.settings.collect.patience
        self._parts = Parts(project, roles, guard, log, refused, self._broken, access=access)

    async def serve(self, host: str, port: int, started: Callable[[str], None]) -> None:
        """Answer requests until a signal says to stop, or nothing can be promised any more.

        Parameters
        ----------
        started : callable
            Told the address once it is listened at.

        Raises
        ------
        CoterieError
            A role failed. Nothing that was acknowledged is lost; a new start recovers.
        """
        self._loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            self._loop.add_signal_handler(number, self._ended.set)
        begun: list[Role] = []
        try:
            for role in self._parts.roles:
                role.start()
                begun.append(role)
                self._log.info("role started", role=role.name)
            await self._parts.api.start()
            await self._answering(host, port, started)
        finally:
            await self._stopped(begun)
        if self.failure is not None:
            raise self.failure

    async def _answering(self, host: str, port: int, started: Callable[[str], None]) -> None:
        listening = Listening(self._parts.door, host, port)
        serving = await listening.start()
        ending = asyncio.create_task(self._ended.wait())
        if not serving.done():
            self._log.info("listening", port=port)
            started(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        await self._answered()
        await listening.stop()

    async def _answered(self) -> None:
        """Take nothing more, and wait until all that was taken is answered."""
        self._log.info("stopping")
        self._parts.close()
        loop, door = asyncio.get_running_loop(), self._parts.door
        end = loop.time() + self._patience
        while door.n_open and loop.time() < end:
            await asyncio.sleep(GRACE)
        await asyncio.sleep(GRACE)

    async def _stopped(self, begun: list[Role]) -> None:
        """End what began, the door for events before the engine behind it."""
        self._parts.close()
        self._parts.api.drop()
        for role in reversed(begun):
            await asyncio.to_thread(role.stop)
            self._log.info("role stopped", role=role.name)
        await let_go(self._parts.api.let_go)
        self._log.info("stopped")

    def _broken(self, name: str, failure: BaseException) -> None:
        """End the process, for one of its roles has ended; from any thread."""
        self._log.error("role failed", role=name, error=type(failure).__name__, at=place(failure))
        self.failure = self.failure or failed(name, failure)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)


def serve(
    project: Project, host: str, port: int, started: Callable[[str], None],
    refused: Callable[[CoterieError], None], *, roles: Collection[str] = ROLES,
    access: bool = False, always: bool = False,
) -> None:  # fmt: skip
    """Serve a project until a signal says to stop.

    Parameters
    ----------
    started : callable
        Told the address once it is listened at.
    refused : callable
        Told why an edit of the definitions or the tracking plan cannot be used.
    roles : collection of str
        Of `ROLES`; all of them by default, in this process.
    access : bool
        Whether each answer is logged: method, route, status, milliseconds.
    always : bool
        Whether a token is needed on the machine itself as well.

    Raises
    ------
    ProjectError
        The address is taken, or others could ask there and nobody has a token.
    StoreError
        Another process has one of these roles, or a store failed.
    """
    address = free(host, port)
    if API in roles and not loopback(address):
        _tokened(project, host)
    with project.writing():
        pass  # the key is there from here on, and is this project's
    log = logger(sys.stderr)

    async def run() -> None:
        parts = Serving(project, roles, Guard(always=always), log, refused, access=access)
        await parts.serve(address, port, started)

    with foreign(log), _drawing() if API in roles else nullcontext():
        asyncio.run(run())


def _drawing() -> AbstractContextManager[None]:
    from coterie.pictures.theme import (
        trusted,
    )  # Altair takes a second, and a collector draws nothing

    return trusted()


def _tokened(project: Project, host: str) -> None:
    if not project.tokens.working():
        raise ProjectError(
            "other machines could ask there, and nobody has a token yet", where=f"--host {host}",
            hint="type: coterie tokens add NAME; or let this process only take events: "
            "--role collect",
        )  # fmt: skip


def failed(name: str, failure: BaseException) -> CoterieError:
    """What ended a role, as an error that says what is kept."""
    if isinstance(failure, CoterieError):
        return failure
    return StoreError(
        f"the role {name} failed, and nothing more was acknowledged", got=type(failure).__name__,
        hint="start it again: what was acknowledged is kept",
    )  # fmt: skip
