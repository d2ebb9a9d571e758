"""Failures that pass: there is no room now, and there will be."""

from __future__ import annotations

import errno
import os
import sqlite3

_PASSING = frozenset({
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN,
})  # fmt: skip
_BEFOREHAND = frozenset({
    sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMMAP,
})  # fmt: skip
"""No room for what SQLite shares between processes, before anything is written."""

_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM})
_SAID = ("database or disk is full", *(os.strerror(code) for code in sorted(_ROOM)))
"""How libraries that carry no number say it: DuckDB, delta-rs, and a process that moves events."""


def passes(failure: BaseException) -> bool:
    """Whether a failure means no more than that there is no room now.

    Examples
    --------
    >>> passes(OSError(errno.ENOSPC, "no space")), passes(OSError(errno.EIO, "I/O"))
    (True, False)
    >>> passes(RuntimeError("cannot write: No space left on device (os error 28)"))
    True
    """
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, sqlite3.Error):
            code = cause.sqlite_errorcode
            return code in _BEFOREHAND or code & 0xFF in _PASSING
        if isinstance(cause, OSError) and cause.errno is not None:
            return cause.errno in _ROOM
        if any(said in str(cause) for said in _SAID):
            return True
        cause = getattr(cause, "orig", None) or cause.__cause__
    return False
