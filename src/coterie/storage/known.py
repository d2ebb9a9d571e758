"""Which facts the log knows, by their keys: exact, in bounded memory, written in order.

A key is random, so that an index of all keys writes a page of its own for each new one. Here the
newest keys are in memory alone (their rows, in the order of the log, say what they are after a
restart). When there are 65,536 of them they become a *run*: sorted by key, written once, and
remembered by a filter of two bytes a key. A new key is looked for among the newest and in the
filters, and on disk only where a filter says that a run may hold it.

A run is written part by part with the facts that come next, so that none of them waits for all of
it. It counts once its last part is there; the parts of one that somebody never ended, as after a
power cut, are deleted before the next is begun.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

import numpy as np

from coterie.storage.filters import Filters, Words, filter_of
from coterie.storage.payload import Fact

RUN = 1 << 16
"""Keys of a run, and of what is kept in memory at most, but for one transaction."""

PART = 1 << 10
"""Keys of a run that are written with an append at least."""

SHARE = 4
"""Keys of a run that are written with each new one at least: it ends before the next is full."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS known (
    lasting INTEGER, "offset" INTEGER, key BLOB NOT NULL, digest BLOB NOT NULL,
    received_at INTEGER NOT NULL, PRIMARY KEY (lasting, "offset")) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS run (
    number INTEGER PRIMARY KEY AUTOINCREMENT, lasting INTEGER NOT NULL, last INTEGER NOT NULL,
    newest INTEGER NOT NULL, filter BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS placed (
    run INTEGER, half BLOB, "offset" INTEGER, PRIMARY KEY (run, half, "offset")) WITHOUT ROWID;
"""
_LASTS = "INSERT INTO known VALUES (1, ?, ?, ?, ?)"
_PASSES = "INSERT INTO known VALUES (0, ?, ?, ?, ?)"
_FORMER = "SELECT count(*) FROM sqlite_master WHERE name = 'fact'"
_TAIL = (
    'SELECT "offset", key, digest, received_at FROM known WHERE lasting = ? AND "offset" > ? '
    'ORDER BY "offset" LIMIT ?'
)
_AT = (
    'SELECT k."offset", k.digest FROM run r JOIN placed p ON p.run = r.number '
    'JOIN known k ON k.lasting = r.lasting AND k."offset" = p."offset" '
    "WHERE r.number = ? AND p.half = ? AND k.key = ?"
)
_NUMBER = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'run'), 0) + 1"
"""Of the run that is written, or of the next one."""

_CLEAR = "DELETE FROM placed WHERE run >= ?"
_ERASURES = "SELECT n FROM mark WHERE name = 'erasures'"
_SINCE = 'SELECT count(*), coalesce(max("offset"), ?) FROM known WHERE lasting = ? AND "offset" > ?'

Place = tuple[int, bytes]
"""The offset of a fact, and the hash of what it says."""


_Row = tuple[int, bytes, bytes, int]


class _Newest:
    """The facts that no run has yet: those after the offset `sealed`, up to `end`."""

    def __init__(self) -> None:
        self.places: dict[bytes, Place] = {}
        self.sealed = self.end = self.received = 0

    def take(self, rows: Sequence[_Row]) -> None:
        """Learn of facts in the order of their offsets."""
        if rows:
            offsets, keys, digests, received = zip(*rows, strict=True)
            self.places.update(zip(keys, zip(offsets, digests, strict=True), strict=True))
            self.end, self.received = offsets[-1], max(self.received, *received)

    def seal(self, last: int) -> None:
        self.places = {}
        self.sealed = self.end = last
        self.received = 0


class _Run:
    """Facts that are becoming a run.

    Parameters
    ----------
    number : int
        Of the run.
    """

    def __init__(self, number: int, lasting: bool, newest: _Newest) -> None:
        self.number, self.lasting = number, lasting
        self.places, self.received = newest.places, newest.received
        self.since, self.last = newest.sealed, newest.end
        self.left = len(newest.places)
        halves = _halves(list(newest.places))
        self.filter = filter_of(halves)
        order = np.argsort(halves[:, 0], kind="stable")
        offsets = [offset for offset, _ in newest.places.values()]
        self._offsets = np.array(offsets, np.int64)[order]
        self._halves = halves[order, 0].astype(">u8").view("V8")

    def part(self, n: int) -> list[tuple[int, bytes, int]]:
        """The next rows in the order of their keys."""
        done = len(self.places) - self.left
        wanted = slice(done, done + n)
        halves, offsets = self._halves[wanted].tolist(), self._offsets[wanted].tolist()
        self.left -= len(halves)
        return list(zip(repeat(self.number), halves, offsets))


class Known:
    """The keys of a log's facts.

    Parameters
    ----------
    db : sqlite3.Connection
        The log's.
    horizon : int
        Microseconds that a fact is known for at least, by when it was received. Those that are
        *lasting* are known for ever.
    """

    def __init__(self, db: sqlite3.Connection, horizon: int) -> None:
        self._db = db
        self._horizon = horizon
        self._filters = Filters()
        self._newest = _Newest(), _Newest()
        self._sealing: _Run | None = None
        self._erasures = self._version = -1
        self._counted: tuple[int, dict[bool, tuple[int, int]]] = -1, {}

    def count(self) -> int:
        """How many facts there are; those of the last time are not looked through again.

        Facts come in the order of their offsets, and only an erasure takes any away.
        """
        (erasures,) = self._db.execute(_ERASURES).fetchone() or (0,)
        before = self._counted[1] if self._counted[0] == erasures else {}
        found = {}
        for lasting in (False, True):
            n, last = before.get(lasting, (0, 0))
            more, last = self._db.execute(_SINCE, (last, lasting, last)).fetchone()
            found[lasting] = n + more, last
        self._counted = erasures, found
        return sum(n for n, _ in found.values())

    def find(self, keys: Sequence[bytes]) -> dict[bytes, Place]:
        """Those of these keys that are known."""
        self._refresh()
        found: dict[bytes, Place] = {}
        for places in self._places():
            found |= {key: places[key] for key in keys if key in places}
        asked = [key for key in keys if key not in found] if len(self._filters) else []
        if asked:
            for i, run in self._filters.holders(_halves(asked)):
                key = asked[i]
                for place in self._db.execute(_AT, (run, key[:8], key)):
                    found[key] = max(place, found.get(key, place))
        return found

    def _places(self) -> Iterator[dict[bytes, Place]]:
        """What is in memory."""
        if self._sealing is not None:
            yield self._sealing.places
        for newest in self._newest:
            yield newest.places

    def add(self, first: int, facts: Sequence[Fact], lasting: bool) -> None:
        """Learn of new facts, which have offsets from `first` on; after :meth:`find`.

        Within the log's transaction; where that fails, :meth:`reset`.
        """
        newest = self._newest[lasting]
        if self._sealing is None and len(newest.places) >= RUN:
            self._begin(lasting)
        if self._sealing is not None:
            self._write(max(PART, SHARE * len(facts)))
        rows = [(n, one.key, one.digest, one.received_at) for n, one in enumerate(facts, first)]
        self._db.executemany(_LASTS if lasting else _PASSES, rows)
        newest.take(rows)
        newest.end = first + len(facts) - 1

    def erase(self, offsets: Iterable[int]) -> None:
        """Forget facts, within the log's transaction."""
        runs = [number for (number,) in self._db.execute("SELECT number FROM run")]
        for offset in offsets:
            gone = 'DELETE FROM known WHERE lasting IN (0, 1) AND "offset" = ? RETURNING key'
            for (key,) in self._db.execute(gone, (offset,)).fetchall():
                self._db.executemany(
                    'DELETE FROM placed WHERE run = ? AND half = ? AND "offset" = ?',
                    [(run, key[:8], offset) for run in runs],
                )
        self._clear()
        new = "INSERT INTO mark VALUES ('erasures', 1) ON CONFLICT DO UPDATE SET n = n + 1"
        self._db.execute(new)
        self.reset()

    def reset(self) -> None:
        """Believe nothing that is in memory: a transaction failed, or rows were deleted."""
        self._erasures = self._version = -1

    def migrate(self) -> None:
        """Take over the keys of a log that kept them in one index: they last."""
        if not self._db.execute(_FORMER).fetchone()[0]:
            return
        self._db.execute('INSERT INTO known SELECT 1, "offset", key, digest, 0 FROM fact')
        self._db.execute("DROP TABLE fact")
        newest = self._newest[True]
        while len(rows := self._tail(True, RUN)) == RUN:
            newest.take(rows)
            self._begin(True)
            self._write(RUN)
        self.reset()

    def _tail(self, lasting: bool, most: int = -1) -> list[_Row]:
        return self._db.execute(_TAIL, (lasting, self._newest[lasting].end, most)).fetchall()

    def _refresh(self) -> None:
        """Learn what others did to the log since it was looked at last."""
        version = self._db.execute("PRAGMA data_version").fetchone()[0]
        if version == self._version:
            return
        (erasures,) = self._db.execute(_ERASURES).fetchone() or (0,)
        if erasures != self._erasures:
            self._filters, self._newest = Filters(), (_Newest(), _Newest())
            self._sealing = None
        self._give_back()
        self._runs()
        for lasting in (False, True):
            self._newest[lasting].take(self._tail(lasting))
        self._version, self._erasures = version, erasures

    def _runs(self) -> None:
        """Learn of runs that are new, and forget those that are gone."""
        runs = self._db.execute("SELECT number, lasting, last FROM run ORDER BY number").fetchall()
        numbers = {number for number, _, _ in runs}
        for number in self._filters.numbers() - numbers:
            self._filters.drop(number)
        for number in sorted(numbers - self._filters.numbers()):
            wanted = "SELECT filter FROM run WHERE number = ?"
            self._filters.add(number, *self._db.execute(wanted, (number,)).fetchone())
        for _, lasting, last in runs:
            if last > self._newest[lasting].sealed:
                self._newest[lasting].seal(last)

    def _give_back(self) -> None:
        """Begin no more with the run at hand: somebody else may have made it."""
        run, self._sealing = self._sealing, None
        if run is not None:
            newest = self._newest[run.lasting]
            newest.places = run.places | newest.places
            newest.sealed, newest.received = run.since, max(run.received, newest.received)

    def _clear(self) -> int:
        """Delete the parts of a run that has not ended, and return the number of the next."""
        number = int(self._db.execute(_NUMBER).fetchone()[0])
        self._db.execute(_CLEAR, (number,))
        return number

    def _begin(self, lasting: bool) -> None:
        """Begin a run of what is in memory."""
        newest = self._newest[lasting]
        self._sealing = _Run(self._clear(), lasting, newest)
        newest.seal(newest.end)

    def _write(self, n: int) -> None:
        """Write a part of a run, all of it where too much is in memory; then old ones go."""
        run = self._sealing
        assert run is not None
        most = max(len(run.places), len(self._newest[run.lasting].places))
        rows = run.part(n if most < 2 * RUN else run.left)
        self._db.executemany("INSERT INTO placed VALUES (?, ?, ?)", rows)
        if run.left:
            return
        new = "INSERT INTO run VALUES (?, ?, ?, ?, ?)"
        self._db.execute(new, (run.number, run.lasting, run.last, run.received, run.filter))
        self._filters.add(run.number, run.filter)
        self._sealing = None
        if not run.lasting:
            self._expire(run.received - self._horizon)

    def _expire(self, since: int) -> None:
        """Forget runs of facts that were received before an instant, unless they last."""
        old = "SELECT number FROM run WHERE newest < ? AND NOT lasting"
        for (number,) in self._db.execute(old, (since,)).fetchall():
            self._db.execute("DELETE FROM placed WHERE run = ?", (number,))
            self._db.execute("DELETE FROM run WHERE number = ?", (number,))
            self._filters.drop(number)


def _halves(keys: Sequence[bytes]) -> Words:
    return np.frombuffer(b"".join(keys), ">u8").astype(np.uint64).reshape(-1, 2)
