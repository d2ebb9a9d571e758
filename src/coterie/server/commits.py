"""Group commit: one thread writes what all requests brought meanwhile, in one transaction."""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from threading import Thread

from coterie.collect.collector import Refusal
from coterie.collect.spec import Arrival
from coterie.errors import CoterieError

MOST = 5_000
"""Messages of one transaction, from where on further requests wait for the next."""

_LOOK = 0.5
_PASSING = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM})


class Job:
    """What one request brought.

    Parameters
    ----------
    arrivals : sequence of Arrival
    done : callable
        Told the fates, or None where nothing can be promised; from the thread that writes.
    """

    __slots__ = ("arrivals", "done", "given_up")

    def __init__(
        self, arrivals: Sequence[Arrival], done: Callable[[list[Refusal | None] | None], None]
    ) -> None:
        self.arrivals = arrivals
        self.done = done
        self.given_up = False


Collect = Callable[[list[Arrival]], list[Refusal | None]]


class Commits(Thread):
    """The thread that writes.

    Parameters
    ----------
    turn : callable
        Gives what stores messages, as long as nobody else writes to the project; entered once for
        each transaction.
    look : callable
        Called about twice a second, and before the first transaction.
    broken : callable
        Told the failure after which nothing may be promised any more; the thread has ended then.

    Notes
    -----
    A full disk passes: its requests are told to come again, and the next transaction is tried
    as if nothing had been. Any other failure of a store ends the thread: after a failed fsync
    nobody knows what the disk holds, and asking once more would only be told that all is well.
    """

    def __init__(
        self, turn: Callable[[], AbstractContextManager[Collect]], look: Callable[[], None],
        broken: Callable[[BaseException], None],
    ) -> None:  # fmt: skip
        super().__init__(name="commits", daemon=True)
        self._turn = turn
        self._look = look
        self._broken = broken
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()

    def put(self, job: Job) -> None:
        """Let a request's messages be written."""
        self._jobs.put(job)

    def finish(self) -> None:
        """End after all that was put before."""
        self._jobs.put(None)

    def run(self) -> None:
        """Write until finished, or broken."""
        group: list[Job] = []
        seen, going = -_LOOK, True
        try:
            while going:
                group, going = self._group()
                if time.monotonic() - seen >= _LOOK:
                    self._look()
                    seen = time.monotonic()
                if group:
                    self._commit(group)
        except BaseException as failure:  # noqa: BLE001 - whatever it is, nothing is promised after
            _answer(group, None)
            self._broken(failure)

    def _group(self) -> tuple[list[Job], bool]:
        """What waits, and whether more may come."""
        group: list[Job] = []
        n = 0
        while n < MOST:
            try:
                job = self._jobs.get(timeout=_LOOK) if not group else self._jobs.get_nowait()
            except Empty:
                break
            if job is None:
                return group, False
            group.append(job)
            n += len(job.arrivals)
        return group, True

    def _commit(self, group: list[Job]) -> None:
        try:
            with self._turn() as collect:
                group[:] = [job for job in group if not job.given_up]
                fates = collect([each for job in group for each in job.arrivals])
        except (CoterieError, OSError) as failure:
            if not passing(failure):
                raise
            _answer(group, None)
            return
        _answer(group, fates)


def _answer(group: list[Job], fates: list[Refusal | None] | None) -> None:
    """Tell each request what became of its messages, once."""
    start = 0
    for job in group:
        end = start + len(job.arrivals)
        job.done(None if fates is None else fates[start:end])
        start = end
    group.clear()


def passing(failure: BaseException) -> bool:
    """Whether a failure may pass by itself, and left everything as it was.

    Examples
    --------
    >>> passing(OSError(errno.ENOSPC, "no space")), passing(OSError(errno.EIO, "I/O"))
    (True, False)
    """
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, sqlite3.Error):
            return (cause.sqlite_errorcode & 0xFF) in _PASSING
        if isinstance(cause, OSError):
            return cause.errno in _ROOM
        cause = getattr(cause, "orig", None) or cause.__cause__
    return False
