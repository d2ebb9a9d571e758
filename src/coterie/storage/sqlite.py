"""SQLite as this project needs it: durable, forgetting what is deleted, refusing foreign files."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from coterie.errors import StoreError

APPLICATION = 0x436F7465
"""The application id ("Cote") in the header of every SQLite file of a project."""

PRAGMAS = (
    "PRAGMA busy_timeout = 30000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA cache_size = -65536",
    "PRAGMA wal_autocheckpoint = 16000",
)

_TIMES, _MOMENT = 8, 0.004
"""How often a checkpoint is repeated, and seconds between two of them."""

Isolation = Literal["DEFERRED", "EXCLUSIVE", "IMMEDIATE"] | None


def connect(path: Path, isolation: Isolation = None) -> sqlite3.Connection:
    """Open or create a durable SQLite file that zeroes what is deleted.

    Parameters
    ----------
    isolation : str, optional
        How transactions begin by themselves; None where the caller begins them.

    Raises
    ------
    StoreError
        The file is no SQLite file, belongs to another application, or cannot be opened.
    """
    with guarded(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            prepare(connection, path)
            connection.isolation_level = isolation
        except BaseException:
            connection.close()
            raise
    return connection


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Set the pragmas, after making sure that the file is this project's or empty."""
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    if owner != APPLICATION and (tables or owner):
        raise StoreError(
            "this SQLite file belongs to another application",
            where=path.name,
            got=f"application id {owner:#010x}",
            expected=f"{APPLICATION:#010x}",
        )
    for pragma in PRAGMAS:
        connection.execute(pragma)
    if owner != APPLICATION:
        connection.execute(f"PRAGMA application_id = {APPLICATION}")


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """Say SQLite's failures as a `StoreError` without the statement's values."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"the store failed: {error}", where=path.name, hint=hint(error)) from error


def hint(error: object) -> str:
    """What to do about a failure of SQLite, where it says what happened."""
    if any(said in str(error) for said in ("is full", "disk I/O")):
        return "see that the disk has room, and run again"
    return ""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, holding the write lock from the start."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


Edition = tuple[int, int, int]
"""Equal for one connection as long as nobody writes."""


def edition(connection: sqlite3.Connection) -> Edition:
    """What is another whenever anybody has written since, by this connection or by others."""
    (others,) = connection.execute("PRAGMA data_version").fetchone()
    return id(connection), int(others), connection.total_changes


def checkpoint(path: Path) -> None:
    """Move the write-ahead log into the file, as far as no reader needs it, without a lock.

    Whoever writes meanwhile goes on. Where nobody does this, a commit does it once the log has
    grown to its limit, and takes as long. It is repeated, each time for less, until a writer finds
    everything moved and begins the log anew: to write over it is synced sooner than to lengthen it.
    """
    connection = connect(path)
    try:
        with guarded(path):
            before = 0
            for _ in range(_TIMES):
                _, length, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if length < before:
                    return
                before = length
                time.sleep(_MOMENT)
    finally:
        connection.close()


def forget(connection: sqlite3.Connection, path: Path) -> None:
    """Move the write-ahead log into the file and cut it to nothing, so no old page is left.

    Raises
    ------
    StoreError
        Another process still reads the old pages; nothing is lost, and asking again later
        finishes the work.
    """
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreError(
            "deleted rows are still in the write-ahead log, because another process reads it",
            where=path.name,
            hint="close the other process and erase again",
        )
