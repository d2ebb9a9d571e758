"""A lane for each destination: what is on its way there, and how much may be at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

import httpx

from coterie.storage.deliveries import Delivery
from coterie.storage.destinations import Destination

NEVER = 2**62

AHEAD = 4
"""Deliveries that are read ahead, for each that may be on its way."""


class Lane:
    """What is on its way to one destination.

    Parameters
    ----------
    destination : Destination
    at_once : int
        How many messages may be on their way at the same time.
    client : httpx.AsyncClient
        Has connections of this destination alone.

    Attributes
    ----------
    held_until : int
        Nothing is sent before this instant, for the receiver asked for it; microseconds UTC.
    quiet_until : int
        Nothing is due before this instant, as far as is known.
    """

    def __init__(self, destination: Destination, at_once: int, client: httpx.AsyncClient) -> None:
        self.destination = destination
        self.client = client
        self.held_until = self.quiet_until = 0
        self._at_once = at_once
        self._queue: deque[Delivery] = deque()
        self._ways: dict[int, tuple[str, asyncio.Task[None]]] = {}
        self._landed: dict[int, str] = {}

    def __len__(self) -> int:
        """How many are on their way, or arrived and are not kept yet."""
        return len(self._ways) + len(self._landed)

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """What is on its way."""
        return [task for _, task in self._ways.values()]

    def look(self, destination: Destination) -> None:
        """Take in what was decided about the destination; what was read ahead is read again."""
        self.destination = destination
        self.quiet_until = 0
        self._queue.clear()

    def close(self) -> None:
        """Send nothing more: the destination was removed."""
        self.quiet_until = NEVER
        self._queue.clear()

    def open(self, now: int) -> bool:
        """Whether anything may be sent now."""
        paused = self.destination.paused_at is not None
        return not paused and now >= self.held_until and len(self._ways) < self._at_once

    def most(self) -> int:
        """How many deliveries to read: some of those that are due may be on their way."""
        return AHEAD * self._at_once + len(self)

    def line_up(self, due: Iterable[Delivery]) -> None:
        """Take what is due, but for what is on its way already."""
        known = self._ways.keys() | self._landed.keys()
        self._queue.extend(each for each in due if each.id not in known)

    def next(self) -> Delivery | None:
        """The next to be sent, None where nothing is lined up.

        No two messages about one person are on their way at once.
        """
        people = {person for person, _ in self._ways.values()} | {*self._landed.values()}
        while self._queue:
            found = self._queue.popleft()
            if found.profile not in people:
                return found
        return None

    def send(self, delivery: Delivery, task: asyncio.Task[None]) -> None:
        """Take in what is sent."""
        self._ways[delivery.id] = delivery.profile, task

    def landed(self, delivery: Delivery) -> None:
        """Another may be sent in its place, though what became of it is not kept yet."""
        self._ways.pop(delivery.id, None)
        self._landed[delivery.id] = delivery.profile

    def kept(self, delivery: Delivery) -> None:
        """Let go of it; the next about its person may be due."""
        self._landed.pop(delivery.id, None)
        self.quiet_until = 0
