"""The thread that writes: what it promises when a store fails, is full, or refuses a message."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from coterie.collect.collector import Refusal
from coterie.collect.spec import Arrival
from coterie.errors import ProjectError, StoreError
from coterie.server.commits import Commits, Job

Fates = list[Refusal | None] | None


class Writing:
    """A thread that writes to nothing, and fails as it is told."""

    def __init__(
        self, fails: Callable[[list[Arrival]], None], looks: Callable[[], None] = lambda: None
    ) -> None:
        self.told: dict[str, Fates] = {}
        self.groups: list[list[str]] = []
        self.failure: BaseException | None = None
        self.may = threading.Event()
        self._fails = fails
        self.commits = Commits(self._turn, looks, self._broken)
        self.commits.start()

    def put(self, *names: str) -> None:
        """Requests of one message each, all of them before the first is written."""
        self.may.clear()
        for name in names:
            arrival = Arrival(name, b"{}", "$", "track", 0)
            self.commits.put(Job([arrival], lambda fates, name=name: self._tell(name, fates)))
        self.may.set()

    def ended(self) -> None:
        self.may.set()
        self.commits.finish()
        self.commits.join(30)
        assert not self.commits.is_alive()

    def _tell(self, name: str, fates: Fates) -> None:
        assert name not in self.told, "answered twice"
        self.told[name] = fates

    @contextmanager
    def _turn(self) -> Iterator[Callable[[list[Arrival]], list[Refusal | None]]]:
        self.may.wait(30)
        yield self._collect

    def _collect(self, arrivals: list[Arrival]) -> list[Refusal | None]:
        self.groups.append([each.source for each in arrivals])
        self._fails(arrivals)
        return [None] * len(arrivals)

    def _broken(self, failure: BaseException) -> None:
        self.failure = failure


def sqlite_error(code: int) -> StoreError:
    """A store's error as it is raised."""
    cause = sqlite3.OperationalError("failed")
    cause.sqlite_errorcode = code
    error = StoreError("the store failed")
    error.__cause__ = cause
    return error


PASSING = [
    sqlite_error(sqlite3.SQLITE_FULL),
    sqlite_error(sqlite3.SQLITE_BUSY),
    sqlite_error(sqlite3.SQLITE_IOERR_SHMSIZE),
    OSError(errno.ENOSPC, "no room"),
    OSError(errno.EMFILE, "too many files"),
]
BROKEN = [
    sqlite_error(sqlite3.SQLITE_IOERR_FSYNC),
    sqlite_error(sqlite3.SQLITE_CORRUPT),
    OSError(errno.EIO, "I/O"),
    StoreError("an entry is damaged"),
    ProjectError("the data was replaced"),
]


@pytest.mark.parametrize("failure", PASSING, ids=repr)
def test_passing_failure_is_told_and_the_next_commit_is_tried(failure: Exception) -> None:
    """Nothing is promised while there is no room, and everything once there is."""
    left = [failure]

    def fails(arrivals: list[Arrival]) -> None:
        if left:
            raise left.pop()

    writing = Writing(fails)
    writing.put("a")
    while "a" not in writing.told:
        threading.Event().wait(0.001)
    writing.put("b")
    writing.ended()
    assert writing.told == {"a": None, "b": [None]}
    assert writing.failure is None


@pytest.mark.parametrize("failure", BROKEN, ids=repr)
def test_nothing_is_promised_after_a_store_failed(failure: Exception) -> None:
    """Not to whom it happened, not to who came meanwhile, not to who comes later."""

    def fails(arrivals: list[Arrival]) -> None:
        raise failure

    writing = Writing(fails)
    writing.put("a", "b")
    writing.commits.join(30)
    writing.put("late")
    writing.ended()
    assert writing.told == {"a": None, "b": None, "late": None}
    assert writing.failure is failure


def test_impossible_message_harms_its_own_request_alone() -> None:
    """The others of its group are written without it."""

    def fails(arrivals: list[Arrival]) -> None:
        if any(each.source == "bad" for each in arrivals):
            raise KeyError("bad")

    writing = Writing(fails)
    writing.put("first", "a", "bad", "b")
    writing.ended()
    assert writing.told == {"first": [None], "a": [None], "bad": None, "b": [None]}
    assert writing.failure is None


def test_requests_that_come_meanwhile_are_written_together() -> None:
    """One transaction for all that waits: that is what makes fsync affordable."""
    writing = Writing(lambda arrivals: None)
    writing.put(*(str(n) for n in range(100)))
    writing.ended()
    assert len(writing.groups) <= 3
    assert [name for group in writing.groups for name in group] == [str(n) for n in range(100)]
    assert all(fates == [None] for fates in writing.told.values())


@pytest.mark.parametrize(
    ("failure", "ends"), [(PASSING[1], False), (PASSING[3], False), (BROKEN[1], True)], ids=repr
)
def test_look_that_fails_is_made_again(failure: Exception, ends: bool) -> None:
    """A ledger that is busy for long stops nobody; one that is damaged does."""

    def looks() -> None:
        raise failure

    writing = Writing(lambda arrivals: None, looks)
    writing.put("a")
    writing.ended()
    assert writing.told == {"a": None if ends else [None]}
    assert (writing.failure is failure) is ends
