"""The collector's application: requests in, acknowledged when they are on disk."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from coterie.collect import bodies
from coterie.collect.collector import Refusal
from coterie.collect.spec import KINDS, Arrival
from coterie.project.settings import Collecting
from coterie.server import answers
from coterie.server.answers import Answer
from coterie.server.commits import Job
from coterie.storage.sources import hashed

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

ROUTES = {f"/v1/{kind}": kind for kind in KINDS} | {f"/v1/{kind[0]}": kind for kind in KINDS}
"""Address -> kind; browsers shorten the addresses to their first letter."""

BATCHES = dict.fromkeys(("/v1/batch", "/v1/b", "/v1/import"), "batch")
HEALTH = "/health"
_ROUTES = {**ROUTES, **BATCHES}


class Application:
    """Answers the requests of one project's sources (RSGI).

    Parameters
    ----------
    limits : Collecting
    put : callable
        Hands a request's messages to the thread that writes.
    now : callable
        Microseconds UTC.

    Notes
    -----
    `keys` (hash of a write key -> source) is replaced by whoever knows the ledger. Once `closed`,
    nothing is taken any more, and what was taken is still answered.
    """

    def __init__(
        self, limits: Collecting, put: Callable[[Job], None], now: Callable[[], int]
    ) -> None:
        self.limits = limits
        self.keys: dict[bytes, str] = {}
        self.closed = False
        self.n_open = 0
        self._put = put
        self._now = now
        self._held = 0

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        self.n_open += 1
        try:
            answer = await self._answer(scope, protocol)
            headers = [*answer.headers, ("connection", "close")] if self.closed else answer.headers
            if answer.body:
                protocol.response_bytes(answer.status, headers, answer.body)
            else:
                protocol.response_empty(answer.status, headers)
        finally:
            self.n_open -= 1

    async def _answer(self, scope: Scope, protocol: HTTPProtocol) -> Answer:
        path = scope.path.rstrip("/")
        if path == HEALTH:
            return answers.UNPROMISED if self.closed else answers.HEALTHY
        route = _ROUTES.get(path)
        if route is None:
            return answers.NOWHERE
        if scope.method == "OPTIONS":
            return answers.PREFLIGHT
        if scope.method != "POST":
            return answers.NO_METHOD
        if self.closed:
            return answers.UNPROMISED
        source = self._known(_basic(scope.headers.get("authorization")))
        if source is None and "authorization" in scope.headers:
            return answers.STRANGER
        return await self._taken(route, source, scope, protocol)

    def _known(self, key: object) -> str | None:
        return self.keys.get(hashed(key)) if isinstance(key, str) else None

    async def _taken(
        self, route: str, source: str | None, scope: Scope, protocol: HTTPProtocol
    ) -> Answer:
        most = self.limits.batch_bytes if route == "batch" else self.limits.event_bytes
        if _length(scope.headers.get("content-length")) > most:
            return answers.TOO_BIG
        if self._held >= self.limits.waiting_bytes:
            return answers.CROWDED
        held = _Held(self)
        try:
            packed = await asyncio.wait_for(held.read(protocol, most), self.limits.patience)
            return await self._stored(route, source, _unpacked(packed, scope, most))
        except TimeoutError:
            return answers.SLOW
        except bodies.TooBig:
            return answers.TOO_BIG
        except _Encoded:
            return answers.NO_ENCODING
        except bodies.Unreadable as error:
            return _UNREADABLE.get(str(error), answers.UNREADABLE)
        finally:
            held.release()

    async def _stored(self, route: str, source: str | None, body: bytes) -> Answer:
        found = bodies.batch(body) if route == "batch" else bodies.single(body)
        source = source or self._known(found.write_key)
        if source is None:
            return answers.STRANGER
        now = self._now()
        arrivals = [
            Arrival(
                source, message, f"$.batch[{i}]" if route == "batch" else "$", route, now,
                found.sent_at, found.context,
            )
            for i, message in enumerate(found.messages)
        ]  # fmt: skip
        fates = await self._fates(arrivals)
        return answers.UNPROMISED if fates is None else answers.accepted(fates)

    async def _fates(self, arrivals: list[Arrival]) -> list[Refusal | None] | None:
        """What became of messages, or None where nothing can be promised in time."""
        if not arrivals:
            return []
        loop = asyncio.get_running_loop()
        told: asyncio.Future[list[Refusal | None] | None] = loop.create_future()

        def tell(fates: list[Refusal | None] | None) -> None:
            if not told.done():
                told.set_result(fates)

        def done(fates: list[Refusal | None] | None) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(tell, fates)

        job = Job(arrivals, done)
        self._put(job)
        try:
            return await asyncio.wait_for(told, self.limits.patience)
        except TimeoutError:
            job.given_up = True
            return None

    def hold(self, n: int) -> None:
        """Count bytes that wait, or do no more."""
        self._held += n


class _Held:
    """The bytes of one request."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._n = 0

    async def read(self, protocol: HTTPProtocol, most: int) -> bytes:
        """The body, never more of it than its limit."""
        chunks: list[bytes] = []
        async for chunk in protocol:
            self._n += len(chunk)
            self._application.hold(len(chunk))
            if self._n > most:
                raise bodies.TooBig
            chunks.append(chunk)
        return b"".join(chunks)

    def release(self) -> None:
        self._application.hold(-self._n)


class _Encoded(Exception):
    """A body in an encoding that is not read."""


_UNREADABLE = {
    "no list `batch`": answers.NO_BATCH,
    "no gzip": answers.NO_GZIP,
    "no whole gzip": answers.NO_GZIP,
}


def _unpacked(packed: bytes, scope: Scope, most: int) -> bytes:
    encoding = (scope.headers.get("content-encoding") or "identity").strip().lower()
    if encoding in ("gzip", "x-gzip"):
        return bodies.unpacked(packed, most)
    if encoding != "identity":
        raise _Encoded
    return packed


def _length(said: str | None) -> int:
    return int(said) if said and said.isascii() and said.isdigit() else 0


def _basic(header: str | None) -> str | None:
    """The user of a Basic authentication: the write key."""
    scheme, _, said = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(said.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return text.partition(":")[0]
