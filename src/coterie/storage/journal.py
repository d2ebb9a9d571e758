"""The journal: entries in order, each on disk before it is answered, until it is forgotten.

An entry is a row of its own, or one of a pack (:mod:`coterie.storage.packs`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from coterie.errors import StoreError
from coterie.storage import packs, retention, sqlite
from coterie.storage.entries import Entry
from coterie.storage.packs import Pack

KINDS = ("event", "tick", "definitions", "model", "erase")
ENTER = "INSERT INTO entry (kind, at, checksum, payload) VALUES (?, ?, ?, ?)"
_PACKS = (
    "UNION ALL SELECT last, NULL, first, earliest, n, size, checksum, packed FROM pack "
    "WHERE last > ? "
)


class Journal:
    """The entries of one project's log, a SQLite file; a context manager.

    Parameters
    ----------
    path : Path
        The file, made with its folder when it is not there.
    schema : str
        SQL that makes its tables where they are not there.

    Raises
    ------
    StoreError
        The file is damaged, foreign, or the disk is full.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite.connect(path)
        with self._guarded():
            self._db.executescript(f"BEGIN IMMEDIATE; {schema}{packs.SCHEMA} COMMIT;")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the log cannot be used afterwards."""
        self._db.close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        with sqlite.guarded(self.path):
            yield

    def append(self, kind: str, at: int, payload: bytes) -> int:
        """Store an entry that is no event, and return its offset.

        Parameters
        ----------
        kind : {"tick", "definitions", "model", "erase"}
        at : int
            Microseconds UTC.
        payload : bytes
            JSON that names no person.
        """
        if kind not in KINDS or kind == "event":
            raise StoreError(
                "the log has no such kind of entry", got=repr(kind), expected=", ".join(KINDS[1:])
            )
        with self._guarded(), sqlite.transaction(self._db):
            cursor = self._db.execute(ENTER, (kind, at, zlib.crc32(payload), payload))
        return int(cursor.lastrowid or 0)

    def read(self, after: int, limit: int, kind: str | None = None) -> list[Entry]:
        """At most `limit` entries with an offset above `after`, in order.

        Raises
        ------
        StoreError
            An entry's bytes are not those that were written.
        """
        narrowed = {None: "", "event": "AND kind = 'event'"}
        where = narrowed.get(kind, "AND kind = ? AND kind <> 'event'")
        wanted = (after, after) if kind in narrowed else (after, kind)
        found: list[Entry] = []
        with self._guarded(), closing(self._db.cursor()) as cursor:
            cursor.execute(
                'SELECT "offset", kind, at, checksum, payload, NULL, NULL, NULL '  # noqa: S608
                f'FROM entry WHERE "offset" > ? {where} {_PACKS if kind in narrowed else ""}'
                "ORDER BY 1 LIMIT ?",
                (*wanted, limit),
            )
            while len(found) < limit and (row := cursor.fetchone()):
                if row[1] is not None:
                    found.append(self._entry(*row[:5]))
                else:
                    more = Pack(row[0], *row[2:]).entries(self.path.name)
                    found += [entry for entry in more if entry.offset > after]
        return found[:limit]

    def _entry(self, offset: int, kind: str, at: int, checksum: int, payload: bytes) -> Entry:
        """The entry of a row whose bytes are those that were written."""
        if zlib.crc32(payload) != checksum:
            raise StoreError(
                "an entry of the log is damaged: its checksum differs",
                where=f"{self.path.name}, offset {offset}",
                hint="restore the file from a backup",
            )
        return Entry(offset, kind, at, payload)

    def unbroken(self, after: int, limit: int) -> list[Entry]:
        """As :meth:`read`, where nothing may be missing.

        Raises
        ------
        StoreError
            Entries after that offset were forgotten.
        """
        with self._guarded():
            retention.refuse(self._db, after, self.path.name)
        return self.read(after, limit)

    def forgotten(self) -> int:
        """The offset up to which entries of collected events were forgotten, 0 for none."""
        with self._guarded():
            return retention.forgotten(self._db)

    def old(self, before: int, most: int) -> list[int]:
        """The next offsets that may be forgotten: collected, and received before an instant."""
        with self._guarded():
            return retention.old(self._db, before, most)

    def forget(self, offsets: Sequence[int]) -> None:
        """Forget these entries, which :meth:`old` gave and the lake holds.

        They stay counted as stored, and known for their horizon.
        """
        with self._guarded(), sqlite.transaction(self._db):
            retention.forget(self._db, offsets, self.path.name)

    def end(self) -> int:
        """The last offset ever given, 0 for an empty log."""
        with self._guarded():
            return self._next() - 1

    def edition(self) -> sqlite.Edition:
        """What is another whenever anybody has written since."""
        with self._guarded():
            return sqlite.edition(self._db)

    def clock(self) -> int | None:
        """Where the engine's clock stands: the last tick, microseconds UTC; None before it."""
        with self._guarded():
            row = self._db.execute(
                "SELECT at FROM entry WHERE kind = 'tick' AND kind <> 'event' "
                'ORDER BY "offset" DESC LIMIT 1'
            ).fetchone()
        return None if row is None else int(row[0])

    def _next(self) -> int:
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").fetchone()
        return 1 if row is None else int(row[0]) + 1
