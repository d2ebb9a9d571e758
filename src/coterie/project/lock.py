"""One writer at a time: locks that end with their process, however that ends.

A stream holds the project's lock for one step after the other, and a collector for one commit.
Whoever else wants to write while they run waits for its turn, which they give up before the next
step; a writer that meets any other is told at once.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from coterie.errors import StoreError

PATIENCE = 60.0
"""Seconds that a writer waits for its turn while a stream or a collector runs."""

_LOOK, _MOMENT = 0.01, 0.2
_STREAM, _COLLECTOR, _WAITING = ".stream", ".collector", ".waiting"


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Hold the project's write lock; readers are not kept waiting.

    Raises
    ------
    StoreError
        Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        if not _got(file) and not (_shared(path) and _waited(path, file, PATIENCE)):
            raise _busy(path, "another process is changing this project")
        yield


@contextmanager
def streaming(path: Path) -> Iterator[None]:
    """Be the one stream of the project whose write lock is at `path`.

    Raises
    ------
    StoreError
        Another process is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(_STREAM).open("a") as file:
        if not _within(file, _MOMENT):  # somebody may just be looking whether a stream runs
            raise _busy(path, "another process replays this project already")
        yield


@contextmanager
def collecting(path: Path) -> Iterator[None]:
    """Be the one collector of the project whose write lock is at `path`.

    Raises
    ------
    StoreError
        Another process is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(_COLLECTOR).open("a") as file:
        if not _within(file, _MOMENT):
            raise _busy(path, "another process collects events for this project already")
        yield


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Hold the write lock for one step of a stream or collector, after whoever waits for it."""
    with path.open("a") as file, path.with_name(_WAITING).open("a") as door:
        fcntl.flock(door, fcntl.LOCK_EX)  # until nobody waits any more
        fcntl.flock(door, fcntl.LOCK_UN)
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _waited(path: Path, file: IO[str], seconds: float) -> bool:
    """Whether the lock could be had within some seconds, standing at the door for it."""
    with ExitStack() as stack:
        door = stack.enter_context(path.with_name(_WAITING).open("a"))
        fcntl.flock(door, fcntl.LOCK_SH)
        return _within(file, seconds)


def _within(file: IO[str], seconds: float) -> bool:
    """Whether a lock could be had within some seconds."""
    end = time.monotonic() + seconds
    while not (got := _got(file)) and time.monotonic() < end:
        time.sleep(_LOOK)
    return got


def _shared(path: Path) -> bool:
    """Whether a stream or a collector runs, which give up their turns."""
    return any(_held(path.with_name(name)) for name in (_STREAM, _COLLECTOR))


def _held(path: Path) -> bool:
    with path.open("a") as file:
        return not _got(file)


def _got(file: IO[str]) -> bool:
    """Whether a lock was free and is ours now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy(path: Path, what: str) -> StoreError:
    return StoreError(
        what, where=path.parent.parent.name,
        hint="wait until it is done and try again; reading goes on meanwhile",
    )  # fmt: skip
