"""From RSGI, which Granian speaks, to ASGI, which the API is written in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from coterie.server.api.slashes import stood_in
from coterie.server.peers import Peer

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian._granian import RSGIHTTPStreamTransport as Transport
    from granian.rsgi import Scope

Message = MutableMapping[str, Any]
App = Callable[
    [Any, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]

PATIENCE = 10.0
"""Seconds that a client has to take each part of an answer that never ends."""


class Said(NamedTuple):
    """What a request was answered, and by which route, as the application's router found it."""

    status: int
    template: str


class Adapter:
    """An ASGI application that answers RSGI requests.

    Parameters
    ----------
    app : callable
        An ASGI application; of its lifespan it is told nothing.
    patience : float
        Seconds that a client has to take each part of a streamed answer; then it is cut off.
    """

    def __init__(self, app: App, patience: float = PATIENCE) -> None:
        self._app = app
        self._patience = patience

    async def __call__(
        self, scope: Scope, protocol: HTTPProtocol, began: Callable[[Said], None]
    ) -> None:
        """Answer one request.

        Parameters
        ----------
        began : callable
            Told the status, and the template of the route, once they are known.
        """
        asgi = _scope(scope)
        exchange = _Exchange(scope, protocol, self._patience)

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                began(Said(message["status"], asgi.get("path_template") or ""))
            await exchange.send(message)

        try:
            await self._app(asgi, exchange.receive, send)
        finally:
            exchange.close()


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, protocol: HTTPProtocol, patience: float) -> None:
        self._scope = scope
        self._protocol = protocol
        self._patience = patience
        self._chunks: Any = None
        self._asked = False
        self._status = 500
        self._headers: list[tuple[str, str]] = []
        self._transport: Transport | None = None
        self._peer: Peer | None = None
        self._over = asyncio.Event()

    async def receive(self) -> Message:
        """The next part of the body, then the end of the connection or of the answer."""
        if not self._asked:
            self._chunks = self._chunks or self._protocol.__aiter__()
            try:
                chunk = await anext(self._chunks)
            except StopAsyncIteration:
                self._asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            return {"type": "http.request", "body": chunk, "more_body": True}
        gone, over = asyncio.create_task(self._gone()), asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait({gone, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            over.cancel()
        return {"type": "http.disconnect"}

    async def _gone(self) -> None:
        """Return once the client has gone."""
        await self._protocol.client_disconnect()

    async def send(self, message: Message) -> None:
        """A part of the answer; one of many waits until the client has taken it."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [
                (n.decode("latin-1"), v.decode("latin-1")) for n, v in message["headers"]
            ]
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if self._transport is not None or more:
            await self._stream(body)
        elif body:
            self._protocol.response_bytes(self._status, self._headers, bytes(body))
        else:
            self._protocol.response_empty(self._status, self._headers)
        if not more:
            self._over.set()

    async def _stream(self, body: bytes) -> None:
        """Send one part of many."""
        if self._transport is None:
            self._transport = self._protocol.response_stream(self._status, self._headers)
            self._peer = Peer.of(self._scope.client)
        if self._peer is None:
            raise ConnectionResetError
        if body:
            await self._transport.send_bytes(bytes(body))
            await self._peer.taken(self._patience)

    def close(self) -> None:
        """Let go of the connection."""
        if self._peer is not None:
            self._peer.close()


def _scope(scope: Scope) -> dict[str, Any]:
    host, _, port = scope.client.rpartition(":")
    said, path = scope.headers.items(), stood_in(scope.path)
    headers = [(n.encode("latin-1"), v.encode("latin-1", "replace")) for n, v in said]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": scope.http_version,
        "method": scope.method,
        "scheme": scope.scheme,
        "path": path,
        "raw_path": quote(path).encode("ascii"),
        "query_string": scope.query_string.encode("latin-1", "replace"),
        "root_path": "",
        "headers": headers,
        "client": (host, int(port)) if port.isdigit() else None,
        "server": None,
        "state": {},
        "extensions": {},
    }
