"""An inbox in memory, and stores that fail where a test says so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from coterie.collect.collector import Collector
from coterie.collect.draining import Drain
from coterie.language.plan import TrackingPlan
from coterie.language.time import micros, parse_instant
from coterie.privacy.pseudonym import Pseudonymiser
from coterie.storage.balance import Balance, balance
from coterie.storage.ledger import Ledger
from coterie.storage.log import Log

NOW = micros(parse_instant("2026-03-01T12:00:00Z"))


class Request(NamedTuple):
    """As :class:`coterie.storage.inbox.Request`."""

    number: int
    source: str
    route: str
    received_at: int
    body: bytes


class Memory:
    """An inbox that holds its requests in memory, `most` of them to a reading."""

    def __init__(self, most: int = 10) -> None:
        self.requests: list[Request] = []
        self.most = most
        self.last = 0

    def batch(self, *messages: Any, at: int = NOW, source: str = "web") -> None:
        """Acknowledge one batch."""
        self.put("batch", json.dumps({"batch": messages}).encode(), at, source)

    def put(self, route: str, body: bytes, at: int = NOW, source: str = "web") -> None:
        """Acknowledge one request."""
        self.last += 1
        self.requests.append(Request(self.last, source, route, at, body))

    def read(self, after: int) -> Sequence[Request]:
        """The next requests."""
        return [one for one in self.requests if one.number > after][: self.most]

    def end(self) -> int:
        """The last number."""
        return self.last

    def forget(self, upto: int) -> None:
        """Delete what was drained."""
        self.requests = [one for one in self.requests if one.number > upto]


class Yard:
    """Stores on disk, and what drains into them."""

    def __init__(self, folder: Path, plan: TrackingPlan, inbox: Memory | None = None) -> None:
        self.log, self.ledger = Log(folder / "log.db"), Ledger(folder / "ledger.db")
        self.pseudonymiser = Pseudonymiser(bytes(32))
        self.inbox = inbox or Memory()
        self.collector = Collector(self.log, self.ledger, self.pseudonymiser, plan)
        self.drain = Drain(self.inbox, self.collector)

    def all(self, most: int = 5_000) -> int:
        """Drain until nothing waits."""
        n = 0
        while got := self.drain.drain(NOW, most):
            n += got
        return n

    @property
    def fates(self) -> Balance:
        """What became of everything."""
        return balance(self.log, self.ledger)

    def ids(self) -> list[str]:
        """The ids of what is stored, in order."""
        return [entry.event.message_id for entry in self.log.read(0, 1_000_000)]

    def close(self) -> None:
        """Close the stores."""
        self.log.close()
        self.ledger.close()


def track(n: object, **said: Any) -> dict[str, Any]:
    """One message."""
    message = {"type": "track", "event": "Looked", "userId": f"u{n}", "messageId": str(n)}
    return message | {"timestamp": "2026-03-01T11:00:00Z"} | said
