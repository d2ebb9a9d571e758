"""Committing: records and the position that they lead to, together, and each of them once."""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from coterie.profiles.live.records import SCHEMA, Records, empty, records_of
from coterie.profiles.stores import Stores
from coterie.storage.outbox import Mark, Moved, Outbox

Told = Callable[[pa.Table, int], None]

KEYS = ["offset", "profile", "segment", "stage", "change", "at"]
"""What tells one record from another."""


class Commits:
    """What a stream has kept of its records, and keeps next.

    Parameters
    ----------
    stores : Stores
    silently : bool
        Keep nothing: what would have been kept is given by :meth:`take_unkept`.
    again : int, optional
        Make all records of log entries after this offset, whatever was kept of them before.

    Attributes
    ----------
    complete : int
        Log entries up to this offset have all their records: made again, they are dropped.
    n_changes : int
        Records kept since somebody set this to 0.
    moved : Moved or None
        Which records the lake has: each commit deletes some of them.
    hurried : bool
        More follows at once: a position without records is not kept by itself, but with the next
        records or by :meth:`stand`. After a crash the stream goes on from the one before, and what
        lies between is handled again, without a record as it was.
    told : callable
        Told of records once they are kept, with the number of the last; the others' numbers come
        before it.

    Notes
    -----
    Where the deadlines of one step are bounded, a tick's records are committed in several parts.
    Those of the entries beyond `complete` that were kept before a restart are known by what they
    say.
    """

    def __init__(self, stores: Stores, *, silently: bool = False, again: int | None = None) -> None:
        self._ledger = stores.ledger
        self._silently = silently
        self._again = again
        self._unkept: list[pa.Table] = []
        self.outbox = Outbox(stores.ledger)
        self.complete = 0
        self.n_changes = 0
        self.moved: Moved | None = None
        self.hurried = False
        self.told: Told = lambda records, last: None
        self._records = Records()
        self._kept = self.outbox.mark()
        self.look()
        self._known = self._unfinished()

    def look(self) -> None:
        """See what was kept, by a run of another process as well."""
        if self._again is not None:
            self.complete = max(self.complete, self._again)
            return
        mark, run = self.outbox.mark(), self._ledger.last_run()
        settled = mark.settled if mark else 0
        self.complete = max(self.complete, settled, run.counts["offset"] if run else 0)

    def _unfinished(self) -> pa.Table:
        """The records of entries that may have more, whose numbers go on after them.

        The outbox keeps those, in the lake or not (:func:`coterie.profiles.transitions.flush`).
        """
        every = self.outbox.records() if self._begun else empty()
        known = every.filter(pc.greater(every["offset"], self.complete))
        last = known.group_by("offset").aggregate([("sequence", "max")])
        for row in last.to_pylist():
            self._records.go_on(row["offset"], row["sequence_max"])
        return known.select(KEYS)

    @property
    def _begun(self) -> bool:
        """Whether a step was kept in part."""
        kept = self._kept if self._again is None else None
        return kept is not None and kept.settled < kept.offset

    def take(
        self,
        changes: pa.Table,
        version: int,
        *,
        without: Collection[str] = (),
        ordered: bool = False,
    ) -> None:
        """Take the changes that an engine gave, but for those of some profiles."""
        self._records.take(changes, version, without=without, ordered=ordered)

    def _new(self) -> pa.Table:
        """The records taken since the last time that were not kept before."""
        found = self._records.drain(self.complete)
        if self._known.num_rows and found.num_rows:
            found = found.join(self._known, KEYS, join_type="left anti").select(SCHEMA.names)
            found = found.sort_by([("offset", "ascending"), ("sequence", "ascending")])
        return found

    def commit(self, mark: Mark, revisits: Collection[str] = ()) -> None:
        """Keep what is new and a position, unless a later one was kept before.

        Parameters
        ----------
        revisits : collection of str
            Profiles whose permissions may have changed.
        """
        records = self._new()
        self.n_changes += records.num_rows
        if self._silently:
            self._unkept += [records] if records.num_rows else []
        elif records.num_rows or revisits:
            self._keep(mark, records, revisits)
        elif not (self.hurried and self._whole):
            self.stand(mark)
        self.complete = max(self.complete, mark.settled)
        self._records.forget(self.complete)

    def stand(self, mark: Mark) -> None:
        """Keep a position, unless it or a later one was kept before."""
        if not self._silently and mark != self._kept and self._later(mark):
            self._keep(mark, empty())

    @property
    def _whole(self) -> bool:
        """Whether what was kept last has all its records, so that none can be made again."""
        return self._kept is not None and self._kept.settled == self._kept.offset

    def _later(self, mark: Mark) -> bool:
        return self._kept is None or mark.offset >= self._kept.offset

    def _keep(self, mark: Mark, records: pa.Table, revisits: Collection[str] = ()) -> None:
        self._kept = mark if self._kept is None or self._later(mark) else self._kept
        last = self.outbox.commit(self._kept, records, revisits, moved=self.moved)
        self._say(records, last)

    def _say(self, records: pa.Table, last: int) -> None:
        if records.num_rows:
            self.told(records, last)

    def take_unkept(self) -> pa.Table:
        """What would have been kept since the last call."""
        found, self._unkept = pa.concat_tables([empty(), *self._unkept]), []
        return found

    def begin(self, mark: Mark, changes: pa.Table) -> None:
        """Keep the position at which a stream begins, and numbered records that belong to it."""
        self._kept = msgspec.structs.replace(mark, settled=mark.offset)
        self.complete = max(self.complete, mark.offset)
        if not self._silently:
            records = records_of(changes)
            last = self.outbox.commit(self._kept, records)
            self._say(records, last)
