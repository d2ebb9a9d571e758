"""What the log forgets: collected events that the lake holds, once they were received long ago.

Only the entries go. What is known of a fact stays with its key, so that the same again is a
duplicate, another content a conflict, and what is stored stays counted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np

from coterie.errors import StoreError
from coterie.storage import learned, packs

_HERE = 'SELECT count(*) FROM entry WHERE "offset" = ?'


def forgotten(db: sqlite3.Connection) -> int:
    """The last offset whose entry was forgotten, 0 for none."""
    row = db.execute("SELECT n FROM mark WHERE name = 'forgotten'").fetchone()
    return 0 if row is None else int(row[0])


def old(db: sqlite3.Connection, before: int, most: int) -> list[int]:
    """The next collected events that are here and were received before an instant, in order.

    One that was received later keeps all that come after it.
    """
    after, found = forgotten(db), list[int]()
    for facts in learned.after(db, after, lasting=False):
        young = np.flatnonzero(facts["received_at"] >= before)
        offsets = facts["offset"][: young[0] if len(young) else None]
        found += offsets[offsets > after].tolist()
        if len(young) or len(found) >= most:
            break
    return found[:most]


def forget(db: sqlite3.Connection, offsets: Sequence[int], name: str) -> None:
    """Delete these entries, within the log's transaction; the last is the highest."""
    db.executemany('DELETE FROM entry WHERE "offset" = ?', [(offset,) for offset in offsets])
    packs.leave_out(db, offsets, name)
    db.execute("INSERT OR REPLACE INTO mark VALUES ('forgotten', ?)", (offsets[-1],))


def alone(db: sqlite3.Connection, offsets: Iterable[int]) -> list[tuple[bytes, int]]:
    """Key and offset of those of these events that are known and have no entry any more."""
    found: list[tuple[bytes, int]] = []
    for each in offsets:
        row = learned.holding(db, each)
        if row is not None and not row[0] and not _here(db, each):
            found.append((row[1]["key"].tobytes(), each))
    return found


def _here(db: sqlite3.Connection, offset: int) -> bool:
    """Whether there is an entry of an event, or may be, by the span of its pack."""
    return db.execute(_HERE, (offset,)).fetchone()[0] > 0 or packs.spans(db, offset)


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
