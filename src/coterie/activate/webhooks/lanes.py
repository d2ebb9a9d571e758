"""A lane for each destination: what is on its way there, and how much may be at once."""

from __future__ import annotations

import asyncio

from coterie.storage.deliveries import Delivery
from coterie.storage.destinations import Destination


class Lane:
    """What is on its way to one destination.

    Parameters
    ----------
    destination : Destination
    at_once : int
        How many messages may be on their way at the same time.

    Attributes
    ----------
    held_until : int
        Nothing is sent before this instant, for the receiver asked for it; microseconds UTC.
    quiet_until : int
        Nothing is due before this instant, as far as is known.
    """

    def __init__(self, destination: Destination, at_once: int) -> None:
        self.destination = destination
        self.held_until = self.quiet_until = 0
        self.swept = False
        self._at_once = at_once
        self._ways: dict[int, tuple[str, asyncio.Task[None]]] = {}

    def __len__(self) -> int:
        return len(self._ways)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What is on its way."""
        return [task for _, task in self._ways.values()]

    def open(self, now: int) -> bool:
        """Whether anything may be sent now."""
        paused = self.destination.paused_at is not None
        return not paused and now >= self.held_until and len(self) < self._at_once

    def room(self) -> int:
        """How many deliveries to look at: some of those that are due may be on their way."""
        return self._at_once + len(self)

    def fits(self, delivery: Delivery) -> bool:
        """Whether a delivery may be sent: no other about its person is on its way."""
        people = {profile for profile, _ in self._ways.values()}
        return len(self) < self._at_once and delivery.profile not in people

    def send(self, delivery: Delivery, task: asyncio.Task[None]) -> None:
        """Take in what is sent."""
        self._ways[delivery.id] = delivery.profile, task

    def arrived(self, delivery: Delivery) -> None:
        """Let go of what has its answer."""
        self._ways.pop(delivery.id, None)
        self.quiet_until = 0
