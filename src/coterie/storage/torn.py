"""What the power cut in a table's log: there by its name, and not whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from coterie.storage.durable import sync

_HINT = "_last_checkpoint"


def forget(log: Path) -> bool:
    """Delete what was never finished, and say whether there was any.

    Parameters
    ----------
    log : Path
        The folder ``_delta_log`` of a table that cannot be read.

    Notes
    -----
    A commit counts once it was synced, and only then is anything said elsewhere that rests on it.
    One that is cut off, or has zeros where the disk never wrote, was not synced; so nothing is
    lost with it. Commits before a checkpoint are deleted once it was synced; while they are
    there, it says nothing new. What is whole and says something else is damage, and stays.
    """
    unfinished = list(_unfinished(log))
    for path in unfinished:
        path.unlink()
    if unfinished:
        sync(log)
    return bool(unfinished)


def _unfinished(log: Path) -> Iterator[Path]:
    commits = sorted(log.glob("*.json"))
    if commits and torn(commits[-1].read_bytes()):
        yield commits[-1]
    cut = [path for path in log.glob("*.checkpoint.parquet") if _needless(path)]
    yield from cut
    hint = log / _HINT
    if hint.exists() and (cut or torn(hint.read_bytes())):
        yield hint


def _needless(checkpoint: Path) -> bool:
    """Whether a checkpoint cannot be read, and all that it says stands elsewhere."""
    before = int(checkpoint.name[:20]) - 1
    if not (checkpoint.parent / f"{before:020d}.json").exists():
        return False
    try:
        pq.read_table(checkpoint)
    except (OSError, pa.ArrowInvalid):
        return True
    return False


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
