"""The log: every accepted entry in order, on disk before it is answered."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from coterie.errors import StoreError
from coterie.language.events import Event, event_key
from coterie.language.time import DAY
from coterie.storage import known, retention, sqlite
from coterie.storage.entries import SCHEMA, Appended, Elsewhere, Entry, Owner, Tally
from coterie.storage.payload import Fact, fact

__all__ = ["KINDS", "Appended", "Entry", "Log", "Tally"]

KINDS = ("event", "tick", "definitions", "model", "erase")
HORIZON = 30 * DAY
"""How long a fact that was collected is known for at least, where nobody says otherwise."""

_ENTER = "INSERT INTO entry (kind, at, checksum, payload) VALUES (?, ?, ?, ?)"
_OWNER = msgspec.json.Decoder(Owner)


class Log:
    """The log of one project, a SQLite file; a context manager.

    Parameters
    ----------
    path : Path
        The file, made with its folder when it is not there.
    horizon : int
        Microseconds: whatever comes again within them is a duplicate or a conflict.

    Attributes
    ----------
    ticking : callable
        Told when new events occurred, just before they are committed; where it returns an instant,
        a tick of that instant is committed with them. A stream sets it while it drains.

    Notes
    -----
    Offsets are 1, 2, 3 … and never used again, not even after an erasure. What an append
    returned is on disk: each is one transaction with a full sync.

    Raises
    ------
    StoreError
        The file is damaged, foreign, or the disk is full.
    """

    def __init__(self, path: Path, horizon: int = HORIZON) -> None:
        self.path = path
        self.ticking: Callable[[list[int]], int | None] = lambda instants: None
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite.connect(path)
        with self._guarded():
            self._db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} {known.SCHEMA} COMMIT;")
            self._known = known.Known(self._db, horizon)
            with sqlite.transaction(self._db):
                self._known.migrate()

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

    def append_events(
        self, events: Sequence[Event], said_at: Sequence[int] | None = None
    ) -> Appended:
        """Store the events that are new, in one transaction.

        The first event of an id is stored; the same again is a duplicate, and the same id with
        another content is a conflict. When it was received does not count as content.

        Parameters
        ----------
        said_at : sequence of int, optional
            When each occurred by its sender's own clock: counts as content in place of an instant
            that was corrected by when the event was received.
        """
        said = said_at if said_at is not None else [None] * len(events)
        return self.append_facts([fact(*each) for each in zip(events, said, strict=True)])

    def append_facts(
        self, facts: Sequence[Fact], *, lasting: bool = True, drained: int = 0,
        conflicting: Collection[int] = (), names: Collection[str] = (),
        before: Callable[[list[int]], object] = lambda conflicts: None,
    ) -> Appended:  # fmt: skip
        """Store what is new of events that were made ready, in one transaction.

        Parameters
        ----------
        lasting : bool
            Know these for ever, as what came in files is; otherwise for the horizon.
        drained : int, optional
            The number of the last request of the inbox that these events are from: committed with
            them, so that no request is drained twice.
        conflicting : collection of int, optional
            Positions of events that were found to be conflicts before, and are so still.
        names : collection of str, optional
            Names of events that the plan does not have, to be remembered (:meth:`names`).
        before : callable, optional
            Told the conflicts before anything is committed; where it raises, nothing is.
        """
        with self._guarded(), self._changing():
            new, duplicates, conflicts = self._sort(facts, conflicting)
            before(conflicts)
            first = self._next()
            offsets = list(range(first, first + len(new)))
            bodies = [one.body for one in new]
            ats = [one.at for one in new]
            rows = zip(offsets, ats, map(zlib.crc32, bodies), bodies, strict=True)
            self._db.executemany("INSERT INTO entry VALUES (?, 'event', ?, ?, ?)", rows)
            self._known.add(first, new, lasting)
            fresh = self._refuse([(facts[i].key, facts[i].digest) for i in conflicts])
            seen = duplicates + len(conflicts) - fresh
            self._count(received=len(facts), duplicate=seen, conflict=fresh)
            if new and (at := self.ticking(ats)) is not None:
                self._db.execute(_ENTER, ("tick", at, zlib.crc32(b"{}"), b"{}"))
            self._db.executemany(
                "INSERT OR IGNORE INTO called VALUES (?)", [(name,) for name in names]
            )
            if drained:
                self._db.execute("INSERT OR REPLACE INTO mark VALUES ('drained', ?)", (drained,))
        return Appended(offsets, len(new), duplicates, conflicts)

    def names(self) -> set[str]:
        """Names of events that the plan did not have when they were collected."""
        with self._guarded():
            return {name for (name,) in self._db.execute("SELECT name FROM called")}

    def drained(self) -> int:
        """The number of the last request of the inbox whose events are here, 0 for none."""
        with self._guarded():
            row = self._db.execute("SELECT n FROM mark WHERE name = 'drained'").fetchone()
        return 0 if row is None else int(row[0])

    def _sort(
        self, facts: Sequence[Fact], conflicting: Collection[int]
    ) -> tuple[list[Fact], int, list[int]]:
        """The facts that are new, how many are known, and which contradict what is known."""
        known = self._known.find([one.key for one in facts])
        digests = {key: digest for key, (_, digest) in known.items()}
        new: list[Fact] = []
        conflicts: list[int] = []
        for i, one in enumerate(facts):
            if i in conflicting:
                conflicts.append(i)
            elif (stored := digests.setdefault(one.key, one.digest)) is one.digest:
                new.append(one)
            elif stored != one.digest:
                conflicts.append(i)
        return new, len(facts) - len(new) - len(conflicts), conflicts

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """A transaction; where it fails, nothing in memory is believed any more."""
        try:
            with sqlite.transaction(self._db):
                yield
        except BaseException:
            self._known.reset()
            raise

    def _refuse(self, conflicts: list[tuple[bytes, bytes]]) -> int:
        """Remember conflicting contents, and count those never seen before."""
        rows = "INSERT OR IGNORE INTO conflict VALUES (?, ?)"
        return self._db.executemany(rows, conflicts).rowcount if conflicts else 0

    def _next(self) -> int:
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entry'").fetchone()
        return 1 if row is None else int(row[0]) + 1

    def _count(self, **changes: int) -> None:
        self._db.executemany(
            "UPDATE tally SET n = n + ? WHERE name = ?", [(n, name) for name, n in changes.items()]
        )

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
            cursor = self._db.execute(_ENTER, (kind, at, zlib.crc32(payload), payload))
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
        wanted = () if kind in narrowed else (kind,)
        with self._guarded():
            rows = self._db.execute(
                f'SELECT "offset", kind, at, payload, checksum FROM entry '  # noqa: S608 - constants
                f'WHERE "offset" > ? {where} ORDER BY "offset" LIMIT ?',
                (after, *wanted, limit),
            ).fetchall()
        return self._entries(rows)

    def _entries(self, rows: Iterable[tuple[int, str, int, bytes, int]]) -> list[Entry]:
        """Entries of rows whose bytes are those that were written."""
        found = []
        for offset, kind, at, payload, checksum in rows:
            if zlib.crc32(payload) != checksum:
                raise StoreError(
                    "an entry of the log is damaged: its checksum differs",
                    where=f"{self.path.name}, offset {offset}",
                    hint="restore the file from a backup",
                )
            found.append(Entry(offset, kind, at, payload))
        return found

    def event(self, key: bytes) -> Event | None:
        """The stored event of a key (law 4), or None; of one beyond the horizon, None as well.

        Raises
        ------
        StoreError
            Its entry was forgotten (:meth:`forget`).
        """
        with self._guarded():
            entry = self._of(key)
            if entry is None and (place := self._known.find([key]).get(key)) is not None:
                retention.refuse(self._db, place[0] - 1, self.path.name)
        return None if entry is None else entry.event

    def _of(self, key: bytes) -> Entry | None:
        place = self._known.find([key]).get(key)
        if place is None:
            return None
        row = self._db.execute(
            'SELECT "offset", kind, at, payload, checksum FROM entry WHERE "offset" = ?', place[:1]
        ).fetchone()
        return None if row is None else self._entries([row])[0]

    def late(
        self, after: int, until: int, by: int, elsewhere: Elsewhere = lambda keys: []
    ) -> set[str]:
        """Whose events lie after one offset, up to another, although they occurred by an instant.

        Pseudonyms of users, and of devices where there is no user; where an event supersedes
        another, also of whose that was. An event without either is nobody's.

        Parameters
        ----------
        by : int
            Microseconds UTC, included.
        elsewhere : callable, optional
            Says whose those facts are whose entries were forgotten.

        Raises
        ------
        StoreError
            Some of these entries were forgotten.
        """
        with self._guarded():
            retention.refuse(self._db, after, self.path.name)
            rows = self._db.execute(
                "SELECT payload FROM entry WHERE kind = 'event' "
                'AND "offset" > ? AND "offset" <= ? AND at <= ?',
                (after, until, by),
            )
            owners = [_OWNER.decode(payload) for (payload,) in rows]
            former = [event_key(o.source, o.supersedes) for o in owners if o.supersedes]
            found = {owner.person for owner in (*owners, *self.owners(former, elsewhere))}
        return {person for person in found if person is not None}

    def owners(self, keys: Iterable[bytes], elsewhere: Elsewhere = lambda keys: []) -> list[Owner]:
        """Whose these facts are, as far as is known; `elsewhere` says it of forgotten entries."""
        with self._guarded():
            entries = {key: self._of(key) for key in keys}
            missing = [key for key, entry in entries.items() if entry is None]
            asked = bool(missing) and retention.forgotten(self._db) > 0
        here = [_OWNER.decode(entry.payload) for entry in entries.values() if entry is not None]
        return [*here, *(elsewhere(missing) if asked else ())]

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
            retention.forget(self._db, offsets)

    def end(self) -> int:
        """The last offset ever given, 0 for an empty log."""
        with self._guarded():
            return self._next() - 1

    def clock(self) -> int | None:
        """Where the engine's clock stands: the last tick, microseconds UTC; None before it."""
        with self._guarded():
            row = self._db.execute(
                "SELECT at FROM entry WHERE kind = 'tick' AND kind <> 'event' "
                'ORDER BY "offset" DESC LIMIT 1'
            ).fetchone()
        return None if row is None else int(row[0])

    def tally(self) -> Tally:
        """The fates of all events given to the log; `stored` is counted from the rows."""
        with self._guarded():
            counts = dict(self._db.execute("SELECT name, n FROM tally"))
            stored = self._db.execute("SELECT count(*) FROM known").fetchone()[0]
        return Tally(stored=stored, **counts)

    def erase(self, people: Collection[str], elsewhere: Iterable[int] = ()) -> int:
        """Delete the events of these people, leave no byte of them, and return how many.

        Parameters
        ----------
        people : collection of str
            Pseudonyms. An event belongs to its user; only one without a user belongs to its
            anonymous id, so a shared device does not take another person's events along.
        elsewhere : iterable of int, optional
            Offsets of their events in the lake: those whose entries were forgotten count too.
        """
        people = frozenset(people)
        with self._guarded():
            with self._changing():
                doomed = [*self._belonging(people), *retention.alone(self._db, elsewhere)]
                keys, offsets = [(key,) for key, _ in doomed], [(at,) for _, at in doomed]
                self._db.executemany("DELETE FROM conflict WHERE key = ?", keys)
                self._known.erase(at for _, at in doomed)
                self._db.executemany('DELETE FROM entry WHERE "offset" = ?', offsets)
                self._count(erased=len(doomed))
            sqlite.forget(self._db, self.path)
        return len(doomed)

    def _belonging(self, people: frozenset[str]) -> Iterator[tuple[bytes, int]]:
        rows: sqlite3.Cursor = self._db.execute(
            "SELECT \"offset\", payload FROM entry WHERE kind = 'event'"
        )
        for offset, payload in rows:
            owner = _OWNER.decode(payload)
            if owner.among(people):
                yield event_key(owner.source, owner.message_id), offset
