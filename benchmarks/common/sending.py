"""A sender of its own: requests at a steady rate, as the customers of a shop would send them.

Each request leaves when it is due, whatever became of those before it: by a connection that waits
for no answer, of which there are as many as are needed.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import random
import sys
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

CONNECTIONS = 64


def people(seed: int, n: int, among: int) -> Iterator[int]:
    """Whose each event is, by number: the same for whoever knows the seed."""
    draw = random.Random(seed)
    return (draw.randrange(among) for _ in range(n))


class Customer(asyncio.Protocol):
    """One connection, with one request at a time.

    Parameters
    ----------
    sender : Sender
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be there for a request."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read an answer, or a part of it."""
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if end and len(body) >= int(length or 0):
            self._answer = b""
            self._sender.answered(self, right=head.startswith(b"HTTP/1.1 200"))

    def connection_lost(self, exc: Exception | None) -> None:
        """A server that lets go of a connection has failed."""
        self._sender.answered(self, right=False)


class Sender:
    """Sends requests to a collector, each at its instant.

    Parameters
    ----------
    port : int
    key : str
        The write key.
    """

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        authorization = base64.b64encode(f"{key}:".encode())
        self._head = (
            b"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Authorization: Basic " + authorization + b"\r\nContent-Length: %d\r\n\r\n"
        )
        self._idle: deque[Customer] = deque()
        self._n_open = self._wrong = 0

    async def send(
        self, began: float, rate: int, each: int, n: int, among: int, seed: int
    ) -> None:  # fmt: skip
        """Send `n` events, `each` of them in a request, and wait until all are answered."""
        whose = [*people(seed, n, among)]
        for _ in range(CONNECTIONS):
            self._idle.append(await self._connected())
        for first in range(0, n, each):
            at = began + first / rate
            body = _body(seed, whose, first, min(first + each, n), at)
            await asyncio.sleep(max(0.0, at - time.time()))
            customer = self._idle.popleft() if self._idle else await self._connected()
            self._n_open += 1
            customer.transport.write(self._head % len(body) + body)
        while self._n_open and not self._wrong:
            await asyncio.sleep(0.01)
        if self._wrong:
            raise SystemExit("the server answered wrongly")

    async def _connected(self) -> Customer:
        loop = asyncio.get_running_loop()
        _, customer = await loop.create_connection(lambda: Customer(self), "127.0.0.1", self._port)
        return customer

    def answered(self, customer: Customer, *, right: bool) -> None:
        """Take back a connection whose answer came."""
        self._n_open -= 1
        self._wrong += not right
        self._idle.append(customer)


def _body(seed: int, whose: list[int], first: int, last: int, at: float) -> bytes:
    said = datetime.fromtimestamp(at, UTC).isoformat()
    batch = [
        {
            "type": "track", "messageId": f"{seed}-{i}", "userId": f"shopper-{whose[i]}",
            "timestamp": said, "event": ("Product Viewed", "Product Added")[i % 2],
            "properties": {
                "product_id": f"sku-{i % 2_000}", "category": f"Department {i % 12}",
                "name": f"Thing {i % 2_000}", "price": 19.99, "quantity": 1,
            },
        }
        for i in range(first, last)
    ]  # fmt: skip
    return json.dumps({"batch": batch}).encode()


if __name__ == "__main__":
    port, key, began, *numbers = sys.argv[1:]
    gc.disable()
    asyncio.run(Sender(int(port), key).send(float(began), *map(int, numbers)))
