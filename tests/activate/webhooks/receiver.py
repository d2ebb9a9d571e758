"""A receiver of webhooks: verifies with the library's own verifier, keeps each message once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from types import TracebackType
from typing import Any, ClassVar, Self

import pytest
import standardwebhooks.webhooks as library
from standardwebhooks import Webhook

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What a receiver does once it has read a request."""


def status(code: int, *headers: str) -> Answering:
    """Answers with a status and no body."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {code} Said", "content-length: 0", *headers, "", ""]
        writer.write("\r\n".join(lines).encode())
        await writer.drain()

    return answer


class Verifying(datetime):
    """The clock of whoever verifies: the tests move it."""

    micros: ClassVar[int] = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Verifying:
        """The instant that the tests have come to."""
        return cls.fromtimestamp(cls.micros / 1_000_000, tz or UTC)


class Receiver:
    """An HTTP server in a thread of its own; a context manager.

    Attributes
    ----------
    messages : list of dict
        What came, each message id once, in the order of its first arrival.
    attempts : list of str
        The message id of every request that was read.
    forged : int
        Requests that did not verify.
    accepts : bool
        Whether a message counts as taken in: false for receivers that are out of order.
    """

    def __init__(self, answering: Answering | None = None) -> None:
        self.answering = answering or status(204)
        self.secret = ""
        self.messages: list[dict[str, Any]] = []
        self.attempts: list[str] = []
        self.signatures: list[str] = []
        self.forged = 0
        self.accepts = True
        self.at_once = 0
        self._now = 0
        self._seen: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(180)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._main())
        self._loop.close()

    async def _main(self) -> None:
        self._end = asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                named = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if line]
                headers = {name.lower(): value for name, value in named}
                body = await reader.readexactly(int(headers["content-length"]))
                self._now += 1
                self.at_once = max(self.at_once, self._now)
                try:
                    self._take(headers, body)
                    await self.answering(reader, writer)
                finally:
                    self._now -= 1
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    def _take(self, headers: dict[str, str], body: bytes) -> None:
        self.attempts.append(headers["webhook-id"])
        self.signatures.append(headers.get("webhook-signature", ""))
        try:
            said = Webhook(self.secret).verify(body, headers)
        except library.WebhookVerificationError:
            self.forged += 1
            return
        if self.accepts and headers["webhook-id"] not in self._seen:
            self._seen.add(headers["webhook-id"])
            self.messages.append(said)

    def told(self) -> list[tuple[str, str, str]]:
        """What was said, once each: profile, type and segment."""
        return [(m["data"]["profile"], m["type"], m["data"]["segment"]) for m in self.messages]


@pytest.fixture
def verifying(monkeypatch: pytest.MonkeyPatch) -> type[Verifying]:
    """The library's verifier, by a clock that the tests move."""
    monkeypatch.setattr(library, "datetime", Verifying)
    return Verifying
