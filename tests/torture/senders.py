"""Senders that never give up: each sends its messages again until they are acknowledged."""

from __future__ import annotations

import http.client
import json
import threading
import time
from random import Random
from typing import Any

from tests.server.served import Served, basic, track

N_PEOPLE = 7
_PAUSE = 0.01


class Senders:
    """Some at once, each with a connection of its own, singles and batches in turns.

    Parameters
    ----------
    name : str
        The beginning of every message's id.
    most : int
        Messages of each sender; 0: until the end.

    Notes
    -----
    About one message in ten can be no event, and belongs into the quarantine. `stored` and
    `refused` have the messages that were acknowledged, with the second of it; `sent` all of them.
    """

    def __init__(
        self, shop: Served, name: str, seed: int, n_senders: int = 3, most: int = 0
    ) -> None:
        self.shop = shop
        self.sent: set[str] = set()
        self.stored: dict[str, float] = {}
        self.refused: dict[str, float] = {}
        self.statuses: set[int] = set()
        self.wrong: list[str] = []
        self._going = self._more = True
        self._most = most
        self._threads = [
            threading.Thread(target=self._send, args=(f"{name}-{i}", Random(seed * 97 + i)))
            for i in range(n_senders)
        ]

    def start(self) -> Senders:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def told(self, until: float) -> tuple[set[str], set[str]]:
        """What had been acknowledged by a second, as stored and as refused."""
        return (
            {name for name, at in list(self.stored.items()) if at < until},
            {name for name, at in list(self.refused.items()) if at < until},
        )

    def finish(self) -> None:
        """Send nothing new, and wait until all that was sent is acknowledged."""
        self._more = False
        self.join()

    def abandon(self) -> None:
        """Send nothing, not even again."""
        self._going = False
        for thread in self._threads:
            thread.join()

    def join(self) -> None:
        """Wait until everything is acknowledged."""
        for thread in self._threads:
            thread.join()
        assert not self.wrong, self.wrong

    def _send(self, name: str, random: Random) -> None:
        n = 0
        while self._going and self._more and (not self._most or n < self._most):
            size = random.choice((1, 1, 5, 20))
            batch = [_message(f"{name}-{n + i}", n + i, random) for i in range(size)]
            n += size
            self.sent |= {one["messageId"] for one in batch}
            self._insist(batch)

    def _insist(self, batch: list[dict[str, Any]]) -> None:
        connection: http.client.HTTPConnection | None = None
        while self._going:
            try:
                connection = connection or http.client.HTTPConnection(
                    "127.0.0.1", self.shop.port, timeout=180
                )
                if self._acknowledged(connection, batch):
                    break
            except (OSError, http.client.HTTPException):
                if connection is not None:
                    connection.close()
                connection = None
            time.sleep(_PAUSE)
        if connection is not None:
            connection.close()

    def _acknowledged(
        self, connection: http.client.HTTPConnection, batch: list[dict[str, Any]]
    ) -> bool:
        single = len(batch) == 1
        route, body = ("/v1/track", batch[0]) if single else ("/v1/batch", {"batch": batch})
        said = {"authorization": basic(self.shop.key)}
        connection.request("POST", route, json.dumps(body), said)
        reply = connection.getresponse()
        told = json.loads(reply.read())
        at = time.time()
        self.statuses.add(reply.status)
        if reply.status not in (200, 429, 503):
            self.wrong.append(f"{reply.status}: {told}")
        if reply.status != 200:
            return reply.status not in (429, 503)
        for one in batch:
            (self.stored if "event" in one else self.refused)[one["messageId"]] = at
        return True


def _message(name: str, n: int, random: Random) -> dict[str, Any]:
    one = track(name, messageId=name, userId=f"u{n % N_PEOPLE}", properties={"n": n})
    if random.random() < 0.1:
        del one["event"]  # cannot be an event
    return one
