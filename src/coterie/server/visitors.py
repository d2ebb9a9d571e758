"""Simulated people, whose events reach a collector over HTTP as the time comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

from coterie.language.events import Event
from coterie.simulate.messages import batch

if TYPE_CHECKING:
    import httpx

MOST = 100
"""Events of one request, as Segment's library for Python sends them."""

_LOOK, _AGAIN, _PATIENCE = 0.1, 1.0, 30.0


class Visitors(Thread):
    """Sends events when they are due, again and again until each is acknowledged.

    Parameters
    ----------
    events : sequence of Event
        With raw identifiers, by `received_at`: the instant at which each is sent.
    keys : mapping of str to str
        Source -> write key.
    address : str
        Of the collector, as in ``http://127.0.0.1:8765``.
    now : callable
        Microseconds UTC.
    """

    def __init__(
        self, events: Sequence[Event], keys: Mapping[str, str], address: str,
        now: Callable[[], int],
    ) -> None:  # fmt: skip
        super().__init__(name="visitors", daemon=True)
        self._events = events
        self._keys = keys
        self._address = address
        self._now = now
        self._ended = Flag()

    def end(self) -> None:
        """Send nothing more."""
        self._ended.set()

    def run(self) -> None:
        """Send until there is nothing more to come, or it was ended."""
        import httpx

        sent = 0
        with httpx.Client(base_url=self._address, timeout=_PATIENCE) as client:
            while sent < len(self._events) and not self._ended.wait(_LOOK):
                due = list(self._due(sent))
                for source, events in groupby(sorted(due, key=_source), key=_source):
                    self._deliver(client, source, list(events))
                sent += len(due)

    def _due(self, sent: int) -> Iterator[Event]:
        now = self._now()
        for event in self._events[sent : sent + 10 * MOST]:
            if event.received_at > now:
                return
            yield event

    def _deliver(self, client: httpx.Client, source: str, events: list[Event]) -> None:
        for start in range(0, len(events), MOST):
            some = events[start : start + MOST]
            while not self._sent(client, source, some) and not self._ended.wait(_AGAIN):
                pass

    def _sent(self, client: httpx.Client, source: str, events: list[Event]) -> bool:
        import httpx

        body = batch(events, self._now())
        try:
            answer = client.post("/v1/batch", content=body, auth=(self._keys[source], ""))
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK


def _source(event: Event) -> str:
    return event.source
