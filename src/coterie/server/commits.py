"""Group commit: one thread writes what all requests brought meanwhile, in one transaction."""

from __future__ import annotations

import errno
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Literal

from coterie.collect.collector import Refusal
from coterie.collect.spec import Arrival
from coterie.errors import CoterieError

MOST = 5_000
"""Messages of one transaction, from where on further requests wait for the next."""

_LOOK = 0.5
_PASSING = frozenset({
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN,
})  # fmt: skip
_BEFOREHAND = frozenset({
    sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP,
})  # fmt: skip
"""No room for what SQLite shares between processes, before anything is written."""

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
    A failure that a message itself causes, which nothing should, is its own request's alone.
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
        self._ended = False

    def put(self, job: Job) -> None:
        """Let a request's messages be written."""
        self._jobs.put(job)
        if self._ended:
            self._turn_away()

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
                    self._looked()
                    seen = time.monotonic()
                if group:
                    self._commit(group)
        except BaseException as failure:  # noqa: BLE001 - whatever it is, nothing is promised after
            _answer(group, None)
            self._broken(failure)
        finally:
            self._ended = True
            self._turn_away()

    def _looked(self) -> None:
        """Look, now or in a moment."""
        try:
            self._look()
        except Exception as failure:
            if verdict(failure) != "passing":
                raise

    def _turn_away(self) -> None:
        """Answer whoever came after the end."""
        with suppress(Empty):
            while True:
                job = self._jobs.get_nowait()
                if job is not None:
                    _answer([job], None)

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
        except Exception as failure:
            found = verdict(failure)
            if found == "broken":
                raise
            if found == "message" and len(group) > 1:
                self._singly(group)
            else:
                _answer(group, None)
            return
        _answer(group, fates)

    def _singly(self, group: list[Job]) -> None:
        """Write each request by itself, for one of them cannot be written."""
        while group:
            alone = [group.pop(0)]
            try:
                self._commit(alone)
            except BaseException:
                _answer(alone, None)
                raise


def _answer(group: list[Job], fates: list[Refusal | None] | None) -> None:
    """Tell each request what became of its messages, once."""
    start = 0
    for job in group:
        end = start + len(job.arrivals)
        job.done(None if fates is None else fates[start:end])
        start = end
    group.clear()


def verdict(failure: BaseException) -> Literal["passing", "message", "broken"]:
    """What a failure means: the disk has no room now, a message is impossible, a store failed.

    Examples
    --------
    >>> verdict(OSError(errno.ENOSPC, "no space")), verdict(OSError(errno.EIO, "I/O"))
    ('passing', 'broken')
    >>> verdict(TypeError())
    'message'
    """
    cause = failure
    while True:
        if isinstance(cause, sqlite3.Error):
            code = cause.sqlite_errorcode
            return "passing" if code in _BEFOREHAND or code & 0xFF in _PASSING else "broken"
        if isinstance(cause, OSError):
            return "passing" if cause.errno in _ROOM else "broken"
        below = getattr(cause, "orig", None) or cause.__cause__
        if below is None:
            return "broken" if isinstance(cause, CoterieError) else "message"
        cause = below
