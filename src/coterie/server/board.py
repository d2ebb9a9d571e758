"""What a server knows between two looks at the stores: tokens, purposes, fates, changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

from coterie.errors import CoterieError
from coterie.language.codec import from_json
from coterie.language.definitions import Trait
from coterie.profiles import transitions
from coterie.project import Project
from coterie.project.receiving import waiting
from coterie.server.api.changes import stored
from coterie.server.desk import Busy, Desk
from coterie.server.feed import Feed
from coterie.storage.balance import Balance, balance
from coterie.storage.inbox import Waiting
from coterie.storage.outbox import Outbox
from coterie.storage.sqlite import Edition
from coterie.storage.tokens import Token

_LOOK = 0.5
_POLL = 0.1
"""Seconds between two looks for changes that another process commits."""


class Seen(NamedTuple):
    """What one look found.

    Parameters
    ----------
    tokens : mapping
        Hash -> token, of those that work.
    purposes : mapping
        Segment or stages -> purpose, by the definitions in force.
    drained : int
        The number of the last request of the inbox that has its fate.
    waiting : int
        Requests of the inbox that have no fate yet.
    clock, behind : int or None
        Of the stream that was committed last; None where there is none.
    newest : int
        The number of the last change.
    deliveries : mapping
        How many deliveries to destinations have which fate.
    """

    tokens: Mapping[bytes, Token]
    purposes: Mapping[str, str]
    fates: Balance
    drained: int
    waiting: int
    clock: int | None
    behind: int | None
    newest: int
    deliveries: Mapping[str, int]


class Board:
    """Looks at the stores now and then, and tells whoever needs to know.

    Parameters
    ----------
    desk : Desk
    feed : Feed
        Is given the changes that another process commits.
    polls : bool
        Whether to look for changes that another process commits.
    told : callable
        Given what each look found.
    failed : callable
        Told when a look begins to fail; what was seen before stays.
    deliveries : callable
        Asked how many deliveries have which fate.
    """

    def __init__(
        self, desk: Desk, feed: Feed, told: Callable[[Seen], None],
        failed: Callable[[BaseException], None], deliveries: Callable[[], Mapping[str, int]],
        *, polls: bool,
    ) -> None:  # fmt: skip
        self.seen: Seen | None = None
        self._desk = desk
        self._feed = feed
        self._polls = polls
        self._told = told
        self._failed = failed
        self._failing = False
        self._deliveries = deliveries
        self._version = 0
        self._purposes: Mapping[str, str] = {}
        self._waiting: Waiting | None = None
        self._editions: tuple[Edition, Edition] | None = None

    async def look(self) -> Seen:
        """See what is there now.

        Raises
        ------
        CoterieError
            A store cannot be read.
        """
        before, seen = self.seen, await self._desk.ask(self._look)
        if before is not None and before.fates.erased != seen.fates.erased:
            self._feed.forget()
        self.seen = seen
        self._feed.begin(seen.newest)
        self._told(seen)
        return seen

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        try:
            await self._again()
        finally:
            if self._waiting is not None:
                self._waiting.close()

    async def _again(self) -> None:
        loop = asyncio.get_running_loop()
        due = 0.0
        while True:
            try:
                if self._polls:
                    await self._poll()
                if loop.time() >= due:
                    await self.look()
                    due = loop.time() + _LOOK
                self._failing = False
            except (CoterieError, OSError, Busy) as failure:
                if not self._failing:
                    self._failed(failure)
                self._failing = True
            await asyncio.sleep(_POLL if self._polls else _LOOK)

    async def _poll(self) -> None:
        feed = self._feed
        new = await self._desk.ask(lambda project: stored(feed.newest, project))
        feed.publish(new)

    def _look(self, project: Project) -> Seen:
        """What is there; of stores that nobody wrote to, what was seen before.

        Look-ups wait meanwhile: a look takes as long as ten of them, and most find nothing new.
        """
        stores, seen = project.stores, self.seen
        editions = stores.log.edition(), stores.ledger.edition()
        if self._waiting is None:
            self._waiting = waiting(project)
        end, deliveries = self._waiting.end(), self._deliveries()
        if seen is None or editions != self._editions:
            seen = self._read(project)
            self._editions = editions
        behind = max(0, end - seen.drained)
        return seen._replace(waiting=behind, deliveries=deliveries)

    def _read(self, project: Project) -> Seen:
        log, lake, ledger = project.stores
        outbox = Outbox(ledger)
        mark = outbox.mark()
        return Seen(
            tokens=project.tokens.working(),
            purposes=self._meant(project),
            fates=balance(log, ledger),
            drained=log.drained(),
            waiting=0,
            clock=None if mark is None else mark.clock,
            behind=None if mark is None else max(0, log.end() - mark.offset),
            newest=self._feed.newest or transitions.last(lake, outbox),
            deliveries={},
        )

    def _meant(self, project: Project) -> Mapping[str, str]:
        """What segments are for, by the definitions in force."""
        kept = project.stores.ledger.definitions()
        if kept is not None and kept.version != self._version:
            default = project.settings.default_purpose
            self._version = kept.version
            self._purposes = {
                name: definition.purpose or default
                for name, definition in from_json(kept.json).by_name.items()
                if not isinstance(definition, Trait)
            }
        return self._purposes
