"""Ctrl-C while a database works: it stops at once, not when its statement is done.

Python's own handler waits for the statement to return. A thread that is woken by the signal itself
interrupts every open database instead.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    import duckdb

_OPEN: WeakSet[duckdb.DuckDBPyConnection] = WeakSet()


def watched(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The database, to be interrupted with the others."""
    _OPEN.add(con)
    return con


def interrupt() -> None:
    """Let every statement that runs in any thread fail now."""
    from duckdb import Error

    for con in list(_OPEN):
        with suppress(Error):  # closed meanwhile
            con.interrupt()


def interrupted(error: BaseException) -> bool:
    """Whether a failure only says that a statement was interrupted."""
    if type(error).__name__ == "InterruptException":
        return True
    return isinstance(error, RuntimeError) and str(error) == "Query interrupted"


@contextmanager
def listening() -> Iterator[None]:
    """While this lasts, Ctrl-C interrupts the databases as well; only in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    read, write = os.pipe()
    os.set_blocking(write, False)
    former = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(read,), daemon=True)
    listener.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
        os.close(write)
        listener.join()
        os.close(read)


def _listen(read: int) -> None:
    while signals := os.read(read, 64):
        if signal.SIGINT in signals:
            interrupt()
