"""What the log forgets: collected events that the lake holds, once they were received long ago.

Only the entries go. What is known of a fact stays with its key, so that the same again is a
duplicate, another content a conflict, and what is stored stays counted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile

from coterie.errors import StoreError
from coterie.storage import packs

_COLLECTED = (
    'SELECT "offset", received_at FROM known WHERE lasting = 0 AND "offset" > ? ORDER BY "offset"'
)
_ALONE = (
    'SELECT key, "offset" FROM known k WHERE lasting = 0 AND "offset" = ? '
    'AND NOT EXISTS (SELECT 1 FROM entry e WHERE e."offset" = k."offset") '
    'AND (SELECT first FROM pack WHERE last >= k."offset" ORDER BY last LIMIT 1) '
    '<= k."offset" IS NOT TRUE'
)


def forgotten(db: sqlite3.Connection) -> int:
    """The last offset whose entry was forgotten, 0 for none."""
    row = db.execute("SELECT n FROM mark WHERE name = 'forgotten'").fetchone()
    return 0 if row is None else int(row[0])


def old(db: sqlite3.Connection, before: int, most: int) -> list[int]:
    """The next collected events that are here and were received before an instant, in order.

    One that was received later keeps all that come after it.
    """
    rows: Iterator[tuple[int, int]] = db.execute(_COLLECTED, (forgotten(db),))
    return [offset for offset, _ in islice(takewhile(lambda row: row[1] < before, rows), most)]


def forget(db: sqlite3.Connection, offsets: Sequence[int], name: str) -> None:
    """Delete these entries, within the log's transaction; the last is the highest."""
    db.executemany('DELETE FROM entry WHERE "offset" = ?', [(offset,) for offset in offsets])
    packs.leave_out(db, offsets, name)
    db.execute("INSERT OR REPLACE INTO mark VALUES ('forgotten', ?)", (offsets[-1],))


def alone(db: sqlite3.Connection, offsets: Iterable[int]) -> list[tuple[bytes, int]]:
    """Key and offset of those of these events that are known and have no entry any more."""
    return [found for each in offsets if (found := db.execute(_ALONE, (each,)).fetchone())]


def refuse(db: sqlite3.Connection, after: int, name: str) -> None:
    """Refuse to read on from an offset after which entries were forgotten.

    Raises
    ------
    StoreError
    """
    upto = forgotten(db)
    if after < upto:
        raise StoreError(
            "events that are wanted from the log were forgotten there ([log] keep_days): the lake "
            "alone had them", where=name, got=f"all after offset {after:,}",
            expected=f"all after offset {upto:,}, or a later one",
            hint="restore the whole data folder from one backup",
        )  # fmt: skip
