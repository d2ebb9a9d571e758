"""Group commit: one thread keeps what all requests brought meanwhile, in one write and sync."""

from __future__ import annotations

import time
from asyncio import Future
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from coterie.server.passing import passes
from coterie.storage.inbox.frames import Row

MOST = 4 * 1024 * 1024
"""Bytes of one commit, from where on further requests wait for the next."""

_LOOK = 0.5


class Job(NamedTuple):
    """What one request brought, and who waits for it.

    Parameters
    ----------
    row : tuple
        As the inbox keeps it.
    told : Future
        Of whether it is on disk; not, where nothing can be promised.
    """

    row: Row
    told: Future[bool]


class Commits(Thread):
    """The thread that keeps requests.

    Parameters
    ----------
    keep : callable
        Keeps requests, on disk when it returns.
    tell : callable
        Told which requests are on disk, or are not.
    look : callable
        Called about twice a second, and before the first commit.
    broken : callable
        Told the failure after which nothing may be promised any more; the thread has ended then.

    Notes
    -----
    A full disk passes: its requests are told to come again, and the next commit is tried as if
    nothing had been. Any other failure ends the thread: after a failed fsync nobody knows what the
    disk holds, and asking once more would only be told that all is well.
    """

    def __init__(
        self, keep: Callable[[list[Row]], object], tell: Callable[[Sequence[Job], bool], None],
        look: Callable[[], None], broken: Callable[[BaseException], None],
    ) -> None:  # fmt: skip
        super().__init__(name="commits", daemon=True)
        self._keep = keep
        self._tell = tell
        self._look = look
        self._broken = broken
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._ended = False

    def put(self, job: Job) -> None:
        """Let a request be kept."""
        self._jobs.put(job)
        if self._ended:
            self._turn_away()

    def finish(self) -> None:
        """End after all that was put before."""
        self._jobs.put(None)

    def run(self) -> None:
        """Keep requests until finished, or broken."""
        group: list[Job] = []
        seen, going = -_LOOK, True
        try:
            while going:
                group, going = self._group()
                if time.monotonic() - seen >= _LOOK:
                    self._looked()
                    seen = time.monotonic()
                if group:
                    self._commit(group)
        except BaseException as failure:  # noqa: BLE001 - whatever it is, nothing is promised after
            self._ended = True
            self._tell(group, False)
            self._broken(failure)
        finally:
            self._ended = True
            self._turn_away()

    def _looked(self) -> None:
        """Look, now or in a moment."""
        try:
            self._look()
        except Exception as failure:
            if not passes(failure):
                raise

    def _turn_away(self) -> None:
        """Answer whoever came after the end."""
        with suppress(Empty):
            while True:
                job = self._jobs.get_nowait()
                if job is not None:
                    self._tell([job], False)

    def _group(self) -> tuple[list[Job], bool]:
        """What waits, and whether more may come."""
        group: list[Job] = []
        n = 0
        while n < MOST:
            try:
                job = self._jobs.get_nowait() if group else self._jobs.get(timeout=_LOOK)
            except Empty:
                break
            if job is None:
                return group, False
            group.append(job)
            n += len(job.row[3])
        return group, True

    def _commit(self, group: list[Job]) -> None:
        try:
            self._keep([job.row for job in group if not job.told.done()])
        except OSError as failure:
            if not passes(failure):
                raise
            self._tell(group, False)
        else:
            self._tell(group, True)
