"""The collector's application: requests in, acknowledged when they are on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from coterie.collect import bodies, shapes
from coterie.collect.shapes import Look
from coterie.collect.spec import KINDS
from coterie.project.settings import Collecting
from coterie.server import answers
from coterie.server.answers import Answer
from coterie.server.commits import Job
from coterie.server.keys import Keys
from coterie.server.overdue import Overdue
from coterie.storage.inbox.frames import Row

if TYPE_CHECKING:
    from granian._granian import RSGIHeaders
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

ROUTES = {f"/v1/{kind}": kind for kind in KINDS} | {f"/v1/{kind[0]}": kind for kind in KINDS}
"""Address -> kind; browsers shorten the addresses to their first letter."""

BATCHES = dict.fromkeys(("/v1/batch", "/v1/b", "/v1/import"), "batch")
ADDRESSES = {**ROUTES, **BATCHES}
_SMALL = 8 * 1024
"""Bytes of a body that is read whole at once."""


class Application:
    """Answers the requests of one project's sources (RSGI).

    Parameters
    ----------
    limits : Collecting
    put : callable
        Hands a request to the thread that keeps it.
    now : callable
        Microseconds UTC.

    Notes
    -----
    `keys` and `full` (whether the inbox holds all that it may) are set by whoever knows the stores.
    Once `closed`, nothing is taken any more, and what was taken is still answered.
    """

    def __init__(
        self, limits: Collecting, put: Callable[[Job], None], now: Callable[[], int]
    ) -> None:
        self.limits = limits
        self.keys = Keys({})
        self.full = False
        self.closed = False
        self._put = put
        self._now = now
        self._held = 0
        self._overdue = Overdue(limits.patience)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> int:
        """Answer one request, and return the status."""
        status, body, headers = await self._answer(scope, protocol)
        if self.closed:
            headers = [*headers, ("connection", "close")]
        if body:
            protocol.response_bytes(status, headers, body)
        else:
            protocol.response_empty(status, headers)
        return status

    def tell(self, jobs: Sequence[Job], kept: bool) -> None:
        """Let requests be answered; from any thread."""
        if self._loop is not None and jobs:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(_tell, tuple(jobs), kept)

    async def _answer(self, scope: Scope, protocol: HTTPProtocol) -> Answer:
        path = scope.path
        route = ADDRESSES.get(path) or ADDRESSES.get(path.rstrip("/"))
        if route is None:
            return answers.NOWHERE
        if scope.method != "POST":
            asked = scope.headers.get("access-control-request-headers")
            return answers.preflight(asked) if scope.method == "OPTIONS" else answers.NO_METHOD
        if self.closed:
            return answers.UNPROMISED
        headers = scope.headers
        authorization = headers.get("authorization")
        source = None if authorization is None else self.keys.said(authorization)
        if source is None and authorization is not None:
            return answers.STRANGER
        if self.full or self._held >= self.limits.waiting_bytes:
            return answers.CROWDED
        return await self._taken(route, source, headers, protocol)

    async def _taken(
        self, route: str, source: str | None, headers: RSGIHeaders, protocol: HTTPProtocol
    ) -> Answer:
        most = self.limits.batch_bytes if route == "batch" else self.limits.event_bytes
        said = headers.get("content-length")
        length = int(said) if said and said.isascii() and said.isdigit() else None
        if length is not None and length > most:
            return answers.TOO_BIG
        held = most if length is None else length
        self._held += held
        try:
            body = await self._body(protocol, most, length)
            if body is None:
                return answers.SLOW
            encoding = headers.get("content-encoding")
            if encoding is not None:
                body = _unpacked(body, encoding, most)
            return await self._kept(route, source, body)
        except bodies.TooMany:
            return answers.TOO_MANY
        except bodies.TooBig:
            return answers.TOO_BIG
        except _Encoded:
            return answers.NO_ENCODING
        except bodies.Unreadable as error:
            return _UNREADABLE.get(str(error), answers.UNREADABLE)
        finally:
            self._held -= held

    async def _body(self, protocol: HTTPProtocol, most: int, length: int | None) -> bytes | None:
        """The body, or None where it does not come in time."""
        task = asyncio.current_task()
        assert task is not None
        number = self._overdue.begin(task, task.get_loop())
        try:
            return await (_chunks(protocol, most) if length is None else protocol())
        except asyncio.CancelledError:
            if not self._overdue.end(number):
                raise
            task.uncancel()
            return None
        finally:
            self._overdue.end(number)

    async def _kept(self, route: str, source: str | None, body: bytes) -> Answer:
        """Keep a request, if anything of it can be read, and say what was seen of it."""
        now = self._now()
        look = await self._look(body, route, now)
        source = source or self.keys.source(look.write_key)
        if source is None:
            return answers.STRANGER
        if look.n and not await self._on_disk((source, route, now, body)):
            return answers.UNPROMISED
        return answers.accepted(look.refused) if look.refused else answers.ACCEPTED

    async def _look(self, body: bytes, route: str, now: int) -> Look:
        """What is seen of a body; a large one that must be read whole keeps nobody waiting."""
        most, n_most = self.limits.event_bytes, self.limits.batch_events
        found = shapes.glanced(body, route, most, n_most)
        if found is not None:
            return found
        if len(body) > _SMALL:
            return await asyncio.to_thread(shapes.read_whole, body, route, now, most, n_most)
        return shapes.read_whole(body, route, now, most, n_most)

    async def _on_disk(self, row: Row) -> bool:
        """Whether a request is kept; not, where nothing can be promised in time."""
        loop = self._loop = asyncio.get_running_loop()
        told: asyncio.Future[bool] = loop.create_future()
        number = self._overdue.begin(told, loop)
        self._put(Job(row, told))
        try:
            return await told
        except asyncio.CancelledError:
            if not self._overdue.end(number):
                raise
            return False
        finally:
            self._overdue.end(number)


def _tell(jobs: Sequence[Job], kept: bool) -> None:
    for _, told in jobs:
        if not told.done():
            told.set_result(kept)


async def _chunks(protocol: HTTPProtocol, most: int) -> bytes:
    """A body of no length that is said, never more of it than its limit."""
    chunks: list[bytes] = []
    n = 0
    async for chunk in protocol:
        n += len(chunk)
        if n > most:
            raise bodies.TooBig
        chunks.append(chunk)
    return b"".join(chunks)


class _Encoded(Exception):
    """A body in an encoding that is not read."""


_UNREADABLE = {
    "no list `batch`": answers.NO_BATCH,
    "no gzip": answers.NO_GZIP,
    "no whole gzip": answers.NO_GZIP,
}


def _unpacked(packed: bytes, encoding: str, most: int) -> bytes:
    said = encoding.strip().lower()
    if said in ("gzip", "x-gzip"):
        return bodies.unpacked(packed, most)
    if said != "identity":
        raise _Encoded
    return packed
