"""Serving a project: the collector from its start to the last answer."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from coterie.errors import CoterieError, ProjectError, StoreError
from coterie.language.plan import TrackingPlan
from coterie.project import Project
from coterie.project import folder as folders
from coterie.project.importing import collector
from coterie.project.lock import collecting, in_turn
from coterie.server.collecting import Application
from coterie.server.commits import Collect, Commits
from coterie.storage.sources import WriteKeys

_GRACE = 0.02


class Collection:
    """A project's door: the application, and the thread that writes what comes in.

    Parameters
    ----------
    project : Project
    refused : callable
        Told why an edit of the tracking plan cannot be used; the former one stays.
    """

    def __init__(self, project: Project, refused: Callable[[CoterieError], None]) -> None:
        self._project = project
        self._refused = refused
        self._stamp: object = None
        self._plan = project.plan
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self.failure: BaseException | None = None
        self.commits = Commits(self._turn, self._look, self._broken)
        self.application = Application(project.settings.collect, self.commits.put, project.now)

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
        self._look()
        self.commits.start()
        try:
            await self._answering(host, port, started)
        finally:
            self.commits.finish()
            await asyncio.to_thread(self.commits.join, self.application.limits.patience)
        if self.failure is not None:
            raise _failed(self.failure) from self.failure

    async def _answering(self, host: str, port: int, started: Callable[[str], None]) -> None:
        from granian.constants import Interfaces
        from granian.server.embed import Server

        server = Server(
            self.application, address=host, port=port, interface=Interfaces.RSGI,
            websockets=False, log_enabled=False, backlog=1024,
        )  # fmt: skip
        serving = asyncio.create_task(server.serve())
        ending = asyncio.create_task(self._ended.wait())
        if await _listening(host, port, serving):
            started(f"http://{host}:{port}")
        await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not serving.done():
            await self._answered()
            server.stop()  # type: ignore[no-untyped-call]
        await serving

    async def _answered(self) -> None:
        """Take nothing more, and wait until all that was taken is answered."""
        self.application.closed = True
        end = asyncio.get_running_loop().time() + self.application.limits.patience
        while self.application.n_open and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(_GRACE)
        await asyncio.sleep(_GRACE)

    @contextmanager
    def _turn(self) -> Iterator[Collect]:
        project = self._project
        with in_turn(project.folder / folders.DATA / ".lock"):
            door = collector(project, self._plan)
            yield lambda arrivals: door.collect(arrivals, project.now())
            _ = project.stores  # what was written to a file that is gone meanwhile is lost

    def _look(self) -> None:
        """Learn of write keys and of edits of the tracking plan."""
        self.application.keys = WriteKeys(self._project.stores.ledger).working()
        folder = self._project.folder / folders.PLANS
        stamp = sorted((file.name, _changed(file)) for file in folder.glob("*.toml"))
        if stamp != self._stamp:
            self._stamp = stamp
            self._plan = self._planned()

    def _planned(self) -> TrackingPlan:
        try:
            return self._project.plans.load()
        except CoterieError as error:
            self._refused(error)
            return self._plan

    def _broken(self, failure: BaseException) -> None:
        self.failure = failure
        self.application.closed = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)


async def _listening(host: str, port: int, serving: asyncio.Task[None]) -> bool:
    """Whether somebody can connect; false where serving ended before."""
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(_GRACE)
            continue
        writer.close()
        return True
    return False


def serve(
    project: Project, host: str, port: int, started: Callable[[str], None],
    refused: Callable[[CoterieError], None],
) -> None:  # fmt: skip
    """Collect events for a project until a signal says to stop.

    Raises
    ------
    ProjectError
        Granian is not installed, or the address is taken.
    StoreError
        Another process collects for this project, or a store failed.
    """
    _installed()
    address = _free(host, port)
    with project.writing():
        pass  # the key is there from here on, and is this project's

    async def run() -> None:
        await Collection(project, refused).serve(address, port, started)

    with collecting(project.folder / folders.DATA / ".lock"):
        asyncio.run(run())


def _changed(file: Path) -> tuple[int, int]:
    """What differs once a file was written anew."""
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _installed() -> None:
    try:
        import granian  # noqa: F401
    except ImportError:
        raise ProjectError(
            "the server is not installed", hint="type: pip install 'coterie[serve]'"
        ) from None


def _failed(failure: BaseException) -> CoterieError:
    if isinstance(failure, CoterieError):
        return failure
    return StoreError(
        "collecting failed, and nothing more was acknowledged", got=type(failure).__name__,
        hint="start it again: what was acknowledged is kept",
    )  # fmt: skip


def _free(host: str, port: int) -> str:
    """The number of an address at which nobody listens: Granian would share it with them."""
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise ProjectError(
            "another process listens at this address" if taken else "nobody can listen there",
            where=f"{host}:{port}", got=type(error).__name__, hint="name another with --port",
        ) from None  # fmt: skip
    return str(address[0])
