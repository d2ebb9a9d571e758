"""The log: every accepted entry in order, on disk before it is answered."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import msgspec

from coterie.language.events import Event, event_key
from coterie.language.time import DAY
from coterie.storage import known, learned, packs, retention, sqlite
from coterie.storage.bundles import Bundle, bundles, those, together
from coterie.storage.entries import SCHEMA, Appended, Elsewhere, Entry, Owner, Tally
from coterie.storage.journal import ENTER, KINDS, Journal
from coterie.storage.packs import Pack
from coterie.storage.payload import Fact, fact

__all__ = ["KINDS", "Appended", "Entry", "Log", "Tally"]

HORIZON = 30 * DAY
"""How long a fact that was collected is known for at least, where nobody says otherwise."""

_OWNER = msgspec.json.Decoder(Owner)


class Log(Journal):
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
        super().__init__(path, SCHEMA + known.SCHEMA)
        self.ticking: Callable[[list[int]], int | None] = lambda instants: None
        with self._guarded():
            self._known = known.Known(self._db, horizon)
            with sqlite.transaction(self._db):
                self._known.migrate()

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
        return self.append_bundles(
            [*bundles(facts)], lasting=lasting, drained=drained, conflicting=conflicting,
            names=names, before=before,
        )  # fmt: skip

    def append_bundles(
        self, given: Sequence[Bundle], *, lasting: bool = True, drained: int = 0,
        conflicting: Collection[int] = (), names: Collection[str] = (),
        before: Callable[[list[int]], object] = lambda conflicts: None,
    ) -> Appended:  # fmt: skip
        """What :meth:`append_facts` does, with facts in columns; positions count through all."""
        given = [one for one in given if one.keys]
        keys = together(one.keys for one in given)
        digests = together(one.digests for one in given)
        with self._guarded(), self._changing():
            new, duplicates, conflicts = self._sort(keys, digests, conflicting)
            before(conflicts)
            offsets = self._enter([*those(given, new)] if len(new) < len(keys) else given, lasting)
            fresh = self._refuse([(keys[i], digests[i]) for i in conflicts])
            seen = duplicates + len(conflicts) - fresh
            self._count(received=len(keys), duplicate=seen, conflict=fresh)
            self._db.executemany(
                "INSERT OR IGNORE INTO called VALUES (?)", [(name,) for name in names]
            )
            if drained:
                self._db.execute("INSERT OR REPLACE INTO mark VALUES ('drained', ?)", (drained,))
        return Appended([*offsets], len(new), duplicates, conflicts)

    def _enter(self, given: Sequence[Bundle], lasting: bool) -> range:
        """Write entries, packed where many were collected, learn of them, and say their offsets."""
        first = at = self._next()
        for one in given if lasting else [each.packed() for each in given]:
            end = at + len(one.keys)
            if isinstance(one.bodies, Pack):
                packs.add(self._db, one.bodies.at(at))
            else:
                checksums = map(zlib.crc32, one.bodies)
                rows = zip(range(at, end), one.ats, checksums, one.bodies, strict=True)
                self._db.executemany("INSERT INTO entry VALUES (?, 'event', ?, ?, ?)", rows)
            learnt = learned.facts(range(at, end), one.keys, one.digests, one.received)
            self._known.add(learnt, lasting=lasting)
            at = end
        if at > first:
            packs.given(self._db, at - 1)
            if (tick := self.ticking(together(one.ats for one in given))) is not None:
                self._db.execute(ENTER, ("tick", tick, zlib.crc32(b"{}"), b"{}"))
        return range(first, at)

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
        self, keys: Sequence[bytes], digests: Sequence[bytes], conflicting: Collection[int]
    ) -> tuple[Sequence[int], int, list[int]]:
        """Where facts are new, how many are known, and where they contradict what is known."""
        known = self._known.find(keys)
        if not known and not conflicting and len({*keys}) == len(keys):
            return range(len(keys)), 0, []
        new: list[int] = []
        conflicts: list[int] = []
        for i, (key, digest) in enumerate(zip(keys, digests, strict=True)):
            stored = known.get(key)
            if i in conflicting:
                conflicts.append(i)
            elif stored is None:
                known[key] = digest
                new.append(i)
            elif stored != digest:
                conflicts.append(i)
        return new, len(keys) - len(new) - len(conflicts), conflicts

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

    def _count(self, **changes: int) -> None:
        self._db.executemany(
            "UPDATE tally SET n = n + ? WHERE name = ?", [(n, name) for name, n in changes.items()]
        )

    def event(self, key: bytes) -> Event | None:
        """The stored event of a key (law 4), or None; of one beyond the horizon, None as well.

        Raises
        ------
        StoreError
            Its entry was forgotten (:meth:`forget`).
        """
        with self._guarded():
            entry = self._of(key)
            if entry is None and (place := self._known.place(key)) is not None:
                retention.refuse(self._db, place - 1, self.path.name)
        return None if entry is None else entry.event

    def _of(self, key: bytes) -> Entry | None:
        place = self._known.place(key)
        if place is None:
            return None
        row = self._db.execute(
            'SELECT "offset", kind, at, checksum, payload FROM entry WHERE "offset" = ?', (place,)
        ).fetchone()
        if row is not None:
            return self._entry(*row)
        pack = packs.holding(self._db, place)
        held = [] if pack is None else pack.entries(self.path.name)
        return next((entry for entry in held if entry.offset == place), None)

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
            for pack in packs.between(self._db, after, until, by):
                owners += [
                    _OWNER.decode(entry.payload)
                    for entry in pack.entries(self.path.name)
                    if after < entry.offset <= until and entry.at <= by
                ]
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

    def tally(self) -> Tally:
        """The fates of all events given to the log; `stored` is counted from the rows."""
        with self._guarded():
            counts = dict(self._db.execute("SELECT name, n FROM tally"))
            stored = self._known.count()
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
                packs.leave_out(self._db, [at for _, at in doomed], self.path.name)
                self._count(erased=len(doomed))
            sqlite.forget(self._db, self.path)
        return len(doomed)

    def _belonging(self, people: frozenset[str]) -> Iterator[tuple[bytes, int]]:
        rows: Iterable[tuple[int, bytes]] = self._db.execute(
            "SELECT \"offset\", payload FROM entry WHERE kind = 'event'"
        )
        packed = (
            (entry.offset, entry.payload)
            for pack in packs.every(self._db) for entry in pack.entries(self.path.name)
        )  # fmt: skip
        for offset, payload in chain(rows, packed):
            owner = _OWNER.decode(payload)
            if owner.among(people):
                yield event_key(owner.source, owner.message_id), offset
