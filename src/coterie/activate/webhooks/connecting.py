"""Connections to addresses that were checked.

A name is resolved once, and what was checked is what is connected to, so that no second answer of
a resolver can lead elsewhere.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import httpcore
import httpx

from coterie.activate.webhooks.addresses import Addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""From a host and a port to numeric addresses."""


class Refused(httpx.ConnectError):
    """The host's address is one that nothing may be sent to."""


class _Refusal(Exception):
    """The same below httpx."""


class Resolver:
    """Asks the machine's resolver for the addresses of a host, one question a host at a time.

    A resolver that is slow for one host occupies one thread, and keeps nobody else waiting.
    """

    def __init__(self) -> None:
        self._asking: dict[tuple[str, int], asyncio.Task[list[str]]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        """The addresses of a host, each once.

        Raises
        ------
        OSError
            It has none.
        """
        place = host, port
        if place not in self._asking:
            task = self._asking[place] = asyncio.create_task(_resolved(host, port))
            task.add_done_callback(lambda done: self._over(place, done))
        return await asyncio.shield(self._asking[place])

    def _over(self, place: tuple[str, int], done: asyncio.Task[list[str]]) -> None:
        self._asking.pop(place, None)
        if not done.cancelled():
            done.exception()  # whoever asked has it, or has gone


async def _resolved(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Checked(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only.

    Parameters
    ----------
    addresses : Addresses
    resolve : callable
    only_allowed : bool
        Connect to nothing but what the project allows by name: what is sent is not encrypted.

    Notes
    -----
    A host with one refused address is refused, whatever others it has.
    """

    def __init__(self, addresses: Addresses, resolve: Resolve, *, only_allowed: bool) -> None:
        self._addresses = addresses
        self._resolve = resolve
        self._only_allowed = only_allowed
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check, and connect to the first address that answers.

        `httpcore` names the host in TLS and in the request itself, whatever address it is at.
        """
        error: Exception = httpcore.ConnectError("the host has no address")
        for address in await self._checked(host, port, timeout):
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error

    async def _checked(self, host: str, port: int, timeout: float | None) -> list[str]:
        try:
            async with asyncio.timeout(timeout):
                found = await self._resolve(host, port)
        except TimeoutError:
            raise httpcore.ConnectTimeout("the host's name was not resolved in time") from None
        except (OSError, UnicodeError):
            raise httpcore.ConnectError("the host's name cannot be resolved") from None
        for address in found:
            if why := self._addresses.refusal(address):
                raise _Refusal(why)
            if self._only_allowed and not self._addresses.allowed(address):
                raise _Refusal("without https only to what webhooks.allow names")
        return found

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: nothing is sent to a socket of this machine."""
        raise _Refusal("a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Transport(httpx.AsyncBaseTransport):
    """Carries httpx's requests over checked connections, which are used again.

    Parameters
    ----------
    addresses : Addresses
    resolve : callable, optional
    trusted : ssl.SSLContext, optional
        Whose certificates are believed; by default those of the machine's authorities.
    """

    def __init__(
        self,
        addresses: Addresses,
        resolve: Resolve | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        resolve = resolve or Resolver()
        context = trusted or httpx.create_ssl_context(trust_env=False)
        self._pools = {
            scheme: httpcore.AsyncConnectionPool(
                ssl_context=context,
                max_connections=None,
                keepalive_expiry=30.0,
                network_backend=Checked(addresses, resolve, only_allowed=scheme == "http"),
            )
            for scheme in ("https", "http")
        }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the answer's body is still to be read."""
        url = request.url
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx(request):
            answer = await self._pools[url.scheme].handle_async_request(sent)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, request))

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx(self._request):
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


class _Said(NamedTuple):
    below: type[Exception]
    above: type[httpx.RequestError]


_ERRORS = (
    _Said(_Refusal, Refused),
    _Said(httpcore.ConnectTimeout, httpx.ConnectTimeout),
    _Said(httpcore.TimeoutException, httpx.ReadTimeout),
    _Said(httpcore.ConnectError, httpx.ConnectError),
    _Said(httpcore.NetworkError, httpx.ReadError),
    _Said(httpcore.ProtocolError, httpx.RemoteProtocolError),
)


@contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        for said in _ERRORS:
            if isinstance(error, said.below):
                raise said.above(str(error), request=request) from error
        raise
