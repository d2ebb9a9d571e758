"""The newest commit of a table that the power cut: there by its name, and not whole."""

from __future__ import annotations

import json
from pathlib import Path

from coterie.storage.durable import sync


def forget(log: Path) -> bool:
    """Delete the newest commit where it was never finished, and say whether it was.

    Parameters
    ----------
    log : Path
        The folder ``_delta_log`` of a table that cannot be read.

    Notes
    -----
    A commit counts once it was synced, and only then is anything said elsewhere that rests on it.
    One that is cut off, or has zeros where the disk never wrote, was not synced; so nothing is
    lost with it. A commit that is whole and says something else is damage, and stays.
    """
    commits = sorted(log.glob("*.json"))
    if not commits or not torn(commits[-1].read_bytes()):
        return False
    commits[-1].unlink()
    sync(log)
    return True


def torn(commit: bytes) -> bool:
    """Whether a commit ends before its time, or holds what was never written.

    Examples
    --------
    >>> torn(b'{"add": {"path": "a"}}'), torn(b'{"add": {"pa'), torn(b"")
    (False, True, True)
    """
    if not commit.strip() or b"\0" in commit:
        return True
    last = commit.rstrip(b"\n").rpartition(b"\n")[2].decode(errors="replace")
    try:
        json.loads(last)
    except json.JSONDecodeError as error:
        return error.pos >= len(last) or "Unterminated" in error.msg
    return False
