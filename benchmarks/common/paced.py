"""Asks a server at a fixed rate, and measures from when each request was due, not when it left.

A server that stops for a moment delays all that was due meanwhile, and each of them counts. So does
what this process is late itself: it says how late it took up what was due, so that a machine that
stopped it is not taken for a slow server. Run as a command, on a processor of its own, by an
interpreter that has uvloop, so that who asks takes half of the time:
``paced.py PORT RATE SECONDS CONNECTIONS < paths``.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import sys
from collections import deque
from collections.abc import Sequence
from importlib import import_module
from time import perf_counter
from typing import cast

_HEAD = b"GET %b HTTP/1.1\r\nhost: localhost\r\n\r\n"
_LENGTH = b"content-length: "


class Client(asyncio.Protocol):
    """One connection, with one request at a time.

    Parameters
    ----------
    load : Load
    """

    def __init__(self, load: Load) -> None:
        self._load = load
        self._due = 0.0
        self._found = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be there for a request."""
        self._transport = cast("asyncio.Transport", transport)
        self._load.idle.append(self)

    def ask(self, due: float, path: bytes) -> None:
        """Send a request that was due at an instant."""
        self._due = due
        self._transport.write(_HEAD % path)

    def data_received(self, data: bytes) -> None:
        """Read an answer, or a part of it."""
        self._found += data
        head, end, body = self._found.partition(b"\r\n\r\n")
        if not end:
            return
        start = head.index(_LENGTH) + len(_LENGTH)
        length = int(head[start:].partition(b"\r\n")[0])
        if len(body) >= length:
            self._found = b""
            self._load.answered(self, self._due, right=head.startswith(b"HTTP/1.1 200"))

    def connection_lost(self, exc: Exception | None) -> None:
        """End the load: a server that lets go of a connection has failed."""
        self._load.ended.set()


class Load:
    """Requests that are due one after the other.

    Parameters
    ----------
    paths : sequence of bytes
        Of which each request asks for one, drawn at random.
    rate : float
        Requests a second.
    seconds : float
        The first of them, a tenth, is not counted.
    """

    def __init__(self, paths: Sequence[bytes], rate: float, seconds: float) -> None:
        self.idle: deque[Client] = deque()
        self.ended = asyncio.Event()
        self._paths, self._rate, self._n = paths, rate, int(rate * seconds)
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._delays: list[float] = []
        self._late: list[float] = []
        self._wrong = 0

    async def run(self, port: int, connections: int) -> dict[str, float]:
        """Ask, and return the delays in milliseconds."""
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            await loop.create_connection(lambda: Client(self), "127.0.0.1", port)
        draw, start, sent = random.Random(1), perf_counter() + 0.1, 0
        while sent < self._n:
            due = min(self._n, int((perf_counter() - start) * self._rate))
            for i in range(sent, due):
                self._ask(start + i / self._rate, draw.choice(self._paths))
            sent = max(sent, due)
            await asyncio.sleep(0.0002)
        while len(self._delays) + self._wrong < self._n and not self.ended.is_set():
            await asyncio.sleep(0.01)
        return self._measured()

    def _ask(self, due: float, path: bytes) -> None:
        self._late.append(perf_counter() - due)
        if self.idle:
            self.idle.popleft().ask(due, path)
        else:
            self._waiting.append((due, path))

    def answered(self, client: Client, due: float, *, right: bool) -> None:
        """Count an answer, and let the connection ask for what waits."""
        if right:
            self._delays.append(perf_counter() - due)
        else:
            self._wrong += 1
        if self._waiting:
            client.ask(*self._waiting.popleft())
        else:
            self.idle.append(client)

    def _measured(self) -> dict[str, float]:
        counted, late = _counted(self._delays), _counted(self._late)
        at = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99, "p999_ms": 0.999}
        found = {name: counted[int(share * len(counted))] * 1000 for name, share in at.items()}
        own = {
            f"late_{name}": late[int(at[name] * len(late))] * 1000 for name in ("p50_ms", "p99_ms")
        }
        return {
            "wrong": self._wrong, "asked": self._n, **found, "most_ms": counted[-1] * 1000,
            **own, "late_most_ms": late[-1] * 1000,
        }  # fmt: skip


def _counted(every: list[float]) -> list[float]:
    """All but the first tenth, in order of size."""
    return sorted(every[len(every) // 10 :])


def main() -> None:
    """Print what was measured as JSON."""
    port, rate, seconds, connections = (int(each) for each in sys.argv[1:])
    paths = [line.strip().encode() for line in sys.stdin]
    gc.disable()
    load = Load(paths, rate, seconds)
    print(json.dumps(import_module("uvloop").run(load.run(port, connections))))


if __name__ == "__main__":
    main()
