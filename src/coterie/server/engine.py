"""The role that keeps everybody current: drains what was accepted, follows, tells destinations."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

from coterie.errors import CoterieError
from coterie.profiles.live.start import Stopped
from coterie.project import Project
from coterie.project.destinations import Destinations
from coterie.project.receiving import draining
from coterie.project.streaming.live import Live
from coterie.server.passing import passes
from coterie.server.roles import ENGINE
from coterie.storage.sqlite import Edition

if TYPE_CHECKING:
    from coterie.activate.webhooks.deliverer import Deliverer

_LOOK = 0.05
_PATIENCE = 10.0
"""Seconds that the other thread has to end where one of them failed."""

_AGAIN = 1.0
"""Seconds until it is tried again where there was no room."""


class Engine:
    """The stream of a project, and what sends its changes (a :class:`coterie.server.roles.Role`).

    Parameters
    ----------
    project : Project
        Is opened again for each thread.
    refused : callable
        Told why an edit cannot be used; what was in force stays.
    broken : callable
        Told the failure with which the engine ended.
    stepped : callable
        Told how many seconds each step of the stream took; from its thread.
    waits : callable
        Told the failure that passes, for which it waits.
    told : bool
        Whether the stream is woken for every request that comes, as by a collector beside it.

    Notes
    -----
    A full disk passes, and so does a process that may open no more files: what was not committed is
    let go, and the engine begins again where the stores stand, until there is room.
    """

    name = ENGINE

    def __init__(
        self,
        project: Project,
        refused: Callable[[CoterieError], None],
        broken: Callable[[BaseException], None],
        stepped: Callable[[float], None],
        waits: Callable[[BaseException], None],
        *,
        told: bool = False,
    ) -> None:
        self._following, self._sending = project.again(), project.again()
        self.live = Live(
            self._following, drain=draining(self._following), refused=refused, stepped=stepped,
            told=told,
        )  # fmt: skip
        self._refused = refused
        self._broken = broken
        self._waits = waits
        self._deliverer: Deliverer | None = None
        self._counted: tuple[Edition, Mapping[str, int]] | None = None
        self._stopping = Event(), Event()
        self._begun = self._failed = False
        self._threads = (
            Thread(target=self._run, args=(self._follow, 0), name="stream", daemon=True),
            Thread(target=self._run, args=(self._deliver, 1), name="deliverer", daemon=True),
        )

    @property
    def ready(self) -> bool:
        """Whether it has caught up with what was there when it began."""
        return self.live.ready

    def deliveries(self) -> Mapping[str, int]:
        """How many deliveries have which fate, those of every destination together."""
        if self._deliverer is None:
            return {}
        edition = self._sending.stores.ledger.edition()
        if self._counted is None or self._counted[0] != edition:
            self._counted = edition, _together(self._deliverer.counts())
        return self._counted[1]

    def start(self) -> None:
        """Begin to follow, and then to send."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is on its way, then the step at hand; keep it, publish, and end."""
        following, sending = self._stopping
        patience = _PATIENCE if self._failed else None
        sending.set()
        if self._deliverer is not None:
            self._deliverer.wake()
        self._threads[1].join(patience)
        following.set()
        self.live.wake()
        self._threads[0].join(patience)
        if not any(thread.is_alive() for thread in self._threads):
            self._sending.close()
            self._following.close()

    def _run(self, work: Callable[[], object], which: int) -> None:
        try:
            while not self._done(work) and not self._stopping[which].wait(_AGAIN):
                pass
        except BaseException as failure:  # noqa: BLE001 - whatever it is, the process ends with it
            self._failed = True
            self._stopping[1].set()
            self._broken(failure)

    def _done(self, work: Callable[[], object]) -> bool:
        """Whether work came to its end, and not to a failure that passes."""
        try:
            work()
        except Exception as failure:
            if not passes(failure):
                raise
            self._waits(failure)
            return False
        return True

    def _follow(self) -> None:
        if self._begun:  # and failed: what its commit left in memory is not what is kept
            self._following.close()
            self.live.renew(draining(self._following))
        self._begun = True
        ended = self._stopping[0].is_set
        with suppress(Stopped):  # while it read everybody's history: the next start reads it again
            self.live.run(ended, gone=ended)

    def _deliver(self) -> None:
        """Send changes from when the stream can say who may be used."""
        ended = self._stopping[1]
        while not self.live.ready and not ended.wait(_LOOK):
            pass
        if ended.is_set():
            return
        deliverer = Destinations(self._sending).deliverer(
            self.live, random=random.random, refused=self._refused
        )
        self._deliverer = deliverer
        end = self.live.subscribe(lambda _: deliverer.wake())
        try:
            deliverer.run(ended.is_set)
        finally:
            end()


def _together(counts: Mapping[str, Mapping[str, int]]) -> Mapping[str, int]:
    """The deliveries of all destinations by their fate."""
    found: Counter[str] = Counter()
    for each in counts.values():
        for name, n in each.items():
            if not name.startswith("attempts"):
                found[name.partition(".")[0]] += n
    return found
