"""A request as it was acknowledged, and the messages in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, repeat
from typing import Protocol

from coterie.collect import bodies
from coterie.collect.bodies import BATCH_EVENTS
from coterie.collect.spec import Arrival


class Accepted(Protocol):
    """One request as it was acknowledged (:class:`coterie.storage.inbox.Request`)."""

    @property
    def number(self) -> int:
        """1, 2, 3 …, never used twice."""
        ...

    @property
    def source(self) -> str:
        """Whose write key it came with."""
        ...

    @property
    def route(self) -> str:
        """``batch``, or the kind that its address said."""
        ...

    @property
    def received_at(self) -> int:
        """Microseconds UTC."""
        ...

    @property
    def body(self) -> bytes:
        """JSON, unpacked."""
        ...


class Messages(Protocol):
    """Messages that have places, from 0."""

    def __len__(self) -> int: ...

    def __getitem__(self, i: int, /) -> Arrival: ...


class Unopened:
    """The messages of requests, whose numbers are known; a request is opened when one is asked for.

    Parameters
    ----------
    requests : sequence of Accepted
    sizes : sequence of int
        How many messages each has.
    """

    def __init__(self, requests: Sequence[Accepted], sizes: Sequence[int]) -> None:
        self._requests = requests
        self._starts = [*accumulate(sizes, initial=0)]
        self._opened = lru_cache(maxsize=1)(lambda n: messages(requests[n]))

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, i: int, /) -> Arrival:
        n = bisect_right(self._starts, i) - 1
        return self._opened(n)[i - self._starts[n]]


def messages(request: Accepted) -> list[Arrival]:
    """The messages of a request; one that cannot be read at all is one message."""
    source, route, at = request.source, request.route, request.received_at
    try:
        found = (bodies.batch if route == "batch" else bodies.single)(request.body)
    except bodies.Unreadable:
        return [Arrival(source, request.body, "$", route, at)]
    sent_at, context, n = found.sent_at, found.context, len(found.messages)
    paths = map(_place, range(n)) if route == "batch" else repeat("$", n)
    pairs = zip(found.messages, paths, strict=True)
    return [Arrival(source, one, path, route, at, sent_at, context) for one, path in pairs]


@lru_cache(maxsize=BATCH_EVENTS)
def _place(i: int) -> str:
    return f"$.batch[{i}]"
