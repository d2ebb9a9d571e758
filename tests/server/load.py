"""Senders that keep a server busy and remember what they were told."""

from __future__ import annotations

import http.client
import json
import threading
from random import Random

from tests.server.served import Served, basic, track


class Load:
    """Some senders at once, each with a connection of its own, singles and batches in turns.

    Parameters
    ----------
    name : str
        The beginning of every message's id.
    """

    def __init__(self, shop: Served, name: str, seed: int, n_senders: int = 4) -> None:
        self.shop = shop
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.statuses: set[int] = set()
        self._going = True
        self._threads = [
            threading.Thread(target=self._send, args=(f"{name}-{i}", Random(seed + i)))
            for i in range(n_senders)
        ]

    def start(self) -> Load:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def end(self) -> None:
        """Send no more, and wait for the last answers."""
        self._going = False
        for thread in self._threads:
            thread.join()

    def _send(self, name: str, random: Random) -> None:
        connection: http.client.HTTPConnection | None = None
        n = 0
        while self._going:
            size = random.choice((1, 1, 5, 40))
            batch = [track(f"{name}-{n + i}", properties={"n": n + i}) for i in range(size)]
            n += size
            self.sent |= {one["messageId"] for one in batch}
            connection = connection or http.client.HTTPConnection(
                "127.0.0.1", self.shop.port, timeout=180
            )
            try:
                self._ask(connection, batch)
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
                threading.Event().wait(0.01)
        if connection is not None:
            connection.close()

    def _ask(self, connection: http.client.HTTPConnection, batch: list[dict[str, object]]) -> None:
        single = len(batch) == 1
        route, body = ("/v1/track", batch[0]) if single else ("/v1/batch", {"batch": batch})
        said = {"authorization": basic(self.shop.key)}
        connection.request("POST", route, json.dumps(body), said)
        reply = connection.getresponse()
        told = json.loads(reply.read())
        self.statuses.add(reply.status)
        if reply.status == 200:
            assert "rejected" not in told
            self.acknowledged |= {str(one["messageId"]) for one in batch}
