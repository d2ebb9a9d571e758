"""The stream's records made again where the lake lost them: the log alone decided what they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from coterie.profiles.flushing import Progress
from coterie.profiles.live.commits import KEYS
from coterie.profiles.live.host import Host
from coterie.profiles.live.records import SCHEMA
from coterie.profiles.live.snapshots import Snapshots
from coterie.profiles.live.start import Start
from coterie.profiles.live.terms import Terms
from coterie.profiles.questions import Questions
from coterie.profiles.stores import Stores
from coterie.profiles.transitions import STREAM, TABLE, made_live
from coterie.storage.ledger import Run
from coterie.storage.outbox import RECORDS, Mark, Outbox


def write(stores: Stores, questions: Questions, tell: Progress) -> int:
    """Fill the lake's table of records anew, and return how many those are.

    Parameters
    ----------
    stores : Stores
        The lake holds all that the log does, and nothing of this table.
    questions : Questions
        Today's.

    Notes
    -----
    The stretches of the log that a stream went are gone again, from the run before each: what was
    recorded at a hand-off out of history is not among it, and whoever was erased is nowhere.
    """
    outbox = Outbox(stores.ledger)
    waiting = outbox.records().select(KEYS)
    parts = [SCHEMA.empty_table(), *_stretches(Again(stores, questions), stores, tell)]
    made = pa.concat_tables(parts).join(waiting, KEYS, join_type="left anti").select(SCHEMA.names)
    made = made.sort_by([("offset", "ascending"), ("sequence", "ascending")])
    last, n = outbox.moved(), int(made.num_rows)
    if n:
        numbers = pa.array(np.arange(last - n + 1, last + 1), pa.int64())
        table = made.add_column(0, "id", numbers).select(RECORDS.names).cast(RECORDS)
        stores.lake.write(TABLE, table, transaction=(STREAM, last))
    return n


def _stretches(again: Again, stores: Stores, tell: Progress) -> Iterator[pa.Table]:
    """The records between each run that a stream made and the one before; and since the last."""
    runs = stores.ledger.runs()
    for done, (former, run) in enumerate(pairwise([None, *runs])):
        tell("Restoring the stream's records", done, len(runs))
        if run is not None and made_live(run):
            yield again.between(former, run.offset)
    mark, last = Outbox(stores.ledger).mark(), runs[-1] if runs else None
    if mark is not None and mark.offset > (last.offset if last else 0):
        yield again.between(last, mark.offset)
    again.close()


class Again:
    """A stream that keeps nothing of its own, along stretches of the log.

    Parameters
    ----------
    stores : Stores
    questions : Questions
        Today's.
    """

    def __init__(self, stores: Stores, questions: Questions) -> None:
        self._stores = stores
        self._questions = questions
        self._host: Host | None = None

    def between(self, former: Run | None, end: int) -> pa.Table:
        """The records from a run, or from the beginning, to an entry of the log."""
        start = former.offset if former else 0
        if self._host is None or self._host.offset != start:
            self.close()
            self._host = self._begun(former)
        self._host.follow(end)
        return self._host.commits.take_unkept()

    def close(self) -> None:
        """Let go of the memory."""
        if self._host is not None:
            with closing(self._host.facts):
                self._host = None

    def _begun(self, former: Run | None) -> Host:
        mark = _position(former) if former else self._first()
        nowhere = Snapshots(Path(), "")
        start = Start(self._stores, self._questions, nowhere, silently=True, again=mark.offset)
        return start.standing(mark)

    def _first(self) -> Mark:
        """Where a stream began that no run came before: at its definitions, with nobody there."""
        entry = self._stores.log.read(0, 1, "definitions")[0]
        terms = Terms.of(self._questions.library)
        digest = terms.questions(entry.payload).library.hash()
        return _mark(entry.offset, entry.at, digest)


def _position(run: Run) -> Mark:
    return _mark(int(run.counts["offset"]), run.clock, run.definitions_hash)


def _mark(offset: int, clock: int, digest: str) -> Mark:
    return Mark(
        offset=offset, clock=clock, horizon=clock, definitions_hash=digest, settled=offset
    )  # fmt: skip
