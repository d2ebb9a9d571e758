"""The thread that keeps requests: what it promises when the disk fails, is full, or is back."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
import threading
from collections.abc import Callable, Sequence

import pytest

from coterie.errors import ProjectError, StoreError
from coterie.server.commits import Commits, Job
from coterie.storage.inbox.frames import Row


class Keeping:
    """A thread that keeps nothing, and fails as it is told."""

    def __init__(
        self, fails: Callable[[list[str]], None], looks: Callable[[], None] = lambda: None
    ) -> None:
        self.told: dict[str, bool] = {}
        self.groups: list[list[str]] = []
        self.failure: BaseException | None = None
        self.may = threading.Event()
        self._fails = fails
        self._loop = asyncio.new_event_loop()
        self.commits = Commits(self._keep, self._tell, looks, self._broken)
        self.commits.start()

    def put(self, *names: str) -> list[asyncio.Future[bool]]:
        """One request each, all of them before the first is kept."""
        self.may.clear()
        jobs = [Job((name, "track", 0, b"{}"), self._loop.create_future()) for name in names]
        for job in jobs:
            self.commits.put(job)
        self.may.set()
        return [job.told for job in jobs]

    def ended(self) -> None:
        self.may.set()
        self.commits.finish()
        self.commits.join(30)
        assert not self.commits.is_alive()
        self._loop.close()

    def _keep(self, rows: list[Row]) -> None:
        self.may.wait(30)
        self.groups.append([source for source, *_ in rows])
        self._fails(self.groups[-1])

    def _tell(self, jobs: Sequence[Job], kept: bool) -> None:
        for job in jobs:
            name = job.row[0]
            assert name not in self.told, "answered twice"
            self.told[name] = kept

    def _broken(self, failure: BaseException) -> None:
        self.failure = failure


def sqlite_error(code: int) -> StoreError:
    """A store's error as it is raised."""
    cause = sqlite3.OperationalError("failed")
    cause.sqlite_errorcode = code
    error = StoreError("the store failed")
    error.__cause__ = cause
    return error


PASSING = [OSError(errno.ENOSPC, "no room"), OSError(errno.EMFILE, "too many files")]
BROKEN = [
    OSError(errno.EIO, "I/O"),
    StoreError("the store failed"),
    ProjectError("the data was replaced"),
    KeyError("unforeseen"),
]


@pytest.mark.parametrize("failure", PASSING, ids=repr)
def test_passing_failure_is_told_and_the_next_commit_is_tried(failure: Exception) -> None:
    """Nothing is promised while there is no room, and everything once there is."""
    left = [failure]

    def fails(names: list[str]) -> None:
        if left:
            raise left.pop()

    keeping = Keeping(fails)
    keeping.put("a")
    while "a" not in keeping.told:
        threading.Event().wait(0.001)
    keeping.put("b")
    keeping.ended()
    assert keeping.told == {"a": False, "b": True}
    assert keeping.failure is None


@pytest.mark.parametrize("failure", BROKEN, ids=repr)
def test_nothing_is_promised_after_the_disk_failed(failure: Exception) -> None:
    """Not to whom it happened, not to who came meanwhile, not to who comes later."""

    def fails(names: list[str]) -> None:
        raise failure

    keeping = Keeping(fails)
    keeping.put("a", "b")
    keeping.commits.join(30)
    keeping.put("late")
    keeping.ended()
    assert keeping.told == {"a": False, "b": False, "late": False}
    assert keeping.failure is failure


def test_requests_that_come_meanwhile_are_kept_together() -> None:
    """One sync for all that waits: that is what makes fsync affordable."""
    keeping = Keeping(lambda names: None)
    keeping.put(*(str(n) for n in range(100)))
    keeping.ended()
    assert len(keeping.groups) <= 3
    assert [name for group in keeping.groups for name in group] == [str(n) for n in range(100)]
    assert all(keeping.told.values())


def test_request_that_nobody_waits_for_is_left_out() -> None:
    """It was answered that nothing is promised; whoever sent it comes again."""
    cancelled = threading.Event()
    keeping = Keeping(lambda names: None, lambda: cancelled.wait(30) and None)
    gone, _ = keeping.put("gone", "here")
    gone.cancel()
    cancelled.set()
    keeping.ended()
    assert [name for group in keeping.groups for name in group] == ["here"]


@pytest.mark.parametrize(
    ("failure", "ends"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), False),
        (sqlite_error(sqlite3.SQLITE_BUSY), False),
        (sqlite_error(sqlite3.SQLITE_IOERR_SHMSIZE), False),
        (PASSING[0], False),
        (sqlite_error(sqlite3.SQLITE_CORRUPT), True),
        (sqlite_error(sqlite3.SQLITE_IOERR_FSYNC), True),
    ],
    ids=repr,
)
def test_look_that_fails_is_made_again(failure: Exception, ends: bool) -> None:
    """A ledger that is busy for long stops nobody; one that is damaged does."""

    def looks() -> None:
        raise failure

    keeping = Keeping(lambda names: None, looks)
    keeping.put("a")
    keeping.ended()
    assert keeping.told == {"a": not ends}
    assert (keeping.failure is failure) is ends
