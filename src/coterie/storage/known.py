"""Which facts the log knows, by their keys: exact, in bounded memory, written in order.

A key is random, so that an index of all keys writes a page of its own for each new one. Here the
newest keys are in memory alone (what was learned, in the order of the log, says what they are
after a restart). When there are 65,536 of them they become a *run*: sorted by key, written once,
and remembered by a filter of two bytes a key. A new key is looked for among the newest and in the
filters, and on disk only where a filter says that a run may hold it.

A run is written part by part with the facts that come next, so that none of them waits for all of
it. It counts once its last part is there; the parts of one that somebody never ended, as after a
power cut, are deleted before the next is begun.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from coterie.storage import former, learned, runs
from coterie.storage.filters import Filters, Words, filter_of
from coterie.storage.learned import Facts

RUN = 1 << 16
"""Keys of a run, and of what is kept in memory at most, but for one transaction."""

PART = 1 << 10
"""Keys of a run that are written with an append at least."""

SHARE = 4
"""Keys of a run that are written with each new one at least: it ends before the next is full."""

SCHEMA = learned.SCHEMA + runs.SCHEMA
_NUMBER = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'run'), 0) + 1"
"""Of the run that is written, or of the next one."""

_CLEAR = "DELETE FROM part WHERE run >= ?"
_ERASURES = "SELECT n FROM mark WHERE name = 'erasures'"


class _Newest:
    """The facts that no run has yet: those after the offset `sealed`, up to `end`.

    `digests` are hashes of what they say by their keys, and `rows` what was learned of them.
    """

    def __init__(self) -> None:
        self.digests: dict[bytes, bytes] = {}
        self.rows = bytearray()
        self.sealed = self.end = 0

    @property
    def facts(self) -> Facts:
        """What was learned of them, as it is now."""
        return learned.opened(bytes(self.rows))

    def take(self, facts: Facts) -> None:
        """Learn of facts in the order of their offsets."""
        if len(facts):
            pairs = zip(facts["key"].tolist(), facts["digest"].tolist(), strict=True)
            self.digests.update(pairs)
            self.rows += facts.tobytes()
            self.end = int(facts["offset"][-1])

    def seal(self, last: int) -> None:
        self.digests, self.rows = {}, bytearray()
        self.sealed = self.end = last


class _Run:
    """Facts that are becoming a run.

    Parameters
    ----------
    number : int
        Of the run.
    """

    def __init__(self, number: int, newest: _Newest, *, lasting: bool) -> None:
        self.number, self.lasting = number, lasting
        self.digests, self.rows = newest.digests, newest.rows
        self.since, self.last = newest.sealed, newest.end
        facts = newest.facts
        self.received = int(facts["received_at"].max())
        halves = _halves(facts["key"].tobytes())
        self.filter = filter_of(halves)
        self._places = runs.places(halves[:, 0], facts["offset"])
        self._done = 0

    @property
    def left(self) -> int:
        """Keys that are not written yet."""
        return len(self._places) - self._done

    def part(self, n: int) -> Iterator[runs.Places]:
        """The next rows in the order of their keys: so many keys at least, where there are."""
        until = min(self._done + n, len(self._places))
        while self._done < until:
            start, self._done = self._done, runs.cut(self._places, self._done)
            yield self._places[start : self._done]


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
            more, last = learned.count(self._db, last, lasting=lasting)
            found[lasting] = n + more, last
        self._counted = erasures, found
        return sum(n for n, _ in found.values())

    def find(self, keys: Collection[bytes]) -> dict[bytes, bytes]:
        """Those of these keys that are known, and the hashes of what their facts say."""
        self._refresh()
        found: dict[bytes, bytes] = {}
        for _, digests in self._memory():
            if not digests.keys().isdisjoint(keys):
                found |= {key: digests[key] for key in keys if key in digests}
        for key, facts in self._written([key for key in keys if key not in found]):
            found[key] = facts["digest"][-1].tobytes()
        return found

    def place(self, key: bytes) -> int | None:
        """The offset of the fact of a key, where that is known."""
        self._refresh()
        for rows, digests in self._memory():
            if key in digests:
                facts = learned.opened(bytes(rows))
                return int(facts["offset"][facts["key"] == np.void(key)][-1])
        return next((int(facts["offset"][-1]) for _, facts in self._written([key])), None)

    def _memory(self) -> Iterator[tuple[bytearray, dict[bytes, bytes]]]:
        """What is in memory."""
        if self._sealing is not None:
            yield self._sealing.rows, self._sealing.digests
        for newest in self._newest:
            yield newest.rows, newest.digests

    def _written(self, keys: Sequence[bytes]) -> Iterator[tuple[bytes, Facts]]:
        """Those of these keys that runs hold, with what was learned of the last fact of each."""
        if not (keys and len(self._filters)):
            return
        places: dict[bytes, set[int]] = {}
        for i, run in self._filters.holders(_halves(b"".join(keys))):
            places.setdefault(keys[i], set()).update(runs.offsets(self._db, run, keys[i]))
        for key, offsets in places.items():
            for offset in sorted(offsets, reverse=True):
                row = learned.holding(self._db, offset)
                if row is not None and row[1]["key"].tobytes() == key:
                    yield key, row[1]
                    break

    def add(self, facts: Facts, *, lasting: bool) -> None:
        """Learn of new facts, in the order of their offsets; after :meth:`find`.

        Within the log's transaction; where that fails, :meth:`reset`.
        """
        newest = self._newest[lasting]
        if self._sealing is None and len(newest.digests) >= RUN:
            self._begin(lasting)
        if self._sealing is not None:
            self._write(max(PART, SHARE * len(facts)))
        learned.keep(self._db, facts, lasting=lasting)
        newest.take(facts)

    def erase(self, offsets: Iterable[int]) -> None:
        """Forget facts, within the log's transaction."""
        runs.leave_out(self._db, learned.leave_out(self._db, offsets))
        self._clear()
        new = "INSERT INTO mark VALUES ('erasures', 1) ON CONFLICT DO UPDATE SET n = n + 1"
        self._db.execute(new)
        self.reset()

    def reset(self) -> None:
        """Believe nothing that is in memory: a transaction failed, or rows were deleted."""
        self._erasures = self._version = -1

    def migrate(self) -> None:
        """Take over what a log of former versions knows."""
        if not former.take_over(self._db):
            return
        newest = self._newest[True]
        for facts in learned.after(self._db, 0, lasting=True):
            newest.take(facts)
            if len(newest.digests) >= RUN:
                self._begin(True)
                self._write(RUN)
        self.reset()

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
        for lasting, newest in enumerate(self._newest):
            for facts in learned.after(self._db, newest.end, lasting=bool(lasting)):
                newest.take(facts)
        self._version, self._erasures = version, erasures

    def _runs(self) -> None:
        """Learn of runs that are new, and forget those that are gone."""
        found = self._db.execute("SELECT number, lasting, last FROM run ORDER BY number").fetchall()
        numbers = {number for number, _, _ in found}
        for number in self._filters.numbers() - numbers:
            self._filters.drop(number)
        for number in sorted(numbers - self._filters.numbers()):
            wanted = "SELECT filter FROM run WHERE number = ?"
            self._filters.add(number, *self._db.execute(wanted, (number,)).fetchone())
        for _, lasting, last in found:
            if last > self._newest[lasting].sealed:
                self._newest[lasting].seal(last)

    def _give_back(self) -> None:
        """Begin no more with the run at hand: somebody else may have made it."""
        run, self._sealing = self._sealing, None
        if run is not None:
            newest = self._newest[run.lasting]
            newest.digests = run.digests | newest.digests
            newest.rows = run.rows + newest.rows
            newest.sealed = run.since

    def _clear(self) -> int:
        """Delete the parts of a run that has not ended, and return the number of the next."""
        number = int(self._db.execute(_NUMBER).fetchone()[0])
        self._db.execute(_CLEAR, (number,))
        return number

    def _begin(self, lasting: bool) -> None:
        """Begin a run of what is in memory."""
        newest = self._newest[lasting]
        self._sealing = _Run(self._clear(), newest, lasting=lasting)
        newest.seal(newest.end)

    def _write(self, n: int) -> None:
        """Write a part of a run, all of it where too much is in memory; then old ones go."""
        run = self._sealing
        assert run is not None
        most = max(len(run.digests), len(self._newest[run.lasting].digests))
        for places in run.part(n if most < 2 * RUN else run.left):
            runs.keep(self._db, run.number, places)
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
            self._db.execute("DELETE FROM part WHERE run = ?", (number,))
            self._db.execute("DELETE FROM run WHERE number = ?", (number,))
            self._filters.drop(number)


def _halves(keys: bytes) -> Words:
    return np.frombuffer(keys, ">u8").astype(np.uint64).reshape(-1, 2)
