"""`GET /v1/changes`: every entrance and exit as server-sent events, resumed where one stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial

import msgspec

from coterie.language.time import from_micros
from coterie.profiles import transitions
from coterie.project import Project
from coterie.project.streaming.live import Change
from coterie.server.api.views import Moved
from coterie.server.desk import Desk
from coterie.server.feed import Feed
from coterie.storage.outbox import Outbox

PAGE = 500
"""Changes that are sent together; a client takes one page before it gets the next."""

BEAT = 15.0
"""Seconds after which a client without news is told that the server is there."""

AGAIN = b"retry: 1000\n\n"
_READ = 20_000
_ENCODER = msgspec.json.Encoder()

Wanted = Callable[[Sequence[Change]], Awaitable[Sequence[Change]]]


class Following:
    """One client that follows the changes.

    Parameters
    ----------
    feed : Feed
    desk : Desk
        Reads what the feed holds no more.
    wanted : callable
        From changes to those that this client is shown.
    beat : float
        Seconds between two signs of life.
    """

    def __init__(self, feed: Feed, desk: Desk, wanted: Wanted, beat: float = BEAT) -> None:
        self._feed = feed
        self._desk = desk
        self._wanted = wanted
        self._beat = beat

    async def told(self, number: int) -> AsyncIterator[bytes]:
        """Everything after a number, page by page, until the feed ends."""
        yield AGAIN
        feed = self._feed
        while not feed.closed:
            page = feed.after(number, PAGE)
            if page is None:
                page = await self._desk.ask(partial(stored, number))
                number = number if page else feed.floor
            elif not page:
                newest = feed.newest
                await feed.news(number, self._beat)
                if feed.newest == newest:
                    yield beat(number)
            for i in range(0, len(page), PAGE):
                some = page[i : i + PAGE]
                number = some[-1].id
                shown = await self._wanted(some)
                yield b"".join(map(sent, shown)) if shown else beat(number)


def stored(number: int, project: Project) -> list[Change]:
    """The next changes after one, out of the outbox and the lake."""
    stores = project.stores
    found = transitions.since(stores.lake, Outbox(stores.ledger), number).slice(0, _READ)
    return [
        msgspec.convert({**row, "stage": row["stage"] or None}, Change) for row in found.to_pylist()
    ]


def sent(change: Change) -> bytes:
    """A change as a server-sent event."""
    said = _ENCODER.encode(moved(change))
    return b"id: %d\nevent: change\ndata: %b\n\n" % (change.id, said)


def beat(number: int) -> bytes:
    """A sign of life, by which a client remembers how far it is as well."""
    return b": beat\nid: %d\n\n" % number


def moved(change: Change) -> Moved:
    """A change as it is told."""
    return Moved(
        id=change.id, profile=change.profile, segment=change.segment, stage=change.stage,
        change=change.change, at=from_micros(change.at), cause=change.cause, reason=change.reason,
        version=change.version, offset=change.offset,
    )  # fmt: skip
