"""Listening at an address: Granian in this process, from its first connection to its last."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from coterie.errors import ProjectError

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

GRACE = 0.02
_BACKLOG = 1024
_PATIENCE = 5.0
_PROBE = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

Answering = Callable[["Scope", "HTTPProtocol"], Awaitable[None]]
"""An application by RSGI: answers one request."""


class Listening:
    """The server at one address.

    Parameters
    ----------
    application : object
        With a method ``__rsgi__``.
    host : str
        The number of an address, as `free` gives it.
    """

    def __init__(self, application: object, host: str, port: int) -> None:
        self._address = host, port
        self._server = Server(
            application, address=host, port=port, interface=Interfaces.RSGI,
            http=HTTPModes.http1, websockets=False, log_enabled=False, backlog=_BACKLOG,
        )  # fmt: skip
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> asyncio.Task[None]:
        """Listen, and return what is done once nobody listens any more."""
        self._serving = asyncio.create_task(self._server.serve())
        while not self._serving.done() and not await self._reached():
            await asyncio.sleep(GRACE)
        return self._serving

    async def _reached(self) -> bool:
        """Whether a request is answered: a socket may accept before anybody reads from it."""
        try:
            reader, writer = await asyncio.open_connection(*self._address)
        except OSError:
            return False
        try:
            writer.write(_PROBE)
            return (await asyncio.wait_for(reader.readline(), _PATIENCE)).startswith(b"HTTP/")
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()

    async def stop(self) -> None:
        """Listen no more."""
        if self._serving is None:
            return
        if not self._serving.done():
            self._server.stop()  # type: ignore[no-untyped-call]
        await self._serving


def free(host: str, port: int) -> str:
    """The number of an address at which nobody listens: Granian would share it with them.

    Raises
    ------
    ProjectError
        The address is taken, or is none of this machine.
    """
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
