"""One attempt: a POST, and what its answer means."""

from __future__ import annotations

import asyncio
import contextlib
from http import HTTPStatus
from typing import NamedTuple

import httpx

from coterie.activate.webhooks.connecting import Refused, Transport
from coterie.activate.webhooks.retrying import asked_to_wait

MOST = 16 * 1024
"""Bytes of an answer's body that are read, so that its connection can be used again."""

BODY_SECONDS = 2.0
CONNECT_SECONDS = 5.0
AGENT = "coterie-webhooks"


class Answer(NamedTuple):
    """What came back.

    Parameters
    ----------
    status : int
        0 where there was no answer.
    said : str
        The same in a few words.
    wait : int
        Microseconds that the receiver asks to wait.
    body : bytes
        Its beginning, for whoever tries a destination out; kept nowhere.
    """

    status: int
    said: str
    wait: int = 0
    body: bytes = b""

    @property
    def accepted(self) -> bool:
        """Whether the message arrived: the status says so, and nothing else does."""
        return 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no messages any more."""
        return self.status == HTTPStatus.GONE


def client(transport: Transport, seconds: float) -> httpx.AsyncClient:
    """A client that follows no redirect, keeps no cookie and knows of no proxy.

    Parameters
    ----------
    seconds : float
        For each step of a request; :func:`post` bounds the whole.
    """
    timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
    return httpx.AsyncClient(
        transport=transport, timeout=timeout, follow_redirects=False, trust_env=False
    )


async def post(
    through: httpx.AsyncClient,
    url: str,
    headers: dict[str, str],
    body: str,
    seconds: float,
    now: int,
) -> Answer:
    """Send a message and read the answer, within some seconds whatever the receiver does.

    Parameters
    ----------
    now : int
        Microseconds UTC.

    Notes
    -----
    An answer whose status was read counts, though its body is endless, too short or never ends:
    what is beyond :data:`MOST` bytes or two seconds is left, with its connection.
    """
    sent = {"content-type": "application/json", "user-agent": AGENT, **headers}
    answer = None
    try:
        async with asyncio.timeout(seconds):
            request = through.build_request("POST", url, content=body.encode(), headers=sent)
            response = await through.send(request, stream=True)
            try:
                wait = asked_to_wait(response.headers.get("retry-after", ""), now)
                answer = Answer(response.status_code, _status(response.status_code), wait)
                answer = answer._replace(body=await _beginning(response))
            finally:
                await response.aclose()
    except Exception as error:  # noqa: BLE001 - whatever a receiver brings about is its answer
        return answer or Answer(0, _failure(error))
    return answer


async def _beginning(response: httpx.Response) -> bytes:
    read = bytearray()
    with contextlib.suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(BODY_SECONDS):
            async for part in response.aiter_raw():
                read += part
                if len(read) > MOST:
                    break
    return bytes(read[:MOST])


def _status(status: int) -> str:
    try:
        said = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        said = str(status)
    return f"{said}, and redirects are not followed" if 300 <= status < 400 else said


def _failure(error: Exception) -> str:
    match error:
        case Refused():
            return f"refused: {error}"
        case httpx.ConnectTimeout():
            return "no connection in time"
        case TimeoutError() | httpx.TimeoutException():
            return "no answer in time"
        case httpx.ConnectError():
            return f"no connection: {str(error)[:120]}" if str(error) else "no connection"
        case httpx.RemoteProtocolError():
            return "the connection was closed, or the answer is no HTTP"
        case httpx.TransportError():
            return "the connection broke"
    return f"not sent: {type(error).__name__}"
